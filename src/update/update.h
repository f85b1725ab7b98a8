/*
 * Contract of an update: one factor, the other fixed. For p items with products P (p×k) and a Gram matrix G (k×k), the
 * current items X (p×k) are replaced by ones that lower
 *
 *     ½·tr(X·G·Xᵀ) − tr(P·Xᵀ) + l1·ΣX    over X ≥ 0, or what other bounds the rules have,
 *
 * which is ½‖A − X·Yᵀ‖² up to a constant when G = Yᵀ·Y and P = A·Y, and elsewhere a model of the loss near the items at
 * hand. Items are independent of each other, so an update can be handed any range of them; where each item brings its
 * own G, the range is one item.
 */
#ifndef NMF_UPDATE_UPDATE_H
#define NMF_UPDATE_UPDATE_H

#include "base/eigen.h"
#include "kernel/kernel.h"
#include "matrix/items.h"

/* Room that updates work in, made once per fit: the loop allocates nothing. */
typedef struct update_room {
    nmf_context *context;
    const kernel *simd;
    int64_t k;
    int64_t iteration; /* of the loop, counted from 0: updates may work harder as it goes on */
    items gram;        /* G, or what `prepare` makes of it, in the kernel's numbers: k items */
    double *square;    /* k×k doubles */
    kernel_rules rules;
    eigen_room eigen; /* of k×k, for the updates that ask for it */
    char *scratch;    /* a piece of scratch_bytes for every thread */
    size_t scratch_bytes;
} update_room;

typedef struct update {
    const char *name;
    const char *summary; /* for help: one clause */
    bool monotone;       /* the error never rises */
    bool keeps_zeros;    /* an entry once zero stays zero */
    bool by_batches;     /* A is learned from a batch at a time (fit/batches.h), not by half-steps */
    bool extrapolates;   /* the loop may extrapolate between its half-steps */
    int64_t max_iter;    /* defaults of a fit by this update */
    double tol;
    const char *stop;
    const char *init;
    const char *order;
    bool needs_eigen; /* prepare works in room->eigen */
    bool bounds;      /* takes upper bounds */
    bool holds;       /* takes held components and penalties */
    /* Scratch of one thread. */
    size_t (*scratch_bytes)(const kernel *simd, int64_t k);
    /* Make what the items that share G (k×k) share of it, room->rules being theirs. */
    nmf_status (*prepare)(update_room *room, const double *gram);
    /* Up to KERNEL_GRID items, on the calling thread, with its scratch. */
    void (*apply)(const update_room *room, const items *p, const items *x, void *scratch);
    /*
     * NULL, or up to kernel.apart_items(k) items that have a G of their own each, in k items of `grams` a piece; l1 is
     * taken from p already.
     */
    void (*apply_apart)(const update_room *room, const items *grams, const items *p, const items *x, void *scratch);
} update;

extern const update update_als, update_bpp, update_hals, update_mu, update_online;

/* All that are to be chosen from, the default first; ended by NULL. */
extern const update *const updates[];

/* Those that a constraint asks for: least squares without bounds; items whose numbers sum to 1. */
extern const update update_free, update_simplex;

/* Room for two updates to take turns in, or twice the same. */
nmf_status update_room_new(nmf_context *context, const update *how, const update *other, const kernel *simd, int64_t k,
                           int threads, update_room *room);
/* Bytes of such a room. */
double update_bytes(const update *how, const update *other, const kernel *simd, int64_t k, int threads);
void update_room_free(update_room *room);

/* A `prepare`: G itself, in the kernel's numbers. */
nmf_status update_prepare_gram(update_room *room, const double *gram);

/* G⁺, the pseudo-inverse, by the eigenvalues that are not zero to working precision. */
nmf_status update_prepare_inverse(update_room *room, const double *gram);

/* A `scratch_bytes`: none. */
size_t update_no_scratch(const kernel *simd, int64_t k);

#endif
