/* How well things lie in their clusters (Rousseeuw 1987). */
#ifndef NMF_CLUSTER_SILHOUETTE_H
#define NMF_CLUSTER_SILHOUETTE_H

#include "base/context.h"

/*
 * The mean over n things of (b − a) / max(a, b): a is the mean distance to the others of its own cluster, b that to the
 * nearest other cluster. A thing alone in its cluster, or with a = b = 0, counts 0. Distances are n×n, row by row,
 * labels 0 … k−1. NaN where fewer than two clusters have things in them.
 */
nmf_status silhouette_mean(nmf_context *context, int64_t n, const double *distance, int64_t k, const int64_t *labels,
                           double *mean);

#endif
