/* A matrix written and read back is the same matrix: in every format, packed or not, by way of every other format. */
#include "support/expect.h"
#include "support/problems.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 23, COLS = 31 };

static const char *const packings[] = {"", ".gz", ".zst", NULL};

static nmf_matrix *matrix_read(folder *f, const char *path, nmf_dtype dtype) {
    nmf_matrix *matrix;
    nmf_read_options how = {.dtype = dtype};
    if (nmf_matrix_read(f->context, path, &how, &matrix) != NMF_OK) {
        fail_msg("%s", nmf_context_message(f->context));
    }
    return matrix;
}

/* FOLDER/STEM.FORMAT, packed. */
static const char *write_as(folder *f, const char *stem, const char *format, const char *packing,
                            const nmf_matrix *matrix) {
    char name[60];
    snprintf(name, sizeof name, "%s.%s%s", stem, format, packing);
    const char *path = folder_path(f, name);
    if (nmf_matrix_write(f->context, path, NULL, matrix) != NMF_OK) {
        fail_msg("%s", nmf_context_message(f->context));
    }
    return path;
}

static void expect_same(const nmf_matrix *got, const nmf_matrix *expected) {
    nmf_matrix_info info, wanted;
    nmf_matrix_get_info(got, &info);
    nmf_matrix_get_info(expected, &wanted);
    assert_int_equal(info.rows, wanted.rows);
    assert_int_equal(info.cols, wanted.cols);
    double *a = calloc((size_t)(2 * info.rows * info.cols), sizeof *a), *b = a + info.rows * info.cols;
    assert_non_null(a);
    nmf_matrix_copy(got, a);
    nmf_matrix_copy(expected, b);
    assert_memory_equal(a, b, (size_t)(info.rows * info.cols) * sizeof *a);
    free(a);
    for (int64_t i = 0; i < info.rows; i++) {
        assert_string_equal(nmf_matrix_row_name(got, i), nmf_matrix_row_name(expected, i));
    }
    for (int64_t j = 0; j < info.cols; j++) {
        assert_string_equal(nmf_matrix_col_name(got, j), nmf_matrix_col_name(expected, j));
    }
}

/* With names that want quotes in some formats, and an empty last row and column. */
static nmf_matrix *named(folder *f, double density, bool sparse, nmf_dtype dtype) {
    problem p = problem_random(ROWS, COLS, density, 5);
    FILE *rows = fopen(folder_path(f, "names.r"), "w"), *cols = fopen(folder_path(f, "names.c"), "w");
    assert_true(rows && cols);
    for (int i = 0; i < ROWS; i++) {
        p.values[i * COLS + COLS - 1] = 0;
        fprintf(rows, "row \"%d\", the %d\n", i, i * i);
    }
    for (int j = 0; j < COLS; j++) {
        p.values[(ROWS - 1) * COLS + j] = 0;
        fprintf(cols, "%d\n", j);
    }
    fclose(rows);
    fclose(cols);
    problem_lay_out(&p);
    nmf_matrix *bare = problem_matrix(f->context, &p, sparse ? SPARSE : BY_COLUMN, dtype), *matrix;
    const char *path = write_as(f, "start", sparse ? "mtx" : "npy", "", bare);
    nmf_read_options how = {dtype, .row_names = folder_path(f, "names.r"), .col_names = folder_path(f, "names.c")};
    assert_int_equal(nmf_matrix_read(f->context, path, &how, &matrix), NMF_OK);
    nmf_matrix_free(bare);
    problem_free(&p);
    return matrix;
}

static void every_pair(folder *f, const nmf_matrix *matrix, nmf_dtype dtype) {
    const char *first, *second;
    for (int64_t from = 0; (first = nmf_format_at(from)); from++) {
        nmf_matrix *between = matrix_read(f, write_as(f, "a", first, "", matrix), dtype);
        expect_same(between, matrix);
        for (int64_t to = 0; (second = nmf_format_at(to)); to++) {
            nmf_matrix *back = matrix_read(f, write_as(f, "b", second, "", between), dtype);
            expect_same(back, matrix);
            nmf_matrix_free(back);
        }
        nmf_matrix_free(between);
    }
}

static void every_pair_of_formats_is_exact(void **state) {
    folder *f = *state;
    for (int which = 0; which < 4; which++) {
        nmf_dtype dtype = which & 1 ? NMF_F32 : NMF_F64;
        nmf_matrix *matrix = named(f, which & 2 ? 0.2 : 1, (which & 2) != 0, dtype);
        every_pair(f, matrix, dtype);
        nmf_matrix_free(matrix);
    }
}

/* By rows where both sides can, by way of a matrix else: the same file comes out. */
static void converting_is_reading_and_writing(void **state) {
    folder *f = *state;
    static const char *const starts[] = {"csv", "tsv", "csv.gz", "npy", "mtx"};
    const char *to;
    nmf_matrix *matrix = named(f, 0.5, true, NMF_F64);
    for (size_t from = 0; from < sizeof starts / sizeof *starts; from++) {
        const char *path = write_as(f, "from", starts[from], "", matrix);
        for (int64_t i = 0; (to = nmf_format_at(i)); i++) {
            nmf_matrix_info info;
            char name[60];
            snprintf(name, sizeof name, "to%zu.%s", from, to);
            const char *out = folder_path(f, name);
            if (nmf_convert(f->context, path, NULL, out, NULL, &info) != NMF_OK) {
                fail_msg("%s", nmf_context_message(f->context));
            }
            assert_int_equal(info.rows, ROWS);
            assert_int_equal(info.cols, COLS);
            nmf_matrix *back = matrix_read(f, out, NMF_F64);
            expect_same(back, matrix);
            nmf_matrix_free(back);
        }
    }
    nmf_matrix_free(matrix);
}

/* An entry that no matrix may have, late in a long file: told with its place, and nothing is left behind. */
static void bad_entries_are_told_as_rows_pass(void **state) {
    folder *f = *state;
    nmf_matrix_info info;
    static const char *const bad[] = {"-1", "inf", "x", "1,2"}, *const told[] = {"is -1", "is inf", "\"x\"", "fields"};
    for (int i = 0; i < 4; i++) {
        FILE *file = fopen(folder_path(f, "bad.csv"), "w");
        assert_non_null(file);
        for (int row = 1; row <= 20000; row++) {
            fprintf(file, "row%d,%d,%s\n", row, row, row == 19000 ? bad[i] : "2.5");
        }
        fclose(file);
        int before = folder_count(f);
        assert_int_equal(
            nmf_convert(f->context, folder_path(f, "bad.csv"), NULL, folder_path(f, "out.npy"), NULL, &info),
            NMF_ERROR_INPUT);
        assert_int_equal(folder_count(f), before);
        assert_non_null(strstr(nmf_context_message(f->context), "19000"));
        assert_non_null(strstr(nmf_context_message(f->context), told[i]));
    }
}

static void every_packing_is_exact(void **state) {
    folder *f = *state;
    const char *format;
    nmf_matrix *matrix = named(f, 0.2, true, NMF_F64);
    for (int64_t i = 0; (format = nmf_format_at(i)); i++) {
        for (int by = 0; packings[by] && format_flows(format); by++) {
            nmf_matrix *back = matrix_read(f, write_as(f, "p", format, packings[by], matrix), NMF_F64);
            expect_same(back, matrix);
            nmf_matrix_free(back);
        }
    }
    nmf_matrix_free(matrix);
}

static void what_is_named_packed_is_packed(void **state) {
    folder *f = *state;
    static const unsigned char gzip[] = {0x1f, 0x8b}, zstd[] = {0x28, 0xb5, 0x2f, 0xfd};
    char bytes[3000];
    nmf_matrix *matrix = named(f, 0.2, true, NMF_F64);
    slurp(write_as(f, "p", "csv", ".gz", matrix), bytes, sizeof bytes);
    assert_memory_equal(bytes, gzip, sizeof gzip);
    slurp(write_as(f, "p", "csv", ".zst", matrix), bytes, sizeof bytes);
    assert_memory_equal(bytes, zstd, sizeof zstd);
    nmf_matrix_free(matrix);
}

/* More than the blocks of the sink and of the packings. */
static void large_files_are_packed(void **state) {
    folder *f = *state;
    problem p = problem_random(1500, 300, 1, 7);
    nmf_matrix *matrix = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    for (int by = 0; packings[by]; by++) {
        nmf_matrix *back = matrix_read(f, write_as(f, "large", "npy", packings[by], matrix), NMF_F64);
        double *values = calloc((size_t)(p.rows * p.cols), sizeof *values);
        assert_non_null(values);
        nmf_matrix_copy(back, values);
        assert_memory_equal(values, p.values, (size_t)(p.rows * p.cols) * sizeof *values);
        free(values);
        nmf_matrix_free(back);
    }
    nmf_matrix_free(matrix);
    problem_free(&p);
}

/* Three million rows and columns, all but one entry zeros: 72 TB as numbers, 18 TB as text. */
static void what_no_disk_holds_is_refused(void **state) {
    folder *f = *state;
    static const char *const to[] = {"a.npy", "a.csv", "a.tsv"};
    nmf_matrix *matrix = matrix_read(
        f, folder_text(f, "w.mtx", "%%MatrixMarket matrix coordinate real general\n3000000 3000000 1\n1 1 1\n"),
        NMF_F64);
    for (int i = 0; i < 3; i++) {
        const char *path = folder_path(f, to[i]);
        assert_int_equal(nmf_matrix_write(f->context, path, NULL, matrix), NMF_ERROR_OUTPUT);
        assert_non_null(strstr(nmf_context_message(f->context), i == 0 ? "72000.0 GB" : "18000.0 GB"));
        assert_int_equal(folder_count(f), 1);
    }
    nmf_matrix_free(matrix);
}

static void unknown_endings_are_told(void **state) {
    folder *f = *state;
    nmf_matrix *matrix = named(f, 1, false, NMF_F64);
    assert_int_equal(nmf_matrix_write(f->context, folder_path(f, "a.xls"), NULL, matrix), NMF_ERROR_USAGE);
    assert_non_null(strstr(nmf_context_message(f->context), "csv, npy, mtx"));
    assert_int_equal(nmf_matrix_write(f->context, folder_path(f, "a.xls"), "mtx", matrix), NMF_OK);
    nmf_matrix_free(matrix);
}

static void foreign_names_beside_are_told(void **state) {
    folder *f = *state;
    problem p = problem_random(3, 2, 1, 7);
    nmf_matrix *matrix = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    write_as(f, "clean", "npy", "", matrix);
    assert_int_equal(f->warnings, 0);
    folder_text(f, "taken.rows.txt", "a\nb\nc\n");
    write_as(f, "taken", "npy", "", matrix);
    assert_int_equal(f->warnings, 1);
    assert_non_null(strstr(f->warning, "taken.rows.txt"));
    nmf_matrix_free(matrix);
    problem_free(&p);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(converting_is_reading_and_writing), TEST(bad_entries_are_told_as_rows_pass),
        TEST(every_pair_of_formats_is_exact),    TEST(every_packing_is_exact),
        TEST(what_is_named_packed_is_packed),    TEST(large_files_are_packed),
        TEST(unknown_endings_are_told),          TEST(what_no_disk_holds_is_refused),
        TEST(foreign_names_beside_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
