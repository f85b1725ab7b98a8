#include "cluster/silhouette.h"

#include <math.h>
#include <string.h>

/* Of thing i, with the sums of its distances to every cluster. */
static double width(int64_t k, const double *sum, const int64_t *size, int64_t own) {
    if (size[own] < 2) {
        return 0;
    }
    double a = sum[own] / (double)(size[own] - 1), b = INFINITY;
    for (int64_t c = 0; c < k; c++) {
        if (c != own && size[c] > 0) {
            b = fmin(b, sum[c] / (double)size[c]);
        }
    }
    double larger = fmax(a, b);
    return larger > 0 ? (b - a) / larger : 0;
}

/* The clusters that have things in them. */
static int64_t count_sizes(int64_t n, int64_t k, const int64_t *labels, int64_t *size) {
    int64_t filled = 0;
    for (int64_t i = 0; i < n; i++) {
        size[labels[i]]++;
    }
    for (int64_t c = 0; c < k; c++) {
        filled += size[c] > 0;
    }
    return filled;
}

static double mean_width(int64_t n, const double *distance, int64_t k, const int64_t *labels, const int64_t *size,
                         double *sum) {
    double total = 0;
    for (int64_t i = 0; i < n; i++) {
        memset(sum, 0, (size_t)k * sizeof *sum);
        for (int64_t j = 0; j < n; j++) {
            sum[labels[j]] += j == i ? 0 : distance[i * n + j];
        }
        total += width(k, sum, size, labels[i]);
    }
    return total / (double)n;
}

nmf_status silhouette_mean(nmf_context *context, int64_t n, const double *distance, int64_t k, const int64_t *labels,
                           double *mean) {
    double *sum = NULL;
    int64_t *size = NULL;
    nmf_status status = array_new(context, k, sizeof *sum, "the silhouette", (void **)&sum);
    if (status == NMF_OK) {
        status = array_new(context, k, sizeof *size, "the silhouette", (void **)&size);
    }
    if (status == NMF_OK) {
        *mean = count_sizes(n, k, labels, size) < 2 ? NAN : mean_width(n, distance, k, labels, size, sum);
    }
    array_free(context, sum);
    array_free(context, size);
    return status;
}
