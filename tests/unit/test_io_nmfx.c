/* The block format: what is written is read again, and what is damaged is named. */
#include "support/blocks.h"
#include "support/expect.h"
#include "support/problems.h"

#include "io/bytes/little.h"
#include "io/nmfx/nmfx.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 48 * 3 + 7, COLS = 20, ROOM = 1 << 17 };

static void expect_same_matrix(nmf_context *context, const char *path, const nmf_matrix *expected, unsigned allowed) {
    nmf_read_options how = {.dtype = expected->info.dtype, .allowed = allowed};
    nmf_matrix *got;
    nmf_matrix_info a, b;
    assert_int_equal(nmf_matrix_read(context, path, &how, &got), NMF_OK);
    nmf_matrix_get_info(got, &a);
    nmf_matrix_get_info(expected, &b);
    assert_true(a.rows == b.rows && a.cols == b.cols && a.sparse == b.sparse && a.nnz == b.nnz);
    assert_true(a.missing == b.missing && a.min == b.min && a.max == b.max && fabs(a.norm - b.norm) <= 1e-14 * b.norm);
    assert_true(nmf_matrix_hash(got) == nmf_matrix_hash(expected));
    /* What the head says is what a look at the entries finds. */
    how.in_file = true;
    nmf_matrix *streamed;
    assert_int_equal(nmf_matrix_read(context, path, &how, &streamed), NMF_OK);
    assert_true(streamed->checked);
    assert_true(streamed->info.nnz == a.nnz && streamed->info.missing == a.missing && streamed->info.norm == a.norm);
    assert_true(streamed->info.min == a.min && streamed->info.max == a.max);
    assert_true(streamed->info.zero_rows == a.zero_rows && streamed->info.zero_cols == a.zero_cols);
    assert_true(nmf_matrix_hash(streamed) == nmf_matrix_hash(expected));
    nmf_matrix_free(streamed);
    nmf_matrix_free(got);
}

/* Numbers that each type is made for. */
static double number_of(int kind, int64_t i) {
    switch (kind) {
    case 0:
        return (double)(i * 7 % 256);
    case 1:
        return (double)(i * 7919 % 65536);
    case 2:
        return (double)(float)(0.1 * (double)(i % 1000));
    default:
        return 0.1 * (double)(i % 1000);
    }
}

static void numbers_of_every_type_come_back(void **state) {
    folder *f = *state;
    static const nmfx_type types[] = {NMFX_U8, NMFX_U16, NMFX_F32, NMFX_F64};
    problem p = problem_random(ROWS, COLS, 1, 1);
    for (int kind = 0; kind < 4; kind++) {
        for (int64_t e = 0; e < ROWS * COLS; e++) {
            p.values[e] = e % 5 == 0 || e / COLS == 3 || e % COLS == 4 ? 0 : number_of(kind, e);
        }
        problem_lay_out(&p);
        assert_int_equal(nmfx_narrowest(NMF_F64, p.values, ROWS * COLS), types[kind]);
        for (int as = 0; as < SHAPES; as++) {
            nmf_matrix *matrix = problem_matrix(f->context, &p, (shape)as, NMF_F64);
            expect_same_matrix(f->context, blocks_write(f, "small.nmfx", matrix), matrix, 0);
            const char *path = folder_path(f, "large.nmfx");
            assert_int_equal(nmf_matrix_write(f->context, path, NULL, matrix), NMF_OK);
            expect_same_matrix(f->context, path, matrix, 0);
            nmf_matrix_free(matrix);
        }
    }
    problem_free(&p);
}

static void missing_and_negative_entries_come_back(void **state) {
    folder *f = *state;
    problem p = problem_random(ROWS, COLS, 0.7, 1);
    p.allowed = NMF_ALLOW_MISSING | NMF_ALLOW_NEGATIVE;
    for (int64_t e = 0; e < ROWS * COLS; e += 11) {
        p.values[e] = e % 2 ? NAN : -p.values[e];
    }
    problem_lay_out(&p);
    for (int as = 0; as < SHAPES; as++) {
        nmf_matrix *matrix = problem_matrix(f->context, &p, (shape)as, NMF_F64);
        const char *path = blocks_write(f, "a.nmfx", matrix);
        expect_same_matrix(f->context, path, matrix, p.allowed);
        blocks_open(f->context, path, NMF_F64, NMF_ERROR_INPUT);
        assert_non_null(strstr(nmf_context_message(f->context), "row 1, column 12 is NaN"));
        nmf_matrix_free(matrix);
    }
    problem_free(&p);
}

static void numbers_past_float32_are_refused(void **state) {
    folder *f = *state;
    problem p = problem_random(ROWS, COLS, 1, 1);
    p.values[5] = 1e300;
    problem_lay_out(&p);
    nmf_matrix *matrix = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    const char *path = blocks_write(f, "a.nmfx", matrix);
    nmf_read_options how = {.dtype = NMF_F32};
    nmf_matrix *none;
    assert_int_equal(nmf_matrix_read(f->context, path, &how, &none), NMF_ERROR_INPUT);
    assert_non_null(strstr(nmf_context_message(f->context), "block 1 of 4 has a number beyond float32"));
    blocks_open(f->context, path, NMF_F32, NMF_ERROR_INPUT);
    nmf_matrix_free(matrix);
    problem_free(&p);
}

static void names_come_back(void **state) {
    folder *f = *state;
    const char *text = folder_text(f, "a.csv", "name,one,\"t,wo\"\nr\xc3\xa4w,1,2\n,3,4\n"),
               *path = folder_path(f, "a.nmfx");
    nmf_matrix_info info;
    assert_int_equal(nmf_convert(f->context, text, NULL, path, NULL, &info), NMF_OK);
    for (int t = 0; t < 2; t++) {
        nmf_read_options how = {.in_file = t == 1};
        nmf_matrix *matrix;
        assert_int_equal(nmf_matrix_read(f->context, path, &how, &matrix), NMF_OK);
        assert_string_equal(nmf_matrix_row_name(matrix, 0), "r\xc3\xa4w");
        assert_string_equal(nmf_matrix_row_name(matrix, 1), "");
        assert_string_equal(nmf_matrix_col_name(matrix, 1), "t,wo");
        nmf_matrix_free(matrix);
    }
}

/* Sections that shrink to less than half are packed, and others, also those that shrink to nothing, are not. */
static void what_pays_is_packed(void **state) {
    folder *f = *state;
    enum { MANY = 3000 };
    problem p = problem_random(MANY, COLS, 1, 1);
    for (int kind = 0; kind < 3; kind++) {
        for (int64_t e = 0; e < MANY * COLS; e++) {
            p.values[e] = kind == 0 ? (double)(e % 97 == 0 || e % 89 == 3) : kind == 1 ? 0 : fabs(sin((double)e));
        }
        p.values[0] = 1;
        problem_lay_out(&p);
        nmf_matrix *matrix = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
        const char *path = folder_path(f, "a.nmfx");
        assert_int_equal(nmf_matrix_write(f->context, path, NULL, matrix), NMF_OK);
        expect_same_matrix(f->context, path, matrix, 0);
        nmf_matrix *streamed = blocks_open(f->context, path, NMF_F64, NMF_OK);
        double bytes = streamed_source(streamed)->file_bytes, numbers = MANY * COLS;
        assert_true(kind == 0 ? bytes < numbers / 2 : kind == 1 ? bytes == numbers : bytes == 8 * numbers);
        nmf_matrix_free(streamed);
        nmf_matrix_free(matrix);
    }
    problem_free(&p);
}

/* A file, in memory. */
typedef struct bytes {
    unsigned char *at;
    size_t count;
} bytes;

static bytes file_of(folder *f, shape as) {
    problem p = problem_random(ROWS, COLS, 0.4, 1);
    nmf_matrix *matrix = problem_matrix(f->context, &p, as, NMF_F64);
    bytes b = {malloc(ROOM), 0};
    long count = slurp(blocks_write(f, "a.nmfx", matrix), (char *)b.at, ROOM);
    assert_true(count > NMFX_HEAD && count < ROOM - 1);
    b.count = (size_t)count;
    nmf_matrix_free(matrix);
    problem_free(&p);
    return b;
}

/* Neither way of reading takes it; `part` is in what they say, where it is not NULL. */
static void expect_neither(folder *f, const bytes *b, const char *part) {
    const char *path = folder_bytes(f, "b.nmfx", b->at, b->count);
    nmf_options options;
    nmf_options_init(&options);
    options.rank = 2;
    options.init = "random";
    options.max_iter = 1;
    options.threads = 1;
    for (int t = 0; t < 2; t++) {
        nmf_read_options how = {.in_file = t == 1};
        nmf_matrix *matrix;
        nmf_result *result = NULL;
        nmf_status status = nmf_matrix_read(f->context, path, &how, &matrix);
        if (status == NMF_OK && t == 1) {
            status = nmf_fit(f->context, matrix, &options, &result);
        }
        assert_int_equal(status, NMF_ERROR_INPUT);
        if (part && !strstr(nmf_context_message(f->context), part)) {
            fail_msg("\"%s\" should say \"%s\"", nmf_context_message(f->context), part);
        }
        nmf_result_free(result);
        nmf_matrix_free(matrix);
    }
}

static void every_flip_is_found(void **state) {
    folder *f = *state;
    for (int as = BY_ROW; as <= SPARSE; as += SPARSE - BY_ROW) {
        bytes b = file_of(f, (shape)as);
        /* From the ninth byte on: without its first eight it is no such file. */
        for (size_t at = 8; at < b.count; at += at < NMFX_HEAD || at + 2 * NMFX_ENTRY > b.count ? 1 : 61) {
            b.at[at] ^= (unsigned char)(1 << at % 8);
            expect_neither(f, &b, NULL);
            b.at[at] ^= (unsigned char)(1 << at % 8);
        }
        free(b.at);
    }
}

static void every_cut_is_found(void **state) {
    folder *f = *state;
    bytes b = file_of(f, SPARSE);
    for (size_t count = 8; count < b.count; count += 61) {
        bytes cut = {b.at, count};
        expect_neither(f, &cut, "cut short");
    }
    bytes longer = {b.at, b.count + 1};
    expect_neither(f, &longer, "was written with");
    free(b.at);
}

/* The number at `at` in the head becomes `value`, and the head matches its checksum again. */
static void patch(bytes *b, size_t at, uint64_t value) {
    little_put64(b->at + at, value);
    little_put64(b->at + NMFX_HEAD - 8, nmfx_hash(b->at, NMFX_HEAD - 8));
}

static void heads_that_lie_are_refused(void **state) {
    folder *f = *state;
    static const uint64_t lies[] = {0, 1, 47, 1000, UINT32_MAX, (uint64_t)1 << 40, INT64_MAX, UINT64_MAX};
    /* rows, cols, entries, blocks, and where things lie; not where names do, of which there are none */
    enum { WORDS = 8, NAMES = 5, FIRST = 16 };
    for (int as = BY_ROW; as <= SPARSE; as += SPARSE - BY_ROW) {
        bytes b = file_of(f, (shape)as);
        for (size_t w = 0; w < WORDS; w++) {
            uint64_t truth = little_get64(b.at + FIRST + 8 * w);
            for (size_t l = 0; l < sizeof lies / sizeof *lies; l++) {
                /* More columns, in which a sparse matrix has nothing, could be so. */
                bool holds =
                    lies[l] == truth || w == NAMES || (as == SPARSE && w == 1 && lies[l] > truth && lies[l] <= 1000);
                if (!holds) {
                    patch(&b, FIRST + 8 * w, lies[l]);
                    expect_neither(f, &b, NULL);
                }
            }
            patch(&b, FIRST + 8 * w, truth);
        }
        patch(&b, 8, NMFX_VERSION + 1 + ((uint64_t)NMFX_HEAD << 32));
        expect_neither(f, &b, "is of version 2 of its format, and this program knows version 1");
        patch(&b, 8, NMFX_VERSION + ((uint64_t)NMFX_HEAD << 32));
        patch(&b, 80, 1 << 20);
        expect_neither(f, &b, "has features that this version does not know");
        free(b.at);
    }
}

static void only_plain_files_are_written(void **state) {
    folder *f = *state;
    problem p = problem_random(5, 4, 1, 1);
    nmf_matrix *matrix = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    assert_int_equal(nmf_matrix_write(f->context, folder_path(f, "a.nmfx.gz"), NULL, matrix), NMF_ERROR_USAGE);
    assert_non_null(strstr(nmf_context_message(f->context), "neither packed again nor into a pipe"));
    nmf_matrix_free(matrix);
    problem_free(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(numbers_of_every_type_come_back, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(missing_and_negative_entries_come_back, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(numbers_past_float32_are_refused, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(names_come_back, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(what_pays_is_packed, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(every_flip_is_found, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(every_cut_is_found, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(heads_that_lie_are_refused, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(only_plain_files_are_written, folder_setup, folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
