/*
 * One item with a model of its own: an item's line of A, the loss on it, and what else is lowered, as the G and P of an
 * update (loss/loss.h says how).
 */
#ifndef NMF_FIT_ITEM_H
#define NMF_FIT_ITEM_H

#include "fit/fit.h"

/* Room for one thread. */
typedef struct item_room {
    nmf_context *context;
    observe_room seen;
    double *b, *pull, *push, *curve, *moved; /* a number an entry */
    double *gram;                            /* k×k */
    double *first, *second, *third;          /* k */
    items p, x, before;                      /* KERNEL_GRID each */
    items grams;                             /* k each, of as many items as are taken at once */
    update_room update;
    void *outer; /* kernel.outer's scratch */
    entry_list list;
} item_room;

/* What the items of a half-step share. */
typedef struct item_model {
    fit *f;
    const half *step;
    const double *base_gram; /* Yᵀ·Y, k×k, of the fixed factor */
    const double *base_sum;  /* Σ y, k */
    observation seen;
} item_model;

nmf_status item_room_new(const fit *f, const observation *seen, item_room *room);
double item_room_bytes(const plan *plan, const observation *seen, int64_t longest);
void item_room_free(item_room *room);

/* The list of an item's line, in room->list. */
void item_list(const item_model *model, item_room *room, int64_t item);

/* The rules of an item. */
side_rules item_rules(const item_model *model, int64_t item);

/* b = Y·x over the list. */
void item_dots(const item_model *model, const item_room *room, const items *x, double *b);

/* sum += Σ coefficient·y over the list. */
void item_blend(const item_model *model, const item_room *room, const double *coefficient, double *sum);

/*
 * Items whose G is the same, since the loss is quadratic and their lines have the same weights: `count` of them, at
 * most KERNEL_GRID, to step->next.
 */
nmf_status item_step_shared(const item_model *model, item_room *room, const int64_t *which, int64_t count);

/* An item whose G depends on itself, to step->next. */
nmf_status item_step(const item_model *model, item_room *room, int64_t item);

/* Is there room for, and gain in, more than one of them at a time? Then how many. */
int64_t item_at_once(const plan *plan, side which);

/* So many of them. */
void item_step_apart(const item_model *model, item_room *room, const int64_t *which, int64_t count);

/* The loss of an item x, whose line is listed; its dots are in room->b then. */
double item_loss(const item_model *model, item_room *room, const items *x);

/* Σ ω·a and Σ ω·b of an item x, whose line is listed, are added to the sums; of squares Σ ω·a·b and Σ ω·b². */
void item_sums(const item_model *model, item_room *room, const items *x, double *of_a, double *of_b);

/* Is b above 0 under every entry above 0 that counts, for an item x whose line is listed? */
bool item_covers(const item_model *model, item_room *room, const items *x);

/* Σ G_cc·d² of the item as it is in step->from (kernel.h: stationarity), whose line is listed. */
double item_stationarity(const item_model *model, item_room *room, int64_t item);

#endif
