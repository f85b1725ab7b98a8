/* Parts of a matrix that is in memory or in its file, cut out without more of it at hand than a few rows. */
#ifndef NMF_MATRIX_CUT_H
#define NMF_MATRIX_CUT_H

#include "matrix/matrix.h"

/* Rows, or columns, from `from` up to `to`. */
typedef struct range {
    int64_t from, to;
} range;

/* A copy in memory of the entries of `rows` and `cols`, which is not checked and has no names. */
nmf_status matrix_cut(const nmf_matrix *matrix, range rows, range cols, nmf_matrix **out);

/* Add the entries that a sparse matrix has in `rows` to the counts of each row, and of each column. */
nmf_status matrix_count(const nmf_matrix *matrix, range rows, int64_t *of_rows, int64_t *of_cols);

#endif
