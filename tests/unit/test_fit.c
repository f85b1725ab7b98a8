/* The loop: it falls, it converges, what it says is true. */
#include "support/expect.h"
#include "support/numbers.h"
#include "support/problems.h"

#include "init/init.h"
#include "update/update.h"

#include <math.h>
#include <string.h>

static nmf_options options_for(const char *solver, int64_t rank, int64_t max_iter) {
    nmf_options options;
    nmf_options_init(&options);
    options.solver = solver;
    options.rank = rank;
    options.max_iter = max_iter;
    options.threads = 1;
    return options;
}

static void history_never_rises(void **state) {
    folder *f = *state;
    problem p = problem_random(60, 37, 0.4, 1);
    for (int i = 0; updates[i]; i++) {
        for (int c = 0; c < 2 * SHAPES * 2 && updates[i]->monotone; c++) {
            nmf_options options = options_for(updates[i]->name, 6, 150);
            options.dtype = (nmf_dtype)(c & 1);
            options.init = c & 2 ? "random" : NULL;
            options.tol = 1e-14;
            nmf_matrix *matrix = problem_matrix(f->context, &p, (shape)(c / 4), options.dtype);
            nmf_result *result = fitted(f->context, matrix, &options, NMF_OK);
            const nmf_summary *summary = nmf_result_summary(result);
            expect_history_falls(summary);
            assert_true(summary->iterations > 5);
            assert_true(summary->history[summary->iterations - 1].error < 0.99 * summary->history[0].error);
            nmf_result_free(result);
            nmf_matrix_free(matrix);
        }
    }
    problem_free(&p);
}

static void solvers_agree_at_convergence(void **state) {
    folder *f = *state;
    static const char *const solvers[] = {"hals", "bpp", "mu"};
    problem p = problem_low_rank(14, 11, 2, 0.1, 3);
    nmf_matrix *matrix = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    double errors[3];
    for (int i = 0; i < 3; i++) {
        nmf_options options = options_for(solvers[i], 2, 20000);
        options.tol = 1e-10;
        nmf_result *result = fitted(f->context, matrix, &options, NMF_OK);
        errors[i] = nmf_result_summary(result)->error;
        assert_true(nmf_result_summary(result)->converged);
        nmf_result_free(result);
    }
    assert_true(errors[0] > 0.1);
    assert_true(fabs(errors[1] - errors[0]) < 1e-4 * errors[0]);
    assert_true(fabs(errors[2] - errors[0]) < 1e-4 * errors[0]);
    nmf_matrix_free(matrix);
    problem_free(&p);
}

static void the_error_said_is_that_of_the_factors(void **state) {
    folder *f = *state;
    problem p = problem_random(40, 30, 0.6, 2);
    for (int i = 0; updates[i]; i++) {
        for (int c = 0; c < 2 * SHAPES; c++) {
            nmf_options options = options_for(updates[i]->name, 4, 30);
            options.dtype = (nmf_dtype)(c & 1);
            nmf_matrix *matrix = problem_matrix(f->context, &p, (shape)(c / 2), NMF_F64);
            nmf_matrix_info info;
            nmf_matrix_get_info(matrix, &info);
            nmf_result *result = fitted(f->context, matrix, &options, NMF_OK);
            const nmf_summary *summary = nmf_result_summary(result);
            factors found = factors_of(result);
            double error = factors_error(&p, &found), near = options.dtype == NMF_F64 ? 1e-12 : 1e-5;
            expect_factors_sound(&found);
            assert_true(fabs(summary->error - error) < near * error);
            assert_true(fabs(summary->relative_error - error / info.norm) < near);
            assert_true(fabs(summary->history[summary->iterations - 1].error - error) < near * error);
            factors_free(&found);
            nmf_result_free(result);
            nmf_matrix_free(matrix);
        }
    }
    problem_free(&p);
}

/* W·H itself: what the products leave of the error is rounding, so it must be summed entry by entry. */
static void small_errors_keep_their_digits(void **state) {
    folder *f = *state;
    problem p = problem_low_rank(30, 20, 2, 1e-7, 4);
    for (int as = 0; as < SHAPES; as++) {
        nmf_matrix *matrix = problem_matrix(f->context, &p, (shape)as, NMF_F64);
        nmf_options options = options_for("hals", 2, 400);
        options.tol = 1e-12;
        nmf_result *result = fitted(f->context, matrix, &options, NMF_OK);
        const nmf_summary *summary = nmf_result_summary(result);
        factors found = factors_of(result);
        assert_true(summary->relative_error < 1e-6);
        assert_true(fabs(summary->error - factors_error(&p, &found)) < 1e-6 * summary->error);
        factors_free(&found);
        nmf_result_free(result);
        nmf_matrix_free(matrix);
    }
    problem_free(&p);
}

/* The residual of nmf.h, from the factors and the entries. */
static double residual_of(const problem *p, const factors *f) {
    long double sum = 0, squares = 0;
    for (int64_t c = 0; c < f->k; c++) {
        long double curvature[2] = {0, 0};
        for (int64_t j = 0; j < f->cols; j++) {
            curvature[0] += (long double)f->h[c * f->cols + j] * (long double)f->h[c * f->cols + j];
        }
        for (int64_t i = 0; i < f->rows; i++) {
            curvature[1] += (long double)f->w[i * f->k + c] * (long double)f->w[i * f->k + c];
        }
        for (int side = 0; side < 2; side++) {
            for (int64_t t = 0; t < (side ? f->cols : f->rows); t++) {
                long double slope = 0, old = (long double)(side ? f->h[c * f->cols + t] : f->w[t * f->k + c]);
                for (int64_t u = 0; u < (side ? f->rows : f->cols); u++) {
                    int64_t i = side ? u : t, j = side ? t : u;
                    long double left = -(long double)p->values[i * p->cols + j];
                    for (int64_t d = 0; d < f->k; d++) {
                        left += (long double)f->w[i * f->k + d] * (long double)f->h[d * f->cols + j];
                    }
                    slope += left * (long double)(side ? f->w[i * f->k + c] : f->h[c * f->cols + j]);
                }
                long double to = curvature[side] > 0 ? old - slope / curvature[side] : old;
                long double step = (to > 0 ? to : 0) - old;
                sum += curvature[side] * step * step;
            }
        }
    }
    for (int64_t e = 0; e < p->rows * p->cols; e++) {
        squares += (long double)p->values[e] * (long double)p->values[e];
    }
    return (double)sqrtl(sum / squares);
}

static void the_kkt_residual_falls_to_zero(void **state) {
    folder *f = *state;
    static const char *const solvers[] = {"hals", "bpp", "mu"};
    problem p = problem_low_rank(20, 15, 3, 0.2, 5);
    nmf_matrix *matrix = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    for (int i = 0; i < 3; i++) {
        double residual[2];
        for (int late = 0; late < 2; late++) {
            nmf_options options = options_for(solvers[i], 3, late ? 20000 : 2);
            options.init = "random";
            options.tol = 1e-15;
            nmf_result *result = fitted(f->context, matrix, &options, NMF_OK);
            factors found = factors_of(result);
            residual[late] = nmf_result_summary(result)->kkt_residual;
            assert_true(fabs(residual[late] - residual_of(&p, &found)) < 1e-9 * residual[late] + 1e-13);
            factors_free(&found);
            nmf_result_free(result);
        }
        assert_true(residual[0] > 1e-2);
        assert_true(residual[1] < (i == 2 ? 1e-3 : 1e-6));
    }
    nmf_matrix_free(matrix);
    problem_free(&p);
}

static void dense_and_sparse_give_the_same(void **state) {
    folder *f = *state;
    problem p = problem_random(50, 33, 0.3, 6);
    for (int i = 0; updates[i]; i++) {
        double errors[SHAPES];
        for (int as = 0; as < SHAPES; as++) {
            nmf_matrix *matrix = problem_matrix(f->context, &p, (shape)as, NMF_F64);
            nmf_options options = options_for(updates[i]->name, 4, 15);
            nmf_result *result = fitted(f->context, matrix, &options, NMF_OK);
            errors[as] = nmf_result_summary(result)->error;
            nmf_result_free(result);
            nmf_matrix_free(matrix);
        }
        assert_true(fabs(errors[BY_COLUMN] - errors[BY_ROW]) < 1e-10 * errors[BY_ROW]);
        assert_true(fabs(errors[SPARSE] - errors[BY_ROW]) < 1e-10 * errors[BY_ROW]);
    }
    problem_free(&p);
}

static void the_summary_tells_what_was_done(void **state) {
    folder *f = *state;
    problem p = problem_random(29, 28, 0.5, 7);
    nmf_matrix *matrix = problem_matrix(f->context, &p, SPARSE, NMF_F64);
    nmf_matrix_info info;
    nmf_options options = options_for("auto", 2, 12);
    nmf_matrix_get_info(matrix, &info);
    options.seed = 99;
    options.threads = 2;
    options.tol = 1e-16;
    nmf_result *result = fitted(f->context, matrix, &options, NMF_OK);
    const nmf_summary *summary = nmf_result_summary(result);
    assert_int_equal(summary->rows, 29);
    assert_int_equal(summary->cols, 28);
    assert_int_equal(summary->nnz, info.nnz);
    assert_int_equal(summary->rank, 2);
    assert_string_equal(summary->solver, updates[0]->name);
    assert_string_equal(summary->loss, "frobenius");
    assert_string_equal(summary->init, updates[0]->init);
    assert_int_equal(summary->seed, 99);
    assert_int_equal(summary->threads, 2);
    assert_int_equal(summary->iterations, 12);
    assert_string_equal(summary->stop_reason, "max-iter");
    assert_false(summary->converged);
    for (int64_t t = 0; t < 12; t++) {
        const nmf_step *step = &summary->history[t];
        assert_int_equal(step->iteration, t + 1);
        assert_true(step->seconds >= (t ? step[-1].seconds : 0) && step->seconds <= summary->seconds);
        assert_true(fabs(step->relative_error * info.norm - step->error) < 1e-12);
        assert_true(step->error >= summary->best_error);
    }
    assert_true(summary->history[summary->best_iteration - 1].error == summary->best_error);
    nmf_result_free(result);
    nmf_matrix_free(matrix);
    problem_free(&p);
}

static double first_error(folder *f, const nmf_matrix *matrix, const char *solver, const char *init, int64_t k) {
    nmf_options options = options_for(solver, k, 1);
    options.init = init;
    nmf_result *result = fitted(f->context, matrix, &options, NMF_OK);
    double error = nmf_result_summary(result)->history[0].relative_error;
    nmf_result_free(result);
    return error;
}

static void expect_below_random(folder *f, const problem *p, const char *init) {
    for (int as = 0; as < SHAPES; as++) {
        nmf_matrix *matrix = problem_matrix(f->context, p, (shape)as, NMF_F64);
        assert_true(first_error(f, matrix, "hals", init, 4) < 0.8 * first_error(f, matrix, "hals", "random", 4));
        nmf_matrix_free(matrix);
    }
}

static void nndsvd_starts_below_random(void **state) {
    problem p = problem_low_rank(80, 60, 4, 0.01, 8);
    expect_below_random(*state, &p, "nndsvd");
    problem_free(&p);
}

/* A sample of a low-rank matrix has the same rows of H, or columns of W, to be found. */
static void samples_start_below_random(void **state) {
    problem tall = problem_low_rank(400, 60, 4, 0.01, 8), wide = problem_low_rank(60, 400, 4, 0.01, 8);
    expect_below_random(*state, &tall, "sample");
    expect_below_random(*state, &wide, "sample");
    problem_free(&tall);
    problem_free(&wide);
}

static int interrupt_the_sample(void *seen, const nmf_progress *progress) {
    ((int64_t *)seen)[progress->iteration > 0]++;
    return progress->iteration == 0;
}

/* What begins as zeros can never be made anything else by multiplying it. */
static void a_sample_is_no_start_for_mu(void **state) {
    folder *f = *state;
    problem p = problem_random(40, 6, 1, 8);
    nmf_matrix *matrix = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    nmf_options options = options_for("mu", 2, 5);
    options.init = "sample";
    nmf_result *result;
    assert_int_equal(nmf_fit(f->context, matrix, &options, &result), NMF_ERROR_USAGE);
    assert_null(result);
    assert_non_null(strstr(nmf_context_message(f->context), "solver mu never leaves the zeros that init sample"));
    nmf_matrix_free(matrix);
    problem_free(&p);
}

/* Told to stop while a sample is fitted, the fit goes on from what was reached. */
static void a_sample_can_be_cut_short(void **state) {
    folder *f = *state;
    int64_t seen[2] = {0, 0};
    problem p = problem_random(400, 30, 1, 8);
    nmf_matrix *matrix = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    nmf_options options = options_for("hals", 4, 5);
    options.init = "sample";
    options.observer = interrupt_the_sample;
    options.observer_user = seen;
    nmf_result *result = fitted(f->context, matrix, &options, NMF_OK);
    assert_int_equal(seen[0], 1);
    assert_int_equal(seen[1], 5);
    nmf_result_free(result);
    nmf_matrix_free(matrix);
    problem_free(&p);
}

/* One component of a positive matrix is its leading singular pair: no other has a smaller error. */
static void nndsvd_of_one_component_is_the_leading_pair(void **state) {
    folder *f = *state;
    problem p = problem_random(25, 40, 1, 9);
    nmf_matrix *matrix = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    nmf_options options = options_for("bpp", 1, 200);
    options.init = "random";
    options.tol = 1e-15;
    nmf_result *result = fitted(f->context, matrix, &options, NMF_OK);
    double least = nmf_result_summary(result)->relative_error;
    assert_true(fabs(first_error(f, matrix, "bpp", "nndsvd", 1) - least) < 1e-4 * least);
    nmf_result_free(result);
    nmf_matrix_free(matrix);
    problem_free(&p);
}

static void als_keeps_what_it_is_told(void **state) {
    folder *f = *state;
    problem p = problem_random(12, 10, 0.3, 16);
    nmf_matrix *matrix = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    bool differed = false;
    for (uint64_t seed = 0; seed < 20; seed++) {
        double errors[2];
        for (int best = 0; best < 2; best++) {
            nmf_options options = options_for("als", 5, 40);
            options.keep = best ? "best" : "last";
            options.seed = seed;
            nmf_result *result = fitted(f->context, matrix, &options, NMF_OK);
            const nmf_summary *summary = nmf_result_summary(result);
            const nmf_step *kept = &summary->history[(best ? summary->best_iteration : summary->iterations) - 1];
            factors found = factors_of(result);
            errors[best] = factors_error(&p, &found);
            assert_true(fabs(errors[best] - kept->error) < 1e-10);
            assert_true(fabs(errors[best] - summary->error) < 1e-10);
            assert_true(summary->best_error <= kept->error);
            factors_free(&found);
            nmf_result_free(result);
        }
        differed |= errors[1] < errors[0] - 1e-6;
    }
    assert_true(differed);
    nmf_matrix_free(matrix);
    problem_free(&p);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(history_never_rises),
        TEST(solvers_agree_at_convergence),
        TEST(the_error_said_is_that_of_the_factors),
        TEST(small_errors_keep_their_digits),
        TEST(the_kkt_residual_falls_to_zero),
        TEST(dense_and_sparse_give_the_same),
        TEST(the_summary_tells_what_was_done),
        TEST(nndsvd_starts_below_random),
        TEST(samples_start_below_random),
        TEST(a_sample_can_be_cut_short),
        TEST(a_sample_is_no_start_for_mu),
        TEST(nndsvd_of_one_component_is_the_leading_pair),
        TEST(als_keeps_what_it_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
