/* What must not change a fit: threads, the scale of A. What random numbers are. */
#include "support/expect.h"
#include "support/problems.h"

#include "base/mt19937.h"
#include "base/philox.h"
#include "init/init.h"

#include <math.h>
#include <string.h>

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

static void expect_same_on_threads(folder *f, const problem *p, shape as, nmf_options *options) {
    static const int64_t threads[] = {2, 3, 4, 8};
    nmf_matrix *matrix = problem_matrix(f->context, p, as, options->dtype);
    options->threads = 1;
    nmf_result *one = fitted(f->context, matrix, options, NMF_OK);
    assert_int_equal(nmf_result_summary(one)->iterations, 3);
    for (int t = 0; t < 4; t++) {
        options->threads = threads[t];
        nmf_result *many = fitted(f->context, matrix, options, NMF_OK);
        expect_same_run(many, one);
        nmf_result_free(many);
    }
    nmf_result_free(one);
    nmf_matrix_free(matrix);
}

/* Lines enough for several tiles of a Gram matrix, several panels of a dense one, and samples of rows and of columns.
 */
static void threads_change_no_bit(void **state) {
    folder *f = *state;
    problem tall = problem_random(1500, 130, 0.1, 1), wide = problem_random(130, 1500, 0.1, 1);
    const char *solver, *init;
    for (int s = 0; solver_and_start(s, &solver, &init); s++) {
        for (int c = 0; c < 4; c++) {
            nmf_options options;
            nmf_options_init(&options);
            options.rank = 9;
            options.solver = solver;
            options.init = init;
            options.dtype = (nmf_dtype)(c & 1);
            options.max_iter = 3;
            options.tol = 1e-14;
            expect_same_on_threads(f, &tall, c & 2 ? SPARSE : s & 1 ? BY_COLUMN : BY_ROW, &options);
            if (strcmp(init, "sample") == 0) {
                expect_same_on_threads(f, &wide, c & 2 ? SPARSE : s & 1 ? BY_ROW : BY_COLUMN, &options);
            }
        }
    }
    problem_free(&tall);
    problem_free(&wide);
}

/* Fit `p` as f64. */
static nmf_result *fit_of(folder *f, const problem *p, shape as, const nmf_options *options) {
    nmf_matrix *matrix = problem_matrix(f->context, p, as, NMF_F64);
    nmf_result *result = fitted(f->context, matrix, options, NMF_OK);
    nmf_matrix_free(matrix);
    return result;
}

/* The power of two by which all of `got` is `from` scaled. What multiplying brings near the end of f32 becomes 0 sooner
 * or later. */
static int scale_between(const double *got, const double *from, int64_t count, nmf_dtype dtype) {
    const double least = dtype == NMF_F32 ? 0x1p-100 : 0;
    int scale = 0;
    bool known = false;
    for (int64_t e = 0; e < count; e++) {
        int a, b;
        if (!known && from[e] > 0) {
            known = true;
            frexp(got[e], &a);
            frexp(from[e], &b);
            scale = a - b;
        }
        if (got[e] != ldexp(from[e], scale) && !(from[e] < least && got[e] == 0)) {
            fail_msg("number %lld is %a, expected %a times 2^%d", (long long)e, got[e], from[e], scale);
        }
    }
    return scale;
}

static void expect_scaled(const nmf_result *got, const nmf_result *from, int exponent) {
    const nmf_summary *a = nmf_result_summary(got), *b = nmf_result_summary(from);
    factors left = factors_of(got), right = factors_of(from);
    assert_int_equal(a->iterations, b->iterations);
    for (int64_t t = 0; t < a->iterations; t++) {
        if (a->history[t].relative_error != b->history[t].relative_error) {
            fail_msg("%s from %s at 2^%d: relative error %.17g instead of %.17g in iteration %lld", a->solver, a->init,
                     exponent, a->history[t].relative_error, b->history[t].relative_error, (long long)t + 1);
        }
        assert_true(a->history[t].error == ldexp(b->history[t].error, exponent));
    }
    assert_true(a->relative_error == b->relative_error && a->kkt_residual == b->kkt_residual);
    assert_true(a->error == ldexp(b->error, exponent));
    assert_int_equal(scale_between(left.w, right.w, left.rows * left.k, a->dtype) +
                         scale_between(left.h, right.h, left.cols * left.k, a->dtype),
                     exponent);
    factors_free(&left);
    factors_free(&right);
}

static void scaling_a_scales_the_factors(void **state) {
    folder *f = *state;
    static const int exponents[] = {8, -8, 7, -3, 700, -700, 701, 60};
    problem p = problem_random(90, 21, 0.5, 2);
    const char *solver, *init;
    for (int c = 0; solver_and_start(c / 8, &solver, &init); c++) {
        int exponent = exponents[c % 8];
        nmf_options options;
        nmf_options_init(&options);
        options.rank = 4;
        options.solver = solver;
        options.init = init;
        options.stop = "change";
        options.max_iter = 40;
        options.threads = 1;
        problem scaled = problem_scaled(&p, exponent);
        for (int dtype = NMF_F64; dtype <= NMF_F32; dtype++) {
            options.dtype = (nmf_dtype)dtype;
            nmf_result *plain = fit_of(f, &p, c & 1 ? SPARSE : BY_ROW, &options);
            nmf_result *moved = fit_of(f, &scaled, c & 1 ? SPARSE : BY_ROW, &options);
            expect_scaled(moved, plain, exponent);
            nmf_result_free(plain);
            nmf_result_free(moved);
        }
        problem_free(&scaled);
    }
    problem_free(&p);
}

static void numbers_near_the_limits_are_fitted(void **state) {
    folder *f = *state;
    static const int exponents[] = {1023, -1022, -1060};
    for (int e = 0; e < 3; e++) {
        problem p = problem_random(10, 8, 1, 3), scaled;
        for (int t = 0; t < 80; t++) {
            p.values[t] = floor(p.values[t] * 1024) / 1024;
        }
        scaled = problem_scaled(&p, exponents[e]);
        nmf_options options;
        nmf_options_init(&options);
        options.rank = 3;
        options.threads = 1;
        nmf_result *result = fit_of(f, &scaled, BY_ROW, &options);
        factors found = factors_of(result);
        expect_factors_sound(&found);
        assert_true(nmf_result_summary(result)->relative_error < 0.5);
        factors_free(&found);
        nmf_result_free(result);
        problem_free(&p);
        problem_free(&scaled);
    }
}

static void the_twister_draws_as_numpy_does(void **state) {
    (void)state;
    /* np.random.seed(42); np.random.rand(4), and the first two of seed 0 */
    static const double of_42[] = {0.3745401188473625, 0.9507143064099162, 0.7319939418114051, 0.5986584841970366};
    static const double of_0[] = {0.5488135039273248, 0.7151893663724195};
    mt19937 twister;
    mt19937_seed(&twister, 42);
    for (int i = 0; i < 4; i++) {
        assert_true(mt19937_uniform(&twister) == of_42[i]);
    }
    mt19937_seed(&twister, 0);
    for (int i = 0; i < 2; i++) {
        assert_true(mt19937_uniform(&twister) == of_0[i]);
    }
    /* The 10000th word of seed 5489 is 4123659995 (ISO C++, [rand.predef]); a double takes two. */
    mt19937_seed(&twister, 5489);
    for (int i = 0; i < 4999; i++) {
        mt19937_uniform(&twister);
    }
    uint64_t bits = (uint64_t)(mt19937_uniform(&twister) * 9007199254740992.0);
    assert_int_equal(bits & ((1u << 26) - 1), 4123659995u >> 6);
}

static void numpy_fills_w_then_h_row_by_row(void **state) {
    folder *f = *state;
    problem p = problem_random(5, 4, 1, 1);
    nmf_matrix *matrix = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    items w, h;
    mt19937 twister;
    assert_int_equal(items_new(f->context, NMF_F64, 5, 3, "a test", &w), NMF_OK);
    assert_int_equal(items_new(f->context, NMF_F64, 4, 3, "a test", &h), NMF_OK);
    init_request request = {f->context, matrix, kernel_for(NMF_F64), 42, 1, NULL};
    assert_int_equal(init_numpy.fill(&request, &w, &h), NMF_OK);
    mt19937_seed(&twister, 42);
    for (int64_t e = 0; e < 5 * 3; e++) {
        assert_true(items_get(&w, e / 3, e % 3) == mt19937_uniform(&twister));
    }
    for (int64_t e = 0; e < 3 * 4; e++) {
        assert_true(items_get(&h, e % 4, e / 4) == mt19937_uniform(&twister));
    }
    request.seed = UINT64_C(1) << 32;
    assert_int_equal(init_numpy.fill(&request, &w, &h), NMF_ERROR_USAGE);
    assert_non_null(strstr(nmf_context_message(f->context), "0 to 4294967295"));
    items_free(f->context, &w);
    items_free(f->context, &h);
    nmf_matrix_free(matrix);
    problem_free(&p);
}

/* What philox_uniform makes of the first two words that come out. */
static double of_words(uint32_t high, uint32_t low) {
    return ((high >> 5) * 67108864.0 + (low >> 6)) / 9007199254740992.0;
}

/* The known answers of Random123 for Philox4x32-10: all bits clear, all bits set, the digits of pi. */
static void philox_gives_its_known_answers(void **state) {
    (void)state;
    assert_true(philox_uniform(0, 0, 0, 0) == of_words(0x6627e8d5, 0xe169c58d));
    assert_true(philox_uniform(UINT64_MAX, UINT32_MAX, UINT64_MAX, UINT32_MAX) == of_words(0x408f276d, 0x41c83b0e));
    double pi = philox_uniform(UINT64_C(0x299f31d0a4093822), 0x03707344, UINT64_C(0x85a308d3243f6a88), 0x13198a2e);
    assert_true(pi == of_words(0xd16cfe09, 0x94fdcceb));
}

static void philox_is_uniform_in_any_order(void **state) {
    (void)state;
    enum { DRAWS = 20000 };
    double sum = 0, squares = 0, backwards = 0, normal = 0, normal_squares = 0;
    int64_t cells[16] = {0};
    for (int i = 0; i < DRAWS; i++) {
        double u = philox_uniform(7, 1, (uint64_t)i, 3), z = philox_normal(7, 1, (uint64_t)i, 3);
        assert_true(u >= 0 && u < 1);
        cells[(int)(u * 16)]++;
        sum += u;
        squares += u * u;
        normal += z;
        normal_squares += z * z;
    }
    for (int i = DRAWS - 1; i >= 0; i--) {
        backwards += philox_uniform(7, 1, (uint64_t)i, 3);
    }
    /* Within five standard deviations each. */
    assert_true(fabs(sum / DRAWS - 0.5) < 5 * sqrt(1.0 / 12 / DRAWS));
    assert_true(fabs(squares / DRAWS - 1.0 / 3) < 5 * sqrt(4.0 / 45 / DRAWS));
    assert_true(fabs(backwards - sum) < 1e-9);
    assert_true(fabs(normal / DRAWS) < 5 / sqrt(DRAWS));
    assert_true(fabs(normal_squares / DRAWS - 1) < 5 * sqrt(2.0 / DRAWS));
    for (int c = 0; c < 16; c++) {
        assert_true(fabs((double)cells[c] - DRAWS / 16.0) < 5 * sqrt(DRAWS / 16.0));
    }
    assert_true(philox_uniform(7, 1, 2, 3) != philox_uniform(8, 1, 2, 3));
    assert_true(philox_uniform(7, 1, 2, 3) != philox_uniform(7, 2, 2, 3));
    assert_true(philox_uniform(7, 1, 2, 3) != philox_uniform(7, 1, 3, 2));
    assert_true(philox_uniform(7, 1, 2, 3) != philox_uniform(7, 1, 2 + (UINT64_C(1) << 32), 3));
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(threads_change_no_bit),
        TEST(scaling_a_scales_the_factors),
        TEST(numbers_near_the_limits_are_fitted),
        TEST(the_twister_draws_as_numpy_does),
        TEST(numpy_fills_w_then_h_row_by_row),
        TEST(philox_gives_its_known_answers),
        TEST(philox_is_uniform_in_any_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
