#include "support/expect.h"
#include "support/zips.h"

#include <stdio.h>
#include <string.h>

/* 0 2 0
   ½ 0 3 */
static const double whole[] = {0, 2, 0, 0.5, 0, 3};
enum { PARTS = 6 };

static const int64_t two_by_three[] = {2, 3};
static const double by_row[] = {2, 0.5, 3};
static const int32_t row_start[] = {0, 1, 3}, cols_by_row[] = {1, 0, 2}, rows_by_row[] = {0, 1, 1};

static void make_csr(zip_part *parts) {
    parts[0] = NUMBERS("indices", "<i4", "(3,)", cols_by_row);
    parts[1] = NUMBERS("indptr", "<i4", "(3,)", row_start);
    parts[2] = TEXT("format", "|S3", "()", "csr");
    parts[3] = NUMBERS("shape", "<i8", "(2,)", two_by_three);
    parts[4] = NUMBERS("data", "<f8", "(3,)", by_row);
    parts[5] = (zip_part){0};
}

static void reads_csr_csc_and_coo(void **state) {
    folder *f = *state;
    static const double by_col[] = {0.5, 2, 3};
    static const int64_t col_start[] = {0, 1, 2, 3}, rows_by_col[] = {1, 0, 1};
    zip_part parts[PARTS];
    for (int deflated = 0; deflated < 2; deflated++) {
        make_csr(parts);
        expect_matrix(f, zip_write(f, "csr.npz", parts, PARTS, deflated), 2, 3, whole);
        parts[2] = TEXT("format", "<U3", "()", "c\0\0\0o\0\0\0o\0\0\0");
        parts[0] = NUMBERS("row", "<i4", "(3,)", rows_by_row);
        parts[1] = NUMBERS("col", "<i4", "(3,)", cols_by_row);
        expect_matrix(f, zip_write(f, "coo.npz", parts, PARTS, deflated), 2, 3, whole);
        make_csr(parts);
        parts[2] = TEXT("format", ">U3", "()", "\0\0\0c\0\0\0s\0\0\0c");
        parts[0] = NUMBERS("indices", "<i8", "(3,)", rows_by_col);
        parts[1] = NUMBERS("indptr", "<i8", "(4,)", col_start);
        parts[4] = NUMBERS("data", "<f8", "(3,)", by_col);
        expect_matrix(f, zip_write(f, "csc.npz", parts, PARTS, deflated), 2, 3, whole);
    }
}

static void reads_numbers_of_other_types(void **state) {
    folder *f = *state;
    zip_part parts[PARTS];
    make_csr(parts);
    parts[4] = TEXT("data", "|i1", "(3,)", "\1\2\3");
    expect_matrix(f, zip_write(f, "a.npz", parts, PARTS, true), 2, 3, (double[]){0, 1, 0, 2, 0, 3});
    parts[4] = TEXT("data", "|b1", "(3,)", "\1\0\1");
    expect_matrix(f, zip_write(f, "a.npz", parts, PARTS, true), 2, 3, (double[]){0, 1, 0, 0, 0, 1});
    parts[4] = TEXT("data", ">f2", "(3,)", "\x3c\0\x38\0\x40\0");
    expect_matrix(f, zip_write(f, "a.npz", parts, PARTS, true), 2, 3, (double[]){0, 1, 0, 0.5, 0, 2});
    parts[0] = TEXT("indices", ">i4", "(3,)", "\0\0\0\1\0\0\0\0\0\0\0\2");
    parts[1] = TEXT("indptr", ">i8", "(3,)",
                    "\0\0\0\0\0\0\0\0"
                    "\0\0\0\0\0\0\0\1"
                    "\0\0\0\0\0\0\0\3");
    expect_matrix(f, zip_write(f, "a.npz", parts, PARTS, true), 2, 3, (double[]){0, 1, 0, 0.5, 0, 2});
}

static void sums_what_is_given_twice(void **state) {
    folder *f = *state;
    static const int32_t same[] = {2, 0, 0};
    zip_part parts[PARTS];
    make_csr(parts);
    parts[0] = NUMBERS("indices", "<i4", "(3,)", same);
    expect_matrix(f, zip_write(f, "a.npz", parts, PARTS, true), 2, 3, (double[]){0, 0, 2, 3.5, 0, 0});
    assert_int_equal(f->warnings, 1);
    assert_non_null(strstr(f->warning, "summed"));
}

static void empty_rows_and_no_entries_are_fine(void **state) {
    folder *f = *state;
    static const int64_t tall[] = {4, 3};
    static const int32_t gaps[] = {0, 0, 3, 3, 3}, none[] = {0, 0, 0, 0, 0};
    zip_part parts[PARTS];
    make_csr(parts);
    parts[3] = NUMBERS("shape", "<i8", "(2,)", tall);
    parts[1] = NUMBERS("indptr", "<i4", "(5,)", gaps);
    expect_matrix(f, zip_write(f, "a.npz", parts, PARTS, true), 4, 3, (double[]){0, 0, 0, 0.5, 2, 3, 0, 0, 0, 0, 0, 0});
    parts[0] = TEXT("indices", "<i4", "(0,)", "");
    parts[1] = NUMBERS("indptr", "<i4", "(5,)", none);
    parts[4] = TEXT("data", "<f8", "(0,)", "");
    expect_matrix(f, zip_write(f, "a.npz", parts, PARTS, true), 4, 3, (double[12]){0});
}

static void reads_into_either_type(void **state) {
    folder *f = *state;
    zip_part parts[PARTS];
    nmf_matrix *matrix;
    nmf_matrix_info info;
    make_csr(parts);
    const char *path = zip_write(f, "a.npz", parts, PARTS, true);
    for (int dtype = NMF_F64; dtype <= NMF_F32; dtype++) {
        nmf_read_options how = {.dtype = (nmf_dtype)dtype};
        assert_int_equal(nmf_matrix_read(f->context, path, &how, &matrix), NMF_OK);
        nmf_matrix_get_info(matrix, &info);
        assert_int_equal(info.dtype, dtype);
        assert_true(info.sparse);
        assert_string_equal(info.source, "npz, csr");
        nmf_matrix_free(matrix);
    }
}

static const int32_t late[] = {1, 1, 3}, falls[] = {0, 4, 3}, down[] = {0, 2, 1}, few[] = {0, 1, 2},
                     minus[] = {0, -1, 3};
static const int32_t wide[] = {1, 0, 3}, before[] = {1, -1, 2};
static const int64_t vast[] = {2, INT64_C(4294967296)}, negative[] = {-2, 3}, three[] = {2, 3, 1}, tall[] = {3, 3};
static const int64_t nothing[] = {0, 3}, far[] = {1, 0, INT64_C(9000000000000000000)};

/* Where a part of a good csr archive is replaced by another. */
static void refuses_parts_that_do_not_hold(void **state) {
    folder *f = *state;
    const struct {
        int part;
        zip_part by;
        const char *sentence;
    } cases[] = {
        {1, NUMBERS("indptr", "<i4", "(3,)", late), "a.npz, indptr.npy: indptr[0] is 1; the first must be from 0 to 0"},
        {1, NUMBERS("indptr", "<i4", "(3,)", falls), "indptr[1] is 4; none may be below the one before it or above"},
        {1, NUMBERS("indptr", "<i4", "(3,)", minus), "indptr[1] is -1; none may be below"},
        {1, NUMBERS("indptr", "<i4", "(3,)", down),
         "indptr[2] is 1; the last, which counts the entries, must be from 3"},
        {1, NUMBERS("indptr", "<i4", "(3,)", few), "indptr[2] is 2; the last"},
        {1, NUMBERS("indptr", "<i4", "(2,)", row_start), "holds 2 numbers; 3 are needed, one more than there are rows"},
        {1, NUMBERS("indptr", "<i4", "(4,)", row_start), "holds 4 numbers; 3 are needed"},
        {1, TEXT("indptr", "<i4", "(3,)", "\0\0\0\0\1\0\0\0"), "8 bytes of numbers, its header promises 12"},
        {1, TEXT("indptr", "<i4", "(3,)", "\0\0\0\0\1\0\0\0\3\0\0\0\3"), "more than the 12 bytes"},
        {1, NUMBERS("indptr", "<f4", "(3,)", row_start), "indptr.npy must be an array of int32 or int64"},
        {1, NUMBERS("indptr", "<i4", "(3,1)", row_start), "indptr.npy must be an array of int32 or int64 of one dim"},
        {1, {0}, "a.npz holds format.npy and shape.npy but no indptr.npy"},
        {0, NUMBERS("indices", "<i4", "(3,)", wide), "indices.npy: indices[2] is 3; a column must be from 0 to 2"},
        {0, NUMBERS("indices", "<i4", "(3,)", before), "indices[1] is -1; a column must be from 0 to 2"},
        {0, NUMBERS("indices", "<i8", "(3,)", far), "indices[2] is 9000000000000000000; a column"},
        {0, NUMBERS("indices", "<i4", "(2,)", few), "indices.npy holds 2 numbers; 3 are needed, as many as data.npy"},
        {0, {0}, "no indices.npy"},
        {2, TEXT("format", "|S3", "()", "bsr"),
         "format \"bsr\"; csr, csc and coo can be read, as scipy.sparse.save_npz"},
        {2, TEXT("format", "|S3", "()", "dia"), "convert it with .tocsr()"},
        {2, TEXT("format", "|S3", "(1,)", "csr"), "format.npy must be one text"},
        {2, TEXT("format", "<i8", "()", "12345678"), "format.npy must be one text"},
        {2, TEXT("format", "|S3", "()", "cs"), "ends within text 0"},
        {2, TEXT("format", "|S3", "()", "a\0b"), "text 0 holds a NUL"},
        {2, TEXT("format", "<U1", "()", "\0\xd8\0\0"), "text 0 holds what is not a character"},
        {2, TEXT("format", "<U1", "()", "\0\0\x11\0"), "text 0 holds what is not a character"},
        {2, TEXT("format", "<U3", "()", "c\0\0\0\0\0\0\0r\0\0\0"), "text 0 holds a NUL"},
        {2, TEXT("format", "<U999999", "()", ""), "texts of 999999 characters; at most"},
        {3, NUMBERS("shape", "<i8", "(2,)", vast), "shape[1] is 4294967296; a sparse matrix has 1 to 4294967295"},
        {3, NUMBERS("shape", "<i8", "(2,)", negative), "shape[0] is -2"},
        {3, NUMBERS("shape", "<i8", "(2,)", nothing), "indptr.npy holds 3 numbers; 1 are needed"},
        {3, NUMBERS("shape", "<i8", "(3,)", three), "shape.npy holds 3 sizes; a matrix has 2"},
        {3, NUMBERS("shape", "<i8", "(2,)", tall), "indptr.npy holds 3 numbers; 4 are needed"},
        {3, {0}, "a.npz holds no matrix: no array of two dimensions"},
        {4, TEXT("data", "<c8", "(3,)", ""), "data.npy must be an array of numbers"},
        {4, TEXT("data", "|O", "(3,)", ""), "data.npy must be an array of numbers"},
        {4, NUMBERS("data", "<f8", "(4611686018427387904,)", by_row), "more than can be addressed"},
        {4, {"data.npy", NULL, "text", 4}, "data.npy is cut short"},
        {4, {"data.npy", NULL, "text, not numbers", 17}, "data.npy is not an NPY file"},
        {4, {"data.npy", NULL, "\x1f\x8b not unpacked once more", 24}, "data.npy is not an NPY file"},
        {4, {0}, "no data.npy"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        zip_part parts[PARTS];
        make_csr(parts);
        parts[cases[i].part] = cases[i].by;
        expect_refused(f, zip_write(f, "a.npz", parts, PARTS, true), cases[i].sentence);
    }
}

static void refuses_a_lone_start_of_no_rows(void **state) {
    folder *f = *state;
    zip_part parts[PARTS];
    make_csr(parts);
    parts[3] = NUMBERS("shape", "<i8", "(2,)", nothing);
    parts[1] = NUMBERS("indptr", "<i4", "(1,)", ((int32_t[]){3}));
    expect_refused(f, zip_write(f, "a.npz", parts, PARTS, true), "indptr[0] is 3");
}

static void shapes_are_not_believed(void **state) {
    folder *f = *state;
    static const int64_t large[] = {4000000000, 4000000000};
    zip_part parts[PARTS];
    make_csr(parts);
    parts[0] = NUMBERS("row", "<i4", "(3,)", rows_by_row);
    parts[1] = NUMBERS("col", "<i4", "(3,)", cols_by_row);
    parts[2] = TEXT("format", "|S3", "()", "coo");
    parts[3] = NUMBERS("shape", "<i8", "(2,)", large);
    expect_refused(f, zip_write(f, "a.npz", parts, PARTS, true), "promises 4000000000 rows");
    parts[0] = NUMBERS("row", "<i4", "(3,)", wide);
    parts[3] = NUMBERS("shape", "<i8", "(2,)", tall);
    expect_refused(f, zip_write(f, "a.npz", parts, PARTS, true), "row.npy: row[2] is 3; a row must be from 0 to 2");
}

/* 64 MB are free, and the bytes of the parts allow for some columns more. */
static void what_came_of_the_parts_counts(void **state) {
    folder *f = *state;
    static const int64_t broad[] = {2, 7111400};
    zip_part parts[PARTS];
    nmf_matrix *matrix;
    make_csr(parts);
    parts[3] = NUMBERS("shape", "<i8", "(2,)", broad);
    assert_int_equal(nmf_matrix_read(f->context, zip_write(f, "a.npz", parts, PARTS, true), NULL, &matrix), NMF_OK);
    nmf_matrix_free(matrix);
}

static const zip_part single = NUMBERS("x", "<f8", "(2, 3)", whole);
static const zip_part beside = NUMBERS("v", "<f8", "(3,)", by_row);
static const zip_part objects = TEXT("o", "|O", "(2,)", "what Python pickled");

static void takes_the_only_matrix(void **state) {
    folder *f = *state;
    zip_part parts[] = {beside, {"readme.txt", NULL, "text", 4}, single, objects, TEXT("t", "|S1", "(1, 2)", "ab")};
    nmf_matrix *matrix;
    nmf_matrix_info info;
    const char *path = zip_write(f, "a.npz", parts, 5, true);
    expect_matrix(f, path, 2, 3, whole);
    assert_int_equal(nmf_matrix_read(f->context, path, NULL, &matrix), NMF_OK);
    nmf_matrix_get_info(matrix, &info);
    assert_string_equal(info.source, "npz, float64");
    assert_false(info.sparse);
    nmf_matrix_free(matrix);
    parts[3] = (zip_part){
        "s.npy", "{'descr': [('a', '<f8'), ('b]', [('c', '<i4')])], 'fortran_order': False, 'shape': (1,)}", "", 0};
    expect_matrix(f, zip_write(f, "a.npz", parts, 4, false), 2, 3, whole);
    parts[2] = (zip_part){"x.npy", "{'descr': '<f8', 'fortran_order': True, 'shape': (3, 2)}", whole, sizeof whole};
    expect_matrix(f, zip_write(f, "a.npz", parts, 4, true), 3, 2, (double[]){0, 0.5, 2, 0, 0, 3});
}

static void expect_layer(folder *f, const char *path, const char *layer, const char *sentence) {
    nmf_read_options how = {.layer = layer};
    nmf_matrix *matrix;
    nmf_status status = nmf_matrix_read(f->context, path, &how, &matrix);
    if (!sentence) {
        assert_int_equal(status, NMF_OK);
        assert_true(nmf_matrix_row_name(matrix, 0) == NULL);
    } else {
        assert_int_equal(status, NMF_ERROR_INPUT);
        if (!strstr(nmf_context_message(f->context), sentence)) {
            fail_msg("expected \"%s\" in \"%s\"", sentence, nmf_context_message(f->context));
        }
    }
    nmf_matrix_free(matrix);
}

static void a_layer_is_named_where_there_are_several(void **state) {
    folder *f = *state;
    zip_part parts[] = {single, NUMBERS("y", "<f8", "(3, 2)", whole), beside};
    const char *path = zip_write(f, "a.npz", parts, 3, true);
    expect_layer(f, path, NULL, "a.npz holds 2 arrays of two dimensions: x, y; one must be named as the layer");
    expect_layer(f, path, "x", NULL);
    expect_layer(f, path, "y.npy", NULL);
    expect_layer(f, path, "v", "v.npy holds an array of 1 dimension");
    expect_layer(f, path, "z", "holds no array \"z\"; those of two dimensions are x, y");
    expect_layer(f, zip_write(f, "b.npz", &beside, 1, true), "z", "there is none of two dimensions");
    zip_part sparse[PARTS];
    make_csr(sparse);
    expect_layer(f, zip_write(f, "c.npz", sparse, PARTS, true), "x", "holds one sparse matrix");
}

static void long_lists_of_layers_end_in_dots(void **state) {
    folder *f = *state;
    zip_part parts[60];
    char names[60][40];
    for (int i = 0; i < 60; i++) {
        snprintf(names[i], sizeof names[i], "matrix_number_%d.npy", i);
        parts[i] = single;
        parts[i].name = names[i];
    }
    expect_layer(f, zip_write(f, "a.npz", parts, 60, true), NULL,
                 "holds 60 arrays of two dimensions: matrix_number_0, m");
    assert_non_null(strstr(nmf_context_message(f->context), ", …; one must be named"));
}

static void names_come_with_the_matrix(void **state) {
    folder *f = *state;
    zip_part parts[PARTS + 1];
    nmf_matrix *matrix;
    make_csr(parts);
    parts[5] = TEXT("row_names", "|S3", "(2,)", "ab\0c d");
    parts[6] = TEXT("col_names", "<U2", "(3,)", "\xe9\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x00\xf6\x01\0\x3a\x22\0\0");
    for (int sparse = 0; sparse < 2; sparse++) {
        const char *path = zip_write(f, "a.npz", parts, PARTS + 1, true);
        assert_int_equal(nmf_matrix_read(f->context, path, NULL, &matrix), NMF_OK);
        assert_string_equal(nmf_matrix_row_name(matrix, 0), "ab");
        assert_string_equal(nmf_matrix_row_name(matrix, 1), "c d");
        assert_string_equal(nmf_matrix_col_name(matrix, 0), "é");
        assert_string_equal(nmf_matrix_col_name(matrix, 1), "");
        assert_string_equal(nmf_matrix_col_name(matrix, 2), "\xf0\x9f\x98\x80∺");
        nmf_matrix_free(matrix);
        memset(parts, 0, 5 * sizeof *parts);
        parts[0] = single;
    }
    assert_int_equal(f->warnings, 0);
    parts[5] = TEXT("row_names", "|S3", "(1,)", "abc");
    assert_int_equal(nmf_matrix_read(f->context, zip_write(f, "a.npz", parts, PARTS + 1, true), NULL, &matrix), NMF_OK);
    assert_null(nmf_matrix_row_name(matrix, 0));
    assert_string_equal(nmf_matrix_col_name(matrix, 0), "é");
    nmf_matrix_free(matrix);
    assert_int_equal(f->warnings, 1);
    assert_non_null(strstr(f->warning, "row_names.npy is not used: it does not hold 2 texts"));
    parts[5] = TEXT("row_names", "|S3", "(2,)", "abc");
    expect_refused(f, zip_write(f, "a.npz", parts, PARTS + 1, true), "row_names.npy is damaged");
}

static const char *name_at(const void *list, int64_t i) {
    return ((const char *const *)list)[i];
}

static void names_that_are_not_utf8_stay_as_they_are(void **state) {
    folder *f = *state;
    static const char *const rows[] = {"caf\xe9", "\xc3\xa9\xf0\x9f\x98\x80"}, *const cols[] = {"", "\xe4\xb8\xad",
                                                                                                "a\tb"};
    nmf_table t = {2, 3, NMF_F64, whole, name_at, rows, name_at, cols};
    const char *path = folder_path(f, "a.npz");
    nmf_matrix *matrix;
    assert_int_equal(nmf_table_write(f->context, path, "npz", &t), NMF_OK);
    expect_matrix(f, path, 2, 3, whole);
    assert_int_equal(nmf_matrix_read(f->context, path, NULL, &matrix), NMF_OK);
    for (int i = 0; i < 5; i++) {
        assert_string_equal(i < 2 ? nmf_matrix_row_name(matrix, i) : nmf_matrix_col_name(matrix, i - 2),
                            i < 2 ? rows[i] : cols[i - 2]);
    }
    nmf_matrix_free(matrix);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(reads_csr_csc_and_coo),
        TEST(reads_numbers_of_other_types),
        TEST(sums_what_is_given_twice),
        TEST(empty_rows_and_no_entries_are_fine),
        TEST(reads_into_either_type),
        TEST(refuses_parts_that_do_not_hold),
        TEST(refuses_a_lone_start_of_no_rows),
        TEST(shapes_are_not_believed),
        TEST(what_came_of_the_parts_counts),
        TEST(takes_the_only_matrix),
        TEST(a_layer_is_named_where_there_are_several),
        TEST(long_lists_of_layers_end_in_dots),
        TEST(names_come_with_the_matrix),
        TEST(names_that_are_not_utf8_stay_as_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
