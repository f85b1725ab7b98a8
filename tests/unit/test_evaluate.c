/* How good factors are that are given: what a fit says of its own, and the definitions in nmf.h. */
#include "support/expect.h"
#include "support/problems.h"

#include <math.h>
#include <string.h>

enum { ROWS = 14, COLS = 11, RANK = 3 };

typedef struct measure {
    const char *name;
    double parameter;
    double density; /* of A */
} measure;

static const measure measures[] = {{"frobenius", 0, 0.6}, {"kl", 0, 0.6},      {"is", 0, 1},
                                   {"beta", 0.5, 0.6},    {"beta", -0.5, 1},   {"beta", 1.5, 0.6},
                                   {"beta", 2.5, 0.6},    {"huber", 0.1, 0.6}, {"mae", 0, 0.6}};
enum { MEASURES = sizeof measures / sizeof *measures };

static nmf_options options_of(const measure *by) {
    nmf_options options;
    nmf_options_init(&options);
    options.rank = RANK;
    options.loss = by->name;
    options.loss_parameter = by->parameter;
    options.init = "random";
    options.max_iter = 12;
    options.threads = 2;
    return options;
}

static nmf_matrix *given(folder *f, const double *values, int64_t rows, int64_t cols) {
    nmf_matrix *matrix;
    assert_int_equal(nmf_matrix_dense(f->context, rows, cols, NMF_F64, values, cols, 1, NMF_ALLOW_NEGATIVE, &matrix),
                     NMF_OK);
    return matrix;
}

/* nmf_evaluate of row by row numbers, which must come to `status`. */
static nmf_summary evaluated(folder *f, const nmf_matrix *a, const double *w, const double *h,
                             const nmf_options *options, nmf_status status) {
    nmf_matrix_info info;
    nmf_matrix_get_info(a, &info);
    nmf_matrix *of_w = given(f, w, info.rows, RANK), *of_h = given(f, h, RANK, info.cols);
    nmf_summary summary;
    nmf_status found = nmf_evaluate(f->context, a, of_w, of_h, options, &summary);
    if (found != status) {
        fail_msg("status %d, expected %d: %s", (int)found, (int)status, nmf_context_message(f->context));
    }
    nmf_matrix_free(of_w);
    nmf_matrix_free(of_h);
    return summary;
}

static void expect_close(double got, double expected, double near) {
    if (!(fabs(got - expected) <= near * fabs(expected) || (isnan(got) && isnan(expected)))) {
        fail_msg("%.17g, expected %.17g", got, expected);
    }
}

/* What a fit says of the factors it hands back is what is found of them. */
static void expect_as_fitted(folder *f, const nmf_matrix *a, const nmf_options *options) {
    bool wide = options->dtype == NMF_F64;
    nmf_result *result = fitted(f->context, a, options, NMF_OK);
    const nmf_summary *expected = nmf_result_summary(result);
    factors of_fit = factors_of(result);
    nmf_summary got = evaluated(f, a, of_fit.w, of_fit.h, options, NMF_OK);
    double near = wide ? 1e-10 : 1e-4;
    expect_close(got.error, expected->error, near);
    expect_close(got.relative_error, expected->relative_error, near);
    expect_close(got.objective, expected->objective, near);
    expect_close(got.deviance, expected->deviance, near);
    expect_close(got.log_likelihood, expected->log_likelihood, near);
    expect_close(got.kkt_residual, expected->kkt_residual, wide ? 1e-7 : 1e-2);
    assert_int_equal(got.observed, expected->observed);
    assert_int_equal(got.rows, ROWS);
    assert_int_equal(got.cols, COLS);
    assert_int_equal(got.rank, RANK);
    assert_int_equal(got.penalized, expected->penalized);
    assert_string_equal(got.loss, options->loss);
    assert_null(got.d);
    assert_null(got.history);
    assert_null(got.starts);
    factors_free(&of_fit);
    nmf_result_free(result);
}

static void a_fit_and_its_evaluation_agree(void **state) {
    folder *f = *state;
    for (int c = 0; c < MEASURES * 2 * SHAPES; c++) {
        const measure *by = &measures[c / (2 * SHAPES)];
        problem p = problem_random(ROWS, COLS, by->density, 1);
        nmf_options options = options_of(by);
        options.dtype = (nmf_dtype)(c % 2);
        nmf_matrix *a = problem_matrix(f->context, &p, (shape)(c / 2 % SHAPES), NMF_F64);
        expect_as_fitted(f, a, &options);
        options.alpha_w = 0.01;
        options.l1_ratio = 0.5;
        options.l2_h = 0.1;
        options.ortho_w = 0.05;
        expect_as_fitted(f, a, &options);
        nmf_matrix_free(a);
        problem_free(&p);
    }
}

static void what_is_observed_counts(void **state) {
    folder *f = *state;
    problem of_mask = problem_random(ROWS, COLS, 0.2, 2), of_weights = problem_random(ROWS, COLS, 0.9, 3);
    nmf_matrix *mask = problem_matrix(f->context, &of_mask, SPARSE, NMF_F64);
    nmf_matrix *weights = problem_matrix(f->context, &of_weights, BY_ROW, NMF_F64);
    for (int c = 0; c < MEASURES * 4; c++) {
        const measure *by = &measures[c / 4];
        problem p = problem_random(ROWS, COLS, by->density, 4);
        nmf_options options = options_of(by);
        options.alpha_w = 0.01;
        p.allowed = NMF_ALLOW_MISSING;
        p.values[5] = p.values[40] = c % 4 == 0 ? NAN : p.values[5];
        problem_lay_out(&p);
        nmf_matrix *a = problem_matrix(f->context, &p, c % 4 == 2 ? SPARSE : BY_COLUMN, NMF_F64);
        options.mask = c % 4 == 1 ? mask : NULL;
        options.observed = c % 4 == 2 ? "stored" : NULL;
        options.weights = c % 4 == 3 ? weights : NULL;
        expect_as_fitted(f, a, &options);
        nmf_matrix_free(a);
        problem_free(&p);
    }
    nmf_matrix_free(mask);
    nmf_matrix_free(weights);
    problem_free(&of_mask);
    problem_free(&of_weights);
}

/* The start, the solver and what is handed back have no part in it; squares beside kl are not refused for mu. */
static void only_what_is_lowered_counts(void **state) {
    folder *f = *state;
    problem p = problem_random(ROWS, COLS, 1, 5), w = problem_random(ROWS, RANK, 1, 6);
    problem h = problem_random(RANK, COLS, 1, 7);
    nmf_matrix *a = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    nmf_options plain = options_of(&measures[1]);
    plain.init = NULL;
    plain.alpha_w = 0.1;
    nmf_options other = plain;
    other.rank = 7;
    other.solver = "mu";
    other.init = "random";
    other.unit = "sum";
    other.restarts = 4;
    other.seed = 9;
    nmf_summary expected = evaluated(f, a, w.values, h.values, &plain, NMF_OK);
    nmf_summary got = evaluated(f, a, w.values, h.values, &other, NMF_OK);
    assert_true(got.objective == expected.objective && got.kkt_residual == expected.kkt_residual);
    assert_true(got.objective > got.error);
    assert_string_equal(got.solver, "");
    nmf_matrix_free(a);
    problem_free(&p);
    problem_free(&w);
    problem_free(&h);
}

/* (A, W, H) times (2^(s+t), 2^s, 2^t): errors that are relative stay, and the objective has the degree of the loss. */
static void scales_of_all_three_divide(void **state) {
    folder *f = *state;
    static const int exponents[][2] = {{350, 350}, {700, 0},    {0, 700},   {-300, -400},
                                       {-700, 0},  {600, -600}, {-250, 900}};
    static const double degrees[] = {2, 1, 0};
    problem w = problem_random(ROWS, RANK, 1, 9), h = problem_random(RANK, COLS, 1, 10);
    for (int c = 0; c < 3 * 7; c++) {
        const measure *by = &measures[c / 7];
        problem p = problem_random(ROWS, COLS, by->density, 8);
        int of_w = exponents[c % 7][0], of_h = exponents[c % 7][1];
        nmf_options options = options_of(by);
        nmf_matrix *a = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
        nmf_summary plain = evaluated(f, a, w.values, h.values, &options, NMF_OK);
        problem far = problem_scaled(&p, of_w + of_h), far_w = problem_scaled(&w, of_w),
                far_h = problem_scaled(&h, of_h);
        nmf_matrix *b = problem_matrix(f->context, &far, BY_ROW, NMF_F64);
        nmf_summary got = evaluated(f, b, far_w.values, far_h.values, &options, NMF_OK);
        expect_close(got.relative_error, plain.relative_error, 1e-9);
        expect_close(got.kkt_residual, plain.kkt_residual, 1e-9);
        double objective = plain.objective * exp2(degrees[c / 7] * (of_w + of_h));
        assert_true(got.objective == objective || fabs(got.objective - objective) < 1e-9 * objective);
        nmf_matrix_free(a);
        nmf_matrix_free(b);
        problem_free(&p);
        problem_free(&far);
        problem_free(&far_w);
        problem_free(&far_h);
    }
    problem_free(&w);
    problem_free(&h);
}

/* A wh of 0 under an entry above counts as a small number. */
static void nothing_above_zeros_is_finite(void **state) {
    folder *f = *state;
    const double w[ROWS * RANK] = {0}, h[RANK * COLS] = {0};
    for (int c = 0; c < MEASURES * 2; c++) {
        problem p = problem_random(ROWS, COLS, measures[c / 2].density, 11);
        nmf_options options = options_of(&measures[c / 2]);
        options.dtype = (nmf_dtype)(c % 2);
        nmf_matrix *a = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
        nmf_summary got = evaluated(f, a, w, h, &options, NMF_OK);
        assert_true(isfinite(got.error) && got.error > 0 && isfinite(got.objective));
        assert_true(isfinite(got.relative_error) && isfinite(got.kkt_residual));
        nmf_matrix_free(a);
        problem_free(&p);
    }
}

/* ½·(1 − 2)² + ½·(3 − 2)², ½·0.5·2² for W and 0.25·4 for H; A has numbers below 0 where W may have them. */
static void small_ones_are_known(void **state) {
    folder *f = *state;
    const double of_a[] = {1, 3}, w[] = {2, 0, 0}, h[] = {1, 1, 0, 0, 0, 0}, minus[] = {-1, 3};
    nmf_matrix *a = given(f, of_a, 1, 2), *b = given(f, minus, 1, 2);
    nmf_options options;
    nmf_options_init(&options);
    options.l2_w = 0.5;
    options.l1_h = 0.5;
    nmf_summary got = evaluated(f, a, w, h, &options, NMF_OK);
    expect_close(got.error, sqrt(2), 1e-15);
    expect_close(got.relative_error, sqrt(2) / sqrt(10), 1e-15);
    expect_close(got.objective, 1 + 1 + 1, 1e-15);
    options.free = "w";
    const double signed_w[] = {-2, 0, 0};
    expect_close(evaluated(f, b, signed_w, h, &options, NMF_OK).error, sqrt(26), 1e-15);
    nmf_matrix_free(a);
    nmf_matrix_free(b);
}

static void expect_sentence(folder *f, const nmf_matrix *a, const nmf_matrix *w, const nmf_matrix *h,
                            const nmf_options *options, nmf_status status, const char *part) {
    nmf_summary summary;
    assert_int_equal(nmf_evaluate(f->context, a, w, h, options, &summary), status);
    if (!strstr(nmf_context_message(f->context), part)) {
        fail_msg("'%s' is not in: %s", part, nmf_context_message(f->context));
    }
}

static void what_does_not_fit_is_refused(void **state) {
    folder *f = *state;
    static const double ones[] = {1, 1, 1, 1, 1, 1, 1, 1, 1}, minus[] = {1, 1, 1, -1, 1, 1}, huge[] = {1e200, 1e200};
    nmf_matrix *a = given(f, ones, 3, 2), *w = given(f, ones, 3, 1), *h = given(f, ones, 1, 2);
    nmf_matrix *wide = given(f, ones, 3, 3), *tall = given(f, ones, 2, 1), *below = given(f, minus, 3, 2);
    nmf_matrix *two = given(f, minus, 2, 2), *far = given(f, huge, 1, 2);
    nmf_options options;
    nmf_options_init(&options);
    expect_sentence(f, a, tall, h, &options, NMF_ERROR_INPUT, "W is 2 × 1 and H 1 × 2; for a matrix of 3 × 2");
    expect_sentence(f, a, wide, h, &options, NMF_ERROR_INPUT, "W is 3 × 3");
    expect_sentence(f, a, w, wide, &options, NMF_ERROR_INPUT, "H 3 × 3");
    expect_sentence(f, a, below, two, &options, NMF_ERROR_INPUT, "W has negative entries");
    options.free = "w";
    expect_sentence(f, a, below, two, &options, NMF_ERROR_INPUT, "H has negative entries");
    options.free = NULL;
    expect_sentence(f, a, w, far, &options, NMF_ERROR_INPUT, "past every number");
    options.loss = "manhattan";
    expect_sentence(f, a, w, h, &options, NMF_ERROR_USAGE, "manhattan");
    nmf_matrix *const all[] = {a, w, h, wide, tall, below, two, far};
    for (size_t t = 0; t < sizeof all / sizeof *all; t++) {
        nmf_matrix_free(all[t]);
    }
}

static nmf_status evaluate_little(nmf_context *context) {
    static const double values[] = {1, 2, 3, 4, 5, 6};
    nmf_matrix *a = NULL, *w = NULL, *h = NULL;
    nmf_options options;
    nmf_summary summary;
    nmf_options_init(&options);
    options.loss = "kl";
    options.threads = 1;
    nmf_status status = nmf_matrix_dense(context, 3, 2, NMF_F64, values, 2, 1, 0, &a);
    status = status != NMF_OK ? status : nmf_matrix_dense(context, 3, 1, NMF_F64, values, 1, 1, 0, &w);
    status = status != NMF_OK ? status : nmf_matrix_dense(context, 1, 2, NMF_F64, values, 2, 1, 0, &h);
    status = status != NMF_OK ? status : nmf_evaluate(context, a, w, h, &options, &summary);
    nmf_matrix_free(a);
    nmf_matrix_free(w);
    nmf_matrix_free(h);
    return status;
}

static void memory_that_is_not_there_leaves_nothing(void **state) {
    (void)state;
    expect_memory_refused(evaluate_little);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_fit_and_its_evaluation_agree), TEST(what_is_observed_counts),
        TEST(only_what_is_lowered_counts),    TEST(scales_of_all_three_divide),
        TEST(nothing_above_zeros_is_finite),  TEST(small_ones_are_known),
        TEST(what_does_not_fit_is_refused),   TEST(memory_that_is_not_there_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
