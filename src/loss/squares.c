/* ‖A − W·H‖F² of a whole W, H, from what a pass over A left behind or entry by entry. */
#include "loss/squares.h"
#include "matrix/spread.h"

#include <float.h>
#include <math.h>
#include <omp.h>

/* tr(WᵀW·HHᵀ) = ‖W·H‖² */
static double inner(const double *gram_w, const double *gram_h, int64_t k) {
    double sum = 0;
    for (int64_t e = 0; e < k * k; e++) {
        sum += gram_w[e] * gram_h[e];
    }
    return sum;
}

double squares_from_products(const nmf_matrix *matrix, double cross, const double *gram_w, const double *gram_h,
                             int64_t k) {
    double squares = matrix->info.norm * matrix->info.norm;
    double epsilon = matrix->info.dtype == NMF_F64 ? DBL_EPSILON : FLT_EPSILON;
    double left = squares - 2 * cross + inner(gram_w, gram_h, k);
    return left > sqrt(epsilon) * squares ? left : -1;
}

/* tile[j][i − first] −= A[i, j] */
static void subtract(const nmf_matrix *matrix, int64_t first, int64_t count, items *tile) {
    for (int64_t i = 0; i < count; i++) {
        entry_line row = matrix->kind->line(matrix, false, first + i);
        for (int64_t e = 0; e < row.count; e++) {
            int64_t j = entry_place(&row, e);
            items_set(tile, j, i, items_get(tile, j, i) - entry_value(matrix->info.dtype, &row, e));
        }
    }
}

/* The rows of a tile lie in the lanes: W·H there is H's items times the tile of Wᵀ. */
static double tile_error(const kernel *simd, const nmf_matrix *matrix, int64_t first, const items *w, const items *h,
                         const items *tile) {
    items product = items_range(tile, 0, h->count), turned = items_range(tile, h->count, h->k);
    items_zero(&product);
    items_zero(&turned);
    for (int64_t i = 0; i < w->count; i++) {
        for (int64_t c = 0; c < w->k; c++) {
            items_set(&turned, c, i, items_get(w, i, c));
        }
    }
    simd->panel(h->data, h->count, h->stride, h->k, 1, turned.data, product.data, tile->k, tile->stride);
    subtract(matrix, first, w->count, &product);
    return simd->dot(product.data, product.data, product.count, product.stride);
}

/* Of the rows of a block every entry, the zeros of a sparse matrix too; called by every thread. */
static void block_error(const squares_room *room, const block *at, const items *w, const items *h) {
    int64_t lanes = room->tile.stride, each = squares_tile_items(h->count, h->k);
    int64_t from = at->first / KERNEL_GRID, to = from + reduce_blocks(at->rows->info.rows);
#pragma omp for schedule(static)
    for (int64_t b = from; b < to; b++) {
        items rows = reduce_block(w, b), tile = items_range(&room->tile, omp_get_thread_num() * each, each);
        double sum = 0;
        for (int64_t i = 0; i < rows.count; i += lanes) {
            items some = items_range(&rows, i, rows.count - i < lanes ? rows.count - i : lanes);
            sum += tile_error(room->reduce.simd, at->rows, b * KERNEL_GRID - at->first + i, &some, h, &tile);
        }
        room->reduce.part[b] = sum;
    }
}

static double all_entries(const squares_room *room, const nmf_matrix *matrix, const items *w, const items *h) {
#pragma omp parallel num_threads(room->reduce.threads)
    for (block b = {0}; matrix_next(matrix, &b);) {
        block_error(room, &b, w, h);
    }
    return reduce_add(&room->reduce, room->reduce.part, reduce_blocks(w->count));
}

/* Σ (a − wh)² over the entries of row `first + i` of A, or with `model` Σ (wh)² there. */
static double row_sum(const kernel *simd, const block *at, int64_t i, const items *w, const items *h, bool model) {
    entry_line row = at->rows->kind->line(at->rows, false, i);
    items own = items_range(w, at->first + i, 1);
    double sum = 0;
    for (int64_t e = 0; e < row.count; e++) {
        items other = items_range(h, entry_place(&row, e), 1);
        double left = simd->dot(own.data, other.data, 1, own.stride);
        left -= model ? 0 : entry_value(at->rows->info.dtype, &row, e);
        sum += left * left;
    }
    return sum;
}

/* The sums of the rows of a block, in the parts of their blocks of items; called by every thread. */
static void block_sums(const reduce_room *reduce, const block *at, const items *w, const items *h, bool model) {
    int64_t from = at->first / KERNEL_GRID, to = from + reduce_blocks(at->rows->info.rows);
#pragma omp for schedule(static)
    for (int64_t b = from; b < to; b++) {
        int64_t first = b * KERNEL_GRID - at->first, count = reduce_block(w, b).count;
        reduce->part[b] = 0;
        for (int64_t i = first; i < first + count; i++) {
            reduce->part[b] += row_sum(reduce->simd, at, i, w, h, model);
        }
    }
}

static double stored_sum(const reduce_room *reduce, const nmf_matrix *matrix, const items *w, const items *h,
                         bool model) {
#pragma omp parallel num_threads(reduce->threads)
    for (block b = {0}; matrix_next(matrix, &b);) {
        block_sums(reduce, &b, w, h, model);
    }
    return reduce_add(reduce, reduce->part, reduce_blocks(w->count));
}

/* The zeros cost more than the entries by so much that they are not walked through. */
static bool is_mostly_zeros(const nmf_matrix *matrix) {
    static const double CHEAP = 1 << 22, WORTH = 16;
    double all = (double)matrix_all(matrix, false) * (double)matrix_all(matrix, true);
    return matrix->info.sparse && all > CHEAP && all > WORTH * (double)matrix->info.stored;
}

/*
 * Where zeros are not walked through they add ‖WH‖² − Σ (wh)², that sum over the entries: right to about ε‖A‖², which
 * is all that is lost.
 */
double squares_direct(const squares_room *room, const nmf_matrix *matrix, const items *w, const items *h,
                      const double *gram_w, const double *gram_h) {
    const nmf_matrix *block = matrix_block(matrix);
    if (!is_mostly_zeros(matrix)) {
        return all_entries(room, block, w, h);
    }
    double elsewhere = inner(gram_w, gram_h, w->k) - stored_sum(&room->reduce, block, w, h, true);
    return stored_sum(&room->reduce, block, w, h, false) + fmax(elsewhere, 0);
}

double squares_scale(double cross, const double *gram_w, const double *gram_h, int64_t k) {
    double squares = inner(gram_w, gram_h, k);
    return cross > 0 && squares > 0 ? cross / squares : 1;
}
