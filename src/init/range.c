#include "init/range.h"
#include "base/philox.h"
#include "matrix/products.h"

#include <math.h>
#include <omp.h>

enum { OVERSAMPLING = 10, STREAM_SKETCH = 2 };

void range_free(range_finder *r) {
    nmf_context *context = r->request->context;
    items_free(context, &r->left);
    items_free(context, &r->right);
    items_free(context, &r->spare);
    items_free(context, &r->turn);
    eigen_room_free(&r->eigen);
    reduce_room_free(&r->reduce);
    spread_room_free(context, &r->others);
}

int64_t range_vectors(const nmf_matrix *matrix, int64_t k) {
    int64_t rows = matrix_all(matrix, false), cols = matrix_all(matrix, true);
    int64_t shorter = rows < cols ? rows : cols, more = k < OVERSAMPLING ? k : OVERSAMPLING;
    return k < shorter - more ? k + more : shorter;
}

double range_bytes(const nmf_matrix *matrix, nmf_dtype dtype, int64_t k, int threads) {
    const nmf_matrix_info *info = &matrix->info;
    int64_t longer = matrix_longer(matrix), q = range_vectors(matrix, k);
    return spread_room_bytes(matrix, dtype, q) +
           items_bytes(dtype, info->rows + info->cols + threads * KERNEL_GRID + q, q) + eigen_bytes(q) +
           reduce_bytes(dtype, longer, q, threads);
}

nmf_status range_new(const init_request *request, int64_t k, range_finder *r) {
    const nmf_matrix *matrix = request->matrix;
    int64_t rows = matrix->info.rows, cols = matrix->info.cols;
    int64_t longer = matrix_longer(matrix), q = range_vectors(matrix, k);
    nmf_context *context = request->context;
    nmf_dtype dtype = request->simd->dtype;
    *r = (range_finder){.request = request, .q = q};
    nmf_status status = items_new(context, dtype, rows, q, "the start", &r->left);
    if (status == NMF_OK) {
        status = items_new(context, dtype, cols, q, "the start", &r->right);
    }
    if (status == NMF_OK) {
        status = items_new(context, dtype, request->threads * KERNEL_GRID, q, "the start", &r->spare);
    }
    if (status == NMF_OK) {
        status = items_new(context, dtype, q, q, "the start", &r->turn);
    }
    if (status == NMF_OK) {
        status = eigen_room_new(context, q, &r->eigen);
    }
    if (status == NMF_OK) {
        status = reduce_room_new(context, request->simd, longer, q, request->threads, &r->reduce);
        matrix_join(matrix, &r->reduce);
    }
    if (status == NMF_OK) {
        status = spread_room_new(context, matrix, dtype, q, &r->others);
    }
    return crowd_agree(context, matrix_crowd(matrix), status);
}

/* X ← X·turn */
static void turn(const range_finder *r, items *x) {
    int64_t blocks = reduce_blocks(x->count);
#pragma omp parallel for schedule(static) num_threads(r->request->threads)
    for (int64_t b = 0; b < blocks; b++) {
        items block = reduce_block(x, b);
        items moved = items_range(&r->spare, omp_get_thread_num() * KERNEL_GRID, block.count);
        r->request->simd->times(block.data, block.count, block.stride, r->q, 1, r->turn.data, moved.data, r->q,
                                block.stride);
        items_copy(&moved, &block);
    }
}

/*
 * X, right or left, ← X·V, or X·V·Λ^(-1/2) for `unit` lengths, where XᵀX = V·Λ·Vᵀ, largest first; directions without
 * length become zero.
 */
static nmf_status rotate(range_finder *r, bool columns, bool unit) {
    items *x = columns ? &r->right : &r->left;
    int64_t q = r->q;
    const double *vectors = r->eigen.vectors, *values = r->eigen.values;
    matrix_gram(r->request->matrix, &r->others, &r->reduce, columns, x, r->eigen.vectors);
    nmf_status status = eigen_solve(&r->eigen);
    if (status != NMF_OK) {
        return status;
    }
    double least = values[q - 1] * 1e-12;
    for (int64_t c = 0; c < q; c++) {
        int64_t from = q - 1 - c;
        double value = values[from];
        double scale = !(value > least && value > 0) ? 0 : unit ? 1 / sqrt(value) : 1;
        for (int64_t d = 0; d < q; d++) {
            items_set(&r->turn, d, c, vectors[from * q + d] * scale);
        }
    }
    turn(r, x);
    return NMF_OK;
}

/* left ← orthonormal, so that A ≈ left·leftᵀ·A. */
static nmf_status find_basis(range_finder *r) {
    const nmf_matrix *matrix = r->request->matrix;
    const spread_room *others = &r->others;
    int threads = r->request->threads;
    uint64_t first = (uint64_t)matrix_first(matrix, true);
    for (int64_t j = 0; j < r->right.count; j++) {
        for (int64_t c = 0; c < r->q; c++) {
            items_set(&r->right, j, c,
                      philox_normal(r->request->seed, STREAM_SKETCH, first + (uint64_t)j, (uint32_t)c));
        }
    }
    matrix_times(matrix, others, &r->right, &r->left, threads);
    nmf_status status = rotate(r, false, true);
    for (int i = 0; i < RANGE_POWERS && status == NMF_OK; i++) {
        matrix_transposed_times(matrix, others, &r->left, &r->right, threads);
        status = rotate(r, true, true);
        if (status == NMF_OK) {
            matrix_times(matrix, others, &r->right, &r->left, threads);
            status = rotate(r, false, true);
        }
    }
    return status;
}

/*
 * With B = Aᵀ·left = V·Σ·Tᵀ: right ← V·Σ by rotating B, left ← left·T by the same rotation. Each column of right then
 * has the length σ.
 */
static nmf_status turn_basis(range_finder *r) {
    matrix_transposed_times(r->request->matrix, &r->others, &r->left, &r->right, r->request->threads);
    nmf_status status = rotate(r, true, false);
    if (status != NMF_OK) {
        return status;
    }
    turn(r, &r->left);
    return NMF_OK;
}

nmf_status range_find(range_finder *r) {
    nmf_status status = find_basis(r);
    return status == NMF_OK ? turn_basis(r) : status;
}
