#include "support/expect.h"

#include <string.h>

static void expect_names(folder *f, const char *text, const char *rows, const char *cols) {
    nmf_matrix *matrix;
    nmf_matrix_info info;
    if (nmf_matrix_read(f->context, folder_text(f, "a.csv", text), NULL, &matrix) != NMF_OK) {
        fail_msg("%s: %s", text, nmf_context_message(f->context));
    }
    char found[2][200] = {"", ""};
    nmf_matrix_get_info(matrix, &info);
    for (int64_t i = 0; nmf_matrix_row_name(matrix, i); i++) {
        strcat(strcat(found[0], nmf_matrix_row_name(matrix, i)), "|");
    }
    for (int64_t j = 0; nmf_matrix_col_name(matrix, j); j++) {
        strcat(strcat(found[1], nmf_matrix_col_name(matrix, j)), "|");
    }
    assert_string_equal(found[0], rows);
    assert_string_equal(found[1], cols);
    assert_int_equal(info.rows, 2);
    assert_int_equal(info.cols, 2);
    double entries[4];
    nmf_matrix_copy(matrix, entries);
    assert_memory_equal(entries, ((double[]){1, 2, 3, 4.5}), sizeof entries);
    nmf_matrix_free(matrix);
}

static void finds_separators_and_names(void **state) {
    folder *f = *state;
    expect_names(f, "1,2\n3,4.5\n", "", "");
    expect_names(f, "1\t2\n3\t4.5", "", "");
    expect_names(f, "1; 2\r\n3; 4.5\r\n", "", "");
    expect_names(f, "  1   2 \n 3\t4.5\n\n\n", "", "");
    expect_names(f, "\n\n1 , 2\n3,+4.5e0\n \n", "", "");
    expect_names(f,
                 "\xef\xbb\xbf"
                 "1,2\n3,4.5\n",
                 "", "");
    expect_names(f, "a,b\n1,2\n3,4.5\n", "", "a|b|");
    expect_names(f, ",a,b\nr,1,2\ns,3,4.5\n", "r|s|", "a|b|");
    expect_names(f, "Type,a,b\nr,1,2\ns,3,4.5\n", "r|s|", "a|b|");
    expect_names(f, "a b\nr 1 2\ns 3 4.5\n", "r|s|", "a|b|");
    expect_names(f, "a,b\n7,1,2\n8,3,4.5\n", "7|8|", "a|b|");
    expect_names(f, "r,1,2\ns,3,4.5\n", "r|s|", "");
    expect_names(f, ",0,1\n0,1,2\n1,3,4.5\n", "0|1|", "0|1|");
    expect_names(f, "\"1\",\"2\"\n1,2\n3,4.5\n", "", "1|2|");
    expect_names(f, "\"1\",\"2\"\n\"3\",\"4.5\"\n", "", "");
    expect_names(f, "\"1\",1,2\nx,3,4.5\n", "1|x|", "");
    expect_names(f, "\"\",\"a, \"\"A\"\"\",\"b;\"\n\"r,1\",1,2\n\"s\" ,\"3\",4.5\n", "r,1|s|", "a, \"A\"|b;|");
    expect_names(f, "gene one,1,2\ngene two,3,4.5\n", "gene one|gene two|", "");
    expect_names(f, "n\tmy col\tb\nr\t1\t2\ns\t3\t4.5\n", "r|s|", "my col|b|");
}

static void takes_numbers_as_names(void **state) {
    folder *f = *state;
    expect_names(f, "Gene,2001,2003\nr,1,2\ns,3,4.5\n", "r|s|", "2001|2003|");
    expect_names(f, "MutationType\t7\t7\nr\t1\t2\ns\t3\t4.5\n", "r|s|", "7|7|");
    expect_names(f, "gene,0.1,NA\nr,1,2\ns,3,4.5\n", "r|s|", "0.1|NA|");
    expect_names(f, "r,1,2\ns,3,4.5\n", "r|s|", "");
    assert_int_equal(f->warnings, 0);
    const double below[] = {4, 5, 7};
    expect_matrix(f, folder_text(f, "a.csv", "site,2001,2002,2003\nA,4,5,7\n"), 1, 3, below);
    assert_int_equal(f->warnings, 1);
    assert_non_null(strstr(f->warning, "a.csv: line 1 was taken as names, since its numbers count up by one"));
    const double all[] = {1, 2, 3, 4, 5, 6};
    expect_matrix(f, folder_text(f, "a.csv", "A,1,2,3\nB,4,5,6\n"), 2, 3, all);
    expect_matrix(f, folder_text(f, "a.csv", "A,1,2,3"), 1, 3, all);
    assert_int_equal(f->warnings, 1);
}

static void tells_that_a_slip_may_be_a_header(void **state) {
    folder *f = *state;
    expect_names(f, "\n1,3O\n1,2\n3,4.5\n", "", "1|3O|");
    assert_int_equal(f->warnings, 1);
    assert_non_null(strstr(f->warning, "a.csv: line 2 was taken as names, since \"3O\" is not a number"));
    expect_names(f, "A,1,2x\nr,1,2\ns,3,4.5\n", "r|s|", "1|2x|");
    assert_int_equal(f->warnings, 2);
    expect_names(f, ",1,x\nr,1,2\ns,3,4.5\n", "r|s|", "1|x|");
    expect_names(f, "gene,1,x\nr,1,2\ns,3,4.5\n", "r|s|", "1|x|");
    expect_names(f, "1,\"x\"\n1,2\n3,4.5\n", "", "1|x|");
    expect_names(f, "x,y\n1,2\n3,4.5\n", "", "x|y|");
    assert_int_equal(f->warnings, 2);
}

static void tells_what_single_precision_cannot_hold(void **state) {
    folder *f = *state;
    nmf_matrix *matrix;
    nmf_read_options single = {.dtype = NMF_F32};
    const char *path = folder_text(f, "a.csv", "1,0\n2,-1e39\n1e200,4\n");
    assert_int_equal(nmf_matrix_read(f->context, path, &single, &matrix), NMF_ERROR_INPUT);
    assert_null(matrix);
    assert_non_null(strstr(nmf_context_message(f->context), "a.csv: -1e+39 is beyond"));
    assert_non_null(strstr(nmf_context_message(f->context), "use --dtype f64"));
    path = folder_text(f, "a.csv", "1,0\n1e-46,1e-300\n1e-45,3.4028234e38\n");
    assert_int_equal(nmf_matrix_read(f->context, path, &single, &matrix), NMF_OK);
    assert_int_equal(f->warnings, 1);
    assert_non_null(strstr(f->warning, "a.csv: 2 entries are too small"));
    nmf_matrix_free(matrix);
    assert_int_equal(nmf_matrix_read(f->context, path, NULL, &matrix), NMF_OK);
    assert_int_equal(f->warnings, 1);
    nmf_matrix_free(matrix);
    expect_refused(f, folder_text(f, "a.csv", "1,inf\n2,3\n"), "is inf");
}

static void reads_single_rows_and_columns(void **state) {
    folder *f = *state;
    expect_matrix(f, folder_text(f, "a.csv", "1\n2\n3\n"), 3, 1, (double[]){1, 2, 3});
    expect_matrix(f, folder_text(f, "a.csv", "x\n1\n2\n3"), 3, 1, (double[]){1, 2, 3});
    expect_matrix(f, folder_text(f, "a.csv", "1,2,3"), 1, 3, (double[]){1, 2, 3});
    expect_matrix(f, folder_text(f, "a.csv", "a,1,2"), 1, 2, (double[]){1, 2});
    expect_matrix(f, folder_text(f, "a.csv", "5"), 1, 1, (double[]){5});
}

static void refuses_bad_tables(void **state) {
    folder *f = *state;
    static const char *const cases[][2] = {
        {"", "is empty"},
        {"\n\n", "is empty"},
        {"a,b,c\n", "no rows of numbers"},
        {"1,2\n3\n", "line 2: found 1 fields, expected 2"},
        {"1,2\n3,4\n5,6,7\n", "line 3: found 3 fields, expected 2 as on line 1"},
        {"1,2\n3,4\n5,6,\n", "line 3: found 3 fields"},
        {"1,2\n3,4,\n", "line 2: found 3 fields"},
        {"1 2\n3 4\n5 6 7\n", "line 3: found 3 fields"},
        {"a,b\n1,2\n3,x\n", "line 3, column 2: \"x\" is not a number"},
        {"a,b\n1,2\n3,4x\n", "line 3, column 2: \"4x\" is not a number"},
        {"1,2\n3,\n", "line 2: row 2, column 2 is missing (\"\")"},
        {"1,2\n,3\n", "line 2: row 2, column 1 is missing"},
        {"1,NA\n3,4\n", "line 1: row 1, column 2 is missing (\"NA\")"},
        {"r,1,2\ns,nan,4\n", "line 2: row 2, column 1 is missing (\"nan\")"},
        {"1,2\n\n3,4\n", "line 2: a blank line"},
        {"1,2\n3,\"4\n", "line 2, column 2: a field in quotes"},
        {"\"a,b\n3,4\n", "a field in quotes"},
        {"a,\"b\"c\n3,4\n", "line 1, column 2: a field in quotes"},
        {"1,2\n3,-4\n", "row 2, column 2 is -4"},
        {"x,y\nr,1,2\ns,3,inf\n", "row 2 (\"s\"), column 2 (\"y\") is inf"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        expect_refused(f, folder_text(f, "a.csv", cases[i][0]), cases[i][1]);
    }
}

static void refuses_binary(void **state) {
    folder *f = *state;
    expect_refused(f, folder_bytes(f, "a.bin", "\x89PNG\r\n\x1a\n\0\0", 10), "is binary");
    expect_refused(f,
                   folder_bytes(f, "a.csv",
                                "\xff\xfe"
                                "1\0,\0",
                                6),
                   "is text in UTF-16; it must be saved as UTF-8");
    static char late[10000];
    memset(late, '1', sizeof late);
    late[9000] = '\0';
    expect_refused(f, folder_bytes(f, "a.csv", late, sizeof late), "NUL");
    for (int i = 1; i < 10000; i += 2) {
        late[i] = '\n';
    }
    expect_refused(f, folder_bytes(f, "a.csv", late, sizeof late), "line 4501: a NUL");
}

static void numbers_under_a_corner_are_names(void **state) {
    folder *f = *state;
    static const double entries[] = {1, 2, 3, 4};
    nmf_matrix *matrix;
    const char *path = folder_text(f, "a.csv", "GeneID,s1,s2\n1001,1,2\n1002,3,4\n");
    expect_matrix(f, path, 2, 2, entries);
    assert_int_equal(f->warnings, 1);
    assert_non_null(strstr(f->warning, "the first column was taken as names, since line 1 calls it so"));
    assert_int_equal(nmf_matrix_read(f->context, path, NULL, &matrix), NMF_OK);
    assert_string_equal(nmf_matrix_row_name(matrix, 1), "1002");
    nmf_matrix_free(matrix);
    f->warnings = 0;
    expect_matrix(f, folder_text(f, "b.csv", "gene,s1,s2\nx,1,2\ny,3,4\n"), 2, 2, entries);
    assert_int_equal(f->warnings, 0);
}

static void tells_what_people_run_into(void **state) {
    folder *f = *state;
    expect_refused(f, folder_text(f, "a.csv", "a;b\n1,5;2\n"), "the decimal point must be a point");
    expect_refused(f, folder_text(f, "a.csv", "g,a,b\n\"x\ny\",1,2\n"),
                   "line 2: a quote that opens on this line does not close on it");
    expect_refused(f, folder_text(f, "a.csv", "g|a|b\nx|1|2\n"), "--delimiter names it");
    nmf_matrix *matrix;
    nmf_read_options how = {.layer = "counts"};
    assert_int_equal(nmf_matrix_read(f->context, folder_text(f, "a.csv", "1,2\n3,4\n"), &how, &matrix),
                     NMF_ERROR_USAGE);
    assert_non_null(strstr(nmf_context_message(f->context), "no layers: \"counts\" is not there"));
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(finds_separators_and_names),
        TEST(takes_numbers_as_names),
        TEST(tells_that_a_slip_may_be_a_header),
        TEST(tells_what_single_precision_cannot_hold),
        TEST(reads_single_rows_and_columns),
        TEST(refuses_bad_tables),
        TEST(refuses_binary),
        TEST(numbers_under_a_corner_are_names),
        TEST(tells_what_people_run_into),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
