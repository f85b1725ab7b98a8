/* Distances are ‖a‖² − 2⟨a, μ⟩ + ‖μ‖², inner products Aᵀ·M, and means A·Y, where Y has 1/size for a column's own. */
#include "cluster/kmeans.h"
#include "base/philox.h"
#include "matrix/products.h"

#include <math.h>
#include <string.h>

enum { MOST_ITERATIONS = 100, STREAM_CLUSTERS = 6 };

typedef struct lloyd {
    const kmeans_request *request;
    int64_t n, k;             /* columns; clusters, no more than those */
    items centroids;          /* m×k */
    items products;           /* n×k: ⟨a, μ⟩, and in turn Y */
    items one;                /* m×1: a column */
    items with_one;           /* n×1: its products with all of them */
    double *square;           /* n: ‖a‖² */
    double *away;             /* n: squared distance to the nearest centroid */
    double *length;           /* k: ‖μ‖² */
    int64_t *size;            /* k: columns in the cluster */
    int64_t *labels, *before; /* n: now, and an iteration ago */
} lloyd;

double kmeans_bytes(const nmf_matrix_info *info, nmf_dtype dtype, int64_t k) {
    double columns = (double)info->cols * (2 * sizeof(double) + 2 * sizeof(int64_t));
    return items_bytes(dtype, info->cols, k) + items_bytes(dtype, info->rows + info->cols, 1) + columns +
           (double)k * (sizeof(double) + sizeof(int64_t));
}

static nmf_status make_items(lloyd *l, const items *given) {
    const kmeans_request *r = l->request;
    nmf_dtype dtype = r->simd->dtype;
    int64_t rows = r->matrix->info.rows;
    static const char what[] = "the clusters";
    nmf_status status = NMF_OK;
    if (given) {
        l->centroids = *given;
    } else {
        status = items_new(r->context, dtype, rows, r->k, what, &l->centroids);
    }
    if (status == NMF_OK) {
        status = items_new(r->context, dtype, l->n, r->k, what, &l->products);
    }
    if (status == NMF_OK) {
        status = items_new(r->context, dtype, rows, 1, what, &l->one);
    }
    return status == NMF_OK ? items_new(r->context, dtype, l->n, 1, what, &l->with_one) : status;
}

static nmf_status lloyd_new(const kmeans_request *r, const items *given, lloyd *l) {
    int64_t n = r->matrix->info.cols;
    static const char what[] = "the clusters";
    *l = (lloyd){.request = r, .n = n, .k = r->k < n ? r->k : n};
    const struct {
        void **array;
        int64_t count;
        size_t size;
    } all[] = {
        {(void **)&l->square, n, sizeof(double)},    {(void **)&l->away, n, sizeof(double)},
        {(void **)&l->length, r->k, sizeof(double)}, {(void **)&l->size, r->k, sizeof(int64_t)},
        {(void **)&l->labels, n, sizeof(int64_t)},   {(void **)&l->before, n, sizeof(int64_t)},
    };
    nmf_status status = make_items(l, given);
    for (size_t a = 0; a < sizeof all / sizeof *all && status == NMF_OK; a++) {
        status = array_new(r->context, all[a].count, all[a].size, what, all[a].array);
    }
    return status;
}

static void lloyd_free(lloyd *l, bool given) {
    nmf_context *context = l->request->context;
    if (!given) {
        items_free(context, &l->centroids);
    }
    items_free(context, &l->products);
    items_free(context, &l->one);
    items_free(context, &l->with_one);
    array_free(context, l->square);
    array_free(context, l->away);
    array_free(context, l->length);
    array_free(context, l->size);
    array_free(context, l->labels);
    array_free(context, l->before);
}

/* Column j becomes centroid c, and all know how far it is from them. */
static void seed_with(lloyd *l, int64_t j, int64_t c) {
    const nmf_matrix *matrix = l->request->matrix;
    entry_line line = matrix->kind->line(matrix, true, j);
    items_zero(&l->one);
    for (int64_t e = 0; e < line.count; e++) {
        double value = entry_value(matrix->info.dtype, &line, e);
        items_set(&l->one, entry_place(&line, e), 0, value);
        items_set(&l->centroids, entry_place(&line, e), c, value);
    }
    l->length[c] = l->square[j];
    matrix_transposed_times(matrix, NULL, &l->one, &l->with_one, l->request->threads);
    for (int64_t i = 0; i < l->n; i++) {
        double away = fmax(l->square[i] - 2 * items_get(&l->with_one, i, 0) + l->square[j], 0);
        l->away[i] = c == 0 ? away : fmin(l->away[i], away);
    }
    l->away[j] = 0;
}

/* A column, each with the chance of its squared distance; −1 where none has any. */
static int64_t draw_far(const lloyd *l, double uniform) {
    double sum = 0, passed = 0;
    int64_t drawn = -1;
    for (int64_t j = 0; j < l->n; j++) {
        sum += l->away[j];
    }
    for (int64_t j = 0; j < l->n && !(passed > uniform * sum); j++) {
        drawn = l->away[j] > 0 ? j : drawn;
        passed += l->away[j];
    }
    return drawn;
}

static void seed_all(lloyd *l, int64_t start) {
    items_zero(&l->centroids);
    for (int64_t c = 0; c < l->k; c++) {
        double uniform = philox_uniform(l->request->seed, STREAM_CLUSTERS, (uint64_t)start, (uint32_t)c);
        int64_t j = c == 0 ? (int64_t)(uniform * (double)l->n) : draw_far(l, uniform);
        seed_with(l, j < 0 ? c : j, c);
    }
}

static void assign_one(lloyd *l, int64_t j) {
    double least = INFINITY;
    for (int64_t c = 0; c < l->k; c++) {
        double away = l->length[c] - 2 * items_get(&l->products, j, c);
        if (away < least) {
            least = away;
            l->labels[j] = c;
        }
    }
    l->away[j] = fmax(l->square[j] + least, 0);
}

/* A cluster without columns takes the one farthest from its centroid, of those that are not alone. */
static void fill_empty(lloyd *l) {
    for (int64_t c = 0; c < l->k; c++) {
        int64_t farthest = -1;
        for (int64_t j = 0; j < l->n && l->size[c] == 0; j++) {
            if (l->size[l->labels[j]] > 1 && (farthest < 0 || l->away[j] > l->away[farthest])) {
                farthest = j;
            }
        }
        if (farthest >= 0) {
            l->size[l->labels[farthest]]--;
            l->size[c] = 1;
            l->labels[farthest] = c;
            l->away[farthest] = 0;
        }
    }
}

static void count_sizes(lloyd *l) {
    memset(l->size, 0, (size_t)l->request->k * sizeof *l->size);
    for (int64_t j = 0; j < l->n; j++) {
        l->size[l->labels[j]]++;
    }
}

static void assign_all(lloyd *l) {
    matrix_transposed_times(l->request->matrix, NULL, &l->centroids, &l->products, l->request->threads);
#pragma omp parallel for schedule(static) num_threads(l->request->threads)
    for (int64_t j = 0; j < l->n; j++) {
        assign_one(l, j);
    }
    count_sizes(l);
    fill_empty(l);
}

static void find_means(lloyd *l) {
    int threads = l->request->threads;
    items_zero(&l->products);
    for (int64_t j = 0; j < l->n; j++) {
        items_set(&l->products, j, l->labels[j], 1 / (double)l->size[l->labels[j]]);
    }
    matrix_times(l->request->matrix, NULL, &l->products, &l->centroids, threads);
#pragma omp parallel for schedule(static) num_threads(threads)
    for (int64_t c = 0; c < l->k; c++) {
        double sum = 0;
        for (int64_t i = 0; i < l->centroids.count; i++) {
            double value = items_get(&l->centroids, i, c);
            sum += value * value;
        }
        l->length[c] = sum;
    }
}

/* Σ ‖a − μ‖² = Σ ‖a‖² − Σ size·‖μ‖², since the centroids are means. */
static double sum_within(const lloyd *l) {
    double sum = 0, means = 0;
    for (int64_t j = 0; j < l->n; j++) {
        sum += l->square[j];
    }
    for (int64_t c = 0; c < l->k; c++) {
        means += (double)l->size[c] * l->length[c];
    }
    return fmax(sum - means, 0);
}

/* From one start to labels, the means of their columns, and what these leave. */
static double run(lloyd *l, int64_t start) {
    size_t bytes = (size_t)l->n * sizeof *l->labels;
    seed_all(l, start);
    assign_all(l);
    find_means(l);
    for (int i = 0; i < MOST_ITERATIONS; i++) {
        memcpy(l->before, l->labels, bytes);
        assign_all(l);
        if (memcmp(l->labels, l->before, bytes) == 0) {
            break;
        }
        find_means(l);
    }
    return sum_within(l);
}

static void find_best(lloyd *l, int64_t *labels, double *within) {
    size_t bytes = (size_t)l->n * sizeof *labels;
    for (int64_t start = 0; start < l->request->starts; start++) {
        double sum = run(l, start);
        if (start == 0 || sum < *within) {
            *within = sum;
            memcpy(labels, l->labels, bytes);
        }
    }
    if (memcmp(labels, l->labels, bytes) != 0) {
        memcpy(l->labels, labels, bytes);
        count_sizes(l);
        find_means(l);
    }
}

nmf_status kmeans(const kmeans_request *request, int64_t *labels, items *centroids, double *within) {
    lloyd l;
    nmf_status status = lloyd_new(request, centroids, &l);
    if (status == NMF_OK) {
        matrix_line_sums(request->matrix, true, true, request->threads, l.square);
        find_best(&l, labels, within);
    }
    lloyd_free(&l, centroids != NULL);
    return status;
}
