/* Small dense algebra, by LAPACK. */
#ifndef NMF_BASE_EIGEN_H
#define NMF_BASE_EIGEN_H

#include "base/context.h"

/*
 * Eigenvalues (ascending) and eigenvectors of the symmetric n×n matrix `a`: afterwards row i of `a` is the eigenvector
 * of values[i]. Runs on one thread and leaves the BLAS's own thread count as it was.
 */
nmf_status symmetric_eigen(nmf_context *context, int64_t n, double *a, double *values);

#endif
