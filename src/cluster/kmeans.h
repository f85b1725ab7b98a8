/* The columns of a matrix in k clusters of least squares: Lloyd's algorithm (1982). */
#ifndef NMF_CLUSTER_KMEANS_H
#define NMF_CLUSTER_KMEANS_H

#include "kernel/kernel.h"
#include "matrix/matrix.h"

typedef struct kmeans_request {
    nmf_context *context;
    const nmf_matrix *matrix; /* in the numbers of simd, nothing missing */
    const kernel *simd;
    int64_t k;
    uint64_t seed;
    int64_t starts; /* 1 or more */
    int threads;
} kmeans_request;

/*
 * Label every column 0 … k−1, so that *within = Σ ‖column − centroid‖², up to the rounding of ‖A‖², is the least of
 * all starts, each drawn by k-means++ (Arthur & Vassilvitskii 2007). `centroids`, items of k for every row, may be
 * NULL. No cluster is empty where there are k columns; where there are fewer, only the first clusters have any, and the
 * other centroids are zero. A sparse matrix stays so: what is made has k or one number a row or column.
 */
nmf_status kmeans(const kmeans_request *request, int64_t *labels, items *centroids, double *within);

/* Bytes it takes for a while, where it is given `centroids`. */
double kmeans_bytes(const nmf_matrix_info *info, nmf_dtype dtype, int64_t k);

#endif
