/* Missing numbers in text: the words for them, empty fields wherever they stand, and what they leave of the layout. */
#include "support/expect.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const nmf_read_options missing = {.allowed = NMF_ALLOW_MISSING};

/* The text holds these numbers, and these names with a | after each. */
static void expect_table(folder *f, const char *text, int64_t rows, int64_t cols, const double *entries,
                         const char *row_names, const char *col_names) {
    nmf_matrix *matrix;
    nmf_matrix_info info;
    double found[40];
    char names[2][100] = {"", ""};
    if (nmf_matrix_read(f->context, folder_text(f, "a.csv", text), &missing, &matrix) != NMF_OK) {
        fail_msg("\"%s\": %s", text, nmf_context_message(f->context));
    }
    nmf_matrix_get_info(matrix, &info);
    if (info.rows != rows || info.cols != cols) {
        fail_msg("\"%s\" is %d × %d", text, (int)info.rows, (int)info.cols);
    }
    nmf_matrix_copy(matrix, found);
    for (int64_t e = 0; e < rows * cols; e++) {
        if (isnan(entries[e]) ? !isnan(found[e]) : found[e] != entries[e]) {
            fail_msg("\"%s\": entry %d is %g", text, (int)e, found[e]);
        }
    }
    for (int64_t i = 0; nmf_matrix_row_name(matrix, i); i++) {
        strcat(strcat(names[0], nmf_matrix_row_name(matrix, i)), "|");
    }
    for (int64_t j = 0; nmf_matrix_col_name(matrix, j); j++) {
        strcat(strcat(names[1], nmf_matrix_col_name(matrix, j)), "|");
    }
    assert_string_equal(names[0], row_names);
    assert_string_equal(names[1], col_names);
    nmf_matrix_free(matrix);
}

static void every_word_for_it_is_known(void **state) {
    folder *f = *state;
    static const char *const words[] = {"",     "NA",   "na",   "N/A",  "n/a",  "NaN", "nan",
                                        "-NaN", "+nan", "null", "NULL", "none", "None"};
    char text[100];
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        for (int quoted = 0; quoted < 2; quoted++) {
            const char *quote = quoted ? "\"" : "";
            snprintf(text, sizeof text, "1,2\n%s%s%s,3\n4, %s%s%s \n", quote, words[i], quote, quote, words[i], quote);
            if (!quoted) {
                expect_table(f, text, 3, 2, (double[]){1, 2, NAN, 3, 4, NAN}, "", "");
            }
            snprintf(text, sizeof text, "r,1,2\ns,%s%s%s,3\n", quote, words[i], quote);
            expect_table(f, text, 2, 2, (double[]){1, 2, NAN, 3}, "r|s|", "");
        }
    }
}

static void fields_may_be_empty_anywhere(void **state) {
    folder *f = *state;
    expect_table(f, "1,,3\n,5,\n7,8,\n", 3, 3, (double[]){1, NAN, 3, NAN, 5, NAN, 7, 8, NAN}, "", "");
    expect_table(f, "1\t\t3\n\t5\t\n\t\t\n", 3, 3, (double[]){1, NAN, 3, NAN, 5, NAN, NAN, NAN, NAN}, "", "");
    expect_table(f, "1; ;3\n ; ; \n", 2, 3, (double[]){1, NAN, 3, NAN, NAN, NAN}, "", "");
    expect_table(f, "1 , , 3\n , 5 , \n", 2, 3, (double[]){1, NAN, 3, NAN, 5, NAN}, "", "");
    expect_table(f, "r\t1\t\ns\t\t\n", 2, 2, (double[]){1, NAN, NAN, NAN}, "r|s|", "");
    expect_table(f, "\t\n1\t2\n\t\n", 3, 2, (double[]){NAN, NAN, 1, 2, NAN, NAN}, "", "");
    expect_table(f, "NA\n2\n\"\"\n", 3, 1, (double[]){NAN, 2, NAN}, "", "");
    expect_table(f, "NA NA\n1 2\n", 2, 2, (double[]){NAN, NAN, 1, 2}, "", "");
}

static void names_stay_names(void **state) {
    folder *f = *state;
    static const double two[] = {NAN, 2, 3, NAN};
    expect_table(f, "a,b\n,2\n3,\n", 2, 2, two, "", "a|b|");
    expect_table(f, ",a,b\nr,,2\ns,3,\n", 2, 2, two, "r|s|", "a|b|");
    expect_table(f, "\"\",\"a\",\"b\"\n\"r\",NA,2\n\"s\",3,NA\n", 2, 2, two, "r|s|", "a|b|");
    expect_table(f, "a b\nr NA 2\ns 3 NA\n", 2, 2, two, "r|s|", "a|b|");
    expect_table(f, "gene,7,9\n1,,2\n2,3,\n", 2, 2, two, "1|2|", "7|9|");
    expect_table(f, "\"\",\"7\",\"9\"\n\"1\",,2\n\"2\",3,\n", 2, 2, two, "1|2|", "7|9|");
    expect_table(f, "\"\",7,9\n1,,2\n2,3,\n", 2, 2, two, "1|2|", "7|9|");
    expect_table(f, "a,NA\n,2\n3,\n", 2, 2, two, "", "a|NA|");
}

/* Is what comes first the corner above names, or a number that is missing? */
static void the_first_field_of_all_is_in_doubt(void **state) {
    folder *f = *state;
    expect_table(f, ",2\n3,\n", 1, 1, (double[]){NAN}, "3|", "2|");
    assert_int_equal(f->warnings, 1);
    assert_non_null(strstr(f->warning, "a.csv: line 1, whose first field is empty, was taken as names, since its"));
    expect_table(f, ",0,1\n0,1,2\n1,,4\n", 2, 2, (double[]){1, 2, NAN, 4}, "0|1|", "0|1|");
    assert_int_equal(f->warnings, 2);
    expect_table(f, ",2,7\n3,,1\n", 2, 3, (double[]){NAN, 2, 7, 3, NAN, 1}, "", "");
    assert_int_equal(f->warnings, 3);
    assert_non_null(
        strstr(f->warning, "line 1, whose first field is empty, was taken as numbers, the first one missing"));
    expect_table(f, ",,\n3,,1\n", 2, 3, (double[]){NAN, NAN, NAN, 3, NAN, 1}, "", "");
    expect_table(f, "NA,2,7\n3,,1\n", 2, 3, (double[]){NAN, 2, 7, 3, NAN, 1}, "", "");
    assert_int_equal(f->warnings, 4);
    expect_table(f, ",2,7\nr,,1\n", 1, 2, (double[]){NAN, 1}, "r|", "2|7|");
    assert_int_equal(f->warnings, 4);
    expect_table(f, ",2,3\n", 1, 3, (double[]){NAN, 2, 3}, "", "");
}

static void what_is_wrong_is_still_refused(void **state) {
    folder *f = *state;
    static const char *const cases[][2] = {
        {"1,,3\n4,5\n", "line 2: found 2 fields, expected 3 as on line 1"},
        {"1,,3\n4,5,6,\n", "line 2: found 4 fields, expected 3"},
        {"1,,3\nNA,x,6\n", "line 2, column 2: \"x\" is not a number"},
        {"1,,3\n\"NA\",\"x\",6\n", "line 2, column 2: \"x\" is not a number"},
        {"1,,3\n4,NAN0,6\n", "line 2, column 2: \"NAN0\" is not a number"},
        {"1,NA,3\n4,\"NA,6\n", "a quote that opens on this line"},
        {"1,NA,3\n4,\"NA\"x,6\n", "must end with its quote"},
        {"1,NA\n\n3,4\n", "line 2: a blank line within the table"},
        {"1 NA\n3 4\n5\n", "line 3: found 1 fields, expected 2"},
        {"1,NA\n3,inf\n", "row 2, column 2 is inf"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        nmf_matrix *matrix;
        const char *path = folder_text(f, "a.csv", cases[i][0]);
        nmf_status status = nmf_matrix_read(f->context, path, &missing, &matrix);
        if (status != NMF_ERROR_INPUT || !strstr(nmf_context_message(f->context), cases[i][1])) {
            fail_msg("case %d: status %d, %s", (int)i, (int)status, nmf_context_message(f->context));
        }
    }
}

/* Without the flag nothing of this holds. */
static void unasked_they_are_told(void **state) {
    folder *f = *state;
    expect_refused(f, folder_text(f, "a.csv", "1,2\n3,\n"),
                   "line 2: row 2, column 2 is missing (\"\"); every entry must be a finite number, 0 or above, unless "
                   "missing ones are asked for (--missing nan)");
    expect_refused(f, folder_text(f, "a.csv", "1,2\n3,\"\"\n"), "\"\" is not a number");
    expect_matrix(f, folder_text(f, "a.csv", ",2,7\n3,5,1\n"), 1, 2, (double[]){5, 1});
    expect_matrix(f, folder_text(f, "a.tsv", "1\t2\n\t\n"), 1, 2, (double[]){1, 2});
    assert_int_equal(f->warnings, 0);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(every_word_for_it_is_known),         TEST(fields_may_be_empty_anywhere),   TEST(names_stay_names),
        TEST(the_first_field_of_all_is_in_doubt), TEST(what_is_wrong_is_still_refused), TEST(unasked_they_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
