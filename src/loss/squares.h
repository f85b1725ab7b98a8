/* ‖A − W·H‖F² where every entry of A counts the same: in one pass over A with W·H, which is the panels' own loss. */
#ifndef NMF_LOSS_SQUARES_H
#define NMF_LOSS_SQUARES_H

#include "matrix/matrix.h"
#include "matrix/reduce.h"

/* Room to sum in, made once per fit. */
typedef struct squares_room {
    reduce_room reduce;
    items tile; /* of one vector; squares_tile_items(cols, k) of them for every thread */
} squares_room;

/* Items of the tile for one thread. */
static inline int64_t squares_tile_items(int64_t cols, int64_t k) {
    return cols + k;
}

/*
 * ‖A‖² − 2·cross + tr(WᵀW·HHᵀ), cross = Σ P∘W; negative where fewer than half the digits of the sum are left, and
 * squares_direct must be asked.
 */
double squares_from_products(const nmf_matrix *matrix, double cross, const double *gram_w, const double *gram_h,
                             int64_t k);

/* The same, entry by entry; of a sparse matrix too large for that, as near as its own entries and the sums tell. */
double squares_direct(const squares_room *room, const nmf_matrix *matrix, const items *w, const items *h,
                      const double *gram_w, const double *gram_h);

/* ⟨A, WH⟩/‖WH‖²: what to multiply H by, so that a start fits A as well as it can. */
double squares_scale(double cross, const double *gram_w, const double *gram_h, int64_t k);

#endif
