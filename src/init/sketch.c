/*
 * Randomized hierarchical alternating least squares (Erichson, Mendible, Wihlborn & Kutz 2018): a fit of what q vectors
 * keep of A, Â = Q·Qᵀ·A = Q·B, with A met in the RANGE_PASSES products that Q and B take and in none of the iterations,
 * which cost 2·(m+n)·q·k multiplications instead of 2·m·n·k. In place of A's products they have
 *
 *     Â·Hᵀ = Q·(B·Hᵀ)    and    Âᵀ·W = Bᵀ·(QᵀW),
 *
 * and what they lower is
 *
 *     ‖Â − WH‖² = ‖B‖² − 2⟨Q·(B·Hᵀ), W⟩ + ⟨WᵀW, HHᵀ⟩ = ‖B − QᵀW·H‖² + ‖(W − Q·QᵀW)·H‖².
 *
 * The last term is of W ≥ 0, which leaves the range of Q. Erichson et al. do not count it where they solve for H (their
 * Gram matrix is (QᵀW)ᵀ·QᵀW), so that their half-steps lower two different things; with WᵀW both lower the one above.
 * The error on A is
 *
 *     ‖A − WH‖² = ‖Â − WH‖² + ‖A − Â‖² − 2⟨A − Â, (W − Q·QᵀW)·H⟩,
 *
 * of which the sketch does not know the last two: the first of them is constant, and the other, 0 where W is in the
 * range of Q, is what the fit of A that goes on from here has left to gain.
 */
#include "init/fill.h"
#include "init/range.h"
#include "matrix/products.h"
#include "update/update.h"

#include <float.h>
#include <math.h>
#include <omp.h>

enum { STREAM_W = 12, STREAM_H = 13, STREAM_DEAD = 14, MOST_ITERATIONS = 100 };

/* The end: an iteration lowers the squared error by less than this part of it, the error by half of that. */
static const double settled_change = 6e-4;

typedef struct sketch {
    const init_request *request;
    range_finder range; /* Q and Bᵀ */
    items middle;       /* q×k: B·Hᵀ, or QᵀW */
    items tiles;        /* that its sums are made in */
    items p;            /* KERNEL_GRID×k for every thread */
    double *gram_w, *gram_h;
    update_room update;
    reduce_room reduce;
    spread_room others;
} sketch;

/* Threads for the iterations, whose results do not depend on them. */
static int threads_of(const nmf_matrix *matrix, int64_t k, int threads) {
    double numbers = ((double)matrix->info.rows + (double)matrix->info.cols) * (double)k;
    return reduce_threads(2 * numbers * (double)range_vectors(matrix, k), threads);
}

static double sketch_bytes(const nmf_matrix *matrix, nmf_dtype dtype, int64_t k, int threads) {
    int64_t q = range_vectors(matrix, k), longer = matrix_longer(matrix);
    int some = threads_of(matrix, k, threads);
    return range_bytes(matrix, dtype, k, threads) + spread_room_bytes(matrix, dtype, k) +
           items_bytes(dtype, q + reduce_tiles(longer) * q + some * KERNEL_GRID, k) +
           2 * (double)k * (double)k * sizeof(double) +
           update_bytes(&update_hals, &update_hals, kernel_for(dtype), k, some) + reduce_bytes(dtype, longer, k, some);
}

static nmf_status sketch_new(const init_request *request, int64_t k, sketch *s) {
    static const char what[] = "the start";
    const nmf_matrix *matrix = request->matrix;
    nmf_context *context = request->context;
    const kernel *simd = request->simd;
    int threads = threads_of(matrix, k, request->threads);
    int64_t longer = matrix_longer(matrix), q = range_vectors(matrix, k);
    *s = (sketch){.request = request};
    nmf_status status = range_new(request, k, &s->range);
    if (status == NMF_OK) {
        status = items_new(context, simd->dtype, q, k, what, &s->middle);
    }
    if (status == NMF_OK) {
        status = items_new(context, simd->dtype, reduce_tiles(longer) * q, k, what, &s->tiles);
    }
    if (status == NMF_OK) {
        status = items_new(context, simd->dtype, threads * KERNEL_GRID, k, what, &s->p);
    }
    if (status == NMF_OK) {
        status = array_new(context, k * k, sizeof(double), what, (void **)&s->gram_w);
    }
    if (status == NMF_OK) {
        status = array_new(context, k * k, sizeof(double), what, (void **)&s->gram_h);
    }
    if (status == NMF_OK) {
        status = update_room_new(context, &update_hals, &update_hals, simd, k, threads, &s->update);
    }
    if (status == NMF_OK) {
        status = spread_room_new(context, matrix, simd->dtype, k, &s->others);
    }
    if (status == NMF_OK) {
        status = reduce_room_new(context, simd, longer, k, threads, &s->reduce);
        matrix_join(matrix, &s->reduce);
    }
    return crowd_agree(context, matrix_crowd(matrix), status);
}

static void sketch_free(sketch *s) {
    nmf_context *context = s->request->context;
    items_free(context, &s->middle);
    items_free(context, &s->tiles);
    items_free(context, &s->p);
    array_free(context, s->gram_w);
    array_free(context, s->gram_h);
    update_room_free(&s->update);
    reduce_room_free(&s->reduce);
    spread_room_free(context, &s->others);
    range_free(&s->range);
}

/* Â ≈ mine·theirsᵀ ≈ X·Yᵀ, or the same transposed, with Y and its Gram matrix as they are. */
typedef struct side {
    const items *mine, *theirs;
    items *x;
    const items *y;
    const double *gram;
    bool columns; /* X is H */
} side;

/* Lower ‖Â − X·Yᵀ‖² over X; *cross = ⟨P, X⟩, P = mine·(theirsᵀ·Y). */
static nmf_status half_step(sketch *s, const side *half, double *cross) {
    const kernel *simd = s->request->simd;
    int64_t blocks = reduce_blocks(half->x->count);
    nmf_status status = update_hals.prepare(&s->update, half->gram);
    if (status != NMF_OK) {
        return status;
    }
    const items *theirs = matrix_summed(s->request->matrix, &s->range.others, !half->columns, half->theirs);
    const items *y = matrix_summed(s->request->matrix, &s->others, !half->columns, half->y);
    reduce_cross(&s->reduce, theirs, y, &s->tiles, &s->middle);
#pragma omp parallel for schedule(static) num_threads(s->reduce.threads)
    for (int64_t b = 0; b < blocks; b++) {
        items x = reduce_block(half->x, b), mine = reduce_block(half->mine, b);
        items p = items_range(&s->p, omp_get_thread_num() * KERNEL_GRID, x.count);
        simd->times(mine.data, mine.count, mine.stride, mine.k, 1, s->middle.data, p.data, p.k, p.stride);
        update_hals.apply(&s->update, &p, &x,
                          s->update.scratch + (size_t)omp_get_thread_num() * s->update.scratch_bytes);
        s->reduce.part[b] = simd->dot(p.data, x.data, x.count, x.stride);
    }
    *cross = reduce_add(&s->reduce, s->reduce.part, blocks);
    return NMF_OK;
}

/* H, then W; *squares = ‖Â − WH‖², ‖Â‖² being `size`, and gram_w is known before and after. */
static nmf_status iterate(sketch *s, double size, items *w, items *h, double *squares) {
    const items *left = &s->range.left, *right = &s->range.right;
    int64_t k = w->k;
    double cross;
    nmf_status status = half_step(s, &(side){right, left, h, w, s->gram_w, true}, &cross);
    if (status != NMF_OK) {
        return status;
    }
    matrix_gram(s->request->matrix, &s->others, &s->reduce, true, h, s->gram_h);
    status = half_step(s, &(side){left, right, w, h, s->gram_h, false}, &cross);
    matrix_gram(s->request->matrix, &s->others, &s->reduce, false, w, s->gram_w);
    *squares = size - 2 * cross;
    for (int64_t e = 0; e < k * k; e++) {
        *squares += s->gram_w[e] * s->gram_h[e];
    }
    return status;
}

/* Until the error settles, or has no digits left. */
static nmf_status descend(sketch *s, items *w, items *h) {
    const items *right = &s->range.right;
    double size = reduce_dot(&s->range.reduce, right, right), last, squares = INFINITY;
    double none = size * 10 * (w->dtype == NMF_F64 ? DBL_EPSILON : (double)FLT_EPSILON);
    nmf_status status;
    matrix_gram(s->request->matrix, &s->others, &s->reduce, false, w, s->gram_w);
    s->update.iteration = 0;
    do {
        last = squares;
        status = iterate(s, size, w, h, &squares);
        s->update.iteration++;
    } while (status == NMF_OK && s->update.iteration < MOST_ITERATIONS && squares > none &&
             last - squares > settled_change * squares);
    return status;
}

/* Components that the sketch has no use for become random numbers again, for A may have one. */
static void revive(const init_request *request, items *w, items *h) {
    for (int64_t c = 0; c < w->k; c++) {
        bool dead_w = fill_is_dead(request, w, c), dead_h = fill_is_dead(request, h, c);
        if (dead_w || dead_h) {
            fill_random(request, c, c + 1, false, w, STREAM_DEAD);
            fill_random(request, c, c + 1, true, h, STREAM_DEAD + 1);
        }
    }
}

static nmf_status sketch_fill(const init_request *request, items *w, items *h) {
    sketch s;
    nmf_status status = sketch_new(request, w->k, &s);
    if (status == NMF_OK) {
        status = range_find(&s.range);
    }
    if (status == NMF_OK) {
        fill_random(request, 0, w->k, false, w, STREAM_W);
        fill_random(request, 0, h->k, true, h, STREAM_H);
        status = descend(&s, w, h);
    }
    if (status == NMF_OK) {
        revive(request, w, h);
        if (request->worked) {
            *request->worked = s.update.iteration;
        }
    }
    sketch_free(&s);
    return status;
}

const init init_sketch = {
    .name = "sketch",
    .summary = "random numbers, fitted to what four passes over the matrix keep of it first",
    .bytes = sketch_bytes,
    .makes_zeros = true,
    .looks_at_a = true,
    .fill = sketch_fill,
};
