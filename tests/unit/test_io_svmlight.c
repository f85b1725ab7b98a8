/* svmlight and LIBSVM: what is read, and what is refused with which words. */
#include "support/expect.h"
#include "support/files.h"

#include <string.h>

static nmf_matrix *read_text(folder *f, const char *text) {
    nmf_matrix *matrix;
    nmf_status status = nmf_matrix_read(f->context, folder_text(f, "data", text), NULL, &matrix);
    if (status != NMF_OK) {
        fail_msg("%s", nmf_context_message(f->context));
    }
    return matrix;
}

static void expect_values(folder *f, const char *text, int64_t rows, int64_t cols, const double *values) {
    double found[64];
    nmf_matrix_info info;
    nmf_matrix *matrix = read_text(f, text);
    nmf_matrix_get_info(matrix, &info);
    assert_string_equal(info.source, "svmlight");
    assert_true(info.sparse);
    assert_int_equal(info.rows, rows);
    assert_int_equal(info.cols, cols);
    nmf_matrix_copy(matrix, found);
    assert_memory_equal(found, values, (size_t)(rows * cols) * sizeof *values);
    nmf_matrix_free(matrix);
}

static void lines_are_rows(void **state) {
    static const double values[] = {2.5, 0, 1e-3, 0, 7, 0, 0, 0, 0, 0, 0, 4};
    expect_values(*state, "# from somewhere\n\n1 1:2.5 3:1e-3 # two\n-1,2\tqid:4 2:7 \n+0.5\n3 3:4", 4, 3, values);
    expect_values(*state,
                  "\xef\xbb\xbf"
                  "1 3:0.001 1:2.5\r\n2 2:7\r\n3\r\n4 3:4\r\n",
                  4, 3, values);
}

static void indices_may_begin_at_zero(void **state) {
    static const double values[] = {1, 0, 0, 2};
    expect_values(*state, "1 0:1\n1 1:2\n", 2, 2, values);
    expect_values(*state, "1 1:1\n1 2:2\n", 2, 2, values);
}

static void an_index_given_twice_is_summed(void **state) {
    folder *f = *state;
    static const double values[] = {3, 5};
    f->warnings = 0;
    expect_values(f, "1 1:1 1:2 2:5\n", 1, 2, values);
    assert_int_equal(f->warnings, 1);
    assert_non_null(strstr(f->warning, "1 entries stand at a place that has one already"));
}

static void bad_lines_are_refused(void **state) {
    folder *f = *state;
    static const struct {
        const char *text, *part;
    } cases[] = {
        {"1 1:2\nx 1:2\n", "line 2: expected a label, which is a number, found \"x 1:2\""},
        {"1 1:2\n1 2\n", "line 2: expected index:value, found \"2\""},
        {"1 1:2\n1 2:\n", "line 2: expected index:value, found \"2:\""},
        {"1 1:2\n1 2:3x\n", "line 2: expected index:value, found \"2:3x\""},
        {"1 1:2\n1 -1:3\n", "line 2: expected index:value, found \"-1:3\""},
        {"1 1:2\n1 2:-3\n", "row 2, column 2 is -3; every entry must be a finite number, 0 or above"},
        {"1 1:2\n1 2:nan\n", "row 2, column 2 is NaN"},
        {"1 1:2\n1 4294967295:3\n", "line 2: index 4294967295 is above 4294967294"},
        {"1 1:2\n1 4000000000:3\n", "4000000000 columns"},
        {"1 1:2\n1 99999999999999999999:3\n", "line 2: expected index:value"},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        nmf_matrix *matrix;
        nmf_status status = nmf_matrix_read(f->context, folder_text(f, "bad", cases[c].text), NULL, &matrix);
        if (status != NMF_ERROR_INPUT || !strstr(nmf_context_message(f->context), cases[c].part)) {
            fail_msg("case %zu: %s", c, status == NMF_OK ? "read" : nmf_context_message(f->context));
        }
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)

int main(void) {
    static const struct CMUnitTest tests[] = {
        TEST(lines_are_rows),
        TEST(indices_may_begin_at_zero),
        TEST(an_index_given_twice_is_summed),
        TEST(bad_lines_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
