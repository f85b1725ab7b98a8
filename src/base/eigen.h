/* Small dense algebra, by LAPACK: called as in Fortran, so that its work space is ours. */
#ifndef NMF_BASE_EIGEN_H
#define NMF_BASE_EIGEN_H

#include "base/context.h"

/* Room for the eigenvalues of n×n matrices. */
typedef struct eigen_room {
    nmf_context *context;
    int64_t n;
    double *values;  /* n, ascending */
    double *vectors; /* n×n: a matrix goes in, the eigenvector of values[i] comes out as row i */
    double *work;
    int *whole_work;
} eigen_room;

nmf_status eigen_room_new(nmf_context *context, int64_t n, eigen_room *room);
/* Bytes of such a room. */
double eigen_bytes(int64_t n);
void eigen_room_free(eigen_room *room);

/*
 * Eigenvalues and eigenvectors of the symmetric matrix in room->vectors. Runs on one thread and leaves the BLAS's own
 * thread count as it was.
 */
nmf_status eigen_solve(eigen_room *room);

#endif
