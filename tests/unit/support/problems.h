/* Made-up matrices, each as a dense one by rows, a dense one by columns and a sparse one. */
#ifndef SUPPORT_PROBLEMS_H
#define SUPPORT_PROBLEMS_H

#include "nmf/nmf.h"

typedef enum shape { BY_ROW, BY_COLUMN, SPARSE, SHAPES } shape;

typedef struct problem {
    int64_t rows, cols;
    unsigned allowed;   /* what its matrices may hold, of nmf_allow; 0 unless it is set */
    double *values;     /* row by row */
    void *memory[2][2]; /* what dense matrices stand on: by row and by column, f64 and f32 */
} problem;

/* Entries of [0, 1), about `density` of them not zero; each representable in f32. */
problem problem_random(int64_t rows, int64_t cols, double density, uint64_t seed);

/* W·H of a non-negative rank, plus `noise` times numbers of [0, 1). */
problem problem_low_rank(int64_t rows, int64_t cols, int64_t rank, double noise, uint64_t seed);

/* The same with every entry times 2^exponent. */
problem problem_scaled(const problem *from, int exponent);

void problem_free(problem *p);

/* After a change of values: lay them out again for matrices made from now on. */
void problem_lay_out(problem *p);

/* The matrix; `p` must outlive it. */
nmf_matrix *problem_matrix(nmf_context *context, const problem *p, shape as, nmf_dtype dtype);

/* nmf_matrix_sparse of rows. */
nmf_status matrix_of_rows(nmf_context *context, int64_t rows, int64_t cols, nmf_dtype dtype, const int64_t *start,
                          const int64_t *index, const void *values, unsigned allowed, nmf_matrix **matrix);

/* nmf_fit, which must come to `status`. */
nmf_result *fitted(nmf_context *context, const nmf_matrix *matrix, const nmf_options *options, nmf_status status);

/* nmf_fit fails so, gives nothing, and its sentence holds `part`. */
void expect_fit_refused(nmf_context *context, const nmf_matrix *matrix, const nmf_options *options, nmf_status status,
                        const char *part);

/* Every solver from every start that it can leave, one after the other; false past the last. */
bool solver_and_start(int index, const char **solver, const char **init);

/* W and H of a result in doubles, row by row. */
typedef struct factors {
    int64_t rows, cols, k;
    double *w, *h;
} factors;

factors factors_of(const nmf_result *result);
void factors_free(factors *f);

/* ‖A − WH‖F, summed in long double. */
double factors_error(const problem *p, const factors *f);

/* Every entry is finite and not negative. */
void expect_factors_sound(const factors *f);

/* The same shape and the same bits. */
void expect_factors_same(const factors *got, const factors *expected);

/* The error of an iteration is never above the one before. */
void expect_history_falls(const nmf_summary *summary);

#endif
