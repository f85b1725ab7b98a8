/* H for new columns: the exact solution for a fixed W. */
#include "support/expect.h"
#include "support/problems.h"

#include <math.h>
#include <string.h>

/* The problem that a fit's W is. */
static problem problem_of_w(const factors *f) {
    problem p = problem_random(f->rows, f->k, 1, 1);
    memcpy(p.values, f->w, (size_t)(f->rows * f->k) * sizeof *f->w);
    problem_lay_out(&p);
    return p;
}

static factors fit_of(folder *f, const problem *p, int64_t k) {
    nmf_options options;
    nmf_options_init(&options);
    options.rank = k;
    options.tol = 1e-9;
    options.threads = 1;
    nmf_matrix *matrix = problem_matrix(f->context, p, BY_ROW, NMF_F64);
    nmf_result *result = fitted(f->context, matrix, &options, NMF_OK);
    factors found = factors_of(result);
    nmf_result_free(result);
    nmf_matrix_free(matrix);
    return found;
}

static nmf_result *transformed(folder *f, const problem *p, const problem *w, shape as, nmf_dtype dtype) {
    nmf_options options;
    nmf_options_init(&options);
    options.dtype = dtype;
    options.threads = 2;
    nmf_matrix *matrix = problem_matrix(f->context, p, as, NMF_F64);
    nmf_matrix *fixed = problem_matrix(f->context, w, as, NMF_F64);
    nmf_result *result;
    if (nmf_transform(f->context, matrix, fixed, &options, &result) != NMF_OK) {
        fail_msg("%s", nmf_context_message(f->context));
    }
    nmf_matrix_free(matrix);
    nmf_matrix_free(fixed);
    return result;
}

/* Where h is above 0 its slope is 0, elsewhere it points up. */
static void expect_kkt(const problem *p, const factors *f, double tolerance) {
    for (int64_t c = 0; c < f->k; c++) {
        for (int64_t j = 0; j < p->cols; j++) {
            long double slope = 0, size = 0;
            for (int64_t i = 0; i < p->rows; i++) {
                long double left = -(long double)p->values[i * p->cols + j], w = (long double)f->w[i * f->k + c];
                size += w * fabsl(left);
                for (int64_t d = 0; d < f->k; d++) {
                    left += (long double)f->w[i * f->k + d] * (long double)f->h[d * f->cols + j];
                }
                slope += w * left;
            }
            assert_true(slope >= -(long double)tolerance * size);
            assert_true(f->h[c * f->cols + j] == 0 || slope <= (long double)tolerance * size);
        }
    }
}

static void h_is_exact_for_the_w_given(void **state) {
    folder *f = *state;
    problem p = problem_random(30, 25, 0.5, 1), other = problem_random(30, 70, 0.5, 2);
    factors fit = fit_of(f, &p, 5);
    problem w = problem_of_w(&fit);
    for (int c = 0; c < 2 * SHAPES; c++) {
        nmf_dtype dtype = (nmf_dtype)(c % 2);
        nmf_result *result = transformed(f, &other, &w, (shape)(c / 2), dtype);
        const nmf_summary *summary = nmf_result_summary(result);
        factors found = factors_of(result);
        double near = dtype == NMF_F64 ? 1e-10 : 1e-4, error = factors_error(&other, &found);
        expect_factors_sound(&found);
        expect_kkt(&other, &found, near);
        for (int64_t e = 0; e < 30 * 5; e++) {
            assert_true(found.w[e] == (dtype == NMF_F64 ? fit.w[e] : (double)(float)fit.w[e]));
        }
        assert_true(fabs(summary->error - error) < near * error);
        assert_true(summary->kkt_residual < near);
        assert_true(summary->converged);
        assert_int_equal(summary->cols, 70);
        assert_int_equal(summary->rank, 5);
        factors_free(&found);
        nmf_result_free(result);
    }
    factors_free(&fit);
    problem_free(&w);
    problem_free(&p);
    problem_free(&other);
}

static void the_columns_of_a_fit_come_back(void **state) {
    folder *f = *state;
    problem p = problem_random(30, 25, 0.5, 3);
    factors fit = fit_of(f, &p, 4);
    problem w = problem_of_w(&fit);
    nmf_result *result = transformed(f, &p, &w, BY_ROW, NMF_F64);
    factors found = factors_of(result);
    assert_true(factors_error(&p, &found) <= factors_error(&p, &fit) * (1 + 1e-12));
    for (int64_t e = 0; e < 4 * 25; e++) {
        assert_true(fabs(found.h[e] - fit.h[e]) < 1e-2);
    }
    factors_free(&found);
    factors_free(&fit);
    nmf_result_free(result);
    problem_free(&w);
    problem_free(&p);
}

static void scales_of_a_and_w_divide(void **state) {
    folder *f = *state;
    static const int exponents[][2] = {{0, 40}, {700, 0}, {-700, 0}, {0, 700}, {0, -700}, {600, 600}, {-300, 400}};
    problem p = problem_random(12, 9, 0.8, 4), w = problem_random(12, 3, 0.8, 5);
    nmf_result *plain = transformed(f, &p, &w, BY_ROW, NMF_F64);
    factors expected = factors_of(plain);
    for (int c = 0; c < 7 * 2; c++) {
        int of_a = exponents[c / 2][0], of_w = exponents[c / 2][1];
        problem a = problem_scaled(&p, of_a), b = problem_scaled(&w, of_w);
        nmf_result *result = transformed(f, &a, &b, BY_ROW, NMF_F64);
        const nmf_summary *summary = nmf_result_summary(result);
        factors found = factors_of(result);
        for (int64_t e = 0; e < 3 * 9; e++) {
            if (found.h[e] != ldexp(expected.h[e], of_a - of_w)) {
                fail_msg("A·2^%d, W·2^%d: %g", of_a, of_w, found.h[e]);
            }
        }
        assert_memory_equal(found.w, b.values, 12 * 3 * sizeof *found.w);
        assert_true(summary->relative_error == nmf_result_summary(plain)->relative_error);
        assert_true(summary->error == ldexp(nmf_result_summary(plain)->error, of_a));
        factors_free(&found);
        nmf_result_free(result);
        problem_free(&a);
        problem_free(&b);
    }
    factors_free(&expected);
    nmf_result_free(plain);
    problem_free(&p);
    problem_free(&w);
}

static void w_of_other_rows_is_refused(void **state) {
    folder *f = *state;
    problem p = problem_random(6, 5, 1, 6), w = problem_random(7, 2, 1, 7);
    nmf_options options;
    nmf_options_init(&options);
    nmf_matrix *matrix = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    nmf_matrix *fixed = problem_matrix(f->context, &w, BY_ROW, NMF_F64);
    nmf_result *result = (nmf_result *)(uintptr_t)1;
    assert_int_equal(nmf_transform(f->context, matrix, fixed, &options, &result), NMF_ERROR_INPUT);
    assert_null(result);
    assert_non_null(strstr(nmf_context_message(f->context), "W has 7 rows and the matrix 6"));
    nmf_matrix_free(matrix);
    nmf_matrix_free(fixed);
    problem_free(&p);
    problem_free(&w);
}

static void columns_do_not_see_each_other(void **state) {
    folder *f = *state;
    problem p = problem_random(20, 60, 0.4, 8), one = problem_random(20, 1, 1, 1), w = problem_random(20, 6, 0.7, 9);
    nmf_result *all = transformed(f, &p, &w, SPARSE, NMF_F64);
    factors together = factors_of(all);
    for (int64_t j = 0; j < 60; j += 13) {
        for (int64_t i = 0; i < 20; i++) {
            one.values[i] = p.values[i * 60 + j];
        }
        problem_lay_out(&one);
        nmf_result *result = transformed(f, &one, &w, SPARSE, NMF_F64);
        factors alone = factors_of(result);
        for (int64_t c = 0; c < 6; c++) {
            assert_true(alone.h[c] == together.h[c * 60 + j]);
        }
        factors_free(&alone);
        nmf_result_free(result);
    }
    factors_free(&together);
    nmf_result_free(all);
    problem_free(&p);
    problem_free(&one);
    problem_free(&w);
}

/* Powers of evenly spaced numbers: the Gram matrix of 12 of them is singular to working precision. */
static void w_without_full_rank_is_solved_too(void **state) {
    folder *f = *state;
    problem p = problem_random(64, 40, 1, 21), w = problem_random(64, 12, 1, 1);
    for (int64_t i = 0; i < 64; i++) {
        for (int64_t c = 0; c < 12; c++) {
            w.values[i * 12 + c] = pow((double)(i + 1) / 64, (double)c);
        }
    }
    problem_lay_out(&w);
    nmf_result *result = transformed(f, &p, &w, BY_ROW, NMF_F64);
    const nmf_summary *summary = nmf_result_summary(result);
    assert_true(summary->relative_error < 1 && summary->kkt_residual < 1e-7);
    assert_true(summary->converged);
    assert_true(summary->history[0].error == summary->error);
    nmf_result_free(result);
    problem_free(&p);
    problem_free(&w);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(h_is_exact_for_the_w_given), TEST(the_columns_of_a_fit_come_back), TEST(scales_of_a_and_w_divide),
        TEST(w_of_other_rows_is_refused), TEST(columns_do_not_see_each_other),  TEST(w_without_full_rank_is_solved_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
