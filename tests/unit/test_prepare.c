/* What is done to a matrix before it is factorized: known answers for every kind and dtype, names, refusals, and no
 * memory. The figures are scikit-learn's and NumPy's. */
#include "support/expect.h"
#include "support/memory.h"
#include "support/numbers.h"
#include "support/problems.h"

#include "matrix/matrix.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 4, COLS = 5 };

static const double counts[ROWS * COLS] = {
    1, 0, 2, 0, 4, /**/
    0, 0, 3, 0, 1, /**/
    5, 0, 0, 0, 0, /**/
    2, 0, 2, 0, 7, /**/
};

static problem problem_of(int64_t rows, int64_t cols, const double *values) {
    problem p = problem_random(rows, cols, 1, 1);
    memcpy(p.values, values, (size_t)(rows * cols) * sizeof *values);
    problem_lay_out(&p);
    return p;
}

static void give_names(names *list, char letter, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        char name[] = {letter, (char)('1' + i), '\0'};
        assert_int_equal(names_add(list, name, 2), NMF_OK);
    }
}

/* The matrix with rows g1, g2, … and columns s1, s2, … */
static nmf_matrix *named_matrix(nmf_context *context, const problem *p, shape as, nmf_dtype dtype) {
    nmf_matrix *matrix = problem_matrix(context, p, as, dtype);
    give_names(&matrix->row_names, 'g', p->rows);
    give_names(&matrix->col_names, 's', p->cols);
    return matrix;
}

/* The entries by rows and by columns, and what is known of them, are those of `expected`. */
static void expect_prepared(const nmf_matrix *matrix, const problem *expected, shape as) {
    nmf_dtype dtype = matrix->info.dtype;
    nmf_matrix *sound = problem_matrix(matrix->context, expected, as, dtype);
    nmf_matrix_info got = matrix->info, known = sound->info;
    assert_int_equal(got.rows, known.rows);
    assert_int_equal(got.cols, known.cols);
    assert_int_equal(got.nnz, known.nnz);
    assert_int_equal(got.zero_rows, known.zero_rows);
    assert_int_equal(got.zero_cols, known.zero_cols);
    assert_true(got.sparse == known.sparse);
    assert_string_equal(got.source, "memory");
    assert_true(!got.sparse || got.bytes == known.bytes);
    expect_near(got.norm, known.norm, dtype, 1, known.norm);
    expect_near(got.max, known.max, dtype, 1, known.max);
    assert_true(got.min == known.min);
    for (int side = 0; side < 2; side++) {
        for (int64_t l = 0; l < (side ? got.cols : got.rows); l++) {
            entry_line line = matrix->kind->line(matrix, side == 1, l);
            double found[64] = {0};
            for (int64_t e = 0; e < line.count; e++) {
                found[entry_place(&line, e)] = entry_value(dtype, &line, e);
            }
            for (int64_t e = 0; e < (side ? got.rows : got.cols); e++) {
                double value = expected->values[side ? e * got.cols + l : l * got.cols + e];
                expect_near(found[e], value, dtype, 1, value);
            }
        }
    }
    nmf_matrix_free(sound);
}

static void prepare_well(nmf_context *context, const nmf_prepare_options *how, nmf_matrix **matrix) {
    if (nmf_matrix_prepare(context, how, matrix) != NMF_OK) {
        fail_msg("%s", nmf_context_message(context));
    }
}

/* `how` makes of the counts, in every kind and dtype, these entries with these names. */
static void expect_answer(folder *f, const nmf_prepare_options *how, int64_t rows, int64_t cols, const double *entries,
                          const char *row_names, const char *col_names) {
    problem p = problem_of(ROWS, COLS, counts), expected = problem_of(rows, cols, entries);
    for (int c = 0; c < 2 * SHAPES; c++) {
        nmf_matrix *matrix = named_matrix(f->context, &p, (shape)(c / 2), (nmf_dtype)(c % 2));
        prepare_well(f->context, how, &matrix);
        expect_prepared(matrix, &expected, (shape)(c / 2));
        for (int64_t i = 0; i < rows; i++) {
            assert_memory_equal(nmf_matrix_row_name(matrix, i), row_names + 3 * i, 2);
        }
        for (int64_t j = 0; j < cols; j++) {
            assert_memory_equal(nmf_matrix_col_name(matrix, j), col_names + 3 * j, 2);
        }
        assert_null(nmf_matrix_row_name(matrix, rows));
        assert_null(nmf_matrix_col_name(matrix, cols));
        nmf_matrix_free(matrix);
    }
    problem_free(&p);
    problem_free(&expected);
    assert_int_equal(f->warnings, 0);
}

static void nothing_is_done_unasked(void **state) {
    expect_answer(*state, &(nmf_prepare_options){0}, ROWS, COLS, counts, "g1 g2 g3 g4", "s1 s2 s3 s4 s5");
}

static void columns_are_scaled_to_one_sum(void **state) {
    static const double hundred[] = {
        12.5,
        0,
        28.571428571428573,
        0,
        33.333333333333336, /**/
        0,
        0,
        42.857142857142861,
        0,
        8.3333333333333339, /**/
        62.5,
        0,
        0,
        0,
        0, /**/
        25,
        0,
        28.571428571428573,
        0,
        58.333333333333336, /**/
    };
    static const double median[] = {
        1,
        0,
        2.2857142857142856,
        0,
        2.6666666666666665, /**/
        0,
        0,
        3.4285714285714284,
        0,
        0.66666666666666663, /**/
        5,
        0,
        0,
        0,
        0, /**/
        2,
        0,
        2.2857142857142856,
        0,
        4.6666666666666661, /**/
    };
    expect_answer(*state, &(nmf_prepare_options){.normalize = 100}, ROWS, COLS, hundred, "g1 g2 g3 g4",
                  "s1 s2 s3 s4 s5");
    expect_answer(*state, &(nmf_prepare_options){.normalize = NMF_NORMALIZE_MEDIAN}, ROWS, COLS, median, "g1 g2 g3 g4",
                  "s1 s2 s3 s4 s5");
}

/* Of the sums 8 and 12, their mean. */
static void median_of_two_lies_between(void **state) {
    folder *f = *state;
    static const double two[] = {6, 12, 2, 0}, expected[] = {7.5, 10, 2.5, 0};
    problem p = problem_of(2, 2, two), q = problem_of(2, 2, expected);
    nmf_matrix *matrix = problem_matrix(f->context, &p, SPARSE, NMF_F64);
    prepare_well(f->context, &(nmf_prepare_options){.normalize = NMF_NORMALIZE_MEDIAN}, &matrix);
    expect_prepared(matrix, &q, SPARSE);
    nmf_matrix_free(matrix);
    problem_free(&p);
    problem_free(&q);
}

static void entries_become_logarithms(void **state) {
    static const double logarithms[] = {
        0.69314718055994529,
        0,
        1.0986122886681096,
        0,
        1.6094379124341003, /**/
        0,
        0,
        1.3862943611198906,
        0,
        0.69314718055994529, /**/
        1.791759469228055,
        0,
        0,
        0,
        0, /**/
        1.0986122886681096,
        0,
        1.0986122886681096,
        0,
        2.0794415416798357, /**/
    };
    expect_answer(*state, &(nmf_prepare_options){.log1p = true}, ROWS, COLS, logarithms, "g1 g2 g3 g4",
                  "s1 s2 s3 s4 s5");
}

static void terms_are_weighed_as_by_scikit_learn(void **state) {
    static const double weights[] = {
        0.12831098264311144,
        0,
        0.43579850562240713,
        0,
        0.49069127620754643, /**/
        0,
        0,
        0.78750195237507425,
        0,
        0.1477824931482094, /**/
        0.95795691900303948,
        0,
        0,
        0,
        0, /**/
        0.25662196528622289,
        0,
        0.43579850562240713,
        0,
        0.85870973336320633, /**/
    };
    expect_answer(*state, &(nmf_prepare_options){.tfidf = true}, ROWS, COLS, weights, "g1 g2 g3 g4", "s1 s2 s3 s4 s5");
}

static void lines_are_selected_in_the_order_of_the_matrix(void **state) {
    folder *f = *state;
    static const double rows[] = {1, 0, 2, 0, 4, 2, 0, 2, 0, 7};
    const char *some = folder_text(f, "some", "\xef\xbb\xbfg4\r\ng1\r\ng4\r\n\r\n\n");
    const char *cols = folder_text(f, "cols", "s5\ns2");
    expect_answer(f, &(nmf_prepare_options){.select_rows = some}, 2, COLS, rows, "g1 g4", "s1 s2 s3 s4 s5");
    char packed[200];
    size_t count = gzip_bytes("g2\ng1\ng4\n", 9, packed, sizeof packed);
    nmf_prepare_options how = {.select_rows = folder_bytes(f, "rows.gz", packed, count), .select_cols = cols};
    static const double three[] = {0, 4, 0, 1, 0, 7};
    expect_answer(f, &how, 3, 2, three, "g1 g2 g4", "s2 s5");
    how = (nmf_prepare_options){.select_rows = cols, .select_cols = some, .transpose = true};
    static const double turned[] = {0, 0, 4, 7};
    expect_answer(f, &how, 2, 2, turned, "s2 s5", "g1 g4");
}

static void transposition_swaps_everything(void **state) {
    double turned[COLS * ROWS];
    for (int i = 0; i < ROWS; i++) {
        for (int j = 0; j < COLS; j++) {
            turned[j * ROWS + i] = counts[i * COLS + j];
        }
    }
    expect_answer(*state, &(nmf_prepare_options){.transpose = true}, COLS, ROWS, turned, "s1 s2 s3 s4 s5",
                  "g1 g2 g3 g4");
}

/* Select, median, log1p, tfidf, one after the other. */
static void steps_come_in_their_order(void **state) {
    folder *f = *state;
    static const double expected[] = {
        0.2100367555846919,
        0.70710678118654757,
        0.60231801252611383, /**/
        0.91927248266437378,
        0,
        0, /**/
        0.33290038137487149,
        0.70710678118654757,
        0.79825623191215489, /**/
    };
    nmf_prepare_options how = {.select_rows = folder_text(f, "rows", "g1\ng3\ng4\n"),
                               .select_cols = folder_text(f, "cols", "s1\ns3\ns5\n"),
                               .normalize = NMF_NORMALIZE_MEDIAN,
                               .log1p = true,
                               .tfidf = true};
    expect_answer(f, &how, 3, 3, expected, "g1 g3 g4", "s1 s3 s5");
}

/* After the transposition samples are rows: they are selected as such, and genes are what is scaled. */
static void transposition_comes_first(void **state) {
    folder *f = *state;
    static const double expected[] = {10.0 / 3, 10, 20.0 / 3, 0};
    nmf_prepare_options how = {.transpose = true,
                               .select_rows = folder_text(f, "rows", "s1\ns3\n"),
                               .select_cols = folder_text(f, "cols", "g1\ng3\n"),
                               .normalize = 10};
    expect_answer(f, &how, 2, 2, expected, "s1 s3", "g1 g3");
}

static void a_name_of_many_selects_them_all(void **state) {
    folder *f = *state;
    const char *path = folder_text(f, "m.csv", "gene,a,b\nx,1,2\ny,3,4\nx,5,6\nz,7,8\n");
    nmf_matrix *matrix;
    assert_int_equal(nmf_matrix_read(f->context, path, NULL, &matrix), NMF_OK);
    nmf_matrix_info info;
    nmf_matrix_get_info(matrix, &info);
    const char *source = info.source;
    prepare_well(f->context, &(nmf_prepare_options){.select_rows = folder_text(f, "rows", "z\nx\nx\n")}, &matrix);
    nmf_matrix_get_info(matrix, &info);
    assert_int_equal(info.rows, 3);
    assert_string_equal(info.source, source);
    double found[6];
    nmf_matrix_copy(matrix, found);
    static const double expected[] = {1, 2, 5, 6, 7, 8};
    assert_memory_equal(found, expected, sizeof found);
    assert_string_equal(nmf_matrix_row_name(matrix, 1), "x");
    nmf_matrix_free(matrix);
}

/* A fit looks at A in panels, both ways: after a transposition it must find in it what it finds in
 * one made so. */
static void prepared_matrices_can_be_fitted(void **state) {
    folder *f = *state;
    problem p = problem_random(70, 90, 0.4, 5), turned = problem_random(90, 70, 1, 6);
    for (int64_t i = 0; i < p.rows; i++) {
        for (int64_t j = 0; j < p.cols; j++) {
            turned.values[j * p.rows + i] = log1p(p.values[i * p.cols + j]);
        }
    }
    problem_lay_out(&turned);
    for (int c = 0; c < 2 * SHAPES; c++) {
        nmf_matrix *matrix = problem_matrix(f->context, &p, (shape)(c / 2), (nmf_dtype)(c % 2));
        prepare_well(f->context, &(nmf_prepare_options){.log1p = true, .transpose = true}, &matrix);
        nmf_options options;
        nmf_options_init(&options);
        options.rank = 3;
        options.max_iter = 5;
        options.threads = 1;
        nmf_matrix *sound = problem_matrix(f->context, &turned, (shape)(c / 2), (nmf_dtype)(c % 2));
        nmf_result *result = fitted(f->context, matrix, &options, NMF_OK);
        nmf_result *known = fitted(f->context, sound, &options, NMF_OK);
        double error = nmf_result_summary(known)->error;
        expect_near(nmf_result_summary(result)->error, error, (nmf_dtype)(c % 2), 100, error);
        nmf_result_free(result);
        nmf_result_free(known);
        nmf_matrix_free(matrix);
        nmf_matrix_free(sound);
    }
    problem_free(&p);
    problem_free(&turned);
}

/* Preparing fails, its sentence holds `part`, and the matrix is the same one with the same entries. */
static void expect_failure(folder *f, nmf_matrix **matrix, const nmf_prepare_options *how, nmf_status expected,
                           const char *part) {
    nmf_matrix *same = *matrix;
    nmf_matrix_info before, after;
    nmf_matrix_get_info(*matrix, &before);
    assert_int_equal(nmf_matrix_prepare(f->context, how, matrix), expected);
    assert_ptr_equal(*matrix, same);
    nmf_matrix_get_info(*matrix, &after);
    assert_memory_equal(&before, &after, sizeof before);
    if (!strstr(nmf_context_message(f->context), part)) {
        fail_msg("expected \"%s\" in \"%s\"", part, nmf_context_message(f->context));
    }
}

static void lists_that_do_not_fit_are_refused(void **state) {
    folder *f = *state;
    problem p = problem_of(ROWS, COLS, counts);
    nmf_matrix *matrix = named_matrix(f->context, &p, SPARSE, NMF_F64);
    nmf_prepare_options how = {.select_rows = folder_text(f, "rows", "g1\ng44\n")};
    expect_failure(f, &matrix, &how, NMF_ERROR_INPUT,
                   "rows, line 2: the matrix has no row \"g44\"; did you mean \"g4\"?");
    how.select_rows = folder_text(f, "rows", "g1\n");
    how.select_cols = folder_text(f, "cols", "s1\n\nxyzzy\n");
    expect_failure(f, &matrix, &how, NMF_ERROR_INPUT, "cols, line 2: the matrix has no column \"\"");
    how.select_cols = folder_text(f, "cols", "xyzzy\n");
    expect_failure(f, &matrix, &how, NMF_ERROR_INPUT, "cols, line 1: the matrix has no column \"xyzzy\"");
    assert_null(strstr(nmf_context_message(f->context), "did you mean"));
    how.select_cols = folder_text(f, "cols", "\xef\xbb\xbf\r\n\n");
    expect_failure(f, &matrix, &how, NMF_ERROR_INPUT, "cols holds no names; at least one column must be named");
    how.select_cols = folder_path(f, "none");
    expect_failure(f, &matrix, &how, NMF_ERROR_INPUT, "none");
    how.select_cols = folder_bytes(f, "nul", "s1\ns\0002\n", 7);
    expect_failure(f, &matrix, &how, NMF_ERROR_INPUT, "nul, line 2: a NUL byte");
    nmf_matrix_free(matrix);
    matrix = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    expect_failure(f, &matrix, &(nmf_prepare_options){.select_rows = how.select_rows}, NMF_ERROR_INPUT,
                   "have no names; give them with --row-names");
    nmf_matrix_free(matrix);
    problem_free(&p);
}

static void sums_that_cannot_be_are_refused(void **state) {
    folder *f = *state;
    problem p = problem_of(ROWS, COLS, counts);
    static const double wrong[] = {-2, -0.5, INFINITY, -INFINITY, NAN};
    nmf_matrix *matrix = problem_matrix(f->context, &p, BY_COLUMN, NMF_F32);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        expect_failure(f, &matrix, &(nmf_prepare_options){.normalize = wrong[i]}, NMF_ERROR_USAGE, "normalize is");
    }
    expect_failure(f, &matrix, &(nmf_prepare_options){.normalize = 1e39, .log1p = true}, NMF_ERROR_INPUT,
                   "the sum 1e+39: a number of f32 goes up to 3.4");
    nmf_matrix_free(matrix);
    static const double large[] = {1, DBL_MAX, 2, DBL_MAX};
    matrix = NULL;
    assert_int_equal(nmf_matrix_dense(f->context, 2, 2, NMF_F64, large, 2, 1, 0, &matrix), NMF_OK);
    expect_failure(f, &matrix, &(nmf_prepare_options){.normalize = 1}, NMF_ERROR_INPUT, "column 2 sum to more");
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
    problem p = problem_of(ROWS, COLS, counts);
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
        TEST(nothing_is_done_unasked),
        TEST(columns_are_scaled_to_one_sum),
        TEST(median_of_two_lies_between),
        TEST(entries_become_logarithms),
        TEST(terms_are_weighed_as_by_scikit_learn),
        TEST(lines_are_selected_in_the_order_of_the_matrix),
        TEST(transposition_swaps_everything),
        TEST(steps_come_in_their_order),
        TEST(transposition_comes_first),
        TEST(a_name_of_many_selects_them_all),
        TEST(prepared_matrices_can_be_fitted),
        TEST(lists_that_do_not_fit_are_refused),
        TEST(sums_that_cannot_be_are_refused),
        TEST(extreme_entries_are_prepared),
        TEST(entries_lost_to_f32_are_told),
        TEST(every_allocation_fails_in_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
