/* What a fit says of its loss: held against the definitions in nmf.h, summed here in long double. */
#include "support/expect.h"
#include "support/problems.h"

#include <math.h>
#include <string.h>

typedef struct measure {
    const char *name;
    double parameter;
    bool takes_zeros;
} measure;

static const measure measures[] = {
    {"frobenius", 0, true}, {"kl", 0, true},   {"is", 0, false},     {"beta", 0.5, true},
    {"beta", 1.5, true},    {"beta", 3, true}, {"huber", 0.1, true}, {"mae", 0, true},
};
enum { MEASURES = sizeof measures / sizeof *measures, RANK = 3 };

static const char *const solvers[] = {"hals", "bpp", "mu"};

static nmf_options options_of(const measure *by) {
    nmf_options options;
    nmf_options_init(&options);
    options.rank = RANK;
    options.loss = by->name;
    options.loss_parameter = by->parameter;
    options.init = "random";
    options.stop = "change";
    options.tol = 1e-14;
    options.max_iter = 30;
    options.threads = 1;
    return options;
}

static long double mean_of(const problem *p) {
    long double sum = 0;
    for (int64_t e = 0; e < p->rows * p->cols; e++) {
        sum += (long double)p->values[e];
    }
    return sum / (long double)(p->rows * p->cols);
}

static long double huber_of(long double d, long double left) {
    long double size = fabsl(left);
    return size > d ? d * (size - d / 2) : size * size / 2;
}

/* Of the family that `is`, kl and squares belong to. */
static long double divergence(long double beta, long double a, long double b) {
    if (beta == 0) {
        return a / b - logl(a / b) - 1;
    }
    if (beta == 1) {
        return (a > 0 ? a * logl(a / b) : 0) - a + b;
    }
    if (a == 0) {
        return powl(b, beta) / beta;
    }
    return (powl(a, beta) + (beta - 1) * powl(b, beta) - beta * a * powl(b, beta - 1)) / (beta * (beta - 1));
}

/* Losses that grow without bound as b goes to 0 take it to be at least 10^-12 of the mean. */
static long double at_least(long double mean, long double b) {
    return fmaxl(b, 1e-12L * mean);
}

/* d(a, b); what is reported of squares has no half in it, and mae's tip is rounded below a millionth of the mean. */
static long double loss_at(const measure *by, long double mean, long double a, long double b) {
    if (strcmp(by->name, "frobenius") == 0) {
        return (a - b) * (a - b);
    }
    if (strcmp(by->name, "huber") == 0) {
        return huber_of(by->parameter, a - b);
    }
    if (strcmp(by->name, "mae") == 0) {
        return huber_of(1e-6L * mean, a - b) / (1e-6L * mean);
    }
    bool exact = strcmp(by->name, "kl") == 0 && a == 0;
    return divergence(strcmp(by->name, "kl") == 0 ? 1 : by->parameter, a, exact ? b : at_least(mean, b));
}

static long double product(const factors *f, int64_t i, int64_t j) {
    long double sum = 0;
    for (int64_t c = 0; c < f->k; c++) {
        sum += (long double)f->w[i * f->k + c] * (long double)f->h[c * f->cols + j];
    }
    return sum;
}

/* The error of the factors or, without them, the one that errors are relative to. */
static double error_of(const measure *by, const problem *p, const factors *f) {
    long double sum = 0, mean = mean_of(p);
    bool squares = strcmp(by->name, "frobenius") == 0;
    bool to_zero = squares || strcmp(by->name, "huber") == 0 || strcmp(by->name, "mae") == 0;
    for (int64_t i = 0; i < p->rows; i++) {
        for (int64_t j = 0; j < p->cols; j++) {
            long double b = f ? product(f, i, j) : to_zero ? 0 : mean;
            sum += loss_at(by, mean, (long double)p->values[i * p->cols + j], b);
        }
    }
    return (double)(squares ? sqrtl(sum) : sum);
}

static void expect_close(double got, double expected, double within, const char *what) {
    if (!(fabs(got - expected) <= within * (fabs(expected) + 1e-300))) {
        fail_msg("%s: %.17g, expected %.17g", what, got, expected);
    }
}

static void check_fit(folder *in, const problem *p, shape as, const nmf_options *options, const measure *by) {
    nmf_matrix *matrix = problem_matrix(in->context, p, as, options->dtype);
    nmf_result *result = fitted(in->context, matrix, options, NMF_OK);
    const nmf_summary *s = nmf_result_summary(result);
    factors f = factors_of(result);
    double within = options->dtype == NMF_F64 ? 1e-11 : 1e-5, error = error_of(by, p, &f);
    expect_factors_sound(&f);
    expect_history_falls(s);
    expect_close(s->error, error, within, by->name);
    expect_close(s->relative_error, error / error_of(by, p, NULL), within, by->name);
    expect_close(s->history[s->iterations - 1].error, error, within, by->name);
    assert_int_equal(s->observed, p->rows * p->cols);
    factors_free(&f);
    nmf_result_free(result);
    nmf_matrix_free(matrix);
}

static void check_measure(folder *in, const problem *p, const measure *by) {
    nmf_options options = options_of(by);
    for (int s = 0; s < 3; s++) {
        for (int as = BY_ROW; as < SHAPES; as++) {
            for (int dtype = NMF_F64; dtype <= NMF_F32; dtype++) {
                options.solver = solvers[s];
                options.dtype = (nmf_dtype)dtype;
                check_fit(in, p, (shape)as, &options, by);
            }
        }
    }
}

static void the_error_is_that_of_the_factors_and_never_rises(void **state) {
    problem whole = problem_low_rank(21, 14, RANK, 0.3, 1), gaps = problem_random(17, 23, 0.4, 2);
    for (int m = 0; m < MEASURES; m++) {
        check_measure(*state, &whole, &measures[m]);
        if (measures[m].takes_zeros) {
            check_measure(*state, &gaps, &measures[m]);
        }
    }
    problem_free(&whole);
    problem_free(&gaps);
}

/* The slope d'(a, b), and the curvature of what bounds it: of kl the second derivative, of huber its weight. */
static void bend(const measure *by, long double mean, long double a, long double b, long double *slope,
                 long double *curve) {
    if (strcmp(by->name, "kl") == 0) {
        b = at_least(mean, b);
        *slope = a > 0 ? 1 - a / b : 1;
        *curve = a > 0 ? a / (b * b) : 0;
        return;
    }
    long double left = b - a, size = fabsl(left), d = (long double)by->parameter;
    *curve = size > d ? d / size : 1;
    *slope = *curve * left;
}

/* g·d² of one entry x whose line of A pulls at it through y. */
static long double move_of(long double x, long double slope, long double curve) {
    long double to = curve > 0 ? fmaxl(x - slope / curve, 0) : x;
    return curve * (to - x) * (to - x);
}

/* Σ g·d² over one component: its column of W and its row of H. */
static long double moves_of(const measure *by, const problem *p, const factors *f, int64_t c) {
    long double sum = 0, mean = mean_of(p);
    for (int side = 0; side < 2; side++) {
        int64_t items = side ? p->cols : p->rows, length = side ? p->rows : p->cols;
        for (int64_t x = 0; x < items; x++) {
            long double slope = 0, curve = 0;
            for (int64_t e = 0; e < length; e++) {
                int64_t i = side ? e : x, j = side ? x : e;
                long double y = side ? f->w[i * f->k + c] : f->h[c * f->cols + j], pull, bends;
                bend(by, mean, (long double)p->values[i * p->cols + j], product(f, i, j), &pull, &bends);
                slope += pull * y;
                curve += bends * y * y;
            }
            sum += move_of(side ? f->h[c * f->cols + x] : f->w[x * f->k + c], slope, curve);
        }
    }
    return sum;
}

/* sqrt(Σ g·d²/s), s of kl Σ a, and of huber the loss of WH = 0. */
static double residual_of(const measure *by, const problem *p, const factors *f) {
    long double sum = 0, size = 0;
    for (int64_t c = 0; c < f->k; c++) {
        sum += moves_of(by, p, f, c);
    }
    for (int64_t e = 0; e < p->rows * p->cols; e++) {
        long double a = (long double)p->values[e];
        size += strcmp(by->name, "kl") == 0 ? a : huber_of(by->parameter, a);
    }
    return (double)sqrtl(sum / size);
}

/* The residual said after some iterations, which must be that of the definition. */
static double residual_after(folder *in, const problem *p, shape as, const measure *by, int64_t iterations) {
    nmf_options options = options_of(by);
    options.solver = "hals";
    options.max_iter = iterations;
    nmf_matrix *matrix = problem_matrix(in->context, p, as, NMF_F64);
    nmf_result *result = fitted(in->context, matrix, &options, NMF_OK);
    factors f = factors_of(result);
    double said = nmf_result_summary(result)->kkt_residual, expected = residual_of(by, p, &f);
    if (!(fabs(said - expected) <= 1e-9 * expected + 1e-10)) {
        fail_msg("%s: KKT residual %.17g, expected %.17g", by->name, said, expected);
    }
    factors_free(&f);
    nmf_result_free(result);
    nmf_matrix_free(matrix);
    return said;
}

static void the_kkt_residual_is_its_definition(void **state) {
    const measure *const all[] = {&measures[1], &measures[6]};
    problem whole = problem_low_rank(21, 14, RANK, 0.3, 1), gaps = problem_random(17, 23, 0.4, 2);
    for (int m = 0; m < 2; m++) {
        for (int as = BY_ROW; as < SHAPES; as++) {
            assert_true(residual_after(*state, &whole, (shape)as, all[m], 1) > 1e-3);
            assert_true(residual_after(*state, &gaps, (shape)as, all[m], 2) > 1e-3);
            assert_true(residual_after(*state, &whole, (shape)as, all[m], 800) < 1e-5);
        }
    }
    problem_free(&whole);
    problem_free(&gaps);
}

static void expect_poisson(const nmf_result *result, const problem *p) {
    const nmf_summary *s = nmf_result_summary(result);
    factors f = factors_of(result);
    long double sum = 0;
    for (int64_t e = 0; e < p->rows * p->cols; e++) {
        long double a = (long double)p->values[e], b = product(&f, e / p->cols, e % p->cols);
        sum += (a > 0 ? a * logl(b) : 0) - b - lgammal(a + 1);
    }
    expect_close(s->deviance, 2 * s->error, 1e-15, "the deviance");
    expect_close(s->log_likelihood, (double)sum, 1e-12, "the log-likelihood");
    factors_free(&f);
}

/*
 * The best rank 1 under kl is the table of independence, row sum·column sum/total, so that the deviance of
 * 10 20 / 30 40 is its G statistic, and the mean of kl's fit is that of the table.
 */
static void kl_is_a_poisson_model(void **state) {
    folder *in = *state;
    static const double table[] = {10, 20, 30, 40};
    problem p = problem_random(2, 2, 1, 3), counts = problem_random(12, 9, 0.7, 4);
    memcpy(p.values, table, sizeof table);
    for (int64_t e = 0; e < 12 * 9; e++) {
        counts.values[e] = floor(counts.values[e] * 9);
    }
    nmf_options options = options_of(&measures[1]);
    for (int as = BY_ROW; as < SHAPES; as++) {
        const problem *const both[] = {&p, &counts};
        for (int b = 0; b < 2; b++) {
            problem_lay_out((problem *)both[b]);
            options.rank = b ? RANK : 1;
            options.max_iter = 200;
            nmf_matrix *matrix = problem_matrix(in->context, both[b], (shape)as, NMF_F64);
            nmf_result *result = fitted(in->context, matrix, &options, NMF_OK);
            expect_poisson(result, both[b]);
            if (b == 0) {
                expect_close(nmf_result_summary(result)->deviance, 0.8043486460964835, 1e-9, "G");
                expect_close(nmf_result_summary(result)->log_likelihood, -10.289483405022402, 1e-12, "of the table");
            }
            nmf_result_free(result);
            nmf_matrix_free(matrix);
        }
    }
    problem_free(&p);
    problem_free(&counts);
}

/* Only kl is a model of counts: of the rest there is no such number. */
static void other_losses_have_no_likelihood(void **state) {
    folder *in = *state;
    problem p = problem_low_rank(8, 7, RANK, 0.3, 5);
    nmf_matrix *matrix = problem_matrix(in->context, &p, BY_ROW, NMF_F64);
    for (int m = 0; m < MEASURES; m++) {
        nmf_options options = options_of(&measures[m]);
        nmf_result *result = fitted(in->context, matrix, &options, NMF_OK);
        const nmf_summary *s = nmf_result_summary(result);
        bool of_counts = strcmp(measures[m].name, "kl") == 0;
        assert_true(of_counts != (bool)isnan(s->deviance) && of_counts != (bool)isnan(s->log_likelihood));
        nmf_result_free(result);
    }
    nmf_matrix_free(matrix);
    problem_free(&p);
}

static void expect_same_run(const nmf_result *got, const nmf_result *expected) {
    const nmf_summary *a = nmf_result_summary(got), *b = nmf_result_summary(expected);
    factors left = factors_of(got), right = factors_of(expected);
    expect_factors_same(&left, &right);
    assert_int_equal(a->iterations, b->iterations);
    for (int64_t t = 0; t < a->iterations; t++) {
        assert_true(a->history[t].error == b->history[t].error);
    }
    assert_true(a->error == b->error && a->kkt_residual == b->kkt_residual);
    factors_free(&left);
    factors_free(&right);
}

static void expect_same_on_threads(folder *in, const problem *p, shape as, nmf_options *options) {
    static const int64_t threads[] = {2, 3, 8};
    nmf_matrix *matrix = problem_matrix(in->context, p, as, options->dtype);
    options->threads = 1;
    nmf_result *one = fitted(in->context, matrix, options, NMF_OK);
    for (int t = 0; t < 3; t++) {
        options->threads = threads[t];
        nmf_result *many = fitted(in->context, matrix, options, NMF_OK);
        expect_same_run(many, one);
        nmf_result_free(many);
    }
    nmf_result_free(one);
    nmf_matrix_free(matrix);
}

/* Of kl and huber, and of squares with a mask, whose items share no G. */
static void threads_change_no_bit(void **state) {
    folder *in = *state;
    problem p = problem_random(110, 70, 0.3, 6), hidden = problem_random(110, 70, 0.2, 7);
    nmf_matrix *mask = problem_matrix(in->context, &hidden, SPARSE, NMF_F64);
    const measure *const all[] = {&measures[0], &measures[1], &measures[6]};
    for (int c = 0; c < 3 * SHAPES * 2; c++) {
        const measure *by = all[c % 3];
        nmf_options options = options_of(by);
        options.rank = 9;
        options.max_iter = 3;
        options.solver = c / (3 * SHAPES) ? "bpp" : "hals";
        options.dtype = (nmf_dtype)(c / (3 * SHAPES));
        options.mask = by == &measures[0] ? mask : NULL;
        expect_same_on_threads(in, &p, (shape)(c / 3 % SHAPES), &options);
    }
    nmf_matrix_free(mask);
    problem_free(&p);
    problem_free(&hidden);
}

static void expect_same_relative_errors(const nmf_result *got, const nmf_result *from, int exponent, const char *what) {
    const nmf_summary *a = nmf_result_summary(got), *b = nmf_result_summary(from);
    assert_int_equal(a->iterations, b->iterations);
    for (int64_t t = 0; t < a->iterations; t++) {
        if (a->history[t].relative_error != b->history[t].relative_error) {
            fail_msg("%s at 2^%d: relative error %.17g instead of %.17g in iteration %lld", what, exponent,
                     a->history[t].relative_error, b->history[t].relative_error, (long long)t + 1);
        }
        assert_true(a->history[t].error == ldexp(b->history[t].error, exponent));
    }
    assert_true(a->relative_error == b->relative_error);
}

static nmf_result *fit_of(folder *in, const problem *p, shape as, const nmf_options *options) {
    nmf_matrix *matrix = problem_matrix(in->context, p, as, NMF_F64);
    nmf_result *result = fitted(in->context, matrix, options, NMF_OK);
    nmf_matrix_free(matrix);
    return result;
}

/* A power of two is exact, whether A is computed with as it is or moved by one on the way in. */
static void scaling_a_keeps_relative_errors(void **state) {
    folder *in = *state;
    static const int exponents[] = {8, -8, 700, -700};
    problem p = problem_random(40, 21, 0.5, 8), hidden = problem_random(40, 21, 0.2, 9);
    nmf_matrix *mask = problem_matrix(in->context, &hidden, SPARSE, NMF_F64);
    for (int c = 0; c < 4 * 3 * 2 * 2; c++) {
        const measure *by = &measures[c / 12 % 2];
        int exponent = exponents[c % 4];
        nmf_options options = options_of(by);
        options.solver = solvers[c / 4 % 3];
        options.mask = by == &measures[0] ? mask : NULL;
        problem scaled = problem_scaled(&p, exponent);
        shape as = c / 24 ? SPARSE : BY_ROW;
        nmf_result *plain = fit_of(in, &p, as, &options), *moved = fit_of(in, &scaled, as, &options);
        expect_same_relative_errors(moved, plain, exponent, by->name);
        nmf_result_free(plain);
        nmf_result_free(moved);
        problem_free(&scaled);
    }
    nmf_matrix_free(mask);
    problem_free(&p);
    problem_free(&hidden);
}

/* A sentence, or numbers; the loss itself may be past every double (a cube of 2^700), but is never no number. */
static void expect_number_or_sentence(folder *in, const problem *p, const nmf_options *options) {
    nmf_matrix *matrix = problem_matrix(in->context, p, BY_ROW, NMF_F64);
    nmf_result *result;
    nmf_status status = nmf_fit(in->context, matrix, options, &result);
    if (status != NMF_OK) {
        assert_true(strlen(nmf_context_message(in->context)) > 20);
        assert_null(result);
    } else {
        const nmf_summary *s = nmf_result_summary(result);
        factors f = factors_of(result);
        expect_factors_sound(&f);
        if (isnan(s->error) || isnan(s->objective) || !isfinite(s->relative_error) || !isfinite(s->kkt_residual)) {
            fail_msg("%s by %s, up to %g: error %g, relative %g, objective %g, KKT residual %g", s->loss, s->solver,
                     p->values[0], s->error, s->relative_error, s->objective, s->kkt_residual);
        }
        factors_free(&f);
    }
    nmf_result_free(result);
    nmf_matrix_free(matrix);
}

static void numbers_near_the_limits_are_survived(void **state) {
    static const int exponents[] = {700, -700, 1000, -1000, 190, -190};
    problem p = problem_low_rank(15, 11, RANK, 0.3, 10);
    for (int c = 0; c < 6 * 3; c++) {
        problem scaled = problem_scaled(&p, exponents[c % 6]);
        for (int m = 0; m < MEASURES; m++) {
            nmf_options options = options_of(&measures[m]);
            options.solver = solvers[c / 6];
            expect_number_or_sentence(*state, &scaled, &options);
        }
        problem_free(&scaled);
    }
    problem_free(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_error_is_that_of_the_factors_and_never_rises, folder_setup,
                                        folder_teardown),
        cmocka_unit_test_setup_teardown(the_kkt_residual_is_its_definition, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(kl_is_a_poisson_model, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(other_losses_have_no_likelihood, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(threads_change_no_bit, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(scaling_a_keeps_relative_errors, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(numbers_near_the_limits_are_survived, folder_setup, folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
