/* A file that can be read block by block is converted so: to the same bytes, in the memory of a few blocks. */
#include "support/blocks.h"
#include "support/expect.h"
#include "support/problems.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROWS = 48 * 4 + 7, COLS = 37, ROOM = 1 << 20 };

static void expect_same_info(const nmf_matrix_info *got, const nmf_matrix_info *expected) {
    assert_true(got->rows == expected->rows && got->cols == expected->cols && got->dtype == expected->dtype);
    assert_true(got->nnz == expected->nnz && got->missing == expected->missing && got->stored == expected->stored);
    assert_true(got->min == expected->min && got->max == expected->max && got->sparse == expected->sparse);
    assert_string_equal(got->source, expected->source);
}

static void expect_same_file(const folder *f, const char *a, const char *b) {
    static char x[ROOM], y[ROOM];
    long size = slurp(folder_path(f, a), x, sizeof x);
    assert_int_equal(slurp(folder_path(f, b), y, sizeof y), size);
    assert_true(size < ROOM - 1);
    assert_memory_equal(x, y, size < 0 ? 0 : (size_t)size);
}

/* Converting is reading and writing. */
static void expect_same(folder *f, const char *name_in, const nmf_read_options *how, const char *format) {
    char got[40], expected[40], name[60];
    const char *path = folder_path(f, name_in);
    nmf_matrix *matrix;
    nmf_matrix_info info, wanted;
    snprintf(got, sizeof got, "got.%s", format);
    snprintf(expected, sizeof expected, "expected.%s", format);
    assert_int_equal(nmf_convert(f->context, path, how, folder_path(f, got), NULL, &info), NMF_OK);
    assert_int_equal(nmf_matrix_read(f->context, path, how, &matrix), NMF_OK);
    nmf_matrix_get_info(matrix, &wanted);
    assert_int_equal(nmf_matrix_write(f->context, folder_path(f, expected), NULL, matrix), NMF_OK);
    nmf_matrix_free(matrix);
    expect_same_info(&info, &wanted);
    expect_same_file(f, got, expected);
    for (int side = 0; side < 2; side++) {
        snprintf(name, sizeof name, "got.%s", side ? "cols.txt" : "rows.txt");
        expect_same_file(f, name, side ? "expected.cols.txt" : "expected.rows.txt");
        unlink(folder_path(f, name));
        unlink(folder_path(f, side ? "expected.cols.txt" : "expected.rows.txt"));
    }
}

static void write_names(const folder *f, const char *rows, const char *cols) {
    FILE *row = fopen(folder_path(f, rows), "w"), *col = fopen(folder_path(f, cols), "w");
    assert_true(row && col);
    for (int i = 0; i < ROWS; i++) {
        fprintf(row, "row \"%d\", the %d\n", i, i * i);
    }
    for (int j = 0; j < COLS; j++) {
        fprintf(col, "%d\n", j);
    }
    fclose(row);
    fclose(col);
}

/* A block file of several blocks, and names where they are wanted. */
static const char *block_file(folder *f, bool sparse, bool named, nmf_dtype dtype) {
    problem p = problem_random(ROWS, COLS, 0.4, 3);
    for (int64_t j = 0; j < COLS; j++) {
        p.values[50 * COLS + j] = p.values[(ROWS - 1) * COLS + j] = 0;
    }
    problem_lay_out(&p);
    nmf_matrix *bare = problem_matrix(f->context, &p, sparse ? SPARSE : BY_ROW, dtype), *matrix;
    nmf_read_options how = {.dtype = dtype};
    write_names(f, "r", "c");
    if (named) {
        how.row_names = folder_path(f, "r");
        how.col_names = folder_path(f, "c");
    }
    const char *path = folder_path(f, sparse ? "a.mtx" : "a.npy");
    assert_int_equal(nmf_matrix_write(f->context, path, NULL, bare), NMF_OK);
    assert_int_equal(nmf_matrix_read(f->context, path, &how, &matrix), NMF_OK);
    path = blocks_write(f, "a.nmfx", matrix);
    nmf_matrix_free(matrix);
    nmf_matrix_free(bare);
    problem_free(&p);
    return path;
}

static void block_files_give_the_same_bytes(void **state) {
    folder *f = *state;
    const char *format;
    for (int as = 0; as < 8; as++) {
        nmf_read_options how = {.dtype = as & 1 ? NMF_F32 : NMF_F64};
        block_file(f, as & 2, as & 4, how.dtype);
        for (int64_t i = 0; (format = nmf_format_at(i)); i++) {
            expect_same(f, "a.nmfx", &how, format);
        }
        expect_same(f, "a.nmfx", &how, "csv.gz");
    }
}

static void npy_of_every_type_gives_the_same_bytes(void **state) {
    folder *f = *state;
    static const char *const types[] = {"|u1", "<i2", "<i4", "<f4", "<f8", ">f4", "|b1"};
    static unsigned char numbers[ROWS * COLS * 8], file[sizeof numbers + 200];
    static const char *const formats[] = {"nmfx", "npy", "csv", "svmlight"};
    for (size_t t = 0; t < sizeof types / sizeof *types; t++) {
        size_t size = (size_t)(types[t][2] - '0');
        bool real = types[t][1] == 'f' && types[t][0] == '<';
        for (size_t e = 0; e < ROWS * COLS; e++) {
            float narrow = (float)(e % 13) / 4;
            double wide = (double)(e % 17) / 8;
            uint64_t whole = types[t][1] == 'b' ? e % 2 : e % 11;
            memcpy(numbers + e * size, real && size == 4 ? (void *)&narrow : real ? (void *)&wide : &whole, size);
        }
        for (int fortran = 0; fortran < 2; fortran++) {
            char dict[120];
            snprintf(dict, sizeof dict, "{'descr': '%s', 'fortran_order': %s, 'shape': (%d, %d), }", types[t],
                     fortran ? "True" : "False", ROWS, COLS);
            size_t bytes = npy_bytes(dict, numbers, ROWS * COLS * size, file);
            folder_bytes(f, "a.npy", file, bytes);
            if (t == 3) {
                write_names(f, "a.rows.txt", "cols.txt");
            }
            for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
                expect_same(f, "a.npy", NULL, formats[i]);
                expect_same(f, "a.npy", &(nmf_read_options){.dtype = NMF_F32}, formats[i]);
            }
        }
    }
}

/* Entries that no matrix may have, late in the file. */
static void what_is_refused_is_refused_alike(void **state) {
    folder *f = *state;
    static const double bad[] = {NAN, -1, INFINITY, 1e39};
    static unsigned char file[ROWS * COLS * 8 + 200];
    static double numbers[ROWS * COLS];
    char dict[120], sentence[1100];
    snprintf(dict, sizeof dict, "{'descr': '<f8', 'fortran_order': False, 'shape': (%d, %d), }", ROWS, COLS);
    for (int i = 0; i < 8; i++) {
        nmf_matrix *matrix;
        nmf_matrix_info info;
        nmf_read_options how = {.dtype = i % 4 == 3 ? NMF_F32 : NMF_F64};
        numbers[170 * COLS + 5] = numbers[171 * COLS + 1] = bad[i % 4];
        const char *path = folder_bytes(f, "a.npy", file, npy_bytes(dict, numbers, sizeof numbers, file));
        if (i == 4) {
            write_names(f, "a.rows.txt", "cols.txt");
        }
        int before = folder_count(f);
        assert_int_equal(nmf_matrix_read(f->context, path, &how, &matrix), NMF_ERROR_INPUT);
        snprintf(sentence, sizeof sentence, "%s", nmf_context_message(f->context));
        assert_int_equal(nmf_convert(f->context, path, &how, folder_path(f, "b.csv"), NULL, &info), NMF_ERROR_INPUT);
        if (how.dtype == NMF_F64) {
            assert_string_equal(nmf_context_message(f->context), sentence);
        }
        assert_non_null(strstr(nmf_context_message(f->context), i % 4 == 3 ? "beyond float32" : "row 171"));
        assert_int_equal(folder_count(f), before);
    }
}

static void files_that_shrank_or_are_damaged_are_told(void **state) {
    folder *f = *state;
    nmf_matrix_info info;
    static char bytes[ROOM];
    const char *path = block_file(f, true, true, NMF_F64);
    long size = slurp(path, bytes, sizeof bytes);
    bytes[size / 2] ^= 1;
    path = folder_bytes(f, "a.nmfx", bytes, (size_t)size);
    int before = folder_count(f);
    assert_int_equal(nmf_convert(f->context, path, NULL, folder_path(f, "b.csv"), NULL, &info), NMF_ERROR_INPUT);
    assert_non_null(strstr(nmf_context_message(f->context), "does not match its checksum"));
    assert_int_equal(folder_count(f), before);
}

static void numbers_too_small_are_warned_of(void **state) {
    folder *f = *state;
    static unsigned char file[ROWS * COLS * 8 + 200];
    static double numbers[ROWS * COLS] = {1e-300, 1, 2, 0, -0.0, 1e-50};
    char dict[120];
    nmf_matrix_info info;
    nmf_read_options how = {.dtype = NMF_F32};
    snprintf(dict, sizeof dict, "{'descr': '<f8', 'fortran_order': False, 'shape': (%d, %d), }", ROWS, COLS);
    const char *path = folder_bytes(f, "a.npy", file, npy_bytes(dict, numbers, sizeof numbers, file));
    assert_int_equal(nmf_convert(f->context, path, &how, folder_path(f, "b.csv"), NULL, &info), NMF_OK);
    assert_int_equal(f->warnings, 1);
    assert_non_null(strstr(f->warning, "2 entries are too small for float32 and became 0"));
    how.dtype = NMF_F64;
    assert_int_equal(nmf_convert(f->context, path, &how, folder_path(f, "b.csv"), NULL, &info), NMF_OK);
    assert_int_equal(f->warnings, 1);
}

static const char *path_of_work, *to_of_work;

static nmf_status work(nmf_context *context) {
    nmf_matrix_info info;
    return nmf_convert(context, path_of_work, NULL, to_of_work, NULL, &info);
}

static void memory_that_is_refused_leaves_nothing(void **state) {
    folder *f = *state;
    char path[80], to[80];
    static const char *const formats[] = {"b.nmfx", "b.npy", "b.csv"};
    for (int as = 0; as < 2; as++) {
        snprintf(path, sizeof path, "%s", block_file(f, as, true, NMF_F64));
        for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
            snprintf(to, sizeof to, "%s", folder_path(f, formats[i]));
            path_of_work = path;
            to_of_work = to;
            expect_memory_refused(work);
        }
    }
}

/* A matrix of 16 MB. */
static void it_takes_the_memory_of_a_few_blocks(void **state) {
    enum { MANY = 20000, WIDE = 100 };
    folder *f = *state;
    problem p = problem_random(MANY, WIDE, 1, 7);
    nmf_matrix *matrix = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    const char *path = blocks_write(f, "a.nmfx", matrix);
    scarce memory = {0};
    nmf_allocator allocator = scarce_allocator(&memory);
    nmf_context *context;
    nmf_matrix_info info;
    assert_int_equal(nmf_context_new(&allocator, &context), NMF_OK);
    assert_int_equal(nmf_convert(context, path, NULL, folder_path(f, "b.npy"), NULL, &info), NMF_OK);
    nmf_context_free(context);
    assert_int_equal(memory.live, 0);
    assert_true(memory.peak < 2000000);
    nmf_matrix_free(matrix);
    problem_free(&p);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(block_files_give_the_same_bytes),           TEST(npy_of_every_type_gives_the_same_bytes),
        TEST(what_is_refused_is_refused_alike),          TEST(numbers_too_small_are_warned_of),
        TEST(files_that_shrank_or_are_damaged_are_told), TEST(memory_that_is_refused_leaves_nothing),
        TEST(it_takes_the_memory_of_a_few_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
