/* Matrices at their contract: the same numbers whatever they are kept as, and what is refused. */
#include "support/expect.h"
#include "support/numbers.h"
#include "support/problems.h"

#include "matrix/products.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { ROWS = 131, COLS = 53, K = 5 };

static items drawn(nmf_context *context, nmf_dtype dtype, int64_t count, uint64_t seed) {
    items x = guarded_new(context, dtype, count, K);
    items_draw(&x, &seed, 0, 1);
    return x;
}

/* A·Y and Aᵀ·X against long double sums. */
static void expect_products(const problem *p, const nmf_matrix *matrix, nmf_dtype dtype) {
    nmf_context *context = matrix->context;
    items y = drawn(context, dtype, COLS, 1), x = drawn(context, dtype, ROWS, 2);
    items left = guarded_copy(context, &x), right = guarded_copy(context, &y);
    matrix_times(matrix, NULL, &y, &left, 2);
    matrix_transposed_times(matrix, NULL, &x, &right, 2);
    for (int64_t c = 0; c < K; c++) {
        summed column[COLS] = {{0, 0}};
        for (int64_t i = 0; i < ROWS; i++) {
            summed row = {0};
            for (int64_t j = 0; j < COLS; j++) {
                long double value = (long double)p->values[i * COLS + j];
                sum_term(&row, value * (long double)items_get(&y, j, c));
                sum_term(&column[j], value * (long double)items_get(&x, i, c));
            }
            expect_near(items_get(&left, i, c), row.value, dtype, COLS, row.size);
        }
        for (int64_t j = 0; j < COLS; j++) {
            expect_near(items_get(&right, j, c), column[j].value, dtype, ROWS, column[j].size);
        }
    }
    expect_guarded(&left);
    expect_guarded(&right);
    items_free(context, &y);
    items_free(context, &x);
    items_free(context, &left);
    items_free(context, &right);
}

static void expect_entries(const problem *p, const nmf_matrix *matrix, nmf_dtype dtype) {
    double row[COLS], column[ROWS];
    for (int64_t i = 0; i < ROWS; i++) {
        matrix_row(matrix, i, row);
        assert_memory_equal(row, p->values + i * COLS, sizeof row);
    }
    for (int64_t j = 0; j < COLS; j++) {
        entry_line line = matrix->kind->line(matrix, true, j);
        memset(column, 0, sizeof column);
        for (int64_t e = 0; e < line.count; e++) {
            column[entry_place(&line, e)] = entry_value(dtype, &line, e);
        }
        for (int64_t i = 0; i < ROWS; i++) {
            assert_true(column[i] == p->values[i * COLS + j]);
        }
    }
}

static void every_kind_gives_the_same_products(void **state) {
    folder *f = *state;
    problem p = problem_random(ROWS, COLS, 0.3, 11);
    for (int as = 0; as < SHAPES; as++) {
        for (int dtype = NMF_F64; dtype <= NMF_F32; dtype++) {
            nmf_matrix *matrix = problem_matrix(f->context, &p, (shape)as, (nmf_dtype)dtype);
            expect_products(&p, matrix, (nmf_dtype)dtype);
            expect_entries(&p, matrix, (nmf_dtype)dtype);
            nmf_matrix_free(matrix);
        }
    }
    problem_free(&p);
}

/* Line list[t] of p and of what was picked from it. */
static void expect_picked(const problem *p, const nmf_matrix *some, bool columns, const int64_t *list, int64_t count) {
    double all[ROWS * COLS];
    int64_t cols = columns ? count : COLS;
    assert_int_equal(some->info.rows, columns ? ROWS : count);
    assert_int_equal(some->info.cols, cols);
    nmf_matrix_copy(some, all);
    for (int64_t t = 0; t < count; t++) {
        for (int64_t e = 0; e < (columns ? ROWS : COLS); e++) {
            double there = columns ? all[e * cols + t] : all[t * cols + e];
            assert_true(there == (columns ? p->values[e * COLS + list[t]] : p->values[list[t] * COLS + e]));
        }
    }
}

static void lines_are_picked_in_order(void **state) {
    folder *f = *state;
    static const int64_t list[] = {0, 3, 4, 20};
    problem p = problem_random(ROWS, COLS, 0.4, 21);
    for (int c = 0; c < SHAPES * 4; c++) {
        nmf_matrix *matrix = problem_matrix(f->context, &p, (shape)(c / 4), (nmf_dtype)(c & 1)), *some;
        bool columns = c & 2;
        assert_int_equal(matrix->kind->pick(matrix, columns, list, 4, &some), NMF_OK);
        assert_int_equal(matrix_check(some, "the lines"), NMF_OK);
        expect_picked(&p, some, columns, list, 4);
        nmf_matrix_free(some);
        nmf_matrix_free(matrix);
    }
    problem_free(&p);
}

static void panels_change_no_bit(void **state) {
    folder *f = *state;
    problem p = problem_random(ROWS, COLS, 0.7, 12);
    for (int as = BY_ROW; as <= BY_COLUMN; as++) {
        nmf_matrix *matrix = problem_matrix(f->context, &p, (shape)as, NMF_F64);
        items y = drawn(f->context, NMF_F64, COLS, 1), x = drawn(f->context, NMF_F64, ROWS, 2);
        items left[2], right[2];
        for (int which = 0; which < 2; which++) {
            left[which] = guarded_new(f->context, NMF_F64, ROWS, K);
            right[which] = guarded_new(f->context, NMF_F64, COLS, K);
            matrix->panel_rows = which ? KERNEL_GRID : ROWS;
            matrix_times(matrix, NULL, &y, &left[which], 1);
            matrix_transposed_times(matrix, NULL, &x, &right[which], 3);
        }
        expect_same_bits(&left[1], &left[0]);
        expect_same_bits(&right[1], &right[0]);
        for (int which = 0; which < 2; which++) {
            items_free(f->context, &left[which]);
            items_free(f->context, &right[which]);
        }
        items_free(f->context, &y);
        items_free(f->context, &x);
        nmf_matrix_free(matrix);
    }
    problem_free(&p);
}

static void panels_are_whole_grids(void **state) {
    folder *f = *state;
    problem p = problem_random(ROWS, COLS, 1, 1);
    for (int as = 0; as < SHAPES; as++) {
        nmf_matrix *matrix = problem_matrix(f->context, &p, (shape)as, NMF_F32);
        assert_true(matrix->panel_rows > 0);
        assert_true(matrix->panel_rows >= ROWS || matrix->panel_rows % KERNEL_GRID == 0);
        nmf_matrix_free(matrix);
    }
    problem_free(&p);
}

static void columns_come_in_any_order_and_add_up(void **state) {
    folder *f = *state;
    static const int64_t start[] = {0, 4, 4, 7, 9};
    static const int64_t index[] = {2, 0, 2, 1, 1, 1, 0, 2, 2};
    static const double values[] = {1, 2, 4, 0, 3, 5, 7, 0, 0};
    static const double expected[] = {2, 0, 5, 0, 0, 0, 7, 8, 0, 0, 0, 0};
    double found[12];
    nmf_matrix *matrix;
    nmf_matrix_info info;
    assert_int_equal(matrix_of_rows(f->context, 4, 3, NMF_F64, start, index, values, 0, &matrix), NMF_OK);
    nmf_matrix_copy(matrix, found);
    assert_memory_equal(found, expected, sizeof expected);
    nmf_matrix_get_info(matrix, &info);
    assert_int_equal(matrix->as.sparse.by_row.start[4], 4);
    assert_int_equal(matrix->as.sparse.by_col.start[3], 4);
    assert_true(info.sparse);
    assert_int_equal(info.nnz, 4);
    assert_int_equal(info.zero_rows, 2);
    assert_int_equal(info.zero_cols, 0);
    assert_true(info.min == 0 && info.max == 8);
    assert_true(fabs(info.norm - sqrt(4 + 25 + 49 + 64)) < 1e-14);
    nmf_matrix_free(matrix);
}

static void information_is_that_of_the_entries(void **state) {
    folder *f = *state;
    problem p = problem_random(6, 4, 1, 5);
    for (int64_t j = 0; j < 4; j++) {
        p.values[2 * 4 + j] = p.values[5 * 4 + j] = 0;
    }
    for (int64_t i = 0; i < 6; i++) {
        p.values[i * 4 + 3] = 0;
    }
    p.values[1] = 2;
    problem_lay_out(&p);
    for (int as = 0; as < SHAPES; as++) {
        for (int dtype = NMF_F64; dtype <= NMF_F32; dtype++) {
            nmf_matrix_info info;
            nmf_matrix *matrix = problem_matrix(f->context, &p, (shape)as, (nmf_dtype)dtype);
            nmf_matrix_get_info(matrix, &info);
            assert_int_equal(info.rows, 6);
            assert_int_equal(info.cols, 4);
            assert_int_equal(info.nnz, 12);
            assert_int_equal(info.zero_rows, 2);
            assert_int_equal(info.zero_cols, 1);
            assert_true(info.min == 0 && info.max == 2 && info.dtype == (nmf_dtype)dtype);
            assert_string_equal(info.source, "memory");
            nmf_matrix_free(matrix);
        }
    }
    problem_free(&p);
}

static void norms_neither_overflow_nor_vanish(void **state) {
    folder *f = *state;
    static const double sizes[] = {1, 1e-200, 1e200, 1e300, 1e-300, DBL_MIN, 0x1p-1070};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        double values[] = {3 * sizes[s], 0, 0, 4 * sizes[s]};
        problem p = problem_random(2, 2, 1, 1);
        memcpy(p.values, values, sizeof values);
        problem_lay_out(&p);
        for (int as = 0; as < SHAPES; as++) {
            nmf_matrix_info info;
            nmf_matrix *matrix = problem_matrix(f->context, &p, (shape)as, NMF_F64);
            nmf_matrix_get_info(matrix, &info);
            if (!(fabs(info.norm / sizes[s] - 5) < 1e-14)) {
                fail_msg("the norm of %g is %g", 5 * sizes[s], info.norm);
            }
            nmf_matrix_free(matrix);
        }
        problem_free(&p);
    }
}

static void expect_sentence(nmf_context *context, nmf_status found, nmf_status status, const char *part) {
    if (found != status || !strstr(nmf_context_message(context), part)) {
        fail_msg("status %d, \"%s\"; expected %d and \"%s\"", (int)found, nmf_context_message(context), (int)status,
                 part);
    }
}

static void bad_entries_are_named(void **state) {
    folder *f = *state;
    const double bad[] = {NAN, INFINITY, -2.5, -INFINITY};
    const char *const said[] = {" is NaN; ", " is inf; ", " is -2.5; ", " is -inf; "};
    for (int as = 0; as < SHAPES; as++) {
        for (int b = 0; b < 4; b++) {
            problem p = problem_random(5, 4, 1, 3);
            nmf_matrix *matrix = problem_matrix(f->context, &p, (shape)as, NMF_F64);
            double *memory = as == SPARSE ? matrix->as.sparse.by_row.value : p.memory[as][NMF_F64];
            memory[as == BY_COLUMN ? 1 * 5 + 2 : 2 * 4 + 1] = bad[b];
            memory[as == BY_COLUMN ? 0 * 5 + 3 : 3 * 4 + 0] = bad[b];
            expect_sentence(f->context, matrix_check(matrix, "the matrix"), NMF_ERROR_INPUT,
                            "the matrix: row 3, column 2 is ");
            assert_non_null(strstr(nmf_context_message(f->context), said[b]));
            assert_int_equal(names_add(&matrix->row_names, "a", 1), NMF_OK);
            assert_int_equal(names_add(&matrix->row_names, "b", 1), NMF_OK);
            assert_int_equal(names_add(&matrix->row_names, "gene X", 6), NMF_OK);
            expect_sentence(f->context, matrix_check(matrix, "the matrix"), NMF_ERROR_INPUT,
                            "row 3 (\"gene X\"), column 2 is ");
            nmf_matrix_free(matrix);
            problem_free(&p);
        }
    }
}

static void bad_entries_give_no_matrix(void **state) {
    folder *f = *state;
    static const double dense[] = {1, 2, 3, -1};
    static const float single[] = {1, 2, 3, INFINITY};
    static const int64_t start[] = {0, 2, 4}, index[] = {0, 1, 0, 1};
    nmf_matrix *matrix = (nmf_matrix *)(uintptr_t)1;
    expect_sentence(f->context, nmf_matrix_dense(f->context, 2, 2, NMF_F64, dense, 2, 1, 0, &matrix), NMF_ERROR_INPUT,
                    "row 2, column 2 is -1");
    assert_null(matrix);
    matrix = (nmf_matrix *)(uintptr_t)1;
    expect_sentence(f->context, matrix_of_rows(f->context, 2, 2, NMF_F32, start, index, single, 0, &matrix),
                    NMF_ERROR_INPUT, "row 2, column 2 is inf");
    assert_null(matrix);
    /* Below zero, though the entries of its place sum to more. */
    static const double twice[] = {1, 2, -1, 4};
    static const int64_t same[] = {0, 1, 1, 1};
    expect_sentence(f->context, matrix_of_rows(f->context, 2, 2, NMF_F64, start, same, twice, 0, &matrix),
                    NMF_ERROR_INPUT, "row 2, column 2 is -1");
    triplet *large = NULL;
    int64_t room = 0;
    assert_int_equal(buffer_reserve(f->context, (void **)&large, &room, 1, sizeof *large, "an entry"), NMF_OK);
    large[0] = (triplet){0, 1, 1e300};
    expect_sentence(f->context, matrix_new_sparse(f->context, "a file", 2, 2, NMF_F32, 0, &large, 1, NULL, &matrix),
                    NMF_ERROR_INPUT, "row 1, column 2 is 1e+300");
    assert_true(!matrix && !large);
}

static void bad_shapes_are_refused(void **state) {
    folder *f = *state;
    static const double one[] = {1, 1, 1, 1, 1, 1};
    static const struct {
        int64_t rows, cols, row_stride, col_stride;
        nmf_status status;
        const char *said;
    } bad[] = {
        {2, 2, 2, 2, NMF_ERROR_USAGE, "one of them must be 1"},
        {2, 2, 3, 0, NMF_ERROR_USAGE, "one of them must be 1"},
        {2, 2, -2, 1, NMF_ERROR_USAGE, "must be positive"},
        {-2, 2, 1, 1, NMF_ERROR_USAGE, "must be positive"},
        {0, 2, 2, 1, NMF_ERROR_INPUT, "0 rows"},
        {2, 0, 1, 1, NMF_ERROR_INPUT, "0 columns"},
        {INT64_MAX, 2, 2, 1, NMF_ERROR_USAGE, "cannot be"},
        {1LL << 31, 1LL << 30, 1LL << 30, 1, NMF_ERROR_USAGE, "cannot be"},
        {3, 1, INT64_MAX, 1, NMF_ERROR_USAGE, "cannot be"},
        {2, 2, 1, INT64_MAX / 8, NMF_ERROR_USAGE, "cannot be"},
    };
    for (size_t b = 0; b < sizeof bad / sizeof *bad; b++) {
        nmf_matrix *matrix = (nmf_matrix *)(uintptr_t)1;
        nmf_status status = nmf_matrix_dense(f->context, bad[b].rows, bad[b].cols, NMF_F64, one, bad[b].row_stride,
                                             bad[b].col_stride, 0, &matrix);
        expect_sentence(f->context, status, bad[b].status, bad[b].said);
        assert_null(matrix);
    }
}

static void copies_are_exact(void **state) {
    folder *f = *state;
    problem p = problem_random(9, 7, 0.5, 8);
    for (int as = 0; as < SHAPES; as++) {
        for (int dtype = NMF_F64; dtype <= NMF_F32; dtype++) {
            double found[63];
            nmf_matrix *copy, *matrix = problem_matrix(f->context, &p, (shape)as, NMF_F64);
            assert_int_equal(matrix->kind->convert(matrix, (nmf_dtype)dtype, 0.25, &copy), NMF_OK);
            assert_int_equal(matrix_check(copy, "the copy"), NMF_OK);
            nmf_matrix_copy(copy, found);
            for (int e = 0; e < 63; e++) {
                assert_true(found[e] == p.values[e] / 4);
            }
            assert_int_equal(copy->info.dtype, dtype);
            assert_int_equal(copy->info.nnz, matrix->info.nnz);
            nmf_matrix_free(copy);
            nmf_matrix_free(matrix);
        }
    }
    problem_free(&p);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(every_kind_gives_the_same_products),
        TEST(lines_are_picked_in_order),
        TEST(panels_change_no_bit),
        TEST(panels_are_whole_grids),
        TEST(columns_come_in_any_order_and_add_up),
        TEST(information_is_that_of_the_entries),
        TEST(norms_neither_overflow_nor_vanish),
        TEST(bad_entries_are_named),
        TEST(bad_entries_give_no_matrix),
        TEST(bad_shapes_are_refused),
        TEST(copies_are_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
