/* Fits of odd matrices, and when a fit ends. */
#include "support/expect.h"
#include "support/problems.h"

#include "fit/plan.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static nmf_options options_for(const char *solver, int64_t rank) {
    nmf_options options;
    nmf_options_init(&options);
    options.solver = solver;
    options.rank = rank;
    options.threads = 1;
    return options;
}

/* What any fit must be, whatever it is of. */
static void expect_sound(const problem *p, const nmf_result *result, nmf_dtype dtype) {
    const nmf_summary *summary = nmf_result_summary(result);
    factors found = factors_of(result);
    expect_factors_sound(&found);
    double error = factors_error(p, &found), size = 0;
    for (int64_t e = 0; e < p->rows * p->cols; e++) {
        size = hypot(size, p->values[e]);
    }
    assert_true(fabs(summary->error - error) <= (dtype == NMF_F64 ? 1e-9 : 1e-4) * size);
    assert_true(isfinite(summary->relative_error) && isfinite(summary->kkt_residual));
    if (strcmp(summary->solver, "als") != 0 && strcmp(summary->solver, "online") != 0) {
        expect_history_falls(summary);
    }
    factors_free(&found);
}

/* Every solver from every start, in both precisions, dense and sparse; returns the largest relative error of the
 * monotone solvers in f64. */
static double fit_every_way(folder *f, const problem *p, int64_t k, int64_t max_iter) {
    double worst = 0;
    const char *solver, *init;
    for (int s = 0; solver_and_start(s, &solver, &init); s++) {
        for (int c = 0; c < SHAPES * 2; c++) {
            nmf_options options = options_for(solver, k);
            options.init = init;
            options.dtype = (nmf_dtype)(c % 2);
            options.stop = "change";
            options.max_iter = max_iter;
            nmf_matrix *matrix = problem_matrix(f->context, p, (shape)(c / 2), NMF_F64);
            nmf_result *result = fitted(f->context, matrix, &options, NMF_OK);
            expect_sound(p, result, options.dtype);
            double error = nmf_result_summary(result)->relative_error;
            bool counts = (strcmp(solver, "hals") == 0 || strcmp(solver, "bpp") == 0) && options.dtype == NMF_F64;
            worst = counts && error > worst ? error : worst;
            nmf_result_free(result);
            nmf_matrix_free(matrix);
        }
    }
    return worst;
}

static void every_size_is_fitted(void **state) {
    folder *f = *state;
    static const int64_t sizes[] = {1, 2, 3, 5, 10};
    for (int s = 0; s < 25; s++) {
        problem p = problem_random(sizes[s / 5], sizes[s % 5], 0.8, (uint64_t)s);
        int64_t least = p.rows < p.cols ? p.rows : p.cols;
        fit_every_way(f, &p, 1, 40);
        fit_every_way(f, &p, least, 40);
        fit_every_way(f, &p, least + 2, 40);
        problem_free(&p);
    }
    problem p = problem_random(50, 50, 0.5, 50);
    fit_every_way(f, &p, 10, 40);
    problem_free(&p);
}

static void a_full_rank_reaches_everything(void **state) {
    folder *f = *state;
    problem p = problem_random(10, 3, 1, 1);
    assert_true(fit_every_way(f, &p, 3, 0) < 0.05);
    problem_free(&p);
}

static void rank_one_is_found_exactly(void **state) {
    folder *f = *state;
    problem p = problem_low_rank(12, 9, 1, 0, 4);
    assert_true(fit_every_way(f, &p, 1, 0) < 1e-6);
    assert_true(fit_every_way(f, &p, 3, 0) < 1e-4);
    problem_free(&p);
}

static void duplicate_columns_do_no_harm(void **state) {
    folder *f = *state;
    problem p = problem_random(10, 8, 0.7, 5);
    for (int64_t i = 0; i < 10; i++) {
        for (int64_t j = 2; j < 8; j++) {
            p.values[i * 8 + j] = p.values[i * 8 + j % 2];
        }
    }
    problem_lay_out(&p);
    assert_true(fit_every_way(f, &p, 2, 0) < 0.02);
    fit_every_way(f, &p, 5, 0);
    problem_free(&p);
}

static void rows_may_be_decades_apart(void **state) {
    folder *f = *state;
    problem p = problem_random(10, 8, 0.8, 6);
    for (int64_t e = 0; e < 80; e++) {
        p.values[e] *= pow(10, 4 - (double)(e / 8) * 12 / 9);
    }
    problem_lay_out(&p);
    fit_every_way(f, &p, 3, 0);
    problem_free(&p);
}

/* The third column and the fifth row of the smaller shape are zero; of the larger one a sample is drawn. */
static void expect_zero_lines(folder *f, int64_t rows, const char *solver, const char *init, shape as) {
    problem p = problem_random(rows, 7, 1, 7);
    for (int64_t t = 0; t < rows; t++) {
        p.values[t * 7 + 3] = 0;
        p.values[4 * 7 + t % 7] = 0;
    }
    problem_lay_out(&p);
    nmf_options options = options_for(solver, 3);
    options.init = init;
    options.max_iter = 20;
    nmf_matrix *matrix = problem_matrix(f->context, &p, as, NMF_F64);
    f->warnings = 0;
    nmf_result *result = fitted(f->context, matrix, &options, NMF_OK);
    /* Of the zeros of these mu warns too, and last. */
    bool zeros = strcmp(init, "nndsvd") == 0 || strcmp(init, "spa") == 0 || strcmp(init, "sketch") == 0;
    bool locked = strcmp(solver, "mu") == 0 && zeros;
    if (!locked) {
        assert_int_equal(f->warnings, 1);
        assert_non_null(strstr(f->warning, "1 row"));
        assert_non_null(strstr(f->warning, "1 column"));
    } else {
        assert_int_equal(f->warnings, 2);
        assert_non_null(strstr(f->warning, "cannot leave the zeros"));
    }
    factors found = factors_of(result);
    for (int64_t k = 0; k < 3; k++) {
        assert_true(found.w[4 * 3 + k] == 0 && found.h[k * 7 + 3] == 0);
    }
    factors_free(&found);
    nmf_result_free(result);
    nmf_matrix_free(matrix);
    problem_free(&p);
}

static void zero_lines_get_zero_factors(void **state) {
    const char *solver, *init;
    for (int s = 0; solver_and_start(s, &solver, &init); s++) {
        for (int as = 0; as < SHAPES; as++) {
            expect_zero_lines(*state, 9, solver, init, (shape)as);
            expect_zero_lines(*state, 70, solver, init, (shape)as);
        }
    }
}

static void a_rank_above_the_sides_is_warned_of_once(void **state) {
    folder *f = *state;
    problem p = problem_random(6, 4, 1, 8);
    nmf_matrix *matrix = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    for (int64_t k = 4; k <= 5; k++) {
        nmf_options options = options_for("hals", k);
        f->warnings = 0;
        nmf_result *result = fitted(f->context, matrix, &options, NMF_OK);
        assert_int_equal(f->warnings, k > 4);
        nmf_result_free(result);
    }
    assert_non_null(strstr(f->warning, "rank 5 is above the smaller side of the matrix (4)"));
    nmf_matrix_free(matrix);
    problem_free(&p);
}

static void zero_is_fitted_by_zero(void **state) {
    folder *f = *state;
    problem p = problem_random(5, 4, 0, 9);
    assert_true(fit_every_way(f, &p, 2, 0) == 0);
    nmf_matrix *matrix = problem_matrix(f->context, &p, SPARSE, NMF_F64);
    nmf_options options = options_for("hals", 2);
    nmf_result *result = fitted(f->context, matrix, &options, NMF_OK);
    assert_string_equal(nmf_result_summary(result)->stop_reason, "exact");
    assert_true(nmf_result_summary(result)->converged && nmf_result_summary(result)->kkt_residual == 0);
    nmf_result_free(result);
    nmf_matrix_free(matrix);
    problem_free(&p);
}

static void huge_ranks_are_refused(void **state) {
    folder *f = *state;
    static const int64_t ranks[] = {INT64_MAX, INT64_MAX / 2, 1LL << 31, INT32_MAX, 1 << 30};
    problem p = problem_random(5, 4, 1, 10);
    nmf_matrix *matrix = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    for (int i = 0; i < 5; i++) {
        bool counts = ranks[i] <= INT32_MAX;
        for (int u = 0; updates[u]; u++) {
            nmf_options options = options_for(updates[u]->name, ranks[i]);
            nmf_result *result = (nmf_result *)(uintptr_t)1;
            size_t bytes;
            assert_int_equal(nmf_fit(f->context, matrix, &options, &result),
                             counts ? NMF_ERROR_MEMORY : NMF_ERROR_USAGE);
            assert_null(result);
            assert_non_null(strstr(nmf_context_message(f->context), counts ? "would take" : "from 1 to 2147483647"));
            assert_int_equal(nmf_fit_memory(f->context, matrix, &options, &bytes), counts ? NMF_OK : NMF_ERROR_USAGE);
            assert_true(counts ? bytes > (size_t)1 << 40 : bytes == 0);
        }
    }
    nmf_matrix_free(matrix);
    problem_free(&p);
}

/* The summary of a fit of a noisy rank-3 matrix that stops by `rule`. */
static nmf_result *stopped(folder *f, const char *solver, const char *rule, double tol, int64_t max_iter) {
    problem p = problem_low_rank(20, 16, 3, 0.1, 11);
    nmf_matrix *matrix = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    nmf_options options = options_for(solver, 3);
    options.init = "random";
    options.stop = rule;
    options.tol = tol;
    options.max_iter = max_iter;
    nmf_result *result = fitted(f->context, matrix, &options, NMF_OK);
    nmf_matrix_free(matrix);
    problem_free(&p);
    return result;
}

static void expect_stop(const nmf_summary *summary, const char *reason, bool converged) {
    assert_string_equal(summary->stop_reason, reason);
    assert_int_equal(summary->converged, converged);
}

static void error_stops_at_the_first_below(void **state) {
    folder *f = *state;
    for (int i = 0; updates[i] && !updates[i]->by_batches; i++) {
        nmf_result *result = stopped(f, updates[i]->name, "error", 0.9, 500);
        const nmf_summary *summary = nmf_result_summary(result);
        expect_stop(summary, "error", true);
        assert_true(summary->iterations > 1 && summary->history[summary->iterations - 1].error < 0.9);
        for (int64_t t = 0; t + 1 < summary->iterations; t++) {
            assert_true(summary->history[t].error >= 0.9);
        }
        nmf_result_free(result);
    }
}

static void change_stops_when_it_falls_little(void **state) {
    folder *f = *state;
    for (int i = 0; updates[i] && updates[i]->monotone; i++) {
        nmf_result *result = stopped(f, updates[i]->name, "change", 1e-3, 2000);
        const nmf_summary *summary = nmf_result_summary(result);
        const nmf_step *last = &summary->history[summary->iterations - 1];
        expect_stop(summary, "change", true);
        assert_true(summary->iterations > 5);
        assert_true(last[-1].error - last->error < 1e-3 * last[-1].error);
        assert_true(last[-5].error - last->error < 5e-3 * last[-5].error);
        nmf_result_free(result);
    }
}

static void kkt_stops_at_a_stationary_point(void **state) {
    folder *f = *state;
    for (int i = 0; updates[i] && updates[i]->monotone; i++) {
        nmf_result *result = stopped(f, updates[i]->name, "kkt", 1e-3, 2000);
        const nmf_summary *summary = nmf_result_summary(result);
        expect_stop(summary, "kkt", true);
        assert_true(summary->kkt_residual < 1e-3);
        assert_int_equal(summary->iterations % 10, 0);
        int64_t iterations = summary->iterations;
        nmf_result_free(result);
        if (iterations > 10) {
            result = stopped(f, updates[i]->name, "kkt", 1e-3, iterations - 10);
            expect_stop(nmf_result_summary(result), "max-iter", false);
            assert_true(nmf_result_summary(result)->kkt_residual >= 1e-3);
            nmf_result_free(result);
        }
    }
}

static void max_iter_ends_every_fit(void **state) {
    folder *f = *state;
    for (int i = 0; updates[i]; i++) {
        for (int64_t most = 1; most < 16; most += 2) {
            nmf_result *result = stopped(f, updates[i]->name, i & 1 ? "kkt" : "change", 1e-15, most);
            expect_stop(nmf_result_summary(result), "max-iter", false);
            assert_int_equal(nmf_result_summary(result)->iterations, most);
            nmf_result_free(result);
        }
    }
}

/* Where rounding ends a fit, only the rule about changes was met. */
static void rounding_is_no_convergence(void **state) {
    folder *f = *state;
    nmf_result *result = stopped(f, "bpp", "error", 1e-300, 100000);
    expect_stop(nmf_result_summary(result), "stalled", false);
    nmf_result_free(result);
    result = stopped(f, "bpp", "change", 1e-300, 100000);
    expect_stop(nmf_result_summary(result), "stalled", true);
    nmf_result_free(result);
}

typedef struct watcher {
    int64_t calls, stop_at;
    nmf_progress last;
} watcher;

static int watch(void *user, const nmf_progress *progress) {
    watcher *own = user;
    own->last = *progress;
    return ++own->calls == own->stop_at;
}

static void an_observer_stops_the_fit(void **state) {
    folder *f = *state;
    problem p = problem_random(20, 16, 0.5, 12);
    nmf_matrix *matrix = problem_matrix(f->context, &p, SPARSE, NMF_F64);
    for (int i = 0; updates[i] && !updates[i]->by_batches; i++) {
        watcher seen = {.stop_at = 3};
        nmf_options options = options_for(updates[i]->name, 4);
        options.max_iter = 50;
        options.observer = watch;
        options.observer_user = &seen;
        nmf_result *result = fitted(f->context, matrix, &options, NMF_INTERRUPTED);
        const nmf_summary *summary = nmf_result_summary(result);
        expect_stop(summary, "interrupted", false);
        assert_int_equal(seen.calls, 3);
        assert_int_equal(summary->iterations, 3);
        assert_int_equal(seen.last.iteration, 3);
        assert_int_equal(seen.last.max_iter, 50);
        assert_true(seen.last.error == summary->history[2].error);
        assert_true(seen.last.relative_error == summary->history[2].relative_error);
        assert_non_null(strstr(nmf_context_message(f->context), "3 iterations"));
        expect_sound(&p, result, NMF_F64);
        nmf_result_free(result);
    }
    nmf_matrix_free(matrix);
    problem_free(&p);
}

/* A million rows and columns, a few blocks in them: what is left of the error is found without walking 10^12 zeros. */
static void large_sparse_matrices_are_fitted_exactly(void **state) {
    (void)state;
    enum { SIZE = 1000000, BLOCKS = 3, SIDE = 4 };
    nmf_context *context;
    nmf_matrix *matrix;
    nmf_options options;
    int64_t *start = calloc(SIZE + 1, sizeof *start), cols[BLOCKS * SIDE * SIDE];
    double values[BLOCKS * SIDE * SIDE];
    assert_non_null(start);
    for (int64_t e = 0; e < BLOCKS * SIDE * SIDE; e++) {
        int64_t row = e / SIDE, block = row / SIDE;
        cols[e] = 300000 * block + e % SIDE;
        values[e] = (double)(1 + row % SIDE) * (double)(2 + e % SIDE);
    }
    for (int64_t i = 0; i < SIZE; i++) {
        start[i + 1] = i < BLOCKS * SIDE ? (i + 1) * SIDE : BLOCKS * SIDE * SIDE;
    }
    assert_int_equal(nmf_context_new(NULL, &context), NMF_OK);
    assert_int_equal(matrix_of_rows(context, SIZE, SIZE, NMF_F64, start, cols, values, 0, &matrix), NMF_OK);
    nmf_options_init(&options);
    options.rank = BLOCKS;
    options.max_iter = 30;
    nmf_result *result = fitted(context, matrix, &options, NMF_OK);
    assert_true(nmf_result_summary(result)->relative_error < 1e-6);
    nmf_result_free(result);
    nmf_matrix_free(matrix);
    nmf_context_free(context);
    free(start);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(large_sparse_matrices_are_fitted_exactly),
        TEST(every_size_is_fitted),
        TEST(a_full_rank_reaches_everything),
        TEST(rank_one_is_found_exactly),
        TEST(duplicate_columns_do_no_harm),
        TEST(rows_may_be_decades_apart),
        TEST(zero_lines_get_zero_factors),
        TEST(a_rank_above_the_sides_is_warned_of_once),
        TEST(zero_is_fitted_by_zero),
        TEST(huge_ranks_are_refused),
        TEST(error_stops_at_the_first_below),
        TEST(change_stops_when_it_falls_little),
        TEST(kkt_stops_at_a_stationary_point),
        TEST(max_iter_ends_every_fit),
        TEST(rounding_is_no_convergence),
        TEST(an_observer_stops_the_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
