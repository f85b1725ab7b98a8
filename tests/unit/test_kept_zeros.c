/* Zeros that a sparse matrix stores: entries where they are kept, gone where not. */
#include "support/expect.h"
#include "support/numbers.h"
#include "support/prepared.h"
#include "support/zips.h"

#include "matrix/prepare.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

enum { ROWS = 3, COLS = 4, STORED = 6, NONZERO = 3 };

static const int64_t starts[] = {0, 3, 3, 6};
static const int64_t places[] = {3, 0, 1, 0, 2, 3};
static const double wide[] = {2, 0, 5, 0, 0, 7};
static const float narrow[] = {2, 0, 5, 0, 0, 7};
static const double all[] = {0, 5, 0, 2, 0, 0, 0, 0, 0, 0, 0, 7};

static nmf_matrix *with_zeros(nmf_context *context, nmf_dtype dtype, unsigned allowed) {
    nmf_matrix *matrix;
    const void *values = dtype == NMF_F64 ? (const void *)wide : narrow;
    assert_int_equal(matrix_of_rows(context, ROWS, COLS, dtype, starts, places, values, allowed, &matrix), NMF_OK);
    return matrix;
}

static void expect_stored(const nmf_matrix *matrix, int64_t stored, int64_t nonzero) {
    assert_int_equal(matrix->info.stored, stored);
    assert_int_equal(matrix->info.nnz, nonzero);
    for (int side = 0; side < 2; side++) {
        int64_t found = 0, zeros = 0;
        for (int64_t l = 0; l < (side ? matrix->info.cols : matrix->info.rows); l++) {
            entry_line line = matrix->kind->line(matrix, side == 1, l);
            found += line.count;
            for (int64_t e = 0; e < line.count; e++) {
                zeros += entry_value(matrix->info.dtype, &line, e) == 0;
            }
        }
        assert_int_equal(found, stored);
        assert_int_equal(zeros, stored - nonzero);
    }
}

static void expect_kept(const nmf_matrix *matrix) {
    expect_stored(matrix, STORED, NONZERO);
}

static void they_are_entries(void **state) {
    folder *f = *state;
    for (int dtype = NMF_F64; dtype <= NMF_F32; dtype++) {
        double found[ROWS * COLS];
        nmf_matrix *matrix = with_zeros(f->context, (nmf_dtype)dtype, NMF_KEEP_ZEROS);
        expect_kept(matrix);
        assert_int_equal(matrix->info.zero_rows, 1);
        assert_int_equal(matrix->info.zero_cols, 2);
        assert_true(matrix->info.min == 0 && matrix->info.max == 7);
        nmf_matrix_copy(matrix, found);
        assert_memory_equal(found, all, sizeof all);
        assert_true(matrix_bytes(&matrix->info, (nmf_dtype)dtype) ==
                    8 * (ROWS + COLS) + 2 * STORED * (4 + (dtype == NMF_F64 ? 8 : 4)));
        nmf_matrix_free(matrix);
    }
}

static void they_are_gone_unasked(void **state) {
    folder *f = *state;
    nmf_matrix *matrix = with_zeros(f->context, NMF_F64, NMF_ALLOW_MISSING | NMF_ALLOW_NEGATIVE);
    expect_stored(matrix, NONZERO, NONZERO);
    nmf_matrix_free(matrix);
    matrix = with_zeros(f->context, NMF_F64, 0);
    expect_stored(matrix, NONZERO, NONZERO);
    nmf_matrix_free(matrix);
}

static void sums_of_zero_are_kept_too(void **state) {
    folder *f = *state;
    static const int64_t start[] = {0, 4}, index[] = {1, 0, 1, 0};
    static const double values[] = {-2, 0, 2, 0};
    nmf_matrix *matrix;
    assert_int_equal(
        matrix_of_rows(f->context, 1, 2, NMF_F64, start, index, values, NMF_KEEP_ZEROS | NMF_ALLOW_NEGATIVE, &matrix),
        NMF_OK);
    expect_stored(matrix, 2, 0);
    assert_true(matrix->info.min == 0 && matrix->info.max == 0);
    nmf_matrix_free(matrix);
}

/* Entries of a dense matrix are all there, the flag or not. */
static void dense_ones_are_as_ever(void **state) {
    folder *f = *state;
    nmf_matrix *matrix;
    assert_int_equal(nmf_matrix_dense(f->context, ROWS, COLS, NMF_F64, all, COLS, 1, NMF_KEEP_ZEROS, &matrix), NMF_OK);
    assert_int_equal(matrix->info.stored, ROWS * COLS);
    assert_int_equal(matrix->info.nnz, NONZERO);
    nmf_matrix_free(matrix);
}

static void copies_keep_them(void **state) {
    folder *f = *state;
    static const int64_t two[] = {0, 2};
    nmf_matrix *copy, *matrix = with_zeros(f->context, NMF_F64, NMF_KEEP_ZEROS);
    assert_int_equal(matrix->kind->convert(matrix, NMF_F32, 0.5, &copy), NMF_OK);
    assert_int_equal(matrix_check(copy, "the copy"), NMF_OK);
    expect_kept(copy);
    nmf_matrix_free(copy);
    assert_int_equal(matrix_pick(matrix, true, two, 2, &copy), NMF_OK);
    assert_int_equal(copy->info.stored, 3);
    assert_int_equal(matrix_check(copy, "the copy"), NMF_OK);
    expect_stored(copy, 3, 0);
    assert_int_equal(copy->allowed, NMF_KEEP_ZEROS);
    nmf_matrix_free(copy);
    nmf_matrix_free(matrix);
}

static void preparing_keeps_them(void **state) {
    folder *f = *state;
    static const nmf_prepare_options ways[] = {
        {.normalize = 10}, {.log1p = true}, {.tfidf = true}, {.transpose = true, .normalize = NMF_NORMALIZE_MEDIAN}};
    for (int c = 0; c < 8; c++) {
        nmf_matrix *matrix = with_zeros(f->context, (nmf_dtype)(c % 2), NMF_KEEP_ZEROS);
        prepare_well(f->context, &ways[c / 2], &matrix);
        expect_kept(matrix);
        nmf_matrix_free(matrix);
    }
}

static nmf_matrix *read_keeping(folder *f, const char *path, nmf_dtype dtype, unsigned allowed) {
    nmf_matrix *matrix;
    nmf_read_options how = {.dtype = dtype, .allowed = allowed};
    if (nmf_matrix_read(f->context, path, &how, &matrix) != NMF_OK) {
        fail_msg("%s", nmf_context_message(f->context));
    }
    return matrix;
}

/* With the flag, without it. */
static void expect_read(folder *f, const char *path, int64_t stored, int64_t nonzero) {
    for (int dtype = NMF_F64; dtype <= NMF_F32; dtype++) {
        nmf_matrix *matrix = read_keeping(f, path, (nmf_dtype)dtype, NMF_KEEP_ZEROS);
        expect_stored(matrix, stored, nonzero);
        nmf_matrix_free(matrix);
        matrix = read_keeping(f, path, (nmf_dtype)dtype, 0);
        expect_stored(matrix, nonzero, nonzero);
        nmf_matrix_free(matrix);
    }
}

static void every_sparse_format_has_them(void **state) {
    folder *f = *state;
    static const int64_t shape[] = {2, 3}, ends[] = {0, 2, 3}, columns[] = {0, 2, 1}, rows[] = {0, 0, 1};
    static const double data[] = {0, 4, 0};
    const zip_part csr[] = {TEXT("format", "|S3", "()", "csr"), NUMBERS("shape", "<i8", "(2,)", shape),
                            NUMBERS("indptr", "<i8", "(3,)", ends), NUMBERS("indices", "<i8", "(3,)", columns),
                            NUMBERS("data", "<f8", "(3,)", data)};
    const zip_part coo[] = {TEXT("format", "|S3", "()", "coo"), NUMBERS("shape", "<i8", "(2,)", shape),
                            NUMBERS("row", "<i8", "(3,)", rows), NUMBERS("col", "<i8", "(3,)", columns),
                            NUMBERS("data", "<f8", "(3,)", data)};
    expect_read(f, zip_write(f, "csr.npz", csr, 5, true), 3, 1);
    expect_read(f, zip_write(f, "coo.npz", coo, 5, true), 3, 1);
    expect_read(f,
                folder_text(f, "a.mtx", "%%MatrixMarket matrix coordinate real general\n2 3 3\n1 1 0\n1 3 4\n2 2 0\n"),
                3, 1);
    expect_read(f, folder_text(f, "b.mtx", "%%MatrixMarket matrix coordinate real symmetric\n2 2 2\n1 1 1\n2 1 0\n"), 3,
                1);
    expect_read(f, folder_text(f, "a.svmlight", "1 1:0 3:4\n0 2:0\n"), 3, 1);
}

/* The zero at the end of the first line, which says how many columns there are, is none of them. */
static void svmlight_has_a_zero_of_its_own(void **state) {
    folder *f = *state;
    expect_read(f, folder_text(f, "a.svmlight", "1 1:2 4:0\n0 2:0 4:0\n"), 3, 1);
    expect_read(f, folder_text(f, "a.svmlight", "1 1:2 3:0\n0 2:0 4:1\n"), 4, 2);
    expect_read(f, folder_text(f, "a.svmlight", "1\n0 2:0 4:0\n"), 2, 0);
}

static void they_are_written(void **state) {
    folder *f = *state;
    static const char *const names[] = {"a.mtx", "a.mtx.gz", "a.npz", "a.svmlight", "tenx/"};
    for (int c = 0; c < 10; c++) {
        nmf_dtype dtype = (nmf_dtype)(c % 2);
        double found[ROWS * COLS];
        const char *path = folder_path(f, names[c / 2]);
        nmf_matrix *matrix = with_zeros(f->context, dtype, NMF_KEEP_ZEROS);
        if (nmf_matrix_write(f->context, path, NULL, matrix) != NMF_OK) {
            fail_msg("%s", nmf_context_message(f->context));
        }
        nmf_matrix *back = read_keeping(f, path, dtype, NMF_KEEP_ZEROS);
        expect_kept(back);
        nmf_matrix_copy(back, found);
        assert_memory_equal(found, all, sizeof all);
        nmf_matrix_free(back);
        nmf_matrix_free(matrix);
    }
    unlink(folder_path(f, "tenx/matrix.mtx.gz"));
    unlink(folder_path(f, "tenx/features.tsv.gz"));
    unlink(folder_path(f, "tenx/barcodes.tsv.gz"));
    rmdir(folder_path(f, "tenx"));
}

/* Entries that became 0 by being too small stay stored: what is written of them must be as many as the file says. */
static void entries_lost_are_written_whole(void **state) {
    folder *f = *state;
    static const int64_t start[] = {0, 1, 2, 3}, index[] = {0, 0, 1};
    static const double values[] = {1e-320, 1e300, 5};
    static const char *const names[] = {"a.mtx", "a.npz", "a.svmlight"};
    nmf_matrix *matrix;
    assert_int_equal(matrix_of_rows(f->context, 3, 2, NMF_F64, start, index, values, 0, &matrix), NMF_OK);
    prepare_well(f->context, &(nmf_prepare_options){.normalize = 1}, &matrix);
    expect_stored(matrix, 3, 2);
    for (int i = 0; i < 3; i++) {
        const char *path = folder_path(f, names[i]);
        assert_int_equal(nmf_matrix_write(f->context, path, NULL, matrix), NMF_OK);
        expect_read(f, path, 3, 2);
    }
    nmf_matrix_free(matrix);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(they_are_entries),
        TEST(they_are_gone_unasked),
        TEST(sums_of_zero_are_kept_too),
        TEST(dense_ones_are_as_ever),
        TEST(copies_keep_them),
        TEST(preparing_keeps_them),
        TEST(every_sparse_format_has_them),
        TEST(svmlight_has_a_zero_of_its_own),
        TEST(they_are_written),
        TEST(entries_lost_are_written_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
