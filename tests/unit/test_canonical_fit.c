/* Where a fit starts and what it hands back: a start that is given, units, the order of components, the same bits. */
#include "support/expect.h"
#include "support/problems.h"

#include <math.h>
#include <string.h>

enum { ROWS = 19, COLS = 14, RANK = 3 };

static nmf_options options_for(const char *solver, int64_t max_iter) {
    nmf_options options;
    nmf_options_init(&options);
    options.rank = RANK;
    options.solver = solver;
    options.init = "random";
    options.stop = "change";
    options.tol = 1e-15;
    options.max_iter = max_iter;
    options.threads = 1;
    return options;
}

static nmf_matrix *matrix_of(nmf_context *context, const double *values, int64_t rows, int64_t cols) {
    nmf_matrix *matrix;
    assert_int_equal(nmf_matrix_dense(context, rows, cols, NMF_F64, values, cols, 1, NMF_ALLOW_NEGATIVE, &matrix),
                     NMF_OK);
    return matrix;
}

static double largest_gap(const double *a, const double *b, int64_t count) {
    double most = 0;
    for (int64_t e = 0; e < count; e++) {
        most = fmax(most, fabs(a[e] - b[e]));
    }
    return most;
}

/* (W·diag(d)·H)_ij, d all 1 where it is NULL. */
static double product_at(const factors *f, const double *d, int64_t i, int64_t j) {
    double sum = 0;
    for (int64_t c = 0; c < f->k; c++) {
        sum += f->w[i * f->k + c] * (d ? d[c] : 1) * f->h[c * f->cols + j];
    }
    return sum;
}

/* Σ|x_c| of a column of W or a row of H, or its norm. */
static double length_of(const factors *f, bool of_h, int64_t c, bool norm) {
    double sum = 0;
    for (int64_t t = 0; t < (of_h ? f->cols : f->rows); t++) {
        double value = of_h ? f->h[c * f->cols + t] : f->w[t * f->k + c];
        sum += norm ? value * value : fabs(value);
    }
    return norm ? sqrt(sum) : sum;
}

/* ---- start ---- */

static void a_converged_pair_stays_where_it_is(void **state) {
    folder *f = *state;
    static const char *const losses[] = {"frobenius", "kl"};
    problem p = problem_low_rank(ROWS, COLS, RANK, 0.3, 1);
    nmf_matrix *matrix = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    for (int c = 0; c < 4; c++) {
        nmf_options options = options_for(c % 2 ? "bpp" : "hals", 20000);
        options.loss = losses[c / 2];
        nmf_result *result = fitted(f->context, matrix, &options, NMF_OK);
        factors before = factors_of(result);
        double error = nmf_result_summary(result)->error;
        nmf_matrix *w = matrix_of(f->context, before.w, ROWS, RANK), *h = matrix_of(f->context, before.h, RANK, COLS);
        nmf_result_free(result);
        options.start_w = w;
        options.start_h = h;
        options.init = NULL;
        options.rank = 0;
        options.max_iter = 3;
        result = fitted(f->context, matrix, &options, NMF_OK);
        factors after = factors_of(result);
        assert_string_equal(nmf_result_summary(result)->init, "start");
        assert_int_equal(after.k, RANK);
        assert_true(nmf_result_summary(result)->history[0].error <= error * (1 + 1e-12));
        assert_true(largest_gap(after.w, before.w, ROWS * RANK) < 1e-5);
        assert_true(largest_gap(after.h, before.h, RANK * COLS) < 1e-5);
        factors_free(&before);
        factors_free(&after);
        nmf_result_free(result);
        nmf_matrix_free(w);
        nmf_matrix_free(h);
    }
    nmf_matrix_free(matrix);
    problem_free(&p);
}

/* Two times ten plain iterations are twenty: mu keeps nothing between iterations but W and H. */
static void a_fit_goes_on_from_where_another_stopped(void **state) {
    folder *f = *state;
    problem p = problem_random(ROWS, COLS, 0.8, 2);
    for (int c = 0; c < 3; c++) {
        problem a = problem_scaled(&p, c == 2 ? 700 : 0);
        nmf_matrix *matrix = problem_matrix(f->context, &a, BY_ROW, NMF_F64);
        nmf_options options = options_for("mu", 20);
        options.loss = c == 1 ? "kl" : "frobenius";
        options.order = "start";
        nmf_result *whole = fitted(f->context, matrix, &options, NMF_OK);
        options.max_iter = 10;
        nmf_result *half = fitted(f->context, matrix, &options, NMF_OK);
        factors middle = factors_of(half), expected = factors_of(whole);
        nmf_matrix *w = matrix_of(f->context, middle.w, ROWS, RANK), *h = matrix_of(f->context, middle.h, RANK, COLS);
        options.start_w = w;
        options.start_h = h;
        options.init = NULL;
        nmf_result *rest = fitted(f->context, matrix, &options, NMF_OK);
        factors found = factors_of(rest);
        assert_true(fabs(nmf_result_summary(rest)->error / nmf_result_summary(whole)->error - 1) < 1e-9);
        for (int64_t i = 0; i < ROWS; i++) {
            for (int64_t j = 0; j < COLS; j++) {
                double size = product_at(&expected, NULL, i, j);
                assert_true(fabs(product_at(&found, NULL, i, j) - size) <= 1e-9 * size);
            }
        }
        factors *const all[] = {&middle, &expected, &found};
        nmf_result *const results[] = {whole, half, rest};
        for (int t = 0; t < 3; t++) {
            factors_free(all[t]);
            nmf_result_free(results[t]);
        }
        nmf_matrix_free(w);
        nmf_matrix_free(h);
        nmf_matrix_free(matrix);
        problem_free(&a);
    }
    problem_free(&p);
}

/* Of kl nothing else could bring back a column of H that starts as zeros. */
static void zeros_of_a_start_are_filled_where_they_must(void **state) {
    folder *f = *state;
    problem p = problem_random(ROWS, COLS, 0.8, 9), q = problem_random(ROWS, COLS, 1, 10);
    for (int64_t c = 0; c < RANK; c++) {
        q.values[c * COLS + 5] = 0;
    }
    nmf_matrix *matrix = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    nmf_matrix *w = matrix_of(f->context, p.values, ROWS, RANK), *h = matrix_of(f->context, q.values, RANK, COLS);
    nmf_options options = options_for("mu", 10);
    options.loss = "kl";
    options.init = NULL;
    options.start_w = w;
    options.start_h = h;
    nmf_result *result = fitted(f->context, matrix, &options, NMF_OK);
    factors found = factors_of(result);
    for (int64_t c = 0; c < RANK; c++) {
        assert_true(found.h[c * COLS + 5] > 0);
    }
    factors_free(&found);
    nmf_result_free(result);
    nmf_matrix_free(w);
    nmf_matrix_free(h);
    nmf_matrix_free(matrix);
    problem_free(&p);
    problem_free(&q);
}

static void a_start_has_the_shapes_of_its_factors(void **state) {
    folder *f = *state;
    problem p = problem_random(ROWS, COLS, 0.8, 3);
    nmf_matrix *matrix = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    nmf_matrix *w = matrix_of(f->context, p.values, ROWS, RANK), *h = matrix_of(f->context, p.values, RANK, COLS);
    nmf_matrix *tall = matrix_of(f->context, p.values, ROWS + 1, RANK);
    nmf_matrix *wide = matrix_of(f->context, p.values, RANK, COLS + 1);
    nmf_options options = options_for("hals", 5);
    options.init = NULL;
    options.start_w = tall;
    options.start_h = h;
    expect_fit_refused(f->context, matrix, &options, NMF_ERROR_INPUT, "it must have 19 and 3");
    options.start_w = w;
    options.start_h = wide;
    expect_fit_refused(f->context, matrix, &options, NMF_ERROR_INPUT, "it must have 3 and 14");
    options.start_h = NULL;
    expect_fit_refused(f->context, matrix, &options, NMF_ERROR_USAGE, "both W and H");
    options.start_h = h;
    options.rank = RANK + 1;
    expect_fit_refused(f->context, matrix, &options, NMF_ERROR_USAGE, "another rank");
    nmf_matrix *const all[] = {w, h, tall, wide, matrix};
    for (int t = 0; t < 5; t++) {
        nmf_matrix_free(all[t]);
    }
    problem_free(&p);
}

/* ---- units ---- */

/* The same product, columns and rows of length 1; by sums d is the order too. */
static void expect_units(const nmf_result *result, const factors *plain, bool norm, double near) {
    factors found = factors_of(result);
    const double *d = nmf_result_summary(result)->d;
    assert_non_null(d);
    for (int64_t c = 0; c < RANK; c++) {
        assert_true(d[c] > 0 && isfinite(d[c]));
        assert_true(norm || c == 0 || d[c] <= d[c - 1]);
        assert_true(fabs(length_of(&found, false, c, norm) - 1) < near);
        assert_true(fabs(length_of(&found, true, c, norm) - 1) < near);
    }
    for (int64_t i = 0; i < ROWS; i++) {
        for (int64_t j = 0; j < COLS; j++) {
            double size = 0, value = product_at(plain, NULL, i, j);
            for (int64_t c = 0; c < RANK; c++) {
                size += fabs(plain->w[i * RANK + c] * plain->h[c * COLS + j]);
            }
            assert_true(fabs(product_at(&found, d, i, j) - value) <= near * size);
        }
    }
    factors_free(&found);
}

static void units_leave_the_product(void **state) {
    folder *f = *state;
    static const char *const units[] = {"sum", "norm"};
    static const int exponents[][3] = {{0, 700, -700}, {0, 60, -60}};
    problem p = problem_random(ROWS, COLS, 0.8, 4);
    for (int c = 0; c < 2 * 2 * 2 * 3 * 2; c++) {
        nmf_dtype dtype = (nmf_dtype)(c / 2 % 2);
        problem a = problem_scaled(&p, exponents[dtype][c / 8 % 3]);
        nmf_matrix *matrix = problem_matrix(f->context, &a, SPARSE, dtype);
        nmf_options options = options_for("hals", 25);
        options.loss = c / 4 % 2 ? "kl" : "frobenius";
        options.free = c / 24 && c / 4 % 2 == 0 && c % 2 ? "w" : NULL;
        options.dtype = dtype;
        nmf_result *plain = fitted(f->context, matrix, &options, NMF_OK);
        assert_null(nmf_result_summary(plain)->d);
        options.unit = units[c % 2];
        nmf_result *scaled = fitted(f->context, matrix, &options, NMF_OK);
        factors expected = factors_of(plain);
        assert_true(nmf_result_summary(plain)->error == nmf_result_summary(scaled)->error);
        expect_units(scaled, &expected, c % 2 == 1, dtype == NMF_F64 ? 1e-14 : 1e-5);
        factors_free(&expected);
        nmf_result_free(plain);
        nmf_result_free(scaled);
        nmf_matrix_free(matrix);
        problem_free(&a);
    }
    problem_free(&p);
}

/* A component of zeros has no length, and none is made up. */
static void nothing_is_divided_by_0(void **state) {
    folder *f = *state;
    double zeros[ROWS * COLS] = {0};
    nmf_matrix *matrix = matrix_of(f->context, zeros, ROWS, COLS);
    nmf_options options = options_for("hals", 5);
    options.unit = "norm";
    nmf_result *result = fitted(f->context, matrix, &options, NMF_OK);
    factors found = factors_of(result);
    expect_factors_sound(&found);
    for (int64_t c = 0; c < RANK; c++) {
        assert_true(nmf_result_summary(result)->d[c] == 0);
    }
    factors_free(&found);
    nmf_result_free(result);
    nmf_matrix_free(matrix);
}

/* ---- order ---- */

static bool same_component(const factors *a, int64_t c, const factors *b, int64_t d) {
    for (int64_t i = 0; i < a->rows; i++) {
        if (a->w[i * a->k + c] != b->w[i * b->k + d]) {
            return false;
        }
    }
    return memcmp(a->h + c * a->cols, b->h + d * b->cols, (size_t)a->cols * sizeof *a->h) == 0;
}

/* The same components, `held` of them in front, the others by Σw·Σh. */
static void expect_sorted(const factors *found, const factors *unsorted, int64_t held) {
    for (int64_t c = 0; c < RANK; c++) {
        int64_t from = 0;
        while (from < RANK && !same_component(found, c, unsorted, from)) {
            from++;
        }
        assert_true(from < RANK && (c >= held || from == c));
        double weight = length_of(found, false, c, false) * length_of(found, true, c, false);
        double before =
            c > held ? length_of(found, false, c - 1, false) * length_of(found, true, c - 1, false) : INFINITY;
        assert_true(weight <= before);
    }
}

static void the_heaviest_component_is_the_first(void **state) {
    folder *f = *state;
    problem p = problem_random(ROWS, COLS, 0.8, 5), w = problem_scaled(&p, -6);
    nmf_matrix *fixed = matrix_of(f->context, w.values, ROWS, 1);
    int moved = 0;
    for (int c = 0; c < 24; c++) {
        bool holds = c % 2 == 1;
        nmf_matrix *matrix = problem_matrix(f->context, &p, (shape)(c / 2 % 3), NMF_F64);
        nmf_options options = options_for("hals", 30);
        options.loss = c / 6 % 2 ? "kl" : NULL;
        options.fix_w = holds ? fixed : NULL;
        options.seed = (uint64_t)c;
        nmf_result *sorted = fitted(f->context, matrix, &options, NMF_OK);
        options.order = "start";
        nmf_result *unsorted = fitted(f->context, matrix, &options, NMF_OK);
        factors found = factors_of(sorted), expected = factors_of(unsorted);
        expect_sorted(&found, &expected, holds);
        moved += !same_component(&found, RANK - 1, &expected, RANK - 1);
        factors_free(&found);
        factors_free(&expected);
        nmf_result_free(sorted);
        nmf_result_free(unsorted);
        nmf_matrix_free(matrix);
    }
    assert_true(moved > 5);
    nmf_matrix_free(fixed);
    problem_free(&p);
    problem_free(&w);
}

/* A start whose second component is by far the heaviest, and which is the answer. */
static void by_start_components_stay_in_place(void **state) {
    folder *f = *state;
    double w[ROWS * RANK] = {0}, h[RANK * COLS] = {0};
    problem p = problem_random(ROWS, COLS, 0, 6);
    for (int64_t i = 0; i < ROWS; i++) {
        w[i * RANK + i % RANK] = 1;
    }
    for (int64_t j = 0; j < COLS; j++) {
        h[j % RANK * COLS + j] = j % RANK == 1 ? 9 : 1;
        for (int64_t i = 0; i < ROWS; i++) {
            p.values[i * COLS + j] = i % RANK == j % RANK ? h[j % RANK * COLS + j] : 0;
        }
    }
    problem_lay_out(&p);
    nmf_matrix *matrix = problem_matrix(f->context, &p, SPARSE, NMF_F64);
    nmf_matrix *start_w = matrix_of(f->context, w, ROWS, RANK), *start_h = matrix_of(f->context, h, RANK, COLS);
    for (int sorts = 0; sorts < 2; sorts++) {
        nmf_options options = options_for("hals", 2);
        options.init = NULL;
        options.order = sorts ? "weight" : "start";
        options.start_w = start_w;
        options.start_h = start_h;
        nmf_result *result = fitted(f->context, matrix, &options, NMF_OK);
        factors found = factors_of(result);
        for (int64_t c = 0; c < RANK; c++) {
            assert_true((length_of(&found, true, c, false) > 20) == (c == (sorts ? 0 : 1)));
        }
        factors_free(&found);
        nmf_result_free(result);
    }
    nmf_matrix_free(start_w);
    nmf_matrix_free(start_h);
    nmf_matrix_free(matrix);
    problem_free(&p);
}

/* ---- the same bits ---- */

enum { ASKED = 8 };

static void ask(int what, const nmf_matrix *w, const nmf_matrix *h, const nmf_matrix *graph, nmf_options *options) {
    options->loss = what == 1 || what == 6 ? "kl" : what == 7 ? "mae" : NULL;
    options->fix_w = what == 0 ? w : NULL;
    options->fix_h = what == 1 ? h : NULL;
    options->max_w = what == 2 ? 0.4 : 0;
    options->simplex = what == 3 ? "h" : NULL;
    options->free = what == 4 ? "w" : NULL;
    options->graph_h = what == 5 ? graph : NULL;
    options->unit = what >= 6 ? "norm" : NULL;
    options->l2_w = what % 2 ? 0.1 : 0;
    options->ortho_h = what % 3 ? 0.05 : 0;
}

static void the_same_bits_come_again(void **state) {
    folder *f = *state;
    problem p = problem_random(ROWS, COLS, 0.8, 7), links = problem_random(COLS, COLS, 1, 8);
    for (int64_t e = 0; e < COLS * COLS; e++) {
        int64_t apart = e / COLS - e % COLS;
        links.values[e] = apart == 1 || apart == -1;
    }
    problem_lay_out(&links);
    nmf_matrix *w = matrix_of(f->context, p.values, ROWS, 2), *h = matrix_of(f->context, p.values, 2, COLS);
    nmf_matrix *graph = problem_matrix(f->context, &links, SPARSE, NMF_F64);
    for (int c = 0; c < ASKED * SHAPES; c++) {
        nmf_matrix *matrix = problem_matrix(f->context, &p, (shape)(c / ASKED), NMF_F64);
        nmf_options options = options_for("hals", 12);
        ask(c % ASKED, w, h, graph, &options);
        nmf_result *first = fitted(f->context, matrix, &options, NMF_OK);
        factors expected = factors_of(first);
        for (int again = 0; again < 2; again++) {
            options.threads = again ? 3 : 1;
            nmf_result *result = fitted(f->context, matrix, &options, NMF_OK);
            factors found = factors_of(result);
            expect_factors_same(&found, &expected);
            assert_true(nmf_result_summary(result)->error == nmf_result_summary(first)->error);
            assert_true(nmf_result_summary(result)->objective == nmf_result_summary(first)->objective);
            factors_free(&found);
            nmf_result_free(result);
        }
        factors_free(&expected);
        nmf_result_free(first);
        nmf_matrix_free(matrix);
    }
    nmf_matrix_free(w);
    nmf_matrix_free(h);
    nmf_matrix_free(graph);
    problem_free(&p);
    problem_free(&links);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_converged_pair_stays_where_it_is, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(a_fit_goes_on_from_where_another_stopped, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(zeros_of_a_start_are_filled_where_they_must, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(a_start_has_the_shapes_of_its_factors, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(units_leave_the_product, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(nothing_is_divided_by_0, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(the_heaviest_component_is_the_first, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(by_start_components_stay_in_place, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(the_same_bits_come_again, folder_setup, folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
