#include "support/problems.h"
#include "support/expect.h"
#include "support/numbers.h"

#include "init/init.h"
#include "update/update.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void *memory_new(size_t bytes) {
    void *memory = calloc(1, bytes + 1);
    assert_non_null(memory);
    return memory;
}

static problem problem_new(int64_t rows, int64_t cols) {
    size_t count = (size_t)(rows * cols);
    problem p = {.rows = rows, .cols = cols, .values = memory_new(count * sizeof *p.values)};
    for (int by = 0; by < 2; by++) {
        p.memory[by][NMF_F64] = memory_new(count * sizeof(double));
        p.memory[by][NMF_F32] = memory_new(count * sizeof(float));
    }
    return p;
}

void problem_free(problem *p) {
    free(p->values);
    for (int by = 0; by < 2; by++) {
        free(p->memory[by][NMF_F64]);
        free(p->memory[by][NMF_F32]);
    }
    *p = (problem){0};
}

void problem_lay_out(problem *p) {
    for (int64_t i = 0; i < p->rows; i++) {
        for (int64_t j = 0; j < p->cols; j++) {
            double value = p->values[i * p->cols + j];
            int64_t at[2] = {i * p->cols + j, j * p->rows + i};
            for (int by = 0; by < 2; by++) {
                ((double *)p->memory[by][NMF_F64])[at[by]] = value;
                ((float *)p->memory[by][NMF_F32])[at[by]] = (float)value;
            }
        }
    }
}

problem problem_random(int64_t rows, int64_t cols, double density, uint64_t seed) {
    problem p = problem_new(rows, cols);
    for (int64_t e = 0; e < rows * cols; e++) {
        double value = draw(&seed, 0.01, 0.99);
        p.values[e] = draw(&seed, 0, 1) < density ? (double)(float)value : 0;
    }
    problem_lay_out(&p);
    return p;
}

problem problem_low_rank(int64_t rows, int64_t cols, int64_t rank, double noise, uint64_t seed) {
    problem p = problem_new(rows, cols);
    for (int64_t c = 0; c < rank; c++) {
        double h[1000];
        assert_true(cols <= 1000);
        for (int64_t j = 0; j < cols; j++) {
            h[j] = fmax(0, draw(&seed, -0.5, 1));
        }
        for (int64_t i = 0; i < rows; i++) {
            double w = fmax(0, draw(&seed, -0.5, 1));
            for (int64_t j = 0; j < cols; j++) {
                p.values[i * cols + j] += w * h[j];
            }
        }
    }
    for (int64_t e = 0; e < rows * cols; e++) {
        p.values[e] = (double)(float)(p.values[e] + noise * draw(&seed, 0, 1));
    }
    problem_lay_out(&p);
    return p;
}

problem problem_scaled(const problem *from, int exponent) {
    problem p = problem_new(from->rows, from->cols);
    for (int64_t e = 0; e < p.rows * p.cols; e++) {
        p.values[e] = ldexp(from->values[e], exponent);
    }
    problem_lay_out(&p);
    return p;
}

nmf_status matrix_of_rows(nmf_context *context, int64_t rows, int64_t cols, nmf_dtype dtype, const int64_t *start,
                          const int64_t *index, const void *values, unsigned allowed, nmf_matrix **matrix) {
    const nmf_compressed lines = {rows, cols, false, sizeof *index, dtype, start, index, values};
    return nmf_matrix_sparse(context, &lines, allowed, matrix);
}

static nmf_status sparse_matrix(nmf_context *context, const problem *p, nmf_dtype dtype, nmf_matrix **matrix) {
    size_t count = (size_t)(p->rows * p->cols);
    int64_t *start = memory_new((size_t)(p->rows + 1) * sizeof *start), *index = memory_new(count * sizeof *index);
    double *wide = memory_new(count * sizeof *wide);
    float *narrow = memory_new(count * sizeof *narrow);
    for (int64_t i = 0, to = 0; i < p->rows; i++) {
        for (int64_t j = 0; j < p->cols; j++) {
            double value = p->values[i * p->cols + j];
            if (value != 0) {
                index[to] = j;
                wide[to] = value;
                narrow[to++] = (float)value;
            }
        }
        start[i + 1] = to;
    }
    const void *values = dtype == NMF_F64 ? (const void *)wide : narrow;
    nmf_status status = matrix_of_rows(context, p->rows, p->cols, dtype, start, index, values, p->allowed, matrix);
    free(start);
    free(index);
    free(wide);
    free(narrow);
    return status;
}

nmf_matrix *problem_matrix(nmf_context *context, const problem *p, shape as, nmf_dtype dtype) {
    nmf_matrix *matrix;
    nmf_status status;
    if (as == SPARSE) {
        status = sparse_matrix(context, p, dtype, &matrix);
    } else {
        status = nmf_matrix_dense(context, p->rows, p->cols, dtype, p->memory[as][dtype], as == BY_ROW ? p->cols : 1,
                                  as == BY_ROW ? 1 : p->rows, p->allowed, &matrix);
    }
    if (status != NMF_OK) {
        fail_msg("%s", nmf_context_message(context));
    }
    return matrix;
}

nmf_result *fitted(nmf_context *context, const nmf_matrix *matrix, const nmf_options *options, nmf_status status) {
    nmf_result *result;
    nmf_status found = nmf_fit(context, matrix, options, &result);
    if (found != status) {
        fail_msg("status %d, expected %d: %s", (int)found, (int)status, nmf_context_message(context));
    }
    assert_non_null(result);
    return result;
}

void expect_fit_refused(nmf_context *context, const nmf_matrix *matrix, const nmf_options *options, nmf_status status,
                        const char *part) {
    nmf_result *result = (nmf_result *)(uintptr_t)1;
    assert_int_equal(nmf_fit(context, matrix, options, &result), status);
    assert_null(result);
    if (!strstr(nmf_context_message(context), part)) {
        fail_msg("'%s' is not in: %s", part, nmf_context_message(context));
    }
}

factors factors_of(const nmf_result *result) {
    const nmf_summary *summary = nmf_result_summary(result);
    factors f = {.rows = summary->rows, .cols = summary->cols, .k = summary->rank};
    f.w = memory_new((size_t)(f.rows * f.k) * sizeof *f.w);
    f.h = memory_new((size_t)(f.cols * f.k) * sizeof *f.h);
    nmf_result_w(result, NMF_F64, f.w);
    nmf_result_h(result, NMF_F64, f.h);
    return f;
}

void factors_free(factors *f) {
    free(f->w);
    free(f->h);
    *f = (factors){0};
}

double factors_error(const problem *p, const factors *f) {
    long double sum = 0;
    for (int64_t i = 0; i < p->rows; i++) {
        for (int64_t j = 0; j < p->cols; j++) {
            long double left = (long double)p->values[i * p->cols + j];
            for (int64_t c = 0; c < f->k; c++) {
                left -= (long double)f->w[i * f->k + c] * (long double)f->h[c * f->cols + j];
            }
            sum += left * left;
        }
    }
    return (double)sqrtl(sum);
}

static void expect_sound(const double *values, int64_t count) {
    for (int64_t e = 0; e < count; e++) {
        if (!(isfinite(values[e]) && values[e] >= 0)) {
            fail_msg("number %lld is %g", (long long)e, values[e]);
        }
    }
}

void expect_factors_sound(const factors *f) {
    expect_sound(f->w, f->rows * f->k);
    expect_sound(f->h, f->k * f->cols);
}

void expect_factors_same(const factors *got, const factors *expected) {
    assert_int_equal(got->k, expected->k);
    assert_memory_equal(got->w, expected->w, (size_t)(expected->rows * expected->k) * sizeof *got->w);
    assert_memory_equal(got->h, expected->h, (size_t)(expected->k * expected->cols) * sizeof *got->h);
}

void expect_history_falls(const nmf_summary *summary) {
    for (int64_t t = 1; t < summary->iterations; t++) {
        double before = summary->history[t - 1].error, now = summary->history[t].error;
        if (!(now <= before)) {
            fail_msg("%s: error %.17g after %.17g in iteration %lld", summary->solver, now, before, (long long)t + 1);
        }
    }
}

bool solver_and_start(int index, const char **solver, const char **init) {
    for (int u = 0; updates[u]; u++) {
        for (int i = 0; inits[i]; i++) {
            bool leaves = !(updates[u]->keeps_zeros && inits[i]->on_sample);
            if (leaves && index-- == 0) {
                *solver = updates[u]->name;
                *init = inits[i]->name;
                return true;
            }
        }
    }
    return false;
}
