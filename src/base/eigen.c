#include "base/eigen.h"

#include <limits.h>
#include <pthread.h>

void dsyevd_(const char *job, const char *triangle, const int *n, double *a, const int *lda, double *w, double *work,
             const int *lwork, int *iwork, const int *liwork, int *info, size_t job_length, size_t triangle_length);
/* Not there where LAPACK is another one: in a Python process it is the one that NumPy has. */
__attribute__((weak)) int openblas_get_num_threads(void);
__attribute__((weak)) void openblas_set_num_threads(int threads);

/* The work space that dsyevd's documentation asks for. */
static int64_t work_size(int64_t n) {
    return 1 + 6 * n + 2 * n * n;
}

static int64_t whole_work_size(int64_t n) {
    return 3 + 5 * n;
}

nmf_status eigen_room_new(nmf_context *context, int64_t n, eigen_room *room) {
    *room = (eigen_room){.context = context, .n = n};
    if (n > INT_MAX / 8 || work_size(n) > INT_MAX) {
        return fail(context, NMF_ERROR_MEMORY, "a matrix of %lld × %lld is more than LAPACK can take", (long long)n,
                    (long long)n);
    }
    const char *what = "eigenvectors";
    nmf_status status = array_new(context, n, sizeof(double), what, (void **)&room->values);
    if (status == NMF_OK) {
        status = array_new(context, n * n, sizeof(double), what, (void **)&room->vectors);
    }
    if (status == NMF_OK) {
        status = array_new(context, work_size(n), sizeof(double), what, (void **)&room->work);
    }
    if (status == NMF_OK) {
        status = array_new(context, whole_work_size(n), sizeof(int), what, (void **)&room->whole_work);
    }
    return status;
}

double eigen_bytes(int64_t n) {
    double order = (double)n;
    return (3 * order * order + 7 * order + 1) * sizeof(double) + (3 + 5 * order) * sizeof(int);
}

void eigen_room_free(eigen_room *room) {
    if (room->context) {
        array_free(room->context, room->values);
        array_free(room->context, room->vectors);
        array_free(room->context, room->work);
        array_free(room->context, room->whole_work);
        *room = (eigen_room){0};
    }
}

nmf_status eigen_solve(eigen_room *room) {
    int n = (int)room->n, lwork = (int)work_size(n), liwork = (int)whole_work_size(n), info = 0;
    /* The count is the process's, and other contexts may be here at the same time. */
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    bool openblas = openblas_get_num_threads && openblas_set_num_threads;
    int threads = openblas ? openblas_get_num_threads() : 0;
    if (openblas) {
        openblas_set_num_threads(1);
    }
    /* Column-major, so that an eigenvector is a row of ours. */
    dsyevd_("V", "U", &n, room->vectors, &n, room->values, room->work, &lwork, room->whole_work, &liwork, &info, 1, 1);
    if (openblas) {
        openblas_set_num_threads(threads);
    }
    pthread_mutex_unlock(&lock);
    return info == 0 ? NMF_OK
                     : fail(room->context, NMF_ERROR_INPUT,
                            "the eigenvalues of a %d × %d matrix were not found (LAPACK's info is %d)", n, n, info);
}
