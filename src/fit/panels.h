/* What the engine of panels keeps for one fit (fit/panels.c), and what several fits share (fit/stack.c). */
#ifndef NMF_FIT_PANELS_H
#define NMF_FIT_PANELS_H

#include "fit/fit.h"

typedef struct panels {
    items n; /* Aᵀ·w_hat */
    items p; /* A·h_hatᵀ of the rows at hand: KERNEL_GRID items for every thread */
    double *gram_w, *gram_h;
    double *past_gram; /* G and P of the plan's memory; NULL and empty where there is none */
    items past;
    double *steps_part; /* a double a block, for the KKT residual */
    spread_room others; /* of a matrix that is spread */
    int items_at_once;  /* blocks that a thread takes at a time */
} panels;

/*
 * The factors of several fits side by side: one product with A serves all of them. Wide items are multiplied faster
 * than so many narrow ones, up to a width (docs/performance.md).
 */
typedef struct stack {
    items w, h, n; /* w_hat, h_hat and n of the fits */
    items p;       /* as in panels */
} stack;

/* Fits that gain by being stacked. */
int64_t stack_most(const plan *plan);

/* Room for the stack of a team, as bytes, made, and freed; a single fit needs none. */
double stack_bytes(const plan *plan, const nmf_matrix *matrix, int64_t fits);
nmf_status stack_new(team *all);
void stack_free(team *all);

/* The stack of a team that may be smaller than the one it was made for; of a single fit what it has by itself. */
stack stack_of(const team *all);

/* Items of one fit, which is the t-th, side by side in the same items of the stack, and back. */
void stack_put(const items *narrow, int64_t t, items *wide);
void stack_take(const items *wide, int64_t t, items *narrow);

#endif
