/*
 * The two products of a whole matrix, panel after panel, and sums of its entries: what is done outside the loop of a
 * fit. Of a matrix that is spread every process gives and gets its own items, by way of a `room` for items of so many
 * numbers (spread.h); NULL where it is not.
 */
#ifndef NMF_MATRIX_PRODUCTS_H
#define NMF_MATRIX_PRODUCTS_H

#include "matrix/reduce.h"
#include "matrix/spread.h"

/* P ← A·Y */
void matrix_times(const nmf_matrix *matrix, const spread_room *room, const items *y, items *p, int threads);

/* N ← Aᵀ·X */
void matrix_transposed_times(const nmf_matrix *matrix, const spread_room *room, const items *x, items *n, int threads);

/* Sums over the items of the matrix are made here. */
void matrix_join(const nmf_matrix *matrix, reduce_room *sums);

/* What sums in order take, all items of a side; else one's own. And the Gram matrix (k×k) of all of them. */
const items *matrix_summed(const nmf_matrix *matrix, const spread_room *room, bool columns, const items *own);
void matrix_gram(const nmf_matrix *matrix, const spread_room *room, const reduce_room *sums, bool columns,
                 const items *own, double *gram);

/* sum[i] = Σ a, or Σ a² with `squares`, over row i, or column i. */
void matrix_line_sums(const nmf_matrix *matrix, bool columns, bool squares, int threads, double *sum);

/*
 * Blocks of KERNEL_GRID rows, or parts of the columns, that a thread should take at a time, so that taking them costs
 * little beside the products with items of k.
 */
int matrix_blocks_at_once(const nmf_matrix *matrix, bool columns, int64_t k);

/* Parts of N that one thread makes, and one of them with the column of its first item. */
static inline int64_t matrix_parts(const nmf_matrix *matrix) {
    return matrix->kind->parts ? matrix->kind->parts(matrix) : reduce_blocks(matrix->info.cols);
}

static inline items matrix_part(const nmf_matrix *matrix, const items *n, int64_t i, int64_t *column) {
    int64_t to = (i + 1) * KERNEL_GRID < n->count ? (i + 1) * KERNEL_GRID : n->count;
    *column = i * KERNEL_GRID;
    if (matrix->kind->part) {
        matrix->kind->part(matrix, i, column, &to);
    }
    return items_range(n, *column, to - *column);
}

/* Rows of the panel that begins at row `first`: what the caches of all the threads hold. */
static inline int64_t matrix_panel(const nmf_matrix *matrix, int64_t first, int threads) {
    int64_t left = matrix->info.rows - first, held = matrix->panel_rows * threads;
    return left < held ? left : held;
}

#endif
