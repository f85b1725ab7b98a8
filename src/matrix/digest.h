/* The digest of a matrix: which entries it has, wherever they are. */
#ifndef NMF_MATRIX_DIGEST_H
#define NMF_MATRIX_DIGEST_H

#include "matrix/matrix.h"

/*
 * The sum, modulo 2^64, of a hash of every entry that is not 0, made of its row, column and value: the same for dense
 * and sparse, in memory, in a file and spread over any number of processes, all of which make this call.
 */
uint64_t matrix_digest(const nmf_matrix *matrix);

#endif
