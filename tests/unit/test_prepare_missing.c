/* Missing entries and entries below zero in matrices that are prepared: what is passed over, and what is refused. */
#include "support/expect.h"
#include "support/prepared.h"

#include "matrix/matrix.h"

#include <math.h>
#include <string.h>

enum { ROWS = 3, COLS = 4 };

/* The last column has nothing but zeros and missing entries. */
static const double holes[ROWS * COLS] = {
    1,   NAN, 0, NAN, /**/
    3,   2,   0, 0,   /**/
    NAN, 6,   5, 0,   /**/
};

static void expect_answer(folder *f, const nmf_prepare_options *how, int64_t rows, int64_t cols,
                          const double *entries) {
    problem p = problem_of(ROWS, COLS, holes), expected = problem_of(rows, cols, entries);
    for (int c = 0; c < 2 * SHAPES; c++) {
        nmf_matrix *matrix = named_matrix(f->context, &p, (shape)(c / 2), (nmf_dtype)(c % 2));
        prepare_well(f->context, how, &matrix);
        expect_prepared(matrix, &expected, (shape)(c / 2));
        assert_int_equal(matrix->allowed, NMF_ALLOW_MISSING);
        nmf_matrix_free(matrix);
    }
    problem_free(&p);
    problem_free(&expected);
    assert_int_equal(f->warnings, 0);
}

static void sums_are_of_what_is_there(void **state) {
    folder *f = *state;
    static const double ten[] = {2.5, NAN, 0, NAN, 7.5, 2.5, 0, 0, NAN, 7.5, 10, 0};
    static const double median[] = {1.25, NAN, 0, NAN, 3.75, 1.25, 0, 0, NAN, 3.75, 5, 0};
    expect_answer(f, &(nmf_prepare_options){.normalize = 10}, ROWS, COLS, ten);
    expect_answer(f, &(nmf_prepare_options){.normalize = NMF_NORMALIZE_MEDIAN}, ROWS, COLS, median);
}

static void logarithms_of_nothing_are_nothing(void **state) {
    folder *f = *state;
    const double logarithms[] = {log(2), NAN, 0, NAN, log(4), log(3), 0, 0, NAN, log(7), log(6), 0};
    expect_answer(f, &(nmf_prepare_options){.log1p = true}, ROWS, COLS, logarithms);
}

/* Documents that a term may or may not be in are not counted among those it is in. */
static void terms_are_weighed_by_what_is_there(void **state) {
    folder *f = *state;
    const double idf[] = {log(5.0 / 2) + 1, log(5.0 / 3) + 1, log(5.0 / 3) + 1};
    const double norms[] = {hypot(idf[0], 3 * idf[1]), hypot(2 * idf[1], 6 * idf[2])};
    const double weights[] = {
        idf[0] / norms[0],     NAN, 0, NAN, 3 * idf[1] / norms[0], 2 * idf[1] / norms[1], 0, 0, NAN,
        6 * idf[2] / norms[1], 1,   0};
    expect_answer(f, &(nmf_prepare_options){.tfidf = true}, ROWS, COLS, weights);
}

static void they_go_where_their_lines_go(void **state) {
    folder *f = *state;
    static const double turned[] = {1, 3, NAN, NAN, 2, 6, 0, 0, 5, NAN, 0, 0};
    static const double some[] = {1, NAN, NAN, 6};
    expect_answer(f, &(nmf_prepare_options){.transpose = true}, COLS, ROWS, turned);
    nmf_prepare_options how = {.select_rows = folder_text(f, "rows", "g1\ng3\n"),
                               .select_cols = folder_text(f, "cols", "s1\ns2\n")};
    expect_answer(f, &how, 2, 2, some);
}

static void low_entries_are_refused(void **state) {
    folder *f = *state;
    static const double low[] = {1, 0, 3, -1}, higher[] = {1, 0, 3, -0.5};
    static const struct {
        const double *values;
        nmf_prepare_options how;
        const char *said;
    } cases[] = {
        {low, {.normalize = 1}, "row 2 (\"g2\"), column 2 (\"s2\") is -1; normalize takes only entries of 0 and above"},
        {low, {.normalize = NMF_NORMALIZE_MEDIAN}, "normalize takes only entries of 0 and above"},
        {low, {.tfidf = true}, "column 2 (\"s2\") is -1; tfidf takes only entries of 0 and above"},
        {low, {.log1p = true}, "column 2 (\"s2\") is -1; log1p takes only entries above -1"},
        {higher, {.log1p = true, .tfidf = true}, "is -0.693147; tfidf takes only entries of 0 and above"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        problem p = problem_of(2, 2, cases[i].values);
        for (int as = 0; as < SHAPES; as++) {
            nmf_matrix *matrix = named_matrix(f->context, &p, (shape)as, NMF_F64);
            expect_prepare_fails(f->context, &matrix, &cases[i].how, NMF_ERROR_INPUT, cases[i].said);
            expect_prepared(matrix, &p, (shape)as);
            nmf_matrix_free(matrix);
        }
        problem_free(&p);
    }
}

static void entries_above_minus_one_have_logarithms(void **state) {
    folder *f = *state;
    static const double values[] = {1, NAN, 0, -0.5};
    const double logarithms[] = {log(2), NAN, 0, log(0.5)};
    problem p = problem_of(2, 2, values), expected = problem_of(2, 2, logarithms);
    for (int c = 0; c < 2 * SHAPES; c++) {
        nmf_matrix *matrix = problem_matrix(f->context, &p, (shape)(c / 2), (nmf_dtype)(c % 2));
        prepare_well(f->context, &(nmf_prepare_options){.log1p = true}, &matrix);
        expect_prepared(matrix, &expected, (shape)(c / 2));
        nmf_matrix_free(matrix);
    }
    problem_free(&p);
    problem_free(&expected);
}

/* What is low in a line that is not selected does no harm. */
static void only_what_is_selected_counts(void **state) {
    folder *f = *state;
    static const double values[] = {1, 2, 3, -1}, expected[] = {1, 1};
    problem p = problem_of(2, 2, values), q = problem_of(1, 2, expected);
    for (int as = 0; as < SHAPES; as++) {
        nmf_matrix *matrix = named_matrix(f->context, &p, (shape)as, NMF_F64);
        nmf_prepare_options how = {.normalize = 1, .select_rows = folder_text(f, "rows", "g1\n")};
        prepare_well(f->context, &how, &matrix);
        expect_prepared(matrix, &q, (shape)as);
        nmf_matrix_free(matrix);
    }
    problem_free(&p);
    problem_free(&q);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(sums_are_of_what_is_there),
        TEST(logarithms_of_nothing_are_nothing),
        TEST(terms_are_weighed_by_what_is_there),
        TEST(they_go_where_their_lines_go),
        TEST(low_entries_are_refused),
        TEST(entries_above_minus_one_have_logarithms),
        TEST(only_what_is_selected_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
