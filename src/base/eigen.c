#include "base/eigen.h"

#include <cblas.h>
#include <lapacke.h>

nmf_status symmetric_eigen(nmf_context *context, int64_t n, double *a, double *values) {
    int threads = openblas_get_num_threads();
    openblas_set_num_threads(1);
    /* Column-major, so that an eigenvector is a row of ours. */
    lapack_int info = LAPACKE_dsyevd(LAPACK_COL_MAJOR, 'V', 'U', (lapack_int)n, a, (lapack_int)n, values);
    openblas_set_num_threads(threads);
    if (info == LAPACK_WORK_MEMORY_ERROR) {
        return fail(context, NMF_ERROR_MEMORY, "out of memory for the eigenvalues of a %lld × %lld matrix",
                    (long long)n, (long long)n);
    }
    if (info != 0) {
        return fail(context, NMF_ERROR_INPUT,
                    "the eigenvalues of a %lld × %lld Gram matrix were not found (LAPACK says %d)", (long long)n,
                    (long long)n, (int)info);
    }
    return NMF_OK;
}
