/* ‖A − W·H‖F²: P = A·Y and G = Yᵀ·Y. */
#include "loss/loss.h"

#include <float.h>
#include <math.h>
#include <omp.h>

static void frobenius_times(const nmf_matrix *matrix, int64_t first, int64_t count, const items *x, const items *y,
                            items *p, int threads) {
    (void)x;
    matrix->kind->times(matrix, first, count, y, p, threads);
}

static void frobenius_accumulate(const nmf_matrix *matrix, int64_t first, int64_t count, const items *x, const items *y,
                                 items *n, int threads) {
    (void)y;
    matrix->kind->accumulate(matrix, first, count, x, n, threads);
}

/* ‖A‖² − 2·tr(PᵀW) + tr(WᵀW·HHᵀ), as long as half the digits of the sum are left. */
static double frobenius_from_products(const nmf_matrix *matrix, double cross, const double *gram_w,
                                      const double *gram_h, int64_t k) {
    double squares = matrix->info.norm * matrix->info.norm, inner = 0;
    double epsilon = matrix->info.dtype == NMF_F64 ? DBL_EPSILON : FLT_EPSILON;
    for (int64_t e = 0; e < k * k; e++) {
        inner += gram_w[e] * gram_h[e];
    }
    double left = squares - 2 * cross + inner;
    return left > sqrt(epsilon) * squares ? left : -1;
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
    matrix->kind->subtract(matrix, first, w->count, &product);
    return simd->dot(product.data, product.data, product.count, product.stride);
}

static double frobenius_direct(const reduce_room *room, const nmf_matrix *matrix, const items *w, const items *h,
                               items *tiles) {
    int64_t blocks = reduce_blocks(w->count), lanes = tiles->stride, each = loss_tile_items(h->count, h->k);
#pragma omp parallel for schedule(static) num_threads(room->threads)
    for (int64_t b = 0; b < blocks; b++) {
        items rows = reduce_block(w, b), tile = items_range(tiles, omp_get_thread_num() * each, each);
        room->part[b] = 0;
        for (int64_t i = 0; i < rows.count; i += lanes) {
            items some = items_range(&rows, i, rows.count - i < lanes ? rows.count - i : lanes);
            room->part[b] += tile_error(room->simd, matrix, b * KERNEL_GRID + i, &some, h, &tile);
        }
    }
    return reduce_add(0, room->part, blocks);
}

const loss loss_frobenius = {
    .name = "frobenius",
    .summary = "the sum of squares ‖A − W·H‖²",
    .share = reduce_gram,
    .times = frobenius_times,
    .accumulate = frobenius_accumulate,
    .from_products = frobenius_from_products,
    .direct = frobenius_direct,
};
