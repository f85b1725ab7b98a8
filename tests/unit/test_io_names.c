#include "support/expect.h"

#include <string.h>

static const char *const plain = "%%MatrixMarket matrix coordinate real general\n2 3 1\n1 2 5\n";

static nmf_matrix *read_with(folder *f, const char *path, const nmf_read_options *options) {
    nmf_matrix *matrix;
    if (nmf_matrix_read(f->context, path, options, &matrix) != NMF_OK) {
        fail_msg("%s", nmf_context_message(f->context));
    }
    return matrix;
}

static void names_beside_are_used_when_they_fit(void **state) {
    folder *f = *state;
    const char *path = folder_text(f, "m.mtx", plain);
    folder_text(f, "rows.txt", "wrong\nother\n");
    folder_text(f, "m.rows.txt",
                "\xef\xbb\xbf"
                "r1\r\nr 2\n\n");
    folder_text(f, "cols.txt", "a\n\nc");
    nmf_matrix *matrix = read_with(f, path, NULL);
    assert_string_equal(nmf_matrix_row_name(matrix, 0), "r1");
    assert_string_equal(nmf_matrix_row_name(matrix, 1), "r 2");
    assert_string_equal(nmf_matrix_col_name(matrix, 1), "");
    assert_string_equal(nmf_matrix_col_name(matrix, 2), "c");
    assert_int_equal(f->warnings, 0);
    nmf_matrix_free(matrix);
}

static void names_beside_that_do_not_fit_are_left_with_a_warning(void **state) {
    folder *f = *state;
    const char *path = folder_text(f, "m.x.mtx", plain);
    folder_text(f, "m.x.rows.txt", "only one\n");
    folder_text(f, "cols.txt", "a\nb\nc\nd\n");
    nmf_matrix *matrix = read_with(f, path, NULL);
    assert_null(nmf_matrix_row_name(matrix, 0));
    assert_null(nmf_matrix_col_name(matrix, 0));
    assert_int_equal(f->warnings, 2);
    assert_non_null(strstr(f->warning, "more than 3 names"));
    nmf_matrix_free(matrix);
}

static void named_files_win_and_must_fit(void **state) {
    folder *f = *state;
    const char *path = folder_text(f, "m.csv", "x,y\n1,2\n3,4\n");
    nmf_read_options options = {.col_names = folder_text(f, "given", "p\nq\n")};
    nmf_matrix *matrix = read_with(f, path, &options);
    assert_string_equal(nmf_matrix_col_name(matrix, 0), "p");
    nmf_matrix_free(matrix);
    options.col_names = folder_text(f, "short", "p\n");
    assert_int_equal(nmf_matrix_read(f->context, path, &options, &matrix), NMF_ERROR_INPUT);
    assert_null(matrix);
    assert_non_null(strstr(nmf_context_message(f->context), "holds 1 names, the matrix has 2 columns"));
    options.col_names = folder_path(f, "none");
    assert_int_equal(nmf_matrix_read(f->context, path, &options, &matrix), NMF_ERROR_INPUT);
    options = (nmf_read_options){.row_names = folder_bytes(f, "nul", "a\0b\nc\n", 6)};
    assert_int_equal(nmf_matrix_read(f->context, path, &options, &matrix), NMF_ERROR_INPUT);
    assert_non_null(strstr(nmf_context_message(f->context), "NUL"));
}

static void names_are_in_the_message(void **state) {
    folder *f = *state;
    folder_text(f, "rows.txt", "r1\nr2\n");
    expect_refused(f, folder_text(f, "m.mtx", "%%MatrixMarket matrix array real general\n2 1\n1\n-3\n"),
                   "row 2 (\"r2\"), column 1 is -3");
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(names_beside_are_used_when_they_fit),
        TEST(names_beside_that_do_not_fit_are_left_with_a_warning),
        TEST(named_files_win_and_must_fit),
        TEST(names_are_in_the_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
