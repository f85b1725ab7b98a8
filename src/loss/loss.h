/*
 * Contract of a loss: how far A is from W·H, and what a half-step is given to lower it.
 *
 * A half-step fixes one factor Y and updates the items X of the other. The loss turns the panel of A into the model
 * that an update minimises: products P and a Gram matrix G with ½·tr(X·G·Xᵀ) − tr(P·Xᵀ) touching (or bounding) the loss
 * at X.
 *
 *     frobenius    P = A·Y          G = Yᵀ·Y for all items
 *     weighted     P = (Ω∘A)·Y      G = Yᵀ·diag(Ω_i)·Y, one for every item
 *     kl           P = (A ⊘ XYᵀ)·Y  and the column sums of Y: the ratio is formed a panel at a time, on A's own entries
 *
 * `times` and `accumulate` see both factors, since all losses but Frobenius need the current W·H of the panel.
 */
#ifndef NMF_LOSS_LOSS_H
#define NMF_LOSS_LOSS_H

#include "matrix/matrix.h"
#include "matrix/reduce.h"

/* Room that losses work in, made once per fit. */
typedef struct loss_room {
    reduce_room reduce;
    items tile; /* of one vector; loss_tile_items(cols, k) of them for every thread */
} loss_room;

typedef struct loss {
    const char *name;
    const char *summary;
    /* G (k×k) of the fixed factor: what all items of its half-step share. */
    void (*share)(const loss_room *room, const items *fixed, double *gram);
    /* P of a block of rows, on the calling thread: x are W's items there, the first that of row `first`; y is H. */
    void (*times)(const loss_room *room, const nmf_matrix *matrix, int64_t first, const items *x, const items *y,
                  items *p);
    /*
     * N += the products of a block of columns, the first being `column`, with the rows of a panel: x are W's items
     * there, y are H's items of the block. Returns what the block adds to the loss where that needs A's own entries,
     * else 0.
     */
    double (*accumulate)(const loss_room *room, const nmf_matrix *matrix, int64_t first, const items *x, int64_t column,
                         const items *y, items *n);
    /*
     * The loss of a whole W, H from what a pass left behind: own, the sum of what accumulate returned; cross = Σ P∘W;
     * both Gram matrices. Where that has too few digits left the result is negative, and `direct` must be asked.
     */
    double (*from_products)(const nmf_matrix *matrix, double own, double cross, const double *gram_w,
                            const double *gram_h, int64_t k);
    /* The same, entry by entry; of a sparse matrix too large for that, as near as its own entries and the sums tell. */
    double (*direct)(const loss_room *room, const nmf_matrix *matrix, const items *w, const items *h,
                     const double *gram_w, const double *gram_h);
    /* What to multiply H by, so that the start fits A as well as it can: from N, H and the Gram matrices. */
    double (*scale)(double cross, const double *gram_w, const double *gram_h, int64_t k);
    /* The loss as it is reported, of a matrix whose entries were multiplied by 2^exponent. */
    double (*error)(double loss, int exponent);
} loss;

/* Items of the tile for one thread. */
static inline int64_t loss_tile_items(int64_t cols, int64_t k) {
    return cols + k;
}

extern const loss loss_frobenius;

/* All losses, the default first; ended by NULL. */
extern const loss *const losses[];

#endif
