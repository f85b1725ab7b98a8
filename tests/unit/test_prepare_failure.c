/* What cannot be done to a matrix before it is factorized, what only just can, and no memory for it. */
#include "support/expect.h"
#include "support/prepared.h"

#include "matrix/matrix.h"

#include <float.h>
#include <math.h>
#include <string.h>

static void lists_that_do_not_fit_are_refused(void **state) {
    folder *f = *state;
    problem p = problem_of(PREPARED_ROWS, PREPARED_COLS, prepared_counts);
    nmf_matrix *matrix = named_matrix(f->context, &p, SPARSE, NMF_F64);
    nmf_prepare_options how = {.select_rows = folder_text(f, "rows", "g1\ng44\n")};
    expect_prepare_fails(f->context, &matrix, &how, NMF_ERROR_INPUT,
                         "rows, line 2: the matrix has no row \"g44\"; did you mean \"g4\"?");
    how.select_rows = folder_text(f, "rows", "g1\n");
    how.select_cols = folder_text(f, "cols", "s1\n\nxyzzy\n");
    expect_prepare_fails(f->context, &matrix, &how, NMF_ERROR_INPUT, "cols, line 2: the matrix has no column \"\"");
    how.select_cols = folder_text(f, "cols", "xyzzy\n");
    expect_prepare_fails(f->context, &matrix, &how, NMF_ERROR_INPUT,
                         "cols, line 1: the matrix has no column \"xyzzy\"");
    assert_null(strstr(nmf_context_message(f->context), "did you mean"));
    how.select_cols = folder_text(f, "cols", "\xef\xbb\xbf\r\n\n");
    expect_prepare_fails(f->context, &matrix, &how, NMF_ERROR_INPUT,
                         "cols holds no names; at least one column must be named");
    how.select_cols = folder_path(f, "none");
    expect_prepare_fails(f->context, &matrix, &how, NMF_ERROR_INPUT, "none");
    how.select_cols = folder_bytes(f, "nul", "s1\ns\0002\n", 7);
    expect_prepare_fails(f->context, &matrix, &how, NMF_ERROR_INPUT, "nul, line 2: a NUL byte");
    nmf_matrix_free(matrix);
    matrix = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    expect_prepare_fails(f->context, &matrix, &(nmf_prepare_options){.select_rows = how.select_rows}, NMF_ERROR_INPUT,
                         "have no names; give them with --row-names");
    nmf_matrix_free(matrix);
    problem_free(&p);
}

static void sums_that_cannot_be_are_refused(void **state) {
    folder *f = *state;
    problem p = problem_of(PREPARED_ROWS, PREPARED_COLS, prepared_counts);
    static const double wrong[] = {-2, -0.5, INFINITY, -INFINITY, NAN};
    nmf_matrix *matrix = problem_matrix(f->context, &p, BY_COLUMN, NMF_F32);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        expect_prepare_fails(f->context, &matrix, &(nmf_prepare_options){.normalize = wrong[i]}, NMF_ERROR_USAGE,
                             "normalize is");
    }
    expect_prepare_fails(f->context, &matrix, &(nmf_prepare_options){.normalize = 1e39, .log1p = true}, NMF_ERROR_INPUT,
                         "the sum 1e+39: a number of f32 goes up to 3.4");
    nmf_matrix_free(matrix);
    static const double large[] = {1, DBL_MAX, 2, DBL_MAX};
    matrix = NULL;
    assert_int_equal(nmf_matrix_dense(f->context, 2, 2, NMF_F64, large, 2, 1, 0, &matrix), NMF_OK);
    expect_prepare_fails(f->context, &matrix, &(nmf_prepare_options){.normalize = 1}, NMF_ERROR_INPUT,
                         "column 2 sum to more");
    nmf_matrix_free(matrix);
    problem_free(&p);
}

/* Squares and quotients of such entries leave the range of doubles on the way, the result does not. */
static void extreme_entries_are_prepared(void **state) {
    folder *f = *state;
    static const double scales[] = {1e-310, 1e-200, 1e300};
    for (int s = 0; s < 3; s++) {
        double values[] = {scales[s], 0, scales[s], scales[s]}, found[4];
        nmf_matrix *matrix;
        assert_int_equal(nmf_matrix_dense(f->context, 2, 2, NMF_F64, values, 2, 1, 0, &matrix), NMF_OK);
        prepare_well(f->context, &(nmf_prepare_options){.normalize = 1e10}, &matrix);
        nmf_matrix_copy(matrix, found);
        assert_true(fabs(found[0] - 5e9) < 1 && fabs(found[3] - 1e10) < 1);
        nmf_matrix_free(matrix);
        assert_int_equal(nmf_matrix_dense(f->context, 2, 2, NMF_F64, values, 2, 1, 0, &matrix), NMF_OK);
        prepare_well(f->context, &(nmf_prepare_options){.tfidf = true}, &matrix);
        nmf_matrix_copy(matrix, found);
        assert_true(fabs(found[0] - 0.81480247) < 1e-8 && fabs(found[3] - 1) < 1e-15);
        nmf_matrix_free(matrix);
    }
}

static void entries_lost_to_f32_are_told(void **state) {
    folder *f = *state;
    static const double values[] = {1, 3, 1e30, 5};
    problem p = problem_of(2, 2, values);
    for (int as = 0; as < SHAPES; as++) {
        nmf_matrix *matrix = problem_matrix(f->context, &p, (shape)as, NMF_F32);
        f->warnings = 0;
        prepare_well(f->context, &(nmf_prepare_options){.normalize = 1e-20}, &matrix);
        assert_int_equal(f->warnings, 1);
        assert_non_null(strstr(f->warning, "1 entries become so small that they are 0 in f32"));
        assert_int_equal(matrix->info.nnz, 3);
        nmf_matrix_free(matrix);
    }
    problem_free(&p);
}

/* Once, or from then on, allocation `at` fails: the matrix is as it was, and nothing is left. */
static nmf_status prepare_scarcely(nmf_context *context, scarce *memory, const problem *p, shape as, bool from_then,
                                   const nmf_prepare_options *how, int64_t at) {
    nmf_matrix *matrix = named_matrix(context, p, as, NMF_F64), *same = matrix;
    int64_t live = memory->live, bytes = memory->bytes;
    memory->calls = 0;
    memory->fail_at = at;
    memory->from_then = from_then;
    nmf_status status = nmf_matrix_prepare(context, how, &matrix);
    memory->fail_at = 0;
    if (status != NMF_OK) {
        assert_int_equal(status, NMF_ERROR_MEMORY);
        assert_ptr_equal(matrix, same);
        assert_int_equal(memory->live, live);
        assert_int_equal(memory->bytes, bytes);
        expect_prepared(matrix, p, as);
        assert_string_equal(nmf_matrix_row_name(matrix, 1), "g2");
        assert_string_equal(nmf_matrix_col_name(matrix, 1), "s2");
    }
    nmf_matrix_free(matrix);
    return status;
}

static void every_allocation_fails_in_turn(void **state) {
    folder *f = *state;
    problem p = problem_of(PREPARED_ROWS, PREPARED_COLS, prepared_counts);
    const nmf_prepare_options ways[] = {
        {.select_rows = folder_text(f, "rows", "s1\ns4\ns5\n"),
         .select_cols = folder_text(f, "cols", "g1\ng3\n"),
         .normalize = NMF_NORMALIZE_MEDIAN,
         .log1p = true,
         .tfidf = true,
         .transpose = true},
        {.normalize = 10, .tfidf = true, .transpose = true},
        {.log1p = true},
    };
    for (int c = 0; c < 3 * SHAPES * 2; c++) {
        scarce memory = {0};
        nmf_allocator allocator = scarce_allocator(&memory);
        nmf_context *context;
        assert_int_equal(nmf_context_new(&allocator, &context), NMF_OK);
        nmf_status status = NMF_ERROR_MEMORY;
        int64_t at = 0;
        while (status != NMF_OK) {
            status = prepare_scarcely(context, &memory, &p, (shape)(c / 6), c % 2 == 1, &ways[c / 2 % 3], ++at);
        }
        assert_true(at > 3);
        nmf_context_free(context);
        assert_int_equal(memory.live, 0);
    }
    problem_free(&p);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(lists_that_do_not_fit_are_refused), TEST(sums_that_cannot_be_are_refused),
        TEST(extreme_entries_are_prepared),      TEST(entries_lost_to_f32_are_told),
        TEST(every_allocation_fails_in_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
