/* The components of a consensus: spectra that lie close to others, clustered, and the median of every cluster. */
#include "select/consensus.h"

#include <math.h>
#include <stdlib.h>

static int ascending(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

double consensus_quantile(double *values, int64_t count, double share) {
    qsort(values, (size_t)count, sizeof *values, ascending);
    double at = share * (double)(count - 1), below = floor(at);
    int64_t low = (int64_t)below, high = low + 1 < count ? low + 1 : low;
    return values[low] + (at - below) * (values[high] - values[low]);
}

/* Σ over samples of a spectrum's usage. */
static double usage_of(const gathered *all, int64_t spectrum) {
    double sum = 0;
    for (int64_t j = 0; j < all->usages.count; j++) {
        sum += items_get(&all->usages, j, spectrum);
    }
    return sum;
}

/* Clusters in the order of their mean usage, the largest first: to[c] is the place of cluster c. */
static nmf_status rank_clusters(const nmf_consensus *own, const gathered *all, int64_t *to) {
    double *sum;
    int64_t kept = own->summary.kept;
    nmf_status status = array_new(own->context, 2 * own->k, sizeof *sum, "clusters", (void **)&sum);
    if (status != NMF_OK) {
        return status;
    }
    double *count = sum + own->k;
    for (int64_t e = 0; e < kept; e++) {
        sum[own->label[e]] += usage_of(all, own->list[e]);
        count[own->label[e]]++;
    }
    for (int64_t c = 0; c < own->k; c++) {
        to[c] = 0;
        for (int64_t d = 0; d < own->k; d++) {
            double here = sum[c] / count[c], there = sum[d] / count[d];
            to[c] += there > here || (there == here && d < c);
        }
    }
    array_free(own->context, sum);
    return status;
}

static nmf_status relabel(nmf_consensus *own, const gathered *all) {
    int64_t *to;
    nmf_status status = array_new(own->context, own->k, sizeof *to, "clusters", (void **)&to);
    if (status == NMF_OK) {
        status = rank_clusters(own, all, to);
    }
    for (int64_t e = 0; e < own->summary.kept && status == NMF_OK; e++) {
        own->label[e] = to[own->label[e]];
    }
    array_free(own->context, to);
    return status;
}

/* w = the median of every cluster, which is then made to sum to 1. */
static nmf_status take_medians(nmf_consensus *own, const gathered *all) {
    double *values;
    nmf_status status = array_new(own->context, own->summary.kept, sizeof *values, "clusters", (void **)&values);
    for (int64_t c = 0; c < own->k && status == NMF_OK; c++) {
        double sum = 0;
        for (int64_t i = 0; i < own->rows; i++) {
            int64_t count = 0;
            for (int64_t e = 0; e < own->summary.kept; e++) {
                if (own->label[e] == c) {
                    values[count++] = items_get(&all->spectra, i, own->list[e]);
                }
            }
            own->w[i * own->k + c] = consensus_quantile(values, count, 0.5);
            sum += fabs(own->w[i * own->k + c]);
        }
        for (int64_t i = 0; i < own->rows && sum > 0; i++) {
            own->w[i * own->k + c] /= sum;
        }
    }
    array_free(own->context, values);
    return status;
}

nmf_status consensus_components(nmf_consensus *own, const gathered *all, const plan *plan) {
    nmf_consensus_summary *summary = &own->summary;
    for (int64_t s = 0; s < summary->spectra; s++) {
        if (own->distance[s] <= summary->density) {
            own->list[summary->kept++] = s;
        }
    }
    if (summary->kept < own->k) {
        return fail(own->context, NMF_ERROR_USAGE,
                    "of %lld spectra %lld have others within %g, fewer than the %lld components: a larger density, or "
                    "fewer components, are needed",
                    (long long)summary->spectra, (long long)summary->kept, summary->density, (long long)own->k);
    }
    nmf_status status = spectra_cluster(all, plan, own->list, summary->kept, own->label);
    if (status == NMF_OK) {
        status = relabel(own, all);
    }
    return status == NMF_OK ? take_medians(own, all) : status;
}
