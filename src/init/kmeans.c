/*
 * Clusters of the columns (Wild, Curry & Dougherty 2004): W has their centroids, H a 1 for a column's own and little
 * for the others. Zeros of centroids become little too: nothing is locked at 0, not even the cluster of empty columns.
 */
#include "cluster/kmeans.h"
#include "init/fill.h"

#include <math.h>

enum { STARTS = 2, STREAM_REST = 11 };

static const double little = 1e-2;

static double kmeans_init_bytes(const nmf_matrix *matrix, nmf_dtype dtype, int64_t k, int threads) {
    (void)threads;
    return kmeans_bytes(&matrix->info, dtype, k) + (double)matrix->info.cols * sizeof(int64_t);
}

/* The exponent of A, which W has, is shared with H. */
static void share_exponent(const init_request *request, items *w, int64_t filled) {
    halves half = halve_exponent(&request->matrix->info);
    for (int64_t i = 0; i < w->count; i++) {
        for (int64_t c = 0; c < filled; c++) {
            items_set(w, i, c, ldexp(items_get(w, i, c), half.w - half.whole));
        }
    }
}

static void set_members(const init_request *request, const int64_t *labels, items *h) {
    int exponent = halve_exponent(&request->matrix->info).h;
    for (int64_t j = 0; j < h->count; j++) {
        for (int64_t c = 0; c < h->k; c++) {
            items_set(h, j, c, ldexp(c == labels[j] ? 1 : little, exponent));
        }
    }
}

static nmf_status kmeans_fill(const init_request *request, items *w, items *h) {
    kmeans_request wanted = {request->context, request->matrix, request->simd,   w->k,
                             request->seed,    STARTS,          request->threads};
    int64_t *labels = NULL, filled = h->count < w->k ? h->count : w->k;
    halves half = halve_exponent(&request->matrix->info);
    double within, mean = 0;
    nmf_status status = array_new(request->context, h->count, sizeof *labels, "the clusters", (void **)&labels);
    if (status == NMF_OK) {
        status = kmeans(&wanted, labels, w, &within);
    }
    if (status == NMF_OK) {
        status = find_mean(request, &mean);
    }
    if (status == NMF_OK) {
        share_exponent(request, w, filled);
        set_members(request, labels, h);
        fill_random(request, filled, w->k, false, w, STREAM_REST);
        fill_zeros(request, false, w, ldexp(little * mean, half.w - half.whole), 0);
    }
    array_free(request->context, labels);
    return status;
}

const init init_kmeans = {
    .name = "kmeans",
    .summary = "centroids of clusters of the columns",
    .bytes = kmeans_init_bytes,
    .looks_at_a = true,
    .needs_lines = true,
    .alone = true,
    .fill = kmeans_fill,
};
