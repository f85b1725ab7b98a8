#include "support/expect.h"
#include "support/memory.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char matrix_text[] = "%%MatrixMarket matrix coordinate integer general\n3 2 3\n1 1 5\n3 2 1\n2 1 7\n";
static const double numbers[] = {5, 0, 7, 0, 0, 1};

/* The three files in FOLDER/t, the matrix gzipped where `packed`; returns FOLDER/t. */
static const char *make(folder *f, const char *features_name, const char *features, const char *barcodes, bool packed) {
    unsigned char bytes[600];
    const char *path = folder_path(f, "t");
    (void)mkdir(path, 0777);
    if (packed) {
        folder_bytes(f, "t/matrix.mtx.gz", bytes, gzip_bytes(matrix_text, strlen(matrix_text), bytes, sizeof bytes));
    } else {
        folder_text(f, "t/matrix.mtx", matrix_text);
    }
    folder_text(f, features_name, features);
    folder_text(f, "t/barcodes.tsv", barcodes);
    return path;
}

static void remove_all(folder *f) {
    static const char *const names[] = {"t/matrix.mtx",      "t/matrix.mtx.gz",   "t/features.tsv", "t/genes.tsv",
                                        "t/features.tsv.gz", "t/barcodes.tsv.gz", "t/barcodes.tsv"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        unlink(folder_path(f, names[i]));
    }
    rmdir(folder_path(f, "t"));
}

static void reads_both_layouts(void **state) {
    folder *f = *state;
    static const char *const layouts[] = {"t/features.tsv", "t/genes.tsv"};
    for (int i = 0; i < 4; i++) {
        nmf_matrix *matrix;
        const char *path = make(f, layouts[i & 1], "ID1\tA\tGene Expression\nID2\tB\nID3\n", "AC-1\nGT-1\n", i > 1);
        expect_matrix(f, path, 3, 2, numbers);
        assert_int_equal(nmf_matrix_read(f->context, path, NULL, &matrix), NMF_OK);
        assert_string_equal(nmf_matrix_row_name(matrix, 0), "A");
        assert_string_equal(nmf_matrix_row_name(matrix, 1), "B");
        assert_string_equal(nmf_matrix_row_name(matrix, 2), "ID3");
        assert_string_equal(nmf_matrix_col_name(matrix, 1), "GT-1");
        nmf_matrix_free(matrix);
        remove_all(f);
    }
}

static void names_that_come_again_give_way_to_ids(void **state) {
    folder *f = *state;
    nmf_matrix *matrix;
    const char *path = make(f, "t/features.tsv", "ID1\tA\nID2\tB\nID3\tA\n", "a\nb\n", false);
    assert_int_equal(nmf_matrix_read(f->context, path, NULL, &matrix), NMF_OK);
    assert_string_equal(nmf_matrix_row_name(matrix, 0), "ID1");
    assert_string_equal(nmf_matrix_row_name(matrix, 1), "B");
    assert_string_equal(nmf_matrix_row_name(matrix, 2), "ID3");
    nmf_matrix_free(matrix);
    remove_all(f);
}

static void writes_what_reads_back(void **state) {
    folder *f = *state;
    nmf_matrix *matrix, *back;
    folder_text(f, "a.rows.txt", "x\ny\nz\n");
    assert_int_equal(nmf_matrix_read(f->context, folder_text(f, "a.mtx", matrix_text), NULL, &matrix), NMF_OK);
    char path[100];
    snprintf(path, sizeof path, "%s/", folder_path(f, "t"));
    assert_int_equal(nmf_matrix_write(f->context, path, NULL, matrix), NMF_OK);
    expect_matrix(f, path, 3, 2, numbers);
    assert_int_equal(nmf_matrix_read(f->context, path, NULL, &back), NMF_OK);
    assert_string_equal(nmf_matrix_row_name(back, 2), "z");
    assert_string_equal(nmf_matrix_col_name(back, 1), "barcode_2");
    nmf_matrix_free(back);
    nmf_matrix_free(matrix);
    remove_all(f);
}

static void refuses_what_does_not_fit(void **state) {
    folder *f = *state;
    const char *path = make(f, "t/features.tsv", "a\tA\nb\tB\nc\tC\nd\tD\n", "a\nb\n", false);
    expect_refused(f, path, "features.tsv has more than 3 lines, but the matrix beside it 3 rows");
    make(f, "t/features.tsv", "a\tA\nb\tB\nc\tC\n", "a\n", false);
    expect_refused(f, path, "barcodes.tsv has 1 lines, but the matrix beside it 2 columns");
    folder_bytes(f, "t/barcodes.tsv", "a\0\nb\n", 5);
    expect_refused(f, path, "barcodes.tsv, line 1: a NUL byte");
    unlink(folder_path(f, "t/barcodes.tsv"));
    expect_refused(f, path, "holds no barcodes.tsv");
    unlink(folder_path(f, "t/features.tsv"));
    expect_refused(f, path, "holds no features.tsv");
    unlink(folder_path(f, "t/matrix.mtx"));
    expect_refused(f, path, "holds no matrix.mtx");
    remove_all(f);
}

static void rows_of_several_types_are_told(void **state) {
    folder *f = *state;
    nmf_matrix *matrix;
    const char *path = make(f, "t/features.tsv",
                            "1\tA\tGene Expression\n2\tB\tGene Expression\n3\tC\tAntibody Capture\n", "x\ny\n", false);
    assert_int_equal(nmf_matrix_read(f->context, path, NULL, &matrix), NMF_OK);
    assert_int_equal(f->warnings, 1);
    assert_non_null(strstr(f->warning, "\"Gene Expression\" and \"Antibody Capture\""));
    nmf_matrix_free(matrix);
    make(f, "t/features.tsv", "1\tA\tPeaks\n2\tB\tPeaks\n3\tC\tPeaks\n", "x\ny\n", false);
    assert_int_equal(nmf_matrix_read(f->context, path, NULL, &matrix), NMF_OK);
    assert_int_equal(f->warnings, 1);
    nmf_matrix_free(matrix);
    remove_all(f);
}

/* Of the folder only the matrix is named: its names are found all the same. */
static void the_matrix_alone_finds_its_names(void **state) {
    folder *f = *state;
    nmf_matrix *matrix;
    make(f, "t/genes.tsv", "ID1\tA\nID2\tB\nID3\tC\n", "x\ny\n", true);
    assert_int_equal(nmf_matrix_read(f->context, folder_path(f, "t/matrix.mtx.gz"), NULL, &matrix), NMF_OK);
    assert_string_equal(nmf_matrix_row_name(matrix, 2), "C");
    assert_string_equal(nmf_matrix_col_name(matrix, 1), "y");
    nmf_matrix_free(matrix);
    folder_text(f, "t/barcodes.tsv", "x\n");
    assert_int_equal(nmf_matrix_read(f->context, folder_path(f, "t/matrix.mtx.gz"), NULL, &matrix), NMF_OK);
    assert_null(nmf_matrix_col_name(matrix, 0));
    assert_int_equal(f->warnings, 1);
    nmf_matrix_free(matrix);
    remove_all(f);
}

static void every_allocation_fails_in_turn(void **state) {
    folder *f = *state;
    const char *path = make(f, "t/features.tsv", "ID1\tA\nID2\tB\nID3\tA\n", "a\nb\n", true);
    nmf_status status = NMF_ERROR_MEMORY;
    for (int64_t at = 2; status != NMF_OK; at++) {
        scarce memory = {.fail_at = at};
        nmf_allocator allocator = scarce_allocator(&memory);
        nmf_context *context;
        nmf_matrix *matrix;
        assert_int_equal(nmf_context_new(&allocator, &context), NMF_OK);
        status = nmf_matrix_read(context, path, NULL, &matrix);
        assert_true(status == NMF_OK || (status == NMF_ERROR_MEMORY && !matrix));
        nmf_matrix_free(matrix);
        nmf_context_free(context);
        assert_int_equal(memory.live, 0);
    }
    remove_all(f);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(reads_both_layouts),
        TEST(names_that_come_again_give_way_to_ids),
        TEST(writes_what_reads_back),
        TEST(the_matrix_alone_finds_its_names),
        TEST(rows_of_several_types_are_told),
        TEST(refuses_what_does_not_fit),
        TEST(every_allocation_fails_in_turn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
