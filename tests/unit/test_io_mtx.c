#include "support/expect.h"

#include <stdio.h>
#include <string.h>

#define GENERAL "%%MatrixMarket matrix coordinate real general\n"

static void reads_coordinates(void **state) {
    folder *f = *state;
    const double expected[] = {0, 2.5, 0, 1e-3, 0, 7};
    expect_matrix(f, folder_text(f, "a.mtx", GENERAL "% a comment\n\n2 3 3\n1 2 2.5\n2 1 1e-3\n2 3 7\n"), 2, 3,
                  expected);
    expect_matrix(f,
                  folder_text(f, "a.mtx",
                              "%%matrixmarket MATRIX Coordinate Double GENERAL\r\n2\t3 3\r\n  1 2 2.5 \r\n%\r\n2 1 "
                              "1e-3\r\n\r\n2 3 7"),
                  2, 3, expected);
}

static void reads_every_field_and_symmetry(void **state) {
    folder *f = *state;
    expect_matrix(f, folder_text(f, "a.mtx", "%%MatrixMarket matrix coordinate pattern symmetric\n2 2 2\n1 1\n2 1\n"),
                  2, 2, (double[]){1, 1, 1, 0});
    expect_matrix(f,
                  folder_text(f, "a.mtx", "%%MatrixMarket matrix coordinate unsigned-integer general\n1 2 1\n1 2 9\n"),
                  1, 2, (double[]){0, 9});
    expect_matrix(f, folder_text(f, "a.mtx", "%%MatrixMarket matrix array integer general\n2 3\n1\n2\n3\n4\n5 6\n"), 2,
                  3, (double[]){1, 3, 5, 2, 4, 6});
    expect_matrix(f, folder_text(f, "a.mtx", "%%MatrixMarket matrix array real symmetric\n3 3\n1\n2\n3\n4\n5\n6\n"), 3,
                  3, (double[]){1, 2, 3, 2, 4, 5, 3, 5, 6});
}

static void skips_a_byte_order_mark(void **state) {
    folder *f = *state;
    expect_matrix(f, folder_text(f, "a.txt", "\xef\xbb\xbf" GENERAL "1 2 1\n1 2 2.5\n"), 1, 2, (double[]){0, 2.5});
    expect_refused(f, folder_text(f, "a.txt", "\xef\xbb\xbf" GENERAL "1 2\n"), "line 2: expected the numbers");
}

static void holds_arrays_in_single_precision(void **state) {
    folder *f = *state;
    nmf_matrix *matrix;
    nmf_read_options single = {.dtype = NMF_F32};
    const char *path = folder_text(f, "a.mtx", "%%MatrixMarket matrix array real symmetric\n2 2\n1\n1e39\n2\n");
    assert_int_equal(nmf_matrix_read(f->context, path, &single, &matrix), NMF_ERROR_INPUT);
    assert_non_null(strstr(nmf_context_message(f->context), "a.mtx: 1e+39 is beyond"));
    path = folder_text(f, "a.mtx", "%%MatrixMarket matrix array real symmetric\n2 2\n1\n1e-60\n2\n");
    assert_int_equal(nmf_matrix_read(f->context, path, &single, &matrix), NMF_OK);
    assert_int_equal(f->warnings, 1);
    assert_non_null(strstr(f->warning, "a.mtx: 1 entry is too small"));
    nmf_matrix_free(matrix);
}

static void tells_source_and_kind(void **state) {
    folder *f = *state;
    nmf_matrix *matrix;
    nmf_matrix_info info;
    const char *path = folder_text(f, "anything", "%%MatrixMarket matrix coordinate integer general\n2 2 1\n2 2 3\n");
    assert_int_equal(nmf_matrix_read(f->context, path, NULL, &matrix), NMF_OK);
    nmf_matrix_get_info(matrix, &info);
    assert_true(info.sparse);
    assert_int_equal(info.nnz, 1);
    assert_string_equal(info.source, "Matrix Market, integer");
    nmf_matrix_free(matrix);
}

static void sums_duplicates_with_a_warning(void **state) {
    folder *f = *state;
    expect_matrix(f, folder_text(f, "a.mtx", GENERAL "1 2 3\n1 2 1\n1 1 5\n1 2 2\n"), 1, 2, (double[]){5, 3});
    assert_int_equal(f->warnings, 1);
    assert_non_null(strstr(f->warning, "summed"));
}

static void refuses_bad_banners(void **state) {
    folder *f = *state;
    static const char *const cases[][2] = {
        {"%%MatrixMarket matrix coordinate complex general\n1 1 0\n", "\"complex\""},
        {"%%MatrixMarket matrix coordinate real hermitian\n1 1 0\n", "\"hermitian\""},
        {"%%MatrixMarket matrix coordinate real skew-symmetric\n1 1 0\n", "\"skew-symmetric\""},
        {"%%MatrixMarket matrix array pattern general\n1 1\n", "\"pattern\""},
        {"%%MatrixMarket matrix list real general\n1 1\n", "\"list\""},
        {"%%MatrixMarket vector coordinate real general\n1 1\n", "a banner"},
        {"%%MatrixMarket matrix coordinate real\n1 1\n", "a banner"},
        {"%%MatrixMarket", "a banner"},
        {"1 1 1\n", "a banner"},
        {"", "a banner"},
        {GENERAL, "line 1: expected the numbers"},
        {GENERAL "2 2\n", "line 2: expected the numbers"},
        {GENERAL "2 2 1 1\n", "line 2: expected the numbers"},
        {GENERAL "2 2 99999999999999999999\n", "line 2: expected the numbers"},
        {GENERAL "-2 2 1\n", "line 2: expected the numbers"},
        {GENERAL "4294967296 2 0\n", "up to 4294967295"},
        {GENERAL "4294967295 2 0\n", "rows and columns may take"},
        {"%%MatrixMarket matrix coordinate real symmetric\n2 3 0\n", "as many rows as columns"},
        {"%%MatrixMarket matrix array real general\n4000000000 4000000000\n", "more than can be addressed"},
        {"%%MatrixMarket matrix array real general\n100000000000 0\n", "rows and columns may take"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        expect_refused(f, folder_text(f, "a.mtx", cases[i][0]), cases[i][1]);
    }
}

static void refuses_bad_entries(void **state) {
    folder *f = *state;
    static const char *const cases[][2] = {
        {GENERAL "2 3 2\n1 1 1\n", "ends at line 3 after 1 of the 2 entries"},
        {GENERAL "2 3 1\n1 1 1\n\n1 2 1\n", "line 5: more than the 1 entries"},
        {GENERAL "2 3 1\n3 1 1\n", "line 3: row 3 is outside 1 to 2"},
        {GENERAL "2 3 1\n2 4 1\n", "line 3: column 4 is outside 1 to 3"},
        {GENERAL "2 3 1\n0 1 1\n", "row 0 is outside"},
        {GENERAL "2 3 1\n1 1\n", "\"row column value\""},
        {GENERAL "2 3 1\n1 1x\n", "\"row column value\""},
        {GENERAL "2 3 1\n1 1 1 1\n", "found \"1 1 1 1\""},
        {GENERAL "2 3 1\n1 1 1,5\n", "found"},
        {GENERAL "2 3 1\n1.0 1 1\n", "found"},
        {GENERAL "2 3 1\n1 1 -4\n", "row 1, column 1 is -4"},
        {GENERAL "2 3 2\n1 1 nan\n1 1 1\n", "nan"},
        {GENERAL "2 3 1\n2 3 inf\n", "row 2, column 3 is inf"},
        {GENERAL "2 3 1000000000000000\n1 1 1\n", "after 1 of the 1000000000000000"},
        {"%%MatrixMarket matrix coordinate pattern general\n1 1 1\n1 1 1\n", "\"row column\""},
        {"%%MatrixMarket matrix array real general\n2 1\n1\n", "after 1 of the 2 entries"},
        {"%%MatrixMarket matrix array real general\n2 1\n1\n2\n3\n", "line 5: more than the 2"},
        {"%%MatrixMarket matrix array real general\n2 1\n1\nx\n", "expected a number"},
        {"%%MatrixMarket matrix array real general\n2 1\n1\n2x\n", "expected a number"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        expect_refused(f, folder_text(f, "a.mtx", cases[i][0]), cases[i][1]);
    }
    static const char hidden[] = GENERAL "1 1 1\n1 1 1\0 2\n";
    expect_refused(f, folder_bytes(f, "a.mtx", hidden, sizeof hidden - 1), "NUL");
}

static void reads_many_entries_gzipped(void **state) {
    folder *f = *state;
    enum { N = 9000 };
    static char text[32 * N], packed[32 * N];
    static double expected[N];
    int used = snprintf(text, sizeof text, "%s1 %d %d\n", GENERAL, N, N);
    for (int i = 0; i < N; i++) {
        expected[i] = i + 1.5;
        used += snprintf(text + used, sizeof text - (size_t)used, "1 %d %d.5\n", i + 1, i + 1);
    }
    size_t size = gzip_bytes(text, (size_t)used, packed, sizeof packed);
    expect_matrix(f, folder_bytes(f, "a.mtx.gz", packed, size), 1, N, expected);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(reads_coordinates),
        TEST(reads_every_field_and_symmetry),
        TEST(tells_source_and_kind),
        TEST(skips_a_byte_order_mark),
        TEST(holds_arrays_in_single_precision),
        TEST(refuses_bad_banners),
        TEST(sums_duplicates_with_a_warning),
        TEST(refuses_bad_entries),
        TEST(reads_many_entries_gzipped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
