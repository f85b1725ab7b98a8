/*
 * NNDSVD (Boutsidis & Gallopoulos 2008): the leading singular vectors of A, each pair cut to its positive or its
 * negative part, whichever is larger. The vectors come from a randomized range finder with one power iteration (Halko,
 * Martinsson & Tropp 2011, algorithms 4.4 and 5.1) whose products are the matrix's own; docs/performance.md says why
 * one.
 */
#include "init/nndsvd.h"
#include "base/eigen.h"
#include "base/philox.h"
#include "init/fill.h"
#include "matrix/products.h"
#include "matrix/reduce.h"

#include <math.h>
#include <omp.h>

enum { OVERSAMPLING = 10, POWER_ITERATIONS = 1, STREAM_SKETCH = 2, STREAM_REST = 3 };

typedef struct sketch {
    const init_request *request;
    int64_t q;        /* vectors sketched */
    items left;       /* m×q */
    items right;      /* n×q */
    items spare;      /* KERNEL_GRID×q for every thread, for products that cannot be made in place */
    items turn;       /* q×q in the kernel's numbers */
    eigen_room eigen; /* q×q */
    reduce_room reduce;
} sketch;

static void sketch_free(sketch *s) {
    nmf_context *context = s->request->context;
    items_free(context, &s->left);
    items_free(context, &s->right);
    items_free(context, &s->spare);
    items_free(context, &s->turn);
    eigen_room_free(&s->eigen);
    reduce_room_free(&s->reduce);
}

/* Vectors to sketch for k components: of a few, for which so many more would be most of the work, twice as many. */
static int64_t sketched(const nmf_matrix_info *info, int64_t k) {
    int64_t shorter = info->rows < info->cols ? info->rows : info->cols, more = k < OVERSAMPLING ? k : OVERSAMPLING;
    return k < shorter - more ? k + more : shorter;
}

double nndsvd_bytes(const nmf_matrix_info *info, nmf_dtype dtype, int64_t k, int threads) {
    int64_t longer = info->rows > info->cols ? info->rows : info->cols, q = sketched(info, k);
    return items_bytes(dtype, info->rows + info->cols + threads * KERNEL_GRID + q, q) + eigen_bytes(q) +
           reduce_bytes(dtype, longer, q, threads);
}

static nmf_status sketch_new(const init_request *request, int64_t k, sketch *s) {
    int64_t rows = request->matrix->info.rows, cols = request->matrix->info.cols;
    int64_t longer = rows > cols ? rows : cols, q = sketched(&request->matrix->info, k);
    nmf_context *context = request->context;
    nmf_dtype dtype = request->simd->dtype;
    *s = (sketch){.request = request, .q = q};
    nmf_status status = items_new(context, dtype, rows, q, "the start", &s->left);
    if (status == NMF_OK) {
        status = items_new(context, dtype, cols, q, "the start", &s->right);
    }
    if (status == NMF_OK) {
        status = items_new(context, dtype, request->threads * KERNEL_GRID, q, "the start", &s->spare);
    }
    if (status == NMF_OK) {
        status = items_new(context, dtype, q, q, "the start", &s->turn);
    }
    if (status == NMF_OK) {
        status = eigen_room_new(context, q, &s->eigen);
    }
    if (status == NMF_OK) {
        status = reduce_room_new(context, request->simd, longer, q, request->threads, &s->reduce);
    }
    return status;
}

/* X ← X·turn */
static void turn(const sketch *s, items *x) {
    int64_t blocks = reduce_blocks(x->count);
#pragma omp parallel for schedule(static) num_threads(s->request->threads)
    for (int64_t b = 0; b < blocks; b++) {
        items block = reduce_block(x, b);
        items moved = items_range(&s->spare, omp_get_thread_num() * KERNEL_GRID, block.count);
        s->request->simd->times(block.data, block.count, block.stride, s->q, 1, s->turn.data, moved.data, s->q,
                                block.stride);
        items_copy(&moved, &block);
    }
}

/*
 * X ← X·V, or X·V·Λ^(-1/2) for `unit` lengths, where XᵀX = V·Λ·Vᵀ, largest first; directions without length become
 * zero.
 */
static nmf_status rotate(sketch *s, items *x, bool unit) {
    int64_t q = s->q;
    const double *vectors = s->eigen.vectors, *values = s->eigen.values;
    reduce_gram(&s->reduce, x, s->eigen.vectors);
    nmf_status status = eigen_solve(&s->eigen);
    if (status != NMF_OK) {
        return status;
    }
    double least = values[q - 1] * 1e-12;
    for (int64_t c = 0; c < q; c++) {
        int64_t from = q - 1 - c;
        double value = values[from];
        double scale = !(value > least && value > 0) ? 0 : unit ? 1 / sqrt(value) : 1;
        for (int64_t d = 0; d < q; d++) {
            items_set(&s->turn, d, c, vectors[from * q + d] * scale);
        }
    }
    turn(s, x);
    return NMF_OK;
}

/* left ← orthonormal, so that A ≈ left·leftᵀ·A. */
static nmf_status find_range(sketch *s) {
    const nmf_matrix *matrix = s->request->matrix;
    int threads = s->request->threads;
    for (int64_t j = 0; j < s->right.count; j++) {
        for (int64_t c = 0; c < s->q; c++) {
            items_set(&s->right, j, c, philox_normal(s->request->seed, STREAM_SKETCH, (uint64_t)j, (uint32_t)c));
        }
    }
    matrix_times(matrix, &s->right, &s->left, threads);
    nmf_status status = rotate(s, &s->left, true);
    for (int i = 0; i < POWER_ITERATIONS && status == NMF_OK; i++) {
        matrix_transposed_times(matrix, &s->left, &s->right, threads);
        status = rotate(s, &s->right, true);
        if (status == NMF_OK) {
            matrix_times(matrix, &s->right, &s->left, threads);
            status = rotate(s, &s->left, true);
        }
    }
    return status;
}

/*
 * With B = Aᵀ·left = V·Σ·Tᵀ: right ← V·Σ by rotating B, left ← left·T by the same rotation. Each column of right then
 * has the length σ.
 */
static nmf_status find_vectors(sketch *s) {
    matrix_transposed_times(s->request->matrix, &s->left, &s->right, s->request->threads);
    nmf_status status = rotate(s, &s->right, false);
    if (status != NMF_OK) {
        return status;
    }
    turn(s, &s->left);
    return NMF_OK;
}

/* The lengths of the positive and of the negative part of component c. */
static void part_norms(const items *x, int64_t c, double norm[2]) {
    double squares[2] = {0, 0};
    for (int64_t i = 0; i < x->count; i++) {
        double value = items_get(x, i, c);
        squares[value < 0] += value * value;
    }
    norm[0] = sqrt(squares[0]);
    norm[1] = sqrt(squares[1]);
}

static void copy_part(const items *from, int64_t c, double sign, double scale, items *to) {
    for (int64_t i = 0; i < from->count; i++) {
        double value = sign * items_get(from, i, c);
        items_set(to, i, c, value > 0 ? value * scale : 0);
    }
}

/* Component c of W and H: u·σ·v cut to the signs that keep more of it, its length split evenly. */
static void cut(const sketch *s, int64_t c, items *w, items *h) {
    halves half = halve_exponent(&s->request->matrix->info);
    double left[2], right[2];
    part_norms(&s->left, c, left);
    part_norms(&s->right, c, right);
    int side = left[1] * right[1] > left[0] * right[0];
    double length = ldexp(left[side] * right[side], -half.whole), sign = side ? -1 : 1;
    if (length > 0) {
        copy_part(&s->left, c, sign, ldexp(sqrt(length), half.w) / left[side], w);
        copy_part(&s->right, c, sign, ldexp(sqrt(length), half.h) / right[side], h);
    }
}

/* Components past the rank of A are random. */
nmf_status nndsvd_fill(const init_request *request, items *w, items *h) {
    sketch s;
    nmf_status status = sketch_new(request, w->k, &s);
    if (status == NMF_OK) {
        status = find_range(&s);
    }
    if (status == NMF_OK) {
        status = find_vectors(&s);
    }
    if (status == NMF_OK) {
        int64_t cuts = w->k < s.q ? w->k : s.q;
        for (int64_t c = 0; c < cuts; c++) {
            cut(&s, c, w, h);
        }
        halves half = halve_exponent(&request->matrix->info);
        fill_random(request, cuts, w, STREAM_REST, half.w);
        fill_random(request, cuts, h, STREAM_REST + 1, half.h);
    }
    sketch_free(&s);
    return status;
}

const init init_nndsvd = {
    .name = "nndsvd",
    .summary = "the positive parts of the leading singular vectors",
    .bytes = nndsvd_bytes,
    .makes_zeros = true,
    .settled = true,
    .looks_at_a = true,
    .fill = nndsvd_fill,
};
