/* What only changes units, or is not looked at, changes no fit: the size of weights, of counts, of what is hidden. */
#include "support/expect.h"
#include "support/problems.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 14, K = 3 };

static nmf_options options_for(const char *loss) {
    nmf_options options;
    nmf_options_init(&options);
    options.loss = loss;
    options.loss_parameter = strcmp(loss, "beta") == 0 ? 1.5 : strcmp(loss, "huber") == 0 ? 0.25 : 0;
    options.rank = K;
    options.init = "random";
    options.max_iter = 60;
    options.threads = 1;
    return options;
}

/* Fits a matrix of the problem's numbers, which goes with it. */
static nmf_result *fit_of(folder *f, const problem *p, shape as, const nmf_options *options) {
    nmf_matrix *matrix = problem_matrix(f->context, p, as, NMF_F64);
    nmf_result *result = fitted(f->context, matrix, options, NMF_OK);
    nmf_matrix_free(matrix);
    return result;
}

/* The same bits of W and H, the same relative error, after as many iterations; both results are freed. */
static void expect_same(nmf_result *got, nmf_result *expected, const char *what, int exponent) {
    const nmf_summary *a = nmf_result_summary(got), *b = nmf_result_summary(expected);
    factors left = factors_of(got), right = factors_of(expected);
    if (a->iterations != b->iterations || a->relative_error != b->relative_error ||
        memcmp(left.w, right.w, (size_t)(left.rows * left.k) * sizeof *left.w) != 0 ||
        memcmp(left.h, right.h, (size_t)(left.k * left.cols) * sizeof *left.h) != 0) {
        fail_msg("%s, %d: %lld iterations to %.17g, not %lld to %.17g", what, exponent, (long long)a->iterations,
                 a->relative_error, (long long)b->iterations, b->relative_error);
    }
    factors_free(&left);
    factors_free(&right);
    nmf_result_free(got);
    nmf_result_free(expected);
}

static problem symmetric_of(const problem *p) {
    problem s = problem_random(N, N, 1, 1);
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
            s.values[i * N + j] = (p->values[i * N + j] + p->values[j * N + i]) / 2;
        }
    }
    problem_lay_out(&s);
    return s;
}

/* alpha·a stays what it was; what is fitted is 0 and 1. */
static void implicit_counts_have_no_unit(void **state) {
    folder *f = *state;
    static const int exponents[] = {8, -8, 61, -61, 701, -700};
    problem p = problem_random(N, N, 0.5, 1);
    for (int c = 0; c < 2 * 6; c++) {
        int exponent = exponents[c % 6];
        problem scaled = problem_scaled(&p, exponent);
        nmf_options options = options_for(c % 2 ? "kl" : "frobenius");
        options.dtype = c < 6 || abs(exponent) > 100 ? NMF_F64 : NMF_F32;
        options.implicit = 2;
        nmf_result *plain = fit_of(f, &p, (shape)(c % SHAPES), &options);
        assert_true(nmf_result_summary(plain)->relative_error > 0.01);
        options.implicit = ldexp(2, -exponent);
        expect_same(fit_of(f, &scaled, (shape)(c % SHAPES), &options), plain, "implicit", exponent);
        problem_free(&scaled);
    }
    problem_free(&p);
}

static nmf_result *weighted(folder *f, const problem *a, const problem *omega, shape as, nmf_options options) {
    nmf_matrix *weights = problem_matrix(f->context, omega, as, NMF_F64);
    options.weights = weights;
    nmf_result *result = fit_of(f, a, as, &options);
    nmf_matrix_free(weights);
    return result;
}

static void weights_have_no_unit(void **state) {
    folder *f = *state;
    static const char *const losses[] = {"frobenius", "kl", "is", "beta", "huber", "mae", "symmetric"};
    static const char *const solvers[] = {"hals", "bpp", "mu"};
    static const int exponents[] = {8, -8, 40, -40};
    problem p = problem_random(N, N, 1, 2), a = symmetric_of(&p), drawn = problem_random(N, N, 1, 3);
    problem omega = symmetric_of(&drawn);
    for (int c = 0; c < 7 * 3 * 4; c++) {
        bool joined = c % 7 == 6;
        nmf_options options = options_for(joined ? "frobenius" : losses[c % 7]);
        options.solver = solvers[c / 7 % 3];
        options.symmetric = joined;
        problem scaled = problem_scaled(&omega, exponents[c / 21]);
        nmf_result *plain = weighted(f, &a, &omega, (shape)(c % SHAPES), options);
        nmf_result *heavy = weighted(f, &a, &scaled, (shape)(c % SHAPES), options);
        double ratio = nmf_result_summary(heavy)->objective / nmf_result_summary(plain)->objective;
        assert_true(fabs(ratio / ldexp(1, exponents[c / 21]) - 1) < 1e-9);
        expect_same(heavy, plain, losses[c % 7], exponents[c / 21]);
        problem_free(&scaled);
    }
    problem_free(&p);
    problem_free(&a);
    problem_free(&drawn);
    problem_free(&omega);
}

/* W and Hᵀ meet at a point that is at rest, though what counts least weighs a thousandth of what counts most. */
static void uneven_weights_leave_w_and_h_the_same(void **state) {
    folder *f = *state;
    problem p = problem_random(N, N, 1, 4), a = symmetric_of(&p), omega = symmetric_of(&p);
    for (int e = 0; e < N * N; e++) {
        omega.values[e] = pow(1000, -(double)abs(e / N - e % N) / N);
    }
    problem_lay_out(&omega);
    nmf_options options = options_for("frobenius");
    options.symmetric = true;
    options.max_iter = 5000;
    options.tol = 1e-13;
    nmf_result *result = weighted(f, &a, &omega, BY_ROW, options);
    const nmf_summary *summary = nmf_result_summary(result);
    assert_true(summary->kkt_residual < 1e-5);
    double last = summary->history[summary->iterations - 1].error;
    assert_true(fabs(summary->error - last) < 1e-6 * last);
    nmf_result_free(result);
    problem_free(&p);
    problem_free(&a);
    problem_free(&omega);
}

/* The largest hidden entries would bring the others out of range, were A brought to a harmless size for their sake. */
static void what_is_hidden_may_be_of_any_size(void **state) {
    folder *f = *state;
    static const double sizes[2][3] = {{1e3, 1e100, 1e300}, {1e3, 1e20, 1e38}};
    problem p = problem_random(N, N, 1, 5), a = symmetric_of(&p), hidden = problem_random(N, N, 1, 6);
    for (int e = 0; e < N * N; e++) {
        hidden.values[e] = (e / N + e % N) % 4 == 1;
    }
    problem_lay_out(&hidden);
    nmf_matrix *mask = problem_matrix(f->context, &hidden, SPARSE, NMF_F64);
    for (int c = 0; c < 2 * 3 * 2 * 2; c++) {
        problem huge = symmetric_of(&a);
        for (int e = 0; e < N * N; e++) {
            huge.values[e] = hidden.values[e] != 0 ? sizes[c % 2][c / 2 % 3] : a.values[e];
        }
        problem_lay_out(&huge);
        nmf_options options = options_for(c / 6 % 2 ? "kl" : "frobenius");
        options.dtype = (nmf_dtype)(c % 2);
        options.symmetric = c / 12 && !(c / 6 % 2);
        options.mask = mask;
        shape as = c / 12 ? SPARSE : BY_COLUMN;
        expect_same(fit_of(f, &huge, as, &options), fit_of(f, &a, as, &options), "hidden", c);
        problem_free(&huge);
    }
    nmf_matrix_free(mask);
    problem_free(&p);
    problem_free(&a);
    problem_free(&hidden);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(implicit_counts_have_no_unit),
        TEST(weights_have_no_unit),
        TEST(uneven_weights_leave_w_and_h_the_same),
        TEST(what_is_hidden_may_be_of_any_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
