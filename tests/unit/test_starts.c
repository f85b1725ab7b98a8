/* Several starts: the best of them is what its seed gives alone, however they share the work, and the worse are dropped
 * on the way. */
#include "support/asked.h"
#include "support/expect.h"
#include "support/numbers.h"

#include "fit/panels.h"
#include "init/init.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static nmf_options options_for(int64_t rank, int64_t restarts, int64_t max_iter) {
    nmf_options options;
    nmf_options_init(&options);
    options.rank = rank;
    options.restarts = restarts;
    options.max_iter = max_iter;
    options.threads = 1;
    return options;
}

static void expect_about(double got, double expected, double tolerance, const char *what) {
    if (!(fabs(got - expected) <= tolerance * fabs(expected))) {
        fail_msg("%s: %.17g, expected %.17g", what, got, expected);
    }
}

/* Fitted alone, a start ends as it is told of. */
static void expect_told(folder *f, const nmf_matrix *matrix, const nmf_options *options, const nmf_start *told,
                        double tolerance, const char *what) {
    nmf_options alone = *options;
    alone.seed = told->seed;
    alone.restarts = 1;
    alone.keep_all = false;
    alone.init = options->init ? options->init : "random";
    nmf_result *result = fitted(f->context, matrix, &alone, NMF_OK);
    const nmf_summary *s = nmf_result_summary(result);
    bool best = options->keep && strcmp(options->keep, "best") == 0;
    const nmf_step *step = &s->history[(best ? s->best_iteration : s->iterations) - 1];
    assert_int_equal(s->iterations, told->iterations);
    expect_about(told->error, step->error, tolerance, what);
    expect_about(told->relative_error, step->relative_error, tolerance, what);
    expect_about(told->objective, step->objective, tolerance, what);
    nmf_result_free(result);
}

/* Every start is fitted to its end, and the first of the best ones is handed back. */
static void expect_best_of_all(folder *f, const nmf_matrix *matrix, nmf_options *options, double tolerance,
                               const char *what) {
    options->keep_all = true;
    nmf_result *result = fitted(f->context, matrix, options, NMF_OK);
    const nmf_summary *s = nmf_result_summary(result);
    int64_t best = 0;
    assert_int_equal(s->restarts, options->restarts);
    for (int64_t t = 0; t < s->restarts; t++) {
        const nmf_start *told = &s->starts[t], *least = &s->starts[best];
        assert_true(told->seed == options->seed + (uint64_t)t && !told->dropped);
        expect_told(f, matrix, options, told, tolerance, what);
        bool lower = s->penalized ? told->objective < least->objective : told->error < least->error;
        best = lower ? t : best;
    }
    assert_true(s->seed == options->seed + (uint64_t)best);
    assert_int_equal(s->iterations, s->starts[best].iterations);
    /* W and Hᵀ that are drawn together are made the same at the end. */
    expect_about(s->error, s->starts[best].error, options->symmetric ? 1e-3 : 1e3 * epsilon_of(options->dtype), what);
    factors got = factors_of(result);
    for (int64_t e = 0; e < got.rows * got.k; e++) {
        assert_true(isfinite(got.w[e]));
    }
    factors_free(&got);
    nmf_result_free(result);
}

/* More starts than make a team; samples of rows and of columns, which leave of a fit what was there. */
static void the_best_is_what_its_seed_gives_alone(void **state) {
    folder *f = *state;
    problem tall = problem_low_rank(90, 21, 4, 0.4, 2), wide = problem_low_rank(21, 90, 4, 0.4, 2);
    const char *solver, *init;
    for (int s = 0; solver_and_start(s, &solver, &init); s++) {
        for (int c = 0; c < 8; c++) {
            nmf_options options = options_for(c & 1 ? 3 : 7, c & 1 ? 29 : 7, 12);
            options.solver = solver;
            options.init = init;
            options.dtype = c & 2 ? NMF_F32 : NMF_F64;
            options.seed = UINT64_MAX - 3;
            options.keep = c & 4 ? "best" : "last";
            nmf_matrix *matrix = problem_matrix(f->context, c & 4 ? &wide : &tall, (shape)(c % SHAPES), NMF_F64);
            nmf_result *result;
            nmf_status status = nmf_fit(f->context, matrix, &options, &result);
            nmf_result_free(result);
            if (status == NMF_OK) {
                /* als, which may rise, doubles what rounding does to it over and over. */
                double tolerance = options.dtype == NMF_F32 ? 1e-3 : strcmp(solver, "als") == 0 ? 1e-4 : 1e-9;
                expect_best_of_all(f, matrix, &options, tolerance, init);
            }
            nmf_matrix_free(matrix);
        }
    }
    problem_free(&tall);
    problem_free(&wide);
}

/* Masks, weights, penalties, constraints and losses. */
static void so_it_is_of_whatever_is_asked(void **state) {
    folder *f = *state;
    for (int what = 0; what < ASKED; what++) {
        for (int by = 0; by < SHAPES; by++) {
            asked all;
            asked_new(f->context, 14, 3, (shape)by, &all);
            nmf_options options = options_for(3, 4, 9);
            asked_set(&all, what, &options);
            if (!options.start_w) {
                options.max_iter = 9;
                expect_best_of_all(f, all.matrix, &options, 1e-9, asked_name(what));
            }
            asked_free(&all);
        }
    }
}

/* als rises here, and what counts is where each was lowest. */
static void the_best_iterate_of_each_counts(void **state) {
    folder *f = *state;
    problem p = problem_random(20, 15, 0.3, 5);
    nmf_matrix *matrix = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    nmf_options options = options_for(9, 4, 30);
    options.solver = "als";
    options.keep = "best";
    nmf_result *result = fitted(f->context, matrix, &options, NMF_OK);
    const nmf_summary *s = nmf_result_summary(result);
    double least = INFINITY;
    for (int64_t t = 0; t < 4; t++) {
        least = fmin(least, s->starts[t].error);
    }
    assert_true(s->best_iteration < s->iterations && s->history[s->iterations - 1].error > s->best_error);
    assert_true(s->best_error == least);
    expect_about(s->error, least, 1e-12, "als");
    nmf_result_free(result);
    nmf_matrix_free(matrix);
    problem_free(&p);
}

static void the_first_of_equal_ones_is_the_best(void **state) {
    folder *f = *state;
    problem p = problem_random(9, 7, 0, 1);
    for (int all = 0; all < 2; all++) {
        nmf_matrix *matrix = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
        nmf_options options = options_for(2, 9, 20);
        options.keep_all = all;
        options.seed = 5;
        nmf_result *result = fitted(f->context, matrix, &options, NMF_OK);
        const nmf_summary *s = nmf_result_summary(result);
        assert_int_equal(s->seed, 5);
        assert_true(s->error == 0);
        assert_string_equal(s->stop_reason, "exact");
        for (int64_t t = 0; t < 9; t++) {
            assert_true(!s->starts[t].dropped && s->starts[t].iterations == 1);
        }
        nmf_result_free(result);
        nmf_matrix_free(matrix);
    }
    problem_free(&p);
}

static bool scheduled(int64_t iterations) {
    int64_t until = 5;
    while (until < iterations) {
        until += (until + 1) / 2;
    }
    return until == iterations;
}

/* A matrix is wide enough that no fit is at its end before the worse ones are dropped. */
static void expect_halved(const nmf_summary *s) {
    int64_t dropped = 0, most = s->restarts;
    const nmf_start *won = NULL;
    double least = INFINITY;
    for (int64_t t = 0; t < s->restarts; t++) {
        const nmf_start *told = &s->starts[t];
        won = told->seed == s->seed ? told : won;
        least = told->dropped ? least : fmin(least, told->error);
        dropped += told->dropped;
        assert_true(!told->dropped || scheduled(told->iterations));
    }
    assert_non_null(won);
    if (won->dropped || won->error != least || won->iterations != s->iterations) {
        fail_msg("%s: %g after %lld iterations, but %g after %lld, and the least is %g", s->solver, s->error,
                 (long long)s->iterations, won->error, (long long)won->iterations, least);
    }
    assert_true(dropped >= s->restarts / 2);
    /* Of those that come to an iteration half are dropped there. */
    for (int64_t until = 5; most > 1; until += (until + 1) / 2) {
        int64_t there = 0, better = 0;
        for (int64_t t = 0; t < s->restarts; t++) {
            there += s->starts[t].iterations >= until;
            better += s->starts[t].iterations > until;
        }
        assert_int_equal(there, most);
        assert_int_equal(better, (most + 1) / 2);
        most = better;
    }
    expect_history_falls(s);
}

static void the_worse_half_is_dropped_on_the_way(void **state) {
    folder *f = *state;
    problem p = problem_random(60, 45, 0.5, 3);
    for (int c = 0; c < 24; c++) {
        static const char *const solvers[] = {"hals", "bpp", "mu"};
        static const int64_t restarts[] = {2, 7, 16, 9};
        nmf_options options = options_for(c % 4 == 3 ? 12 : 4, restarts[c / 3 % 4], 60);
        options.solver = solvers[c % 3];
        options.dtype = (nmf_dtype)(c / 12);
        options.stop = "change";
        options.tol = 1e-14;
        nmf_matrix *matrix = problem_matrix(f->context, &p, (shape)(c % SHAPES), NMF_F64);
        nmf_result *result = fitted(f->context, matrix, &options, NMF_OK);
        expect_halved(nmf_result_summary(result));
        nmf_result_free(result);
        nmf_matrix_free(matrix);
    }
    problem_free(&p);
}

/* als may rise, so that none is dropped; nor is one that ended before. */
static void what_is_at_its_end_is_not_dropped(void **state) {
    folder *f = *state;
    problem p = problem_random(20, 15, 0.6, 4);
    nmf_matrix *matrix = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    for (int c = 0; c < 2; c++) {
        nmf_options options = options_for(3, 6, c ? 5 : 30);
        options.solver = c ? "hals" : "als";
        nmf_result *result = fitted(f->context, matrix, &options, NMF_OK);
        for (int64_t t = 0; t < 6; t++) {
            assert_false(nmf_result_summary(result)->starts[t].dropped);
        }
        nmf_result_free(result);
    }
    nmf_matrix_free(matrix);
    problem_free(&p);
}

static void expect_same(const nmf_result *got, const nmf_result *expected) {
    const nmf_summary *a = nmf_result_summary(got), *b = nmf_result_summary(expected);
    factors left = factors_of(got), right = factors_of(expected);
    expect_factors_same(&left, &right);
    assert_int_equal(a->restarts, b->restarts);
    assert_int_equal(a->iterations, b->iterations);
    assert_true(a->error == b->error && a->seed == b->seed);
    for (int64_t t = 0; t < a->iterations; t++) {
        assert_true(a->history[t].error == b->history[t].error);
        assert_true(t == 0 || a->history[t].seconds >= a->history[t - 1].seconds);
    }
    for (int64_t t = 0; t < a->restarts && a->restarts > 1; t++) {
        assert_true(a->starts[t].error == b->starts[t].error && a->starts[t].dropped == b->starts[t].dropped);
        assert_int_equal(a->starts[t].iterations, b->starts[t].iterations);
    }
    factors_free(&left);
    factors_free(&right);
}

static void threads_change_no_bit(void **state) {
    folder *f = *state;
    problem p = problem_random(300, 70, 0.2, 1);
    for (int c = 0; c < 12; c++) {
        nmf_options options = options_for(c & 1 ? 3 : 9, 7, 7);
        options.dtype = c & 2 ? NMF_F32 : NMF_F64;
        options.loss = c % 3 == 2 ? "kl" : "frobenius";
        options.init = c % 3 == 1 ? "sample" : NULL;
        nmf_matrix *matrix = problem_matrix(f->context, &p, (shape)(c / 4), NMF_F64);
        nmf_result *one = fitted(f->context, matrix, &options, NMF_OK);
        for (options.threads = 2; options.threads <= 3; options.threads++) {
            nmf_result *many = fitted(f->context, matrix, &options, NMF_OK);
            expect_same(many, one);
            nmf_result_free(many);
        }
        nmf_result_free(one);
        nmf_matrix_free(matrix);
    }
    problem_free(&p);
}

static void dense_and_sparse_are_the_same(void **state) {
    folder *f = *state;
    problem p = problem_random(40, 30, 0.4, 6);
    for (int dtype = NMF_F64; dtype <= NMF_F32; dtype++) {
        nmf_options options = options_for(4, 9, 12);
        double error[SHAPES];
        uint64_t seed[SHAPES];
        options.dtype = (nmf_dtype)dtype;
        for (int as = 0; as < SHAPES; as++) {
            nmf_matrix *matrix = problem_matrix(f->context, &p, (shape)as, NMF_F64);
            nmf_result *result = fitted(f->context, matrix, &options, NMF_OK);
            error[as] = nmf_result_summary(result)->error;
            seed[as] = nmf_result_summary(result)->seed;
            nmf_result_free(result);
            nmf_matrix_free(matrix);
            assert_true(seed[as] == seed[0]);
            expect_about(error[as], error[0], dtype == NMF_F64 ? 1e-9 : 1e-3, "dense and sparse");
        }
    }
    problem_free(&p);
}

static void one_start_is_as_none_asked_for(void **state) {
    folder *f = *state;
    problem p = problem_random(30, 20, 0.6, 7);
    nmf_matrix *matrix = problem_matrix(f->context, &p, SPARSE, NMF_F64);
    nmf_options options = options_for(4, 0, 15);
    nmf_result *none = fitted(f->context, matrix, &options, NMF_OK);
    options.restarts = 1;
    nmf_result *one = fitted(f->context, matrix, &options, NMF_OK);
    expect_same(one, none);
    assert_int_equal(nmf_result_summary(one)->restarts, 1);
    assert_null(nmf_result_summary(one)->starts);
    nmf_result_free(one);
    nmf_result_free(none);
    nmf_matrix_free(matrix);
    problem_free(&p);
}

static void what_makes_no_sense_is_refused(void **state) {
    folder *f = *state;
    problem p = problem_random(6, 5, 1, 8), left = problem_random(6, 2, 1, 9), right = problem_random(2, 5, 1, 10);
    nmf_matrix *matrix = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    nmf_matrix *w = problem_matrix(f->context, &left, BY_ROW, NMF_F64);
    nmf_matrix *h = problem_matrix(f->context, &right, BY_ROW, NMF_F64);
    nmf_options options = options_for(2, 3, 5);
    for (int i = 0; inits[i]; i++) {
        options.init = inits[i]->name;
        if (inits[i]->settled) {
            expect_fit_refused(f->context, matrix, &options, NMF_ERROR_USAGE, "the same from any seed");
        } else {
            nmf_result_free(fitted(f->context, matrix, &options, NMF_OK));
        }
    }
    options.init = NULL;
    options.start_w = w;
    options.start_h = h;
    expect_fit_refused(f->context, matrix, &options, NMF_ERROR_USAGE, "leave restarts out");
    options.start_w = options.start_h = NULL;
    options.restarts = 1;
    options.keep_all = true;
    expect_fit_refused(f->context, matrix, &options, NMF_ERROR_USAGE, "give restarts");
    options.keep_all = false;
    options.restarts = -1;
    expect_fit_refused(f->context, matrix, &options, NMF_ERROR_USAGE, "from 1 to 1000000");
    options.restarts = 1000001;
    expect_fit_refused(f->context, matrix, &options, NMF_ERROR_USAGE, "from 1 to 1000000");
    nmf_matrix_free(matrix);
    nmf_matrix_free(w);
    nmf_matrix_free(h);
    problem_free(&p);
    problem_free(&left);
    problem_free(&right);
}

/* So many that anything but a few steps for each would be felt. */
static void very_many_are_ranked_at_once(void **state) {
    folder *f = *state;
    problem p = problem_random(3, 2, 1, 11);
    nmf_matrix *matrix = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    for (int all = 0; all < 2; all++) {
        nmf_options options = options_for(1, 5000, 6);
        options.keep_all = all;
        options.tol = 1e-300;
        nmf_result *result = fitted(f->context, matrix, &options, NMF_OK);
        assert_int_equal(nmf_result_summary(result)->restarts, 5000);
        nmf_result_free(result);
    }
    nmf_matrix_free(matrix);
    problem_free(&p);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_best_is_what_its_seed_gives_alone),
        TEST(so_it_is_of_whatever_is_asked),
        TEST(the_best_iterate_of_each_counts),
        TEST(the_first_of_equal_ones_is_the_best),
        TEST(the_worse_half_is_dropped_on_the_way),
        TEST(what_is_at_its_end_is_not_dropped),
        TEST(threads_change_no_bit),
        TEST(dense_and_sparse_are_the_same),
        TEST(one_start_is_as_none_asked_for),
        TEST(what_makes_no_sense_is_refused),
        TEST(very_many_are_ranked_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
