/* What is done to a matrix before it is factorized. The steps that change entries take a copy of one's own, made by
 * matrix_duplicate or matrix_pick. */
#ifndef NMF_MATRIX_PREPARE_H
#define NMF_MATRIX_PREPARE_H

#include "matrix/matrix.h"

/* A copy, and one of the rows or columns in the ascending `list`: names and source come along; `info` has the sizes,
 * and the rest of it only after matrix_check. */
nmf_status matrix_duplicate(const nmf_matrix *matrix, nmf_matrix **copy);
nmf_status matrix_pick(const nmf_matrix *matrix, bool columns, const int64_t *list, int64_t count, nmf_matrix **copy);

/*
 * The steps pass over missing entries, which stay missing. Where entries are too low for one, it fails as INPUT before
 * it has changed anything.
 */

/* NMF_ERROR_INPUT where an entry is below `least`, or is it and must be above; `step` is who says so. */
nmf_status matrix_expect_from(const nmf_matrix *own, double least, bool above, const char *step);

/*
 * Every column times a number such that its entries sum to `sum`, or to the median of the sums of the columns that are
 * not all zero where `sum` is NMF_NORMALIZE_MEDIAN. Columns of zeros stay as they are. Entries: 0 or above.
 */
nmf_status matrix_normalize(nmf_matrix *own, double sum);

/* Every entry a becomes ln(1 + a). Entries: above -1. */
nmf_status matrix_log1p(nmf_matrix *own);

/*
 * Rows are terms, columns documents. Entry (i, j) times ln((1 + n) / (1 + df)) + 1, of n columns df with a non-zero in
 * row i; then every column divided by its Euclidean norm (Salton & Buckley 1988, smoothed as by scikit-learn). Entries:
 * 0 or above.
 */
nmf_status matrix_tfidf(nmf_matrix *own);

/* Rows become columns; names and `info` with them. */
void matrix_transpose(nmf_matrix *matrix);

/* A warning where `lost` entries became 0 by being too small for the dtype. */
void matrix_warn_lost(const nmf_matrix *own, int64_t lost);

#endif
