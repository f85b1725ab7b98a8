/* What is done to a matrix before it is factorized: known answers for every kind and dtype, and names. The figures are
 * scikit-learn's and NumPy's. */
#include "support/expect.h"
#include "support/numbers.h"
#include "support/prepared.h"

#include <math.h>
#include <string.h>

/* `how` makes of the prepared_counts, in every kind and dtype, these entries with these names. */
static void expect_answer(folder *f, const nmf_prepare_options *how, int64_t rows, int64_t cols, const double *entries,
                          const char *row_names, const char *col_names) {
    problem p = problem_of(PREPARED_ROWS, PREPARED_COLS, prepared_counts), expected = problem_of(rows, cols, entries);
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
    expect_answer(*state, &(nmf_prepare_options){0}, PREPARED_ROWS, PREPARED_COLS, prepared_counts, "g1 g2 g3 g4",
                  "s1 s2 s3 s4 s5");
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
    expect_answer(*state, &(nmf_prepare_options){.normalize = 100}, PREPARED_ROWS, PREPARED_COLS, hundred,
                  "g1 g2 g3 g4", "s1 s2 s3 s4 s5");
    expect_answer(*state, &(nmf_prepare_options){.normalize = NMF_NORMALIZE_MEDIAN}, PREPARED_ROWS, PREPARED_COLS,
                  median, "g1 g2 g3 g4", "s1 s2 s3 s4 s5");
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
    expect_answer(*state, &(nmf_prepare_options){.log1p = true}, PREPARED_ROWS, PREPARED_COLS, logarithms,
                  "g1 g2 g3 g4", "s1 s2 s3 s4 s5");
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
    expect_answer(*state, &(nmf_prepare_options){.tfidf = true}, PREPARED_ROWS, PREPARED_COLS, weights, "g1 g2 g3 g4",
                  "s1 s2 s3 s4 s5");
}

static void lines_are_selected_in_the_order_of_the_matrix(void **state) {
    folder *f = *state;
    static const double rows[] = {1, 0, 2, 0, 4, 2, 0, 2, 0, 7};
    const char *some = folder_text(f, "some", "\xef\xbb\xbfg4\r\ng1\r\ng4\r\n\r\n\n");
    const char *cols = folder_text(f, "cols", "s5\ns2");
    expect_answer(f, &(nmf_prepare_options){.select_rows = some}, 2, PREPARED_COLS, rows, "g1 g4", "s1 s2 s3 s4 s5");
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
    double turned[PREPARED_COLS * PREPARED_ROWS];
    for (int i = 0; i < PREPARED_ROWS; i++) {
        for (int j = 0; j < PREPARED_COLS; j++) {
            turned[j * PREPARED_ROWS + i] = prepared_counts[i * PREPARED_COLS + j];
        }
    }
    expect_answer(*state, &(nmf_prepare_options){.transpose = true}, PREPARED_COLS, PREPARED_ROWS, turned,
                  "s1 s2 s3 s4 s5", "g1 g2 g3 g4");
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
