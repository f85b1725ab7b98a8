/* The W and H a fit begins with: from there, a fit goes the way of one that made them itself. */
#include "support/expect.h"
#include "support/problems.h"

#include <math.h>
#include <string.h>

enum { ROWS = 30, COLS = 21, RANK = 4 };

static nmf_options options_of(const char *init, const char *loss) {
    nmf_options options;
    nmf_options_init(&options);
    options.rank = RANK;
    options.solver = "mu";
    options.init = init;
    options.loss = loss;
    options.order = "start";
    options.max_iter = 8;
    options.tol = 1e-300;
    return options;
}

static nmf_result *begun(folder *f, const nmf_matrix *a, const nmf_options *options) {
    nmf_result *start;
    if (nmf_initialize(f->context, a, options, &start) != NMF_OK) {
        fail_msg("%s", nmf_context_message(f->context));
    }
    return start;
}

static nmf_matrix *matrix_over(folder *f, const double *values, int64_t rows, int64_t cols) {
    nmf_matrix *matrix;
    assert_int_equal(nmf_matrix_dense(f->context, rows, cols, NMF_F64, values, cols, 1, 0, &matrix), NMF_OK);
    return matrix;
}

static void expect_near(const double *got, const double *expected, int64_t count) {
    for (int64_t e = 0; e < count; e++) {
        if (fabs(got[e] - expected[e]) > 1e-9 * (1e-3 + fabs(expected[e]))) {
            fail_msg("number %lld is %.17g, expected %.17g", (long long)e, got[e], expected[e]);
        }
    }
}

static void expect_the_same_way(folder *f, const nmf_matrix *a, nmf_options options) {
    nmf_result *start = begun(f, a, &options), *whole = fitted(f->context, a, &options, NMF_OK);
    factors first = factors_of(start), expected = factors_of(whole);
    nmf_matrix *w = matrix_over(f, first.w, ROWS, RANK), *h = matrix_over(f, first.h, RANK, COLS);
    options.init = NULL;
    options.start_w = w;
    options.start_h = h;
    nmf_result *on = fitted(f->context, a, &options, NMF_OK);
    factors got = factors_of(on);
    expect_near(got.w, expected.w, (int64_t)ROWS * RANK);
    expect_near(got.h, expected.h, (int64_t)RANK * COLS);
    assert_int_equal(nmf_result_summary(start)->iterations, 0);
    assert_true(nmf_result_summary(start)->error > nmf_result_summary(whole)->error);
    nmf_result *const results[] = {start, whole, on};
    for (int t = 0; t < 3; t++) {
        nmf_result_free(results[t]);
    }
    factors_free(&first);
    factors_free(&expected);
    factors_free(&got);
    nmf_matrix_free(w);
    nmf_matrix_free(h);
}

static void fits_go_on_from_there(void **state) {
    folder *f = *state;
    static const char *const inits[] = {"random", "numpy", "nndsvda", "nndsvdar", "spa", "kmeans"};
    static const char *const losses[] = {"frobenius", "kl"};
    problem p = problem_low_rank(ROWS, COLS, RANK, 0.2, 3);
    for (int c = 0; c < 6 * 2 * SHAPES; c++) {
        nmf_matrix *a = problem_matrix(f->context, &p, (shape)(c % SHAPES), NMF_F64);
        expect_the_same_way(f, a, options_of(inits[c / SHAPES / 2], losses[c / SHAPES % 2]));
        nmf_matrix_free(a);
    }
    problem_free(&p);
}

static void what_fits_refuse_is_refused(void **state) {
    folder *f = *state;
    problem p = problem_low_rank(ROWS, COLS, RANK, 0.2, 3);
    nmf_matrix *a = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    nmf_result *start = NULL;
    nmf_options options = options_of("nndsvd", "frobenius");
    options.rank = 0;
    assert_int_equal(nmf_initialize(f->context, a, &options, &start), NMF_ERROR_USAGE);
    assert_null(start);
    assert_non_null(strstr(nmf_context_message(f->context), "rank is 0"));
    nmf_matrix_free(a);
    problem_free(&p);
}

static nmf_status begin_little(nmf_context *context) {
    static const double values[] = {1, 2, 3, 4, 5, 6};
    nmf_options options = options_of("random", "kl");
    nmf_matrix *a = NULL;
    nmf_result *start = NULL;
    options.rank = 2;
    nmf_status status = nmf_matrix_dense(context, 3, 2, NMF_F64, values, 2, 1, 0, &a);
    if (status == NMF_OK) {
        status = nmf_initialize(context, a, &options, &start);
    }
    assert_true(status == NMF_OK || !start);
    nmf_result_free(start);
    nmf_matrix_free(a);
    return status;
}

static void memory_that_is_not_there_leaves_nothing(void **state) {
    (void)state;
    expect_memory_refused(begin_little);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(fits_go_on_from_there, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(what_fits_refuse_is_refused, folder_setup, folder_teardown),
        cmocka_unit_test(memory_that_is_not_there_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
