/* What is asked of W and H holds in the factors handed back: what is fixed, bounds, sums of 1, W = Hᵀ, a free W. */
#include "support/expect.h"
#include "support/problems.h"

#include <math.h>
#include <string.h>

static nmf_options options_for(int64_t rank, const char *solver, int64_t max_iter) {
    nmf_options options;
    nmf_options_init(&options);
    options.rank = rank;
    options.solver = solver;
    options.init = "random";
    options.stop = "change";
    options.tol = 1e-15;
    options.max_iter = max_iter;
    options.threads = 1;
    return options;
}

/* (W·H)_ij */
static double product_at(const factors *f, int64_t i, int64_t j) {
    double sum = 0;
    for (int64_t c = 0; c < f->k; c++) {
        sum += f->w[i * f->k + c] * f->h[c * f->cols + j];
    }
    return sum;
}

static void expect_between(const double *values, int64_t count, double least, double most) {
    for (int64_t e = 0; e < count; e++) {
        if (!(values[e] >= least && values[e] <= most)) {
            fail_msg("number %lld is %.17g", (long long)e, values[e]);
        }
    }
}

/* ---- fixed ---- */

enum { ROWS = 18, COLS = 13, HELD = 2, RANK = 4 };

/* The first components are the given ones to the bit, and so they stay where others would come first. */
static void expect_held(const nmf_result *result, const problem *w, const problem *h) {
    factors found = factors_of(result);
    assert_int_equal(nmf_result_summary(result)->held, HELD);
    assert_int_equal(found.k, RANK);
    expect_factors_sound(&found);
    for (int64_t i = 0; i < ROWS && w; i++) {
        assert_memory_equal(found.w + i * RANK, w->values + i * HELD, HELD * sizeof *found.w);
    }
    if (h) {
        assert_memory_equal(found.h, h->values, HELD * COLS * sizeof *found.h);
    }
    factors_free(&found);
}

static const char *const losses_tried[] = {"frobenius", "kl", "huber"};
static const char *const solvers_tried[] = {"hals", "bpp", "mu"};

/* `sides`: 1 for W, 2 for H, 3 for both. */
static void fit_held(folder *f, const problem *p, int c, int sides, int exponent) {
    problem w = problem_random(ROWS, HELD, 0.8, 2), h = problem_random(HELD, COLS, 0.8, 3);
    problem of_w = problem_scaled(&w, exponent / 2), of_h = problem_scaled(&h, exponent / 2);
    problem a = problem_scaled(p, exponent);
    nmf_dtype dtype = c / 9 % 2 ? NMF_F32 : NMF_F64;
    nmf_matrix *fix_w = problem_matrix(f->context, &of_w, BY_COLUMN, dtype);
    nmf_matrix *fix_h = problem_matrix(f->context, &of_h, SPARSE, dtype);
    nmf_matrix *matrix = problem_matrix(f->context, &a, c % 2 ? SPARSE : BY_ROW, dtype);
    nmf_options options = options_for(RANK, solvers_tried[c % 3], 20);
    options.loss = losses_tried[c / 3 % 3];
    options.loss_parameter = c / 3 % 3 == 2 ? ldexp(0.25, exponent) : 0;
    options.dtype = dtype;
    options.fix_w = sides & 1 ? fix_w : NULL;
    options.fix_h = sides & 2 ? fix_h : NULL;
    nmf_result *result = fitted(f->context, matrix, &options, NMF_OK);
    expect_held(result, sides & 1 ? &of_w : NULL, sides & 2 ? &of_h : NULL);
    nmf_result_free(result);
    nmf_matrix_free(matrix);
    nmf_matrix_free(fix_h);
    nmf_matrix_free(fix_w);
    problem *const all[] = {&w, &h, &of_w, &of_h, &a};
    for (int t = 0; t < 5; t++) {
        problem_free(all[t]);
    }
}

static void what_is_fixed_keeps_every_bit(void **state) {
    problem p = problem_random(ROWS, COLS, 0.7, 1);
    for (int c = 0; c < 18; c++) {
        for (int sides = 1; sides <= 3; sides++) {
            bool narrow = c >= 9;
            fit_held(*state, &p, c, sides, 0);
            fit_held(*state, &p, c, sides, narrow ? 60 : 700);
            fit_held(*state, &p, c, sides, narrow ? -60 : -600);
        }
    }
    problem_free(&p);
}

/* Slopes of the loss in H: Wᵀ(WH − A), or of kl Wᵀ(1 − A/WH). None is below 0, and where H is above 0 they are 0. */
static void expect_best_h(const problem *p, const factors *f, bool kl) {
    for (int64_t c = 0; c < f->k; c++) {
        for (int64_t j = 0; j < f->cols; j++) {
            double slope = 0, size = 0, at = f->h[c * f->cols + j];
            for (int64_t i = 0; i < f->rows; i++) {
                double a = p->values[i * p->cols + j], b = product_at(f, i, j), w = f->w[i * f->k + c];
                slope += w * (kl ? 1 - (a > 0 ? a / b : 0) : b - a);
                size += w;
            }
            if (!(slope > -1e-6 * size && slope * at < 1e-6 * size)) {
                fail_msg("H(%lld, %lld) is %g, its slope %g", (long long)c, (long long)j, at, slope);
            }
        }
    }
}

static void all_of_w_fixed_leaves_the_best_h(void **state) {
    folder *f = *state;
    problem p = problem_random(ROWS, COLS, 0.7, 4), w = problem_random(ROWS, 3, 0.8, 5);
    nmf_matrix *fixed = problem_matrix(f->context, &w, BY_ROW, NMF_F64);
    for (int c = 0; c < 2 * SHAPES; c++) {
        bool kl = c % 2 == 1;
        nmf_matrix *matrix = problem_matrix(f->context, &p, (shape)(c / 2), NMF_F64);
        nmf_options options = options_for(0, "hals", 3000);
        options.loss = kl ? "kl" : "frobenius";
        options.fix_w = fixed;
        nmf_result *result = fitted(f->context, matrix, &options, NMF_OK);
        factors found = factors_of(result);
        assert_int_equal(found.k, 3);
        assert_int_equal(nmf_result_summary(result)->rank, 3);
        assert_int_equal(nmf_result_summary(result)->held, 3);
        assert_memory_equal(found.w, w.values, ROWS * 3 * sizeof *found.w);
        expect_best_h(&p, &found, kl);
        assert_true(nmf_result_summary(result)->kkt_residual < 1e-6);
        factors_free(&found);
        nmf_result_free(result);
        nmf_matrix_free(matrix);
    }
    nmf_matrix_free(fixed);
    problem_free(&p);
    problem_free(&w);
}

/* Block principal pivoting solves the same problem elsewhere. */
static void all_of_w_fixed_is_a_transform(void **state) {
    folder *f = *state;
    problem p = problem_random(ROWS, COLS, 0.7, 4), w = problem_random(ROWS, 3, 0.8, 5);
    nmf_matrix *fixed = problem_matrix(f->context, &w, BY_ROW, NMF_F64);
    nmf_matrix *matrix = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    nmf_options options = options_for(0, "hals", 3000);
    nmf_result *transformed;
    options.fix_w = fixed;
    nmf_result *result = fitted(f->context, matrix, &options, NMF_OK);
    options.fix_w = NULL;
    options.rank = 3;
    assert_int_equal(nmf_transform(f->context, matrix, fixed, &options, &transformed), NMF_OK);
    factors found = factors_of(result), expected = factors_of(transformed);
    for (int64_t e = 0; e < 3 * COLS; e++) {
        assert_true(fabs(found.h[e] - expected.h[e]) < 1e-7);
    }
    factors_free(&found);
    factors_free(&expected);
    nmf_result_free(transformed);
    nmf_result_free(result);
    nmf_matrix_free(matrix);
    nmf_matrix_free(fixed);
    problem_free(&p);
    problem_free(&w);
}

static void what_is_fixed_has_the_shape_of_its_factor(void **state) {
    folder *f = *state;
    problem p = problem_random(ROWS, COLS, 0.7, 4), w = problem_random(ROWS + 1, 3, 0.8, 5);
    nmf_matrix *matrix = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    nmf_matrix *tall = problem_matrix(f->context, &w, BY_ROW, NMF_F64);
    nmf_options options = options_for(3, "hals", 5);
    options.fix_w = tall;
    expect_fit_refused(f->context, matrix, &options, NMF_ERROR_INPUT, "it must have 18 and 3");
    options.fix_w = NULL;
    options.fix_h = tall;
    options.rank = ROWS + 1;
    expect_fit_refused(f->context, matrix, &options, NMF_ERROR_INPUT, "it must have 19 and 13");
    options.rank = 2;
    expect_fit_refused(f->context, matrix, &options, NMF_ERROR_USAGE, "rank");
    nmf_matrix_free(tall);
    nmf_matrix_free(matrix);
    problem_free(&p);
    problem_free(&w);
}

/* ---- bounds ---- */

static double largest(const double *values, int64_t count) {
    double most = values[0];
    for (int64_t e = 1; e < count; e++) {
        most = fmax(most, values[e]);
    }
    return most;
}

/* And some numbers are at their bound, or it would have been none. */
static void no_number_is_above_its_bound(void **state) {
    folder *f = *state;
    static const char *const solvers[] = {"hals", "mu"};
    problem p = problem_random(ROWS, COLS, 0.8, 6);
    for (int c = 0; c < 2 * 3 * 2 * SHAPES; c++) {
        nmf_dtype dtype = c / 6 % 2 ? NMF_F32 : NMF_F64;
        nmf_matrix *matrix = problem_matrix(f->context, &p, (shape)(c / 12), dtype);
        nmf_options options = options_for(RANK, solvers[c % 2], 60);
        options.loss = losses_tried[c / 2 % 3];
        options.loss_parameter = c / 2 % 3 == 2 ? 0.25 : 0;
        options.dtype = dtype;
        options.max_w = 0.375;
        options.max_h = dtype == NMF_F64 ? 0.7 : 0.6875;
        nmf_result *result = fitted(f->context, matrix, &options, NMF_OK);
        factors found = factors_of(result);
        expect_between(found.w, ROWS * RANK, 0, options.max_w);
        expect_between(found.h, RANK * COLS, 0, options.max_h);
        assert_true(largest(found.w, ROWS * RANK) == options.max_w);
        assert_true(largest(found.h, RANK * COLS) == options.max_h);
        factors_free(&found);
        nmf_result_free(result);
        nmf_matrix_free(matrix);
    }
    problem_free(&p);
}

/* ---- simplex ---- */

static void columns_of_h_sum_to_1(void **state) {
    folder *f = *state;
    static const char *const solvers[] = {"hals", "bpp"};
    problem p = problem_random(ROWS, COLS, 0.8, 7);
    for (int c = 0; c < 2 * 3 * 2 * SHAPES; c++) {
        nmf_dtype dtype = c / 6 % 2 ? NMF_F32 : NMF_F64;
        nmf_matrix *matrix = problem_matrix(f->context, &p, (shape)(c / 12), dtype);
        nmf_options options = options_for(RANK, solvers[c % 2], 40);
        options.loss = losses_tried[c / 2 % 3];
        options.loss_parameter = c / 2 % 3 == 2 ? 0.25 : 0;
        options.dtype = dtype;
        options.simplex = "h";
        nmf_result *result = fitted(f->context, matrix, &options, NMF_OK);
        factors found = factors_of(result);
        expect_factors_sound(&found);
        for (int64_t j = 0; j < COLS; j++) {
            double sum = 0;
            for (int64_t d = 0; d < RANK; d++) {
                sum += found.h[d * COLS + j];
            }
            assert_true(fabs(sum - 1) < (dtype == NMF_F64 ? 1e-12 : 1e-5));
        }
        factors_free(&found);
        nmf_result_free(result);
        nmf_matrix_free(matrix);
    }
    problem_free(&p);
}

static void the_simplex_has_a_kkt_residual_of_its_own(void **state) {
    folder *f = *state;
    problem p = problem_low_rank(ROWS, COLS, 3, 0.2, 8);
    nmf_matrix *matrix = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    for (int c = 0; c < 2; c++) {
        double residual[2];
        for (int late = 0; late < 2; late++) {
            nmf_options options = options_for(3, "hals", late ? 20000 : 2);
            options.loss = losses_tried[c];
            options.simplex = "h";
            nmf_result *result = fitted(f->context, matrix, &options, NMF_OK);
            residual[late] = nmf_result_summary(result)->kkt_residual;
            nmf_result_free(result);
        }
        if (!(residual[0] > 1e-2 && residual[1] < 1e-5)) {
            fail_msg("%s: %g, late %g", losses_tried[c], residual[0], residual[1]);
        }
    }
    nmf_matrix_free(matrix);
    problem_free(&p);
}

/* ---- symmetric ---- */

/* HᵀH of a random H, with `noise` that is symmetric too. */
static problem problem_symmetric(int64_t n, int64_t k, double noise, uint64_t seed) {
    problem h = problem_random(k, n, 0.6, seed), p = problem_random(n, n, 1, seed + 1);
    for (int64_t i = 0; i < n; i++) {
        for (int64_t j = 0; j <= i; j++) {
            double sum = noise * p.values[i * n + j];
            for (int64_t c = 0; c < k; c++) {
                sum += h.values[c * n + i] * h.values[c * n + j];
            }
            p.values[i * n + j] = p.values[j * n + i] = (double)(float)sum;
        }
    }
    problem_lay_out(&p);
    problem_free(&h);
    return p;
}

static void w_and_h_are_the_same(void **state) {
    folder *f = *state;
    problem p = problem_symmetric(COLS, 3, 0.2, 9);
    for (int c = 0; c < 3 * 2 * SHAPES; c++) {
        nmf_dtype dtype = c / 3 % 2 ? NMF_F32 : NMF_F64;
        nmf_matrix *matrix = problem_matrix(f->context, &p, (shape)(c / 6), dtype);
        nmf_options options = options_for(3, solvers_tried[c % 3], 40);
        options.dtype = dtype;
        options.symmetric = true;
        nmf_result *result = fitted(f->context, matrix, &options, NMF_OK);
        factors found = factors_of(result);
        double error = factors_error(&p, &found), said = nmf_result_summary(result)->error;
        expect_factors_sound(&found);
        for (int64_t i = 0; i < COLS; i++) {
            for (int64_t d = 0; d < 3; d++) {
                assert_memory_equal(&found.w[i * 3 + d], &found.h[d * COLS + i], sizeof *found.w);
            }
        }
        assert_true(fabs(said - error) < (dtype == NMF_F64 ? 1e-11 : 1e-4) * error);
        factors_free(&found);
        nmf_result_free(result);
        nmf_matrix_free(matrix);
    }
    problem_free(&p);
}

static void products_of_h_with_itself_are_found(void **state) {
    folder *f = *state;
    problem p = problem_symmetric(20, 3, 0, 10);
    for (int as = 0; as < SHAPES; as++) {
        nmf_matrix *matrix = problem_matrix(f->context, &p, (shape)as, NMF_F64);
        nmf_options options = options_for(3, "hals", 5000);
        options.symmetric = true;
        nmf_result *result = fitted(f->context, matrix, &options, NMF_OK);
        if (!(nmf_result_summary(result)->relative_error < 1e-5)) {
            fail_msg("error %g", nmf_result_summary(result)->relative_error);
        }
        nmf_result_free(result);
        nmf_matrix_free(matrix);
    }
    problem_free(&p);
}

static void what_is_not_symmetric_is_refused(void **state) {
    folder *f = *state;
    nmf_options options = options_for(2, "hals", 5);
    options.symmetric = true;
    for (int as = 0; as < SHAPES; as++) {
        problem p = problem_symmetric(5, 2, 0.1, 11), wide = problem_random(5, 6, 1, 12);
        p.values[1 * 5 + 3] = 7;
        problem_lay_out(&p);
        nmf_matrix *matrix = problem_matrix(f->context, &p, (shape)as, NMF_F64);
        expect_fit_refused(f->context, matrix, &options, NMF_ERROR_INPUT, "row 2, column 4 is 7");
        nmf_matrix_free(matrix);
        matrix = problem_matrix(f->context, &wide, (shape)as, NMF_F64);
        expect_fit_refused(f->context, matrix, &options, NMF_ERROR_INPUT, "5 rows and 6 columns");
        nmf_matrix_free(matrix);
        problem_free(&p);
        problem_free(&wide);
    }
}

/* ---- free ---- */

/* Numbers of both signs, of which every fifth is hidden by `mask`, where there is one. */
static problem problem_signed(unsigned seed, bool *mask) {
    problem p = problem_random(ROWS, COLS, 1, seed);
    for (int64_t e = 0; e < ROWS * COLS; e++) {
        p.values[e] -= 0.25;
        mask[e] = e % 5 == 2;
    }
    p.allowed = NMF_ALLOW_NEGATIVE;
    problem_lay_out(&p);
    return p;
}

static double least_of(const double *values, int64_t count) {
    double least = values[0];
    for (int64_t e = 1; e < count; e++) {
        least = fmin(least, values[e]);
    }
    return least;
}

/* (A − WH)·Hᵀ = 0 over the entries that count. */
static void expect_least_squares_w(const problem *p, const bool *mask, const factors *f) {
    for (int64_t i = 0; i < f->rows; i++) {
        for (int64_t c = 0; c < f->k; c++) {
            double slope = 0;
            for (int64_t j = 0; j < f->cols; j++) {
                double left = p->values[i * f->cols + j] - product_at(f, i, j);
                slope += mask && mask[i * f->cols + j] ? 0 : left * f->h[c * f->cols + j];
            }
            if (!(fabs(slope) < 1e-9)) {
                fail_msg("W(%lld, %lld) has the slope %g", (long long)i, (long long)c, slope);
            }
        }
    }
}

static void a_free_w_is_the_least_squares_solution(void **state) {
    folder *f = *state;
    bool hidden[ROWS * COLS];
    problem p = problem_signed(13, hidden), over = problem_random(ROWS, COLS, 1, 14);
    for (int64_t e = 0; e < ROWS * COLS; e++) {
        over.values[e] = hidden[e];
    }
    problem_lay_out(&over);
    nmf_matrix *mask = problem_matrix(f->context, &over, SPARSE, NMF_F64);
    for (int c = 0; c < 2 * 2 * SHAPES; c++) {
        bool masked = c % 4 / 2 == 1;
        nmf_matrix *matrix = problem_matrix(f->context, &p, (shape)(c / 4), NMF_F64);
        nmf_options options = options_for(3, solvers_tried[c % 2], 30);
        options.free = "w";
        options.mask = masked ? mask : NULL;
        nmf_result *result = fitted(f->context, matrix, &options, NMF_OK);
        factors found = factors_of(result);
        expect_least_squares_w(&p, masked ? hidden : NULL, &found);
        expect_between(found.h, 3 * COLS, 0, INFINITY);
        assert_true(least_of(found.w, ROWS * 3) < 0);
        factors_free(&found);
        nmf_result_free(result);
        nmf_matrix_free(matrix);
    }
    nmf_matrix_free(mask);
    problem_free(&over);
    problem_free(&p);
}

static void numbers_below_0_need_a_free_w(void **state) {
    folder *f = *state;
    bool hidden[ROWS * COLS];
    problem p = problem_signed(15, hidden);
    for (int as = 0; as < SHAPES; as++) {
        nmf_matrix *matrix = problem_matrix(f->context, &p, (shape)as, NMF_F64);
        nmf_options options = options_for(3, "hals", 5);
        expect_fit_refused(f->context, matrix, &options, NMF_ERROR_INPUT, "free w");
        nmf_matrix_free(matrix);
    }
    problem_free(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_fixed_keeps_every_bit, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(all_of_w_fixed_leaves_the_best_h, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(all_of_w_fixed_is_a_transform, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(what_is_fixed_has_the_shape_of_its_factor, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(no_number_is_above_its_bound, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(columns_of_h_sum_to_1, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(the_simplex_has_a_kkt_residual_of_its_own, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(w_and_h_are_the_same, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(products_of_h_with_itself_are_found, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(what_is_not_symmetric_is_refused, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(a_free_w_is_the_least_squares_solution, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(numbers_below_0_need_a_free_w, folder_setup, folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
