/*
 * Successive projection (Gillis & Vavasis 2014): W has k columns of A. With columns scaled to sum 1, the one farthest
 * from the span of those taken so far is taken next; where W is among the columns of A (A is separable), it is found.
 * With u_1, u_2 … an orthonormal basis of what is taken, ‖x − UUᵀx‖² = ‖x‖² − Σ ⟨u, x⟩², so that A is met once a
 * component, in Aᵀ·u. H is random.
 */
#include "init/fill.h"
#include "matrix/products.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { STREAM_H = 9, STREAM_REST = 10 };

typedef struct projection {
    const init_request *request;
    items *basis;     /* W, as long as it is not known */
    items one;        /* m×1: the newest vector of the basis */
    items with_one;   /* n×1: its products with the columns */
    items along;      /* 1×k: ⟨u, x⟩ for all of the basis */
    double *sum;      /* n: of the columns */
    double *left;     /* n: ‖x − UUᵀx‖²; −1: not to be taken */
    double *residual; /* m: x, and then x − UUᵀx */
    double *within;   /* m: UUᵀx */
    double *inner;    /* k: ⟨u, x⟩ as they are summed */
    int64_t *taken;   /* k: columns */
} projection;

static double spa_bytes(const nmf_matrix *matrix, nmf_dtype dtype, int64_t k, int threads) {
    const nmf_matrix_info *info = &matrix->info;
    (void)threads;
    double lines = (double)info->rows + (double)info->cols;
    return items_bytes(dtype, info->rows + info->cols, 1) + items_bytes(dtype, 1, k) + 2 * lines * sizeof(double) +
           (double)k * (sizeof(double) + sizeof(int64_t));
}

static nmf_status projection_new(const init_request *request, items *w, projection *p) {
    static const char what[] = "the start";
    nmf_context *context = request->context;
    nmf_dtype dtype = request->simd->dtype;
    int64_t rows = request->matrix->info.rows, cols = request->matrix->info.cols;
    *p = (projection){.request = request, .basis = w};
    const struct {
        void **array;
        int64_t count;
        size_t size;
    } all[] = {
        {(void **)&p->sum, cols, sizeof(double)},      {(void **)&p->left, cols, sizeof(double)},
        {(void **)&p->residual, rows, sizeof(double)}, {(void **)&p->within, rows, sizeof(double)},
        {(void **)&p->inner, w->k, sizeof(double)},    {(void **)&p->taken, w->k, sizeof(int64_t)},
    };
    nmf_status status = items_new(context, dtype, rows, 1, what, &p->one);
    if (status == NMF_OK) {
        status = items_new(context, dtype, cols, 1, what, &p->with_one);
    }
    if (status == NMF_OK) {
        status = items_new(context, dtype, 1, w->k, what, &p->along);
    }
    for (size_t a = 0; a < sizeof all / sizeof *all && status == NMF_OK; a++) {
        status = array_new(context, all[a].count, all[a].size, what, all[a].array);
    }
    return status;
}

static void projection_free(projection *p) {
    nmf_context *context = p->request->context;
    items_free(context, &p->one);
    items_free(context, &p->with_one);
    items_free(context, &p->along);
    array_free(context, p->sum);
    array_free(context, p->left);
    array_free(context, p->residual);
    array_free(context, p->within);
    array_free(context, p->inner);
    array_free(context, p->taken);
}

/* ‖x‖² of all columns; the largest. Columns of zeros are not to be taken. */
static double measure(projection *p) {
    const nmf_matrix *matrix = p->request->matrix;
    double most = 0;
    matrix_line_sums(matrix, true, false, p->request->threads, p->sum);
    matrix_line_sums(matrix, true, true, p->request->threads, p->left);
    for (int64_t j = 0; j < matrix->info.cols; j++) {
        p->left[j] = p->sum[j] > 0 ? p->left[j] / p->sum[j] / p->sum[j] : -1;
        most = fmax(most, p->left[j]);
    }
    return most;
}

static int64_t farthest(const projection *p) {
    int64_t best = 0;
    for (int64_t j = 1; j < p->request->matrix->info.cols; j++) {
        best = p->left[j] > p->left[best] ? j : best;
    }
    return best;
}

/* residual ← residual − UUᵀ·residual */
static void project_out(projection *p) {
    const kernel *simd = p->request->simd;
    const items *u = p->basis;
    memset(p->inner, 0, (size_t)u->k * sizeof *p->inner);
    simd->blend(u->data, NULL, u->count, p->residual, u->k, u->stride, p->inner);
    for (int64_t c = 0; c < u->k; c++) {
        items_set(&p->along, 0, c, p->inner[c]);
    }
    simd->dots(u->data, NULL, u->count, p->along.data, u->k, u->stride, p->within);
    for (int64_t i = 0; i < u->count; i++) {
        p->residual[i] -= p->within[i];
    }
}

/* Column j becomes vector t of the basis: what of it is not in the others, which takes projecting twice to be exact. */
static void extend_basis(projection *p, int64_t j, int64_t t) {
    const nmf_matrix *matrix = p->request->matrix;
    entry_line line = matrix->kind->line(matrix, true, j);
    double squares = 0;
    memset(p->residual, 0, (size_t)p->basis->count * sizeof *p->residual);
    for (int64_t e = 0; e < line.count; e++) {
        p->residual[entry_place(&line, e)] = entry_value(matrix->info.dtype, &line, e) / p->sum[j];
    }
    project_out(p);
    project_out(p);
    for (int64_t i = 0; i < p->basis->count; i++) {
        squares += p->residual[i] * p->residual[i];
    }
    for (int64_t i = 0; i < p->basis->count; i++) {
        double value = squares > 0 ? p->residual[i] / sqrt(squares) : 0;
        items_set(p->basis, i, t, value);
        items_set(&p->one, i, 0, value);
    }
}

/* How many columns are taken: fewer than k where the rest are sums of them, up to rounding. */
static int64_t take_columns(projection *p) {
    const nmf_matrix *matrix = p->request->matrix;
    double none = measure(p) * 100 * (p->basis->dtype == NMF_F64 ? DBL_EPSILON : (double)FLT_EPSILON);
    for (int64_t t = 0; t < p->basis->k; t++) {
        int64_t j = farthest(p);
        if (!(p->left[j] > none)) {
            return t;
        }
        p->taken[t] = j;
        extend_basis(p, j, t);
        matrix_transposed_times(matrix, NULL, &p->one, &p->with_one, p->request->threads);
        p->left[j] = -1;
        for (int64_t i = 0; i < matrix->info.cols; i++) {
            double along = p->left[i] > 0 ? items_get(&p->with_one, i, 0) / p->sum[i] : 0;
            p->left[i] -= along * along;
        }
    }
    return p->basis->k;
}

/* W ← the columns taken, without half of the exponent of A. */
static void set_columns(const projection *p, int64_t count, int exponent) {
    const nmf_matrix *matrix = p->request->matrix;
    items_zero(p->basis);
    for (int64_t t = 0; t < count; t++) {
        entry_line line = matrix->kind->line(matrix, true, p->taken[t]);
        for (int64_t e = 0; e < line.count; e++) {
            double value = entry_value(matrix->info.dtype, &line, e);
            items_set(p->basis, entry_place(&line, e), t, ldexp(value, exponent));
        }
    }
}

static nmf_status spa_fill(const init_request *request, items *w, items *h) {
    projection p;
    nmf_status status = projection_new(request, w, &p);
    if (status == NMF_OK) {
        halves half = halve_exponent(&request->matrix->info);
        int64_t count = take_columns(&p);
        set_columns(&p, count, half.w - half.whole);
        fill_random(request, count, w->k, false, w, STREAM_REST);
        fill_random(request, 0, h->k, true, h, STREAM_H);
    }
    projection_free(&p);
    return status;
}

const init init_spa = {
    .name = "spa",
    .summary = "columns of the matrix, each the farthest from those before",
    .bytes = spa_bytes,
    .makes_zeros = true,
    .settled = true,
    .looks_at_a = true,
    .needs_lines = true,
    .alone = true,
    .fill = spa_fill,
};
