#include "select/spectra.h"
#include "cluster/assign.h"
#include "cluster/kmeans.h"

#include <math.h>

enum { CLUSTER_STARTS = 5 };

nmf_status cosines_new(const gathered *all, cosines *out) {
    const items *x = &all->spectra;
    const kernel *simd = kernel_for(x->dtype);
    void *scratch = NULL;
    *out = (cosines){.context = all->context, .count = x->k};
    nmf_status status =
        array_new(all->context, x->k * x->k, sizeof(double), "cosines of the components", (void **)&out->value);
    if (status == NMF_OK) {
        status = array_new(all->context, x->k * x->stride, dtype_size(x->dtype), "cosines of the components", &scratch);
    }
    if (status == NMF_OK) {
        simd->gram(x->data, x->count, x->k, x->stride, out->value, scratch);
    }
    array_free(all->context, scratch);
    return status;
}

void cosines_free(cosines *own) {
    if (own->context) {
        array_free(own->context, own->value);
        *own = (cosines){0};
    }
}

/* ‖x − y‖² = ‖x‖² + ‖y‖² − 2·cos */
void cosines_to_distances(cosines *own) {
    int64_t n = own->count;
    for (int64_t i = 0; i < n; i++) {
        for (int64_t j = 0; j < i; j++) {
            double square = own->value[i * n + i] + own->value[j * n + j] - 2 * own->value[i * n + j];
            own->value[i * n + j] = own->value[j * n + i] = sqrt(fmax(square, 0));
        }
    }
    for (int64_t i = 0; i < n; i++) {
        own->value[i * n + i] = 0;
    }
}

/* to[c]: the component of start `t` that is matched to component c of start `s`, for the largest sum of cosines. */
static nmf_status match(const gathered *all, const cosines *own, int64_t s, int64_t t, int64_t *to) {
    int64_t k = all->k;
    double *cost;
    nmf_status status = array_new(all->context, k * k, sizeof *cost, "matching components", (void **)&cost);
    if (status != NMF_OK) {
        return status;
    }
    for (int64_t c = 0; c < k; c++) {
        for (int64_t d = 0; d < k; d++) {
            cost[c * k + d] = 1 - own->value[(s * k + c) * own->count + t * k + d];
        }
    }
    status = assign_least(all->context, k, cost, to);
    array_free(all->context, cost);
    return status;
}

/* The mean and the least cosine of the components of two starts, matched to each other, are added to the row's. */
static nmf_status add_pair(const gathered *all, const cosines *own, int64_t s, int64_t t, int64_t *to,
                           nmf_rank_row *row) {
    double sum = 0, least = INFINITY;
    nmf_status status = match(all, own, s, t, to);
    for (int64_t c = 0; c < all->k && status == NMF_OK; c++) {
        double cosine = own->value[(s * all->k + c) * own->count + t * all->k + to[c]];
        sum += cosine;
        least = fmin(least, cosine);
    }
    row->stability += sum / (double)all->k;
    row->stability_least += least;
    return status;
}

nmf_status spectra_stability(const gathered *all, const cosines *own, nmf_rank_row *row) {
    double pairs = (double)all->starts * (double)(all->starts - 1) / 2;
    int64_t *to;
    nmf_status status = array_new(all->context, all->k, sizeof *to, "matching components", (void **)&to);
    row->stability = row->stability_least = 0;
    for (int64_t s = 0; s < all->starts; s++) {
        for (int64_t t = 0; t < s && status == NMF_OK; t++) {
            status = add_pair(all, own, s, t, to, row);
        }
    }
    row->stability /= pairs;
    row->stability_least /= pairs;
    array_free(all->context, to);
    return status;
}

/* The spectra as a matrix, over the items that have them, or over a copy of those listed. */
static nmf_status as_matrix(const gathered *all, const int64_t *list, int64_t count, nmf_matrix **out) {
    const items *x = &all->spectra;
    nmf_matrix *whole = NULL;
    dense_data data = {.values = x->data, .row_stride = x->stride, .col_stride = 1};
    nmf_status status = matrix_new_dense(all->context, x->count, x->k, data, x->dtype, NMF_ALLOW_NEGATIVE, &whole);
    if (status == NMF_OK) {
        status = whole->kind->pick(whole, true, list, count, out);
    }
    nmf_matrix_free(whole);
    if (status == NMF_OK) {
        status = matrix_check(*out, "the components");
    }
    return status;
}

nmf_status spectra_cluster(const gathered *all, const plan *plan, const int64_t *list, int64_t count, int64_t *labels) {
    nmf_matrix *some = NULL;
    double within;
    nmf_status status = as_matrix(all, list, count, &some);
    if (status == NMF_OK) {
        const kmeans_request request = {.context = all->context,
                                        .matrix = some,
                                        .simd = kernel_for(plan->dtype),
                                        .k = all->k,
                                        .seed = plan->seed,
                                        .starts = CLUSTER_STARTS,
                                        .threads = plan->threads};
        status = kmeans(&request, labels, NULL, &within);
    }
    nmf_matrix_free(some);
    return status;
}
