/* nmf_update: what it lowers, that it never rises, and that the old columns are not forgotten. */
#include "support/expect.h"
#include "support/problems.h"

#include <math.h>
#include <string.h>

enum { M = 40, OLD = 60, NEW = 6, K = 4 };

/* A matrix of OLD + NEW columns, its two parts, and the W and H of a fit of the first. */
typedef struct scene {
    folder *in;
    problem all, old, new, of_w, of_h;
    nmf_matrix *matrix, *a, *w, *h;
    double error; /* of the old columns */
} scene;

static problem columns_of(const problem *from, int64_t first, int64_t count) {
    problem some = problem_random(from->rows, count, 1, 1);
    for (int64_t i = 0; i < from->rows; i++) {
        memcpy(some.values + i * count, from->values + i * from->cols + first, (size_t)count * sizeof(double));
    }
    problem_lay_out(&some);
    return some;
}

static nmf_options plain(void) {
    nmf_options options;
    nmf_options_init(&options);
    options.threads = 1;
    return options;
}

static scene scene_new(folder *in, int exponent) {
    problem plain_all = problem_low_rank(M, OLD + NEW, K, 0.3, 5);
    scene s = {.in = in, .all = problem_scaled(&plain_all, exponent)};
    nmf_options options = plain();
    options.rank = K;
    options.stop = "kkt";
    options.tol = 1e-9;
    options.max_iter = 20000;
    s.old = columns_of(&s.all, 0, OLD);
    s.new = columns_of(&s.all, OLD, NEW);
    s.a = problem_matrix(in->context, &s.old, BY_ROW, NMF_F64);
    s.matrix = problem_matrix(in->context, &s.new, SPARSE, NMF_F64);
    nmf_result *result = fitted(in->context, s.a, &options, NMF_OK);
    s.of_w = problem_random(M, K, 1, 1);
    s.of_h = problem_random(K, OLD, 1, 1);
    nmf_result_w(result, NMF_F64, s.of_w.values);
    nmf_result_h(result, NMF_F64, s.of_h.values);
    s.error = nmf_result_summary(result)->error;
    problem_lay_out(&s.of_w);
    problem_lay_out(&s.of_h);
    s.w = problem_matrix(in->context, &s.of_w, BY_ROW, NMF_F64);
    s.h = problem_matrix(in->context, &s.of_h, BY_COLUMN, NMF_F64);
    nmf_result_free(result);
    problem_free(&plain_all);
    return s;
}

static void scene_free(scene *s) {
    nmf_matrix *const matrices[] = {s->matrix, s->a, s->w, s->h};
    problem *const problems[] = {&s->all, &s->old, &s->new, &s->of_w, &s->of_h};
    for (int t = 0; t < 4; t++) {
        nmf_matrix_free(matrices[t]);
    }
    for (int t = 0; t < 5; t++) {
        problem_free(problems[t]);
    }
}

static nmf_result *updated(const scene *s, const nmf_options *options) {
    nmf_result *result;
    if (nmf_update(s->in->context, s->matrix, s->w, s->h, options, &result) != NMF_OK) {
        fail_msg("%s", nmf_context_message(s->in->context));
    }
    return result;
}

/* ‖(W' − W)·H‖² */
static double moved(const scene *s, const factors *f) {
    long double sum = 0;
    for (int64_t i = 0; i < M; i++) {
        for (int64_t j = 0; j < OLD; j++) {
            long double b = 0;
            for (int64_t c = 0; c < K; c++) {
                b += (long double)(f->w[i * K + c] - s->of_w.values[i * K + c]) * s->of_h.values[c * OLD + j];
            }
            sum += b * b;
        }
    }
    return (double)sum;
}

/* The error of [H H'] over all columns. */
static double error_of_all(const scene *s, const factors *f) {
    factors old = {M, OLD, K, f->w, s->of_h.values};
    return hypot(factors_error(&s->old, &old), factors_error(&s->new, f));
}

static void what_is_lowered_is_as_documented(void **state) {
    scene s = scene_new(*state, 0);
    static const char *const solvers[] = {"hals", "bpp", "mu"};
    for (int t = 0; t < 6; t++) {
        nmf_options options = plain();
        options.solver = solvers[t / 2];
        options.dtype = (nmf_dtype)(t % 2);
        double near = t % 2 ? 1e-3 : 1e-10;
        nmf_result *result = updated(&s, &options);
        const nmf_summary *summary = nmf_result_summary(result);
        factors f = factors_of(result);
        double error = factors_error(&s.new, &f), objective = (error * error + moved(&s, &f)) / 2;
        expect_factors_sound(&f);
        assert_int_equal(summary->cols, NEW);
        assert_true(fabs(summary->error - error) < near * error);
        assert_true(fabs(summary->objective - objective) < near * objective);
        for (int64_t i = 1; i < summary->iterations; i++) {
            assert_true(summary->history[i].objective <= summary->history[i - 1].objective);
        }
        factors_free(&f);
        nmf_result_free(result);
    }
    scene_free(&s);
}

/* A fit that came to its end says of the old columns all that W's moves need: to first order none was made. */
static void all_columns_are_fitted_as_a_fit_of_them_does(void **state) {
    scene s = scene_new(*state, 0);
    nmf_options options = plain(), whole = plain();
    nmf_matrix *all = problem_matrix(s.in->context, &s.all, BY_ROW, NMF_F64);
    whole.rank = K;
    nmf_result *refit = fitted(s.in->context, all, &whole, NMF_OK), *result = updated(&s, &options);
    factors f = factors_of(result);
    double said = hypot(s.error, sqrt(2 * nmf_result_summary(result)->objective)), is = error_of_all(&s, &f);
    assert_true(is < 1.01 * nmf_result_summary(refit)->error);
    assert_true(said <= is * (1 + 1e-9) && said > 0.999 * is);
    factors_free(&f);
    nmf_result_free(refit);
    nmf_result_free(result);
    nmf_matrix_free(all);
    scene_free(&s);
}

/* To its end it is where no number of W' or H' can be moved. */
static void it_ends_at_a_stationary_point(void **state) {
    scene s = scene_new(*state, 0);
    nmf_options options = plain();
    options.stop = "kkt";
    options.tol = 1e-6;
    options.max_iter = 20000;
    nmf_result *result = updated(&s, &options);
    assert_true(nmf_result_summary(result)->converged && nmf_result_summary(result)->kkt_residual < 1e-6);
    nmf_result_free(result);
    scene_free(&s);
}

static void scales_and_threads_change_nothing(void **state) {
    nmf_options options = plain();
    scene s = scene_new(*state, 0);
    nmf_result *result = updated(&s, &options);
    factors one = factors_of(result);
    double relative = nmf_result_summary(result)->relative_error;
    nmf_result_free(result);
    options.threads = 3;
    result = updated(&s, &options);
    factors three = factors_of(result);
    expect_factors_same(&three, &one);
    nmf_result_free(result);
    scene_free(&s);
    for (int exponent = -900; exponent <= 900; exponent += 600) {
        s = scene_new(*state, exponent);
        result = updated(&s, &options);
        assert_true(fabs(nmf_result_summary(result)->relative_error - relative) < 1e-6 * relative);
        nmf_result_free(result);
        scene_free(&s);
    }
    factors_free(&one);
    factors_free(&three);
}

static void expect_not(const scene *s, const nmf_matrix *w, const nmf_matrix *h, const nmf_options *options,
                       nmf_status status, const char *part) {
    nmf_result *result;
    assert_int_equal(nmf_update(s->in->context, s->matrix, w, h, options, &result), status);
    assert_null(result);
    if (!strstr(nmf_context_message(s->in->context), part)) {
        fail_msg("\"%s\", expected \"%s\"", nmf_context_message(s->in->context), part);
    }
}

static void what_does_not_go_is_refused(void **state) {
    static const char *const refused[][3] = {
        {"loss", "kl", "loss frobenius"},  {"implicit", "1", "every entry count"},
        {"l1-w", "1", "no penalties"},     {"max-w", "1", "upper bounds"},
        {"simplex", "h", "no simplex"},    {"free", "w", "leave free out"},
        {"init", "random", "init out"},    {"restarts", "3", "one start"},
        {"unit", "sum", "leave unit out"}, {"solver", "als", "hals, bpp"},
        {"solver", "online", "hals, bpp"}, {"rank", "3", "keeps that of the fit, 4"}};
    scene s = scene_new(*state, 0);
    for (size_t t = 0; t < sizeof refused / sizeof *refused; t++) {
        nmf_options options = plain();
        assert_int_equal(nmf_options_set(s.in->context, &options, refused[t][0], refused[t][1]), NMF_OK);
        expect_not(&s, s.w, s.h, &options, NMF_ERROR_USAGE, refused[t][2]);
    }
    nmf_options options = plain();
    expect_not(&s, s.a, s.h, &options, NMF_ERROR_INPUT, "as many rows as W has columns");
    expect_not(&s, s.h, s.h, &options, NMF_ERROR_INPUT, "for new columns of 40 rows");
    scene_free(&s);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(what_is_lowered_is_as_documented), TEST(all_columns_are_fitted_as_a_fit_of_them_does),
        TEST(it_ends_at_a_stationary_point),    TEST(scales_and_threads_change_nothing),
        TEST(what_does_not_go_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
