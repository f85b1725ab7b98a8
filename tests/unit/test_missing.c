/* Matrices with missing entries: what is counted of them, what passes them on, and that they are refused unasked. */
#include "support/expect.h"
#include "support/prepared.h"

#include "matrix/prepare.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { ROWS = 4, COLS = 4, ALL_FLAGS = NMF_ALLOW_MISSING | NMF_ALLOW_NEGATIVE | NMF_KEEP_ZEROS };

/* The second row and the last column hold nothing but zeros and missing entries. */
static const double holes[ROWS * COLS] = {
    NAN, 0,   2,   0,   /**/
    0,   NAN, 0,   NAN, /**/
    3,   1,   NAN, 0,   /**/
    4,   0.5, 1,   0,   /**/
};

static void expect_sentence(nmf_context *context, nmf_status found, nmf_status status, const char *part) {
    if (found != status || !strstr(nmf_context_message(context), part)) {
        fail_msg("status %d, \"%s\"; expected %d and \"%s\"", (int)found, nmf_context_message(context), (int)status,
                 part);
    }
}

static void they_are_counted_apart(void **state) {
    folder *f = *state;
    problem p = problem_of(ROWS, COLS, holes);
    for (int c = 0; c < 2 * SHAPES; c++) {
        nmf_matrix_info info;
        nmf_matrix *matrix = problem_matrix(f->context, &p, (shape)(c / 2), (nmf_dtype)(c % 2));
        nmf_matrix_get_info(matrix, &info);
        assert_int_equal(info.nnz, 6);
        assert_int_equal(info.missing, 4);
        assert_int_equal(info.stored, info.sparse ? 10 : 16);
        assert_int_equal(info.zero_rows, 1);
        assert_int_equal(info.zero_cols, 1);
        assert_true(info.min == 0 && info.max == 4);
        assert_true(fabs(info.norm - sqrt(31.25)) < 1e-14);
        nmf_matrix_free(matrix);
    }
    problem_free(&p);
}

static void expect_range(nmf_context *context, int64_t cols, const double *values, double min, double max) {
    problem p = problem_of(1, cols, values);
    for (int c = 0; c < 2 * SHAPES; c++) {
        nmf_matrix *matrix = problem_matrix(context, &p, (shape)(c / 2), (nmf_dtype)(c % 2));
        if (!(matrix->info.min == min && matrix->info.max == max)) {
            fail_msg("case %d: the range is %g to %g, expected %g to %g", c, matrix->info.min, matrix->info.max, min,
                     max);
        }
        nmf_matrix_free(matrix);
    }
    problem_free(&p);
}

static void the_range_is_of_what_is_there(void **state) {
    folder *f = *state;
    expect_range(f->context, 4, (double[]){2, NAN, 3, NAN}, 2, 3);
    expect_range(f->context, 3, (double[]){2, NAN, 0}, 0, 2);
    expect_range(f->context, 2, (double[]){NAN, NAN}, 0, 0);
    expect_range(f->context, 3, (double[]){NAN, 0, 0}, 0, 0);
    expect_range(f->context, 3, (double[]){-2, NAN, -0.5}, -2, -0.5);
}

static void nothing_may_be_there(void **state) {
    folder *f = *state;
    static const double none[] = {NAN, NAN, NAN, NAN, NAN, NAN};
    problem p = problem_of(2, 3, none);
    for (int c = 0; c < 2 * SHAPES; c++) {
        nmf_matrix *matrix = problem_matrix(f->context, &p, (shape)(c / 2), (nmf_dtype)(c % 2));
        assert_int_equal(matrix->info.missing, 6);
        assert_int_equal(matrix->info.nnz, 0);
        assert_int_equal(matrix->info.stored, 6);
        assert_int_equal(matrix->info.zero_rows, 2);
        assert_int_equal(matrix->info.zero_cols, 3);
        assert_true(matrix->info.norm == 0);
        nmf_matrix_free(matrix);
    }
    problem_free(&p);
}

/* Squares of such entries leave the range of doubles: they are summed in a second pass, which counts as the first. */
static void extreme_scales_are_scanned_twice(void **state) {
    folder *f = *state;
    static const double sizes[] = {1e300, 1e-300, -1e300};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        double values[] = {3 * sizes[s], NAN, 0, 4 * sizes[s]};
        problem p = problem_of(2, 2, values);
        for (int as = 0; as < SHAPES; as++) {
            nmf_matrix *matrix = problem_matrix(f->context, &p, (shape)as, NMF_F64);
            assert_int_equal(matrix->info.missing, 1);
            assert_int_equal(matrix->info.nnz, 2);
            assert_int_equal(matrix->info.stored, as == SPARSE ? 3 : 4);
            assert_true(fabs(matrix->info.norm / fabs(sizes[s]) - 5) < 1e-14);
            nmf_matrix_free(matrix);
        }
        problem_free(&p);
    }
}

static void they_are_refused_unasked(void **state) {
    folder *f = *state;
    problem p = problem_of(ROWS, COLS, holes);
    for (int c = 0; c < 2 * SHAPES; c++) {
        nmf_matrix *matrix = problem_matrix(f->context, &p, (shape)(c / 2), (nmf_dtype)(c % 2));
        matrix->allowed = NMF_KEEP_ZEROS;
        expect_sentence(f->context, matrix_check(matrix, "the matrix"), NMF_ERROR_INPUT,
                        "the matrix: row 1, column 1 is NaN; every entry must be a finite number, 0 or above, unless "
                        "missing ones are asked for (--missing nan)");
        matrix->allowed = NMF_ALLOW_NEGATIVE;
        expect_sentence(f->context, matrix_check(matrix, "the matrix"), NMF_ERROR_INPUT,
                        "is NaN; every entry must be a finite number, unless missing ones");
        nmf_matrix_free(matrix);
    }
    problem_free(&p);
}

static nmf_status make(nmf_context *context, bool sparse, const double *four, unsigned allowed, nmf_matrix **matrix) {
    static const int64_t start[] = {0, 2, 4}, index[] = {0, 1, 0, 1};
    return sparse ? matrix_of_rows(context, 2, 2, NMF_F64, start, index, four, allowed, matrix)
                  : nmf_matrix_dense(context, 2, 2, NMF_F64, four, 2, 1, allowed, matrix);
}

static void infinities_are_always_refused(void **state) {
    folder *f = *state;
    for (unsigned allowed = 0; allowed <= ALL_FLAGS; allowed++) {
        for (int c = 0; c < 4; c++) {
            nmf_matrix *matrix = (nmf_matrix *)(uintptr_t)1;
            const double four[] = {1, 2, 3, c & 1 ? -INFINITY : INFINITY};
            expect_sentence(f->context, make(f->context, c & 2, four, allowed, &matrix), NMF_ERROR_INPUT,
                            c & 1 ? "row 2, column 2 is -inf; every" : "row 2, column 2 is inf; every");
            assert_null(matrix);
        }
    }
    expect_sentence(f->context, NMF_ERROR_INPUT, NMF_ERROR_INPUT, "every entry must be a finite number or missing");
}

/* Their sum is no number, which must not make a missing entry of them. */
static void infinities_do_not_cancel(void **state) {
    folder *f = *state;
    static const int64_t start[] = {0, 2}, index[] = {1, 1};
    nmf_matrix *matrix;
    for (int first = 0; first < 2; first++) {
        const double both[] = {first ? INFINITY : -INFINITY, first ? -INFINITY : INFINITY};
        expect_sentence(f->context, matrix_of_rows(f->context, 1, 2, NMF_F64, start, index, both, ALL_FLAGS, &matrix),
                        NMF_ERROR_INPUT, "row 1, column 2 is -inf");
    }
}

static void what_may_be_is_told(void **state) {
    folder *f = *state;
    static const double low[] = {1, NAN, 3, -1}, same[] = {1, 2, NAN, -1};
    nmf_matrix *matrix;
    for (int sparse = 0; sparse < 2; sparse++) {
        expect_sentence(f->context, make(f->context, sparse, low, NMF_ALLOW_MISSING, &matrix), NMF_ERROR_INPUT,
                        "row 2, column 2 is -1; every entry must be a finite number, 0 or above, or missing");
        expect_sentence(f->context, make(f->context, sparse, same, NMF_ALLOW_NEGATIVE, &matrix), NMF_ERROR_INPUT,
                        "row 2, column 1 is NaN; every entry must be a finite number, unless missing ones are");
        expect_sentence(f->context, make(f->context, sparse, low, ALL_FLAGS + 1, &matrix), NMF_ERROR_USAGE,
                        "allowed is 8; it must be made of NMF_ALLOW_MISSING");
        assert_null(matrix);
    }
}

/* One missing entry at a place makes it missing, whatever else is given there. */
static void a_sum_with_a_missing_entry_is_missing(void **state) {
    folder *f = *state;
    static const int64_t start[] = {0, 3}, index[] = {1, 0, 1};
    static const double values[] = {NAN, 2, 5};
    nmf_matrix *matrix;
    assert_int_equal(matrix_of_rows(f->context, 1, 2, NMF_F64, start, index, values, NMF_ALLOW_MISSING, &matrix),
                     NMF_OK);
    double found[2];
    nmf_matrix_copy(matrix, found);
    assert_true(found[0] == 2 && isnan(found[1]));
    assert_int_equal(matrix->info.stored, 2);
    nmf_matrix_free(matrix);
}

static void expect_copy(const nmf_matrix *copy, const problem *expected, shape as) {
    assert_int_equal(copy->allowed, NMF_ALLOW_MISSING);
    assert_int_equal(matrix_check((nmf_matrix *)copy, "the copy"), NMF_OK);
    expect_prepared(copy, expected, as);
}

static void copies_inherit_them(void **state) {
    folder *f = *state;
    static const int64_t list[] = {0, 2};
    static const double rows[] = {NAN, 0, 2, 0, 3, 1, NAN, 0}, cols[] = {NAN, 2, 0, 0, 3, NAN, 4, 1};
    problem p = problem_of(ROWS, COLS, holes), some[] = {problem_of(2, 4, rows), problem_of(4, 2, cols)};
    for (int c = 0; c < 4 * SHAPES; c++) {
        shape as = (shape)(c / 4);
        nmf_matrix *copy, *matrix = problem_matrix(f->context, &p, as, (nmf_dtype)(c & 1));
        assert_int_equal(matrix_pick(matrix, (c & 2) != 0, list, 2, &copy), NMF_OK);
        assert_int_equal(copy->info.stored, as != SPARSE ? 8 : c & 2 ? 6 : 5);
        expect_copy(copy, &some[(c & 2) / 2], as);
        nmf_matrix_free(copy);
        assert_int_equal(matrix->kind->convert(matrix, c & 2 ? NMF_F32 : NMF_F64, 1, &copy), NMF_OK);
        assert_int_equal(copy->info.stored, matrix->info.stored);
        expect_copy(copy, &p, as);
        nmf_matrix_free(copy);
        nmf_matrix_free(matrix);
    }
    problem_free(&p);
    problem_free(&some[0]);
    problem_free(&some[1]);
}

/* Every entry becomes 9, and is counted. */
static double nine(const void *user, int64_t row, int64_t col, double value) {
    ++*(int *)(uintptr_t)user;
    assert_true(value == holes[row * COLS + col]);
    return 9;
}

static void changes_pass_over_them(void **state) {
    folder *f = *state;
    problem p = problem_of(ROWS, COLS, holes);
    for (int c = 0; c < 2 * SHAPES; c++) {
        int calls = 0;
        nmf_matrix *own, *matrix = problem_matrix(f->context, &p, (shape)(c / 2), (nmf_dtype)(c % 2));
        assert_int_equal(matrix_duplicate(matrix, &own), NMF_OK);
        assert_int_equal(own->kind->map(own, nine, &calls), 0);
        assert_int_equal(matrix_check(own, "the copy"), NMF_OK);
        assert_int_equal(calls, c / 2 == SPARSE ? 12 : 6); /* by rows and by columns */
        assert_int_equal(own->info.missing, 4);
        assert_int_equal(own->info.nnz, 6);
        assert_true(own->info.max == 9);
        nmf_matrix_free(own);
        nmf_matrix_free(matrix);
    }
    problem_free(&p);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(they_are_counted_apart),
        TEST(the_range_is_of_what_is_there),
        TEST(nothing_may_be_there),
        TEST(extreme_scales_are_scanned_twice),
        TEST(they_are_refused_unasked),
        TEST(infinities_are_always_refused),
        TEST(infinities_do_not_cancel),
        TEST(what_may_be_is_told),
        TEST(a_sum_with_a_missing_entry_is_missing),
        TEST(copies_inherit_them),
        TEST(changes_pass_over_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
