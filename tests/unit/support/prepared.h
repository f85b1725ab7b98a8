/* Small matrices before and after they are prepared. */
#ifndef SUPPORT_PREPARED_H
#define SUPPORT_PREPARED_H

#include "support/problems.h"

enum { PREPARED_ROWS = 4, PREPARED_COLS = 5 };

/* Words × documents, row by row. */
extern const double prepared_counts[PREPARED_ROWS * PREPARED_COLS];

/* A problem of these entries; NaN and negative ones are allowed where there are any. */
problem problem_of(int64_t rows, int64_t cols, const double *values);

/* The matrix with rows g1, g2, … and columns s1, s2, … */
nmf_matrix *named_matrix(nmf_context *context, const problem *p, shape as, nmf_dtype dtype);

/* nmf_matrix_prepare, which must succeed. */
void prepare_well(nmf_context *context, const nmf_prepare_options *how, nmf_matrix **matrix);

/* The entries by rows and by columns, and what is known of them, are those of `expected`. */
void expect_prepared(const nmf_matrix *matrix, const problem *expected, shape as);

/* Preparing fails, its sentence holds `part`, and the matrix is the same one with the same entries. */
void expect_prepare_fails(nmf_context *context, nmf_matrix **matrix, const nmf_prepare_options *how,
                          nmf_status expected, const char *part);

#endif
