/* Matrices with entries below zero, where they are allowed. */
#include "support/expect.h"
#include "support/prepared.h"

#include "matrix/matrix.h"

#include <float.h>
#include <math.h>
#include <string.h>

typedef struct known {
    double values[4];
    int64_t nnz, zero_rows;
    double min, max;
} known;

static void the_range_goes_below_zero(void **state) {
    folder *f = *state;
    static const known cases[] = {
        {{-3, 0, 0.5, 2}, 3, 0, -3, 2},
        {{-3, -1, -0.5, -2}, 4, 0, -3, -0.5},
        {{-3, 0, 0, 0}, 1, 1, -3, 0},
        {{-3, 4, 0, 0}, 2, 1, -3, 4},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const known *k = &cases[i];
        problem p = problem_of(2, 2, k->values);
        for (int c = 0; c < 2 * SHAPES; c++) {
            nmf_matrix *matrix = problem_matrix(f->context, &p, (shape)(c / 2), (nmf_dtype)(c % 2));
            nmf_matrix_info info = matrix->info;
            assert_int_equal(info.nnz, k->nnz);
            assert_int_equal(info.missing, 0);
            assert_int_equal(info.zero_rows, k->zero_rows);
            assert_true(info.min == k->min && info.max == k->max);
            double squares = 0;
            for (int e = 0; e < 4; e++) {
                squares += k->values[e] * k->values[e];
            }
            assert_true(fabs(info.norm - sqrt(squares)) < 1e-14);
            nmf_matrix_free(matrix);
        }
        problem_free(&p);
    }
}

static nmf_status read_entry(nmf_context *context, nmf_dtype dtype, double value, unsigned allowed,
                             nmf_matrix **matrix) {
    triplet *one = NULL;
    int64_t room = 0;
    assert_int_equal(buffer_reserve(context, (void **)&one, &room, 1, sizeof *one, "an entry"), NMF_OK);
    one[0] = (triplet){0, 1, value};
    return matrix_new_sparse(context, "a file", 1, 2, dtype, allowed, &one, 1, NULL, matrix);
}

static void single_precision_has_two_ends(void **state) {
    folder *f = *state;
    nmf_matrix *matrix;
    assert_int_equal(read_entry(f->context, NMF_F32, -1e39, NMF_ALLOW_NEGATIVE, &matrix), NMF_ERROR_INPUT);
    assert_non_null(strstr(nmf_context_message(f->context), "row 1, column 2 is -1e+39; that is more than"));
    assert_int_equal(read_entry(f->context, NMF_F32, -1e39, 0, &matrix), NMF_ERROR_INPUT);
    assert_non_null(strstr(nmf_context_message(f->context), "0 or above"));
    assert_int_equal(f->warnings, 0);
    assert_int_equal(read_entry(f->context, NMF_F32, -1e-60, NMF_ALLOW_NEGATIVE, &matrix), NMF_OK);
    assert_int_equal(f->warnings, 1);
    assert_non_null(strstr(f->warning, "a file: 1 entries are so small"));
    nmf_matrix_free(matrix);
    assert_int_equal(read_entry(f->context, NMF_F64, -1e39, NMF_ALLOW_NEGATIVE, &matrix), NMF_OK);
    nmf_matrix_free(matrix);
}

static void entries_that_cancel_are_zeros(void **state) {
    folder *f = *state;
    static const int64_t start[] = {0, 3}, index[] = {1, 0, 1};
    static const double values[] = {-2, -1, 2};
    nmf_matrix *matrix;
    assert_int_equal(matrix_of_rows(f->context, 1, 2, NMF_F64, start, index, values, NMF_ALLOW_NEGATIVE, &matrix),
                     NMF_OK);
    assert_int_equal(matrix->info.stored, 1);
    assert_int_equal(matrix->info.nnz, 1);
    assert_true(matrix->info.min == -1 && matrix->info.max == 0);
    nmf_matrix_free(matrix);
}

static void sums_past_all_numbers_are_refused(void **state) {
    folder *f = *state;
    static const int64_t start[] = {0, 2}, index[] = {1, 1};
    static const double values[] = {-DBL_MAX, -DBL_MAX};
    nmf_matrix *matrix;
    assert_int_equal(matrix_of_rows(f->context, 1, 2, NMF_F64, start, index, values, NMF_ALLOW_NEGATIVE, &matrix),
                     NMF_ERROR_INPUT);
    assert_non_null(strstr(nmf_context_message(f->context), "is -inf; every entry must be a finite number"));
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_range_goes_below_zero),
        TEST(single_precision_has_two_ends),
        TEST(entries_that_cancel_are_zeros),
        TEST(sums_past_all_numbers_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
