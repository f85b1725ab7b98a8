/* Missing entries, and entries below zero, in files: read where they are allowed, refused where not, and written so
 * that they come back. */
#include "support/expect.h"
#include "support/prepared.h"
#include "support/zips.h"

#include "io/hdf5/wire_write.h"
#include "matrix/matrix.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GENERAL "%%MatrixMarket matrix coordinate real general\n"

/* What every file of the tests below holds. */
static const double six[] = {1, NAN, -2, 0, 4, NAN};
static const double lower[] = {1, 3, -2, 0, 4, 5};

static const char *npy_file(const folder *f, const char *name, const char *dict, const void *numbers, size_t count) {
    unsigned char file[1000];
    return folder_bytes(f, name, file, npy_bytes(dict, numbers, count, file));
}

static nmf_status append(void *user, const void *more, size_t count) {
    return fwrite(more, 1, count, user) == count ? NMF_OK : NMF_ERROR_OUTPUT;
}

/* As a program for HDF5 would send it. */
static const char *wire_file(const folder *f, const char *name, const nmf_matrix *matrix, bool by_columns) {
    const char *path = folder_path(f, name);
    table t = table_of_matrix(matrix);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    wire_out to = {f->context, append, file};
    assert_int_equal(wire_write(&to, &t, by_columns, NULL), NMF_OK);
    assert_int_equal(fclose(file), 0);
    return path;
}

static void expect_failure(folder *f, const char *path, unsigned allowed, const char *part) {
    nmf_matrix *matrix;
    nmf_read_options how = {.allowed = allowed};
    nmf_status status = nmf_matrix_read(f->context, path, &how, &matrix);
    if (status != NMF_ERROR_INPUT || !strstr(nmf_context_message(f->context), part)) {
        fail_msg("%s: status %d, \"%s\"; expected \"%s\"", path, (int)status, nmf_context_message(f->context), part);
    }
    assert_null(matrix);
}

/* The same entries, NaN where there is NaN. */
static void expect_entries(const nmf_matrix *matrix, const double *entries) {
    double found[64];
    int64_t missing = 0, count = matrix->info.rows * matrix->info.cols;
    assert_in_range(count, 0, 64);
    nmf_matrix_copy(matrix, found);
    for (int64_t e = 0; e < count; e++) {
        missing += isnan(entries[e]);
        if (isnan(entries[e]) ? !isnan(found[e]) : found[e] != entries[e]) {
            fail_msg("entry %d is %g, expected %g", (int)e, found[e], entries[e]);
        }
    }
    assert_int_equal(matrix->info.missing, missing);
}

static nmf_matrix *read_allowing(folder *f, const char *path, nmf_dtype dtype, unsigned allowed) {
    nmf_matrix *matrix;
    nmf_read_options how = {.dtype = dtype, .allowed = allowed};
    if (nmf_matrix_read(f->context, path, &how, &matrix) != NMF_OK) {
        fail_msg("%s", nmf_context_message(f->context));
    }
    assert_int_equal(matrix->allowed, allowed);
    return matrix;
}

/* Reads as these, 2 × 3, where all may be that there is; and is refused where something of it may not. */
static void expect_six(folder *f, const char *path, const double *entries, const char *unasked) {
    bool missing = entries == six;
    unsigned needed = NMF_ALLOW_NEGATIVE | (missing ? NMF_ALLOW_MISSING : 0);
    for (int dtype = NMF_F64; dtype <= NMF_F32; dtype++) {
        nmf_matrix *matrix = read_allowing(f, path, (nmf_dtype)dtype, needed);
        assert_int_equal(matrix->info.rows, 2);
        assert_int_equal(matrix->info.cols, 3);
        assert_true(matrix->info.min == -2);
        expect_entries(matrix, entries);
        nmf_matrix_free(matrix);
    }
    expect_failure(f, path, needed & ~(unsigned)(missing ? NMF_ALLOW_MISSING : NMF_ALLOW_NEGATIVE), unasked);
    expect_failure(f, path, missing ? NMF_ALLOW_MISSING : 0, "-2; every entry must be a finite number, 0 or above");
}

static void every_reader_takes_missing_entries(void **state) {
    folder *f = *state;
    static const char at[] = "row 1, column 2 is NaN; every entry must be a finite number, unless missing ones";
    static const char in_text[] = "line 1: row 1, column 2 is missing (\"";
    static const float single[] = {1, NAN, -2, 0, 4, NAN};
    static const double turned[] = {1, 0, NAN, 4, -2, NAN}, data[] = {1, NAN, -2, 4, NAN};
    static const int64_t shape[] = {2, 3}, start[] = {0, 3, 5}, index[] = {0, 1, 2, 1, 2};
    const zip_part csr[] = {TEXT("format", "|S3", "()", "csr"), NUMBERS("shape", "<i8", "(2,)", shape),
                            NUMBERS("indptr", "<i8", "(3,)", start), NUMBERS("indices", "<i8", "(5,)", index),
                            NUMBERS("data", "<f8", "(5,)", data)};
    const zip_part dense = NUMBERS("m", "<f8", "(2, 3)", six);
    expect_six(f, folder_text(f, "a.csv", "1,NA,-2\n0,4,\n"), six, in_text);
    expect_six(f, folder_text(f, "a.tsv", "1\t\t-2\n0\t4\tnan\n"), six, in_text);
    expect_six(f, folder_text(f, "a.txt", "1 null -2\n0 4 none\n"), six, in_text);
    expect_six(f, folder_text(f, "a.mtx", GENERAL "2 3 5\n1 1 1\n1 2 nan\n1 3 -2\n2 2 4\n2 3 NaN\n"), six, at);
    expect_six(f, folder_text(f, "b.mtx", "%%MatrixMarket matrix array real general\n2 3\n1\n0\n-nan\n4\n-2\nnan\n"),
               six, at);
    expect_six(f, folder_text(f, "a.svmlight", "0 1:1 2:nan 3:-2\n0 2:4 3:NAN\n"), six, at);
    expect_six(f, npy_file(f, "a.npy", DICT("<f8", "(2, 3)"), six, sizeof six), six, at);
    expect_six(f, npy_file(f, "b.npy", DICT("<f4", "(2, 3)"), single, sizeof single), six, at);
    expect_six(
        f, npy_file(f, "c.npy", "{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3), }", turned, sizeof turned),
        six, at);
    expect_six(f, zip_write(f, "a.npz", csr, 5, true), six, at);
    expect_six(f, zip_write(f, "b.npz", &dense, 1, true), six, at);
}

static void the_wire_carries_missing_entries(void **state) {
    folder *f = *state;
    problem p = problem_of(2, 3, six);
    for (int c = 0; c < 4 * SHAPES; c++) {
        nmf_matrix *matrix = problem_matrix(f->context, &p, (shape)(c / 4), (nmf_dtype)(c & 1));
        expect_six(f, wire_file(f, "a", matrix, c & 2), six, "row 1, column 2 is NaN; every entry");
        nmf_matrix_free(matrix);
    }
    problem_free(&p);
}

static void every_reader_takes_entries_below_zero(void **state) {
    folder *f = *state;
    static const char at[] = "row 1, column 3 is -2; every entry must be a finite number, 0 or above";
    static const int8_t small[] = {1, 3, -2, 0, 4, 5};
    static const double data[] = {1, 3, -2, 4, 5};
    static const int64_t shape[] = {2, 3}, row[] = {0, 0, 0, 1, 1}, col[] = {0, 1, 2, 1, 2};
    const zip_part coo[] = {TEXT("format", "|S3", "()", "coo"), NUMBERS("shape", "<i8", "(2,)", shape),
                            NUMBERS("row", "<i8", "(5,)", row), NUMBERS("col", "<i8", "(5,)", col),
                            NUMBERS("data", "<f8", "(5,)", data)};
    expect_six(f, folder_text(f, "a.csv", "1,3,-2\n0,4,5\n"), lower, at);
    expect_six(f, folder_text(f, "a.mtx", GENERAL "2 3 5\n1 1 1\n1 2 3\n1 3 -2\n2 2 4\n2 3 5\n"), lower, at);
    expect_six(f, folder_text(f, "b.mtx", "%%MatrixMarket matrix array integer general\n2 3\n1\n0\n3\n4\n-2\n5\n"),
               lower, at);
    expect_six(f, folder_text(f, "a.svmlight", "0 1:1 2:3 3:-2\n0 2:4 3:5\n"), lower, at);
    expect_six(f, npy_file(f, "a.npy", DICT("|i1", "(2, 3)"), small, sizeof small), lower, at);
    expect_six(f, npy_file(f, "b.npy", DICT("<f8", "(2, 3)"), lower, sizeof lower), lower, at);
    expect_six(f, zip_write(f, "a.npz", coo, 5, true), lower, at);
}

/* Is nmf-hdf5 there? Beside the folder of this program. */
static bool find_hdf5(void) {
    char path[600];
    ssize_t length = readlink("/proc/self/exe", path, 500);
    path[length > 0 ? length : 0] = '\0';
    char *slash = strrchr(path, '/');
    if (!slash) {
        return false;
    }
    strcpy(slash, "/../nmf-hdf5");
    return access(path, X_OK) == 0 && setenv("NMF_HDF5", path, 1) == 0;
}

static const char *format_of(int64_t i) {
    static const char *const by_helper[] = {"h5", "h5ad", NULL};
    int64_t flowing = 0;
    while (nmf_format_at(flowing)) {
        flowing++;
    }
    return i < flowing ? nmf_format_at(i) : find_hdf5() ? by_helper[i - flowing] : NULL;
}

static void what_is_written_comes_back(folder *f, const problem *p, shape as, nmf_dtype dtype) {
    const char *format;
    for (int64_t i = 0; (format = format_of(i)); i++) {
        char name[20];
        snprintf(name, sizeof name, "a.%s", format);
        const char *path = folder_path(f, name);
        nmf_matrix *matrix = problem_matrix(f->context, p, as, dtype);
        if (nmf_matrix_write(f->context, path, format, matrix) != NMF_OK) {
            fail_msg("%s", nmf_context_message(f->context));
        }
        nmf_matrix *back = read_allowing(f, path, dtype, p->allowed);
        expect_entries(back, p->values);
        assert_int_equal(back->info.nnz, matrix->info.nnz);
        nmf_matrix_free(back);
        nmf_matrix_free(matrix);
    }
}

static void every_format_gives_them_back(void **state) {
    folder *f = *state;
    problem both = problem_of(2, 3, six), below = problem_of(2, 3, lower);
    for (int c = 0; c < 2 * SHAPES; c++) {
        what_is_written_comes_back(f, &both, (shape)(c / 2), (nmf_dtype)(c % 2));
        what_is_written_comes_back(f, &below, (shape)(c / 2), (nmf_dtype)(c % 2));
    }
    problem_free(&both);
    problem_free(&below);
}

/* A dense matrix too goes to 10x Genomics' folder as coordinates, as many as its header says. */
static void a_folder_gives_them_back(void **state) {
    folder *f = *state;
    problem p = problem_of(2, 3, six);
    nmf_matrix *matrix = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    assert_int_equal(nmf_matrix_write(f->context, folder_path(f, "t/"), NULL, matrix), NMF_OK);
    nmf_matrix *back = read_allowing(f, folder_path(f, "t"), NMF_F64, p.allowed);
    expect_entries(back, six);
    nmf_matrix_free(back);
    nmf_matrix_free(matrix);
    problem_free(&p);
    unlink(folder_path(f, "t/matrix.mtx.gz"));
    unlink(folder_path(f, "t/features.tsv.gz"));
    unlink(folder_path(f, "t/barcodes.tsv.gz"));
    rmdir(folder_path(f, "t"));
}

/* R reads "NaN" and not "nan"; and the sign of what is not there means nothing. */
static void the_word_is_one_for_all(void **state) {
    folder *f = *state;
    const double values[] = {NAN, 1, -NAN, 2};
    char text[200];
    problem p = problem_of(2, 2, values);
    for (int dtype = NMF_F64; dtype <= NMF_F32; dtype++) {
        nmf_matrix *matrix = problem_matrix(f->context, &p, BY_ROW, (nmf_dtype)dtype);
        const char *path = folder_path(f, "a.csv");
        assert_int_equal(nmf_matrix_write(f->context, path, NULL, matrix), NMF_OK);
        slurp(path, text, sizeof text);
        assert_string_equal(text, "NaN,1\nNaN,2\n");
        nmf_matrix_free(matrix);
    }
    problem_free(&p);
}

/* Row by row, and by way of a matrix: the same flags, the same entries, the same counts. */
static void converting_passes_them_on(void **state) {
    folder *f = *state;
    static const char *const ends[] = {"b.csv", "b.npy", "b.svmlight", "b.mtx", "b.npz"};
    nmf_read_options how = {.allowed = NMF_ALLOW_MISSING | NMF_ALLOW_NEGATIVE}, some = {.allowed = NMF_ALLOW_MISSING};
    const char *from = folder_text(f, "a.csv", "x,y,z\n1,NA,-2\n0,4,\n");
    for (int i = 0; i < 5; i++) {
        nmf_matrix_info info;
        const char *to = folder_path(f, ends[i]);
        if (nmf_convert(f->context, from, &how, to, NULL, &info) != NMF_OK) {
            fail_msg("%s: %s", ends[i], nmf_context_message(f->context));
        }
        assert_int_equal(info.nnz, 3);
        assert_int_equal(info.missing, 2);
        assert_int_equal(info.stored, 6);
        assert_true(info.min == -2 && info.max == 4);
        nmf_matrix *matrix = read_allowing(f, to, NMF_F64, how.allowed);
        expect_entries(matrix, six);
        nmf_matrix_free(matrix);
        assert_int_equal(nmf_convert(f->context, from, &some, to, NULL, &info), NMF_ERROR_INPUT);
        assert_non_null(strstr(nmf_context_message(f->context), "is -2; every entry must be a finite number, 0 or "));
        assert_int_equal(nmf_convert(f->context, from, NULL, to, NULL, &info), NMF_ERROR_INPUT);
        assert_non_null(strstr(nmf_context_message(f->context), "row 1, column 2 is missing (\"NA\"); every entry"));
    }
    const char *empty = folder_text(f, "c.csv", "NA,NA\nNA,NA\n");
    nmf_matrix_info info;
    assert_int_equal(nmf_convert(f->context, empty, &some, folder_path(f, "b.npy"), NULL, &info), NMF_OK);
    assert_true(info.missing == 4 && info.min == 0 && info.max == 0);
}

static void unknown_flags_are_refused(void **state) {
    folder *f = *state;
    nmf_matrix *matrix;
    nmf_read_options how = {.allowed = 16};
    assert_int_equal(nmf_matrix_read(f->context, folder_text(f, "a.csv", "1\n"), &how, &matrix), NMF_ERROR_USAGE);
    assert_non_null(strstr(nmf_context_message(f->context), "allowed is 16; it must be made of NMF_ALLOW_MISSING"));
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(every_reader_takes_missing_entries),
        TEST(the_wire_carries_missing_entries),
        TEST(every_reader_takes_entries_below_zero),
        TEST(every_format_gives_them_back),
        TEST(a_folder_gives_them_back),
        TEST(the_word_is_one_for_all),
        TEST(converting_passes_them_on),
        TEST(unknown_flags_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
