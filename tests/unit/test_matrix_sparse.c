/* Sparse matrices from rows and from columns: the same matrix whatever they come as, and what is refused. */
#include "support/expect.h"
#include "support/numbers.h"
#include "support/problems.h"

#include "matrix/compressed.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 23, COLS = 17, ROOM = 4 * ROWS * COLS };

/* Lines in both widths of both arrays and in both dtypes. */
typedef struct given {
    int64_t rows, cols;
    bool by_col;
    int64_t start64[ROWS + 1], index64[ROOM];
    int32_t start32[ROWS + 1], index32[ROOM];
    double wide[ROOM];
    float narrow[ROOM];
} given;

static given *given_new(int64_t rows, int64_t cols, bool by_col) {
    given *g = calloc(1, sizeof *g);
    assert_non_null(g);
    g->rows = rows;
    g->cols = cols;
    g->by_col = by_col;
    return g;
}

/* One more entry of `line`; lines come in order. */
static void given_add(given *g, int64_t line, int64_t index, double value) {
    int64_t at = g->start64[line + 1];
    g->index64[at] = index;
    g->index32[at] = (int32_t)index;
    g->wide[at] = value;
    g->narrow[at] = (float)value;
    for (int64_t i = line + 1; i <= ROWS; i++) {
        g->start64[i] = at + 1;
        g->start32[i] = (int32_t)at + 1;
    }
}

static nmf_compressed given_as(const given *g, size_t index_bytes, nmf_dtype dtype) {
    bool wide = index_bytes == 8;
    return (nmf_compressed){.rows = g->rows,
                            .cols = g->cols,
                            .by_col = g->by_col,
                            .index_bytes = index_bytes,
                            .dtype = dtype,
                            .start = wide ? (const void *)g->start64 : g->start32,
                            .index = wide ? (const void *)g->index64 : g->index32,
                            .values = dtype == NMF_F64 ? (const void *)g->wide : g->narrow};
}

static nmf_matrix *made(nmf_context *context, const nmf_compressed *lines, unsigned allowed) {
    nmf_matrix *matrix;
    if (nmf_matrix_sparse(context, lines, allowed, &matrix) != NMF_OK) {
        fail_msg("%s", nmf_context_message(context));
    }
    return matrix;
}

static void expect_same_lines(const compressed *got, const compressed *expected, int64_t count, nmf_dtype dtype) {
    size_t entries = (size_t)expected->start[count];
    assert_memory_equal(got->start, expected->start, (size_t)(count + 1) * sizeof *got->start);
    assert_memory_equal(got->index, expected->index, entries * sizeof *got->index);
    assert_memory_equal(got->value, expected->value, entries * dtype_size(dtype));
}

static void expect_same(const nmf_matrix *got, const nmf_matrix *expected) {
    const nmf_matrix_info *info = &expected->info;
    assert_int_equal(got->info.rows, info->rows);
    assert_int_equal(got->info.cols, info->cols);
    assert_int_equal(got->info.stored, info->stored);
    assert_int_equal(got->info.nnz, info->nnz);
    assert_true(got->info.sparse && got->info.norm == info->norm);
    assert_true(nmf_matrix_hash(got) == nmf_matrix_hash(expected));
    expect_same_lines(&got->as.sparse.by_row, &expected->as.sparse.by_row, info->rows, info->dtype);
    expect_same_lines(&got->as.sparse.by_col, &expected->as.sparse.by_col, info->cols, info->dtype);
}

/* Ascending lines. */
static given *lines_of_problem(const problem *p, bool by_col) {
    given *g = given_new(p->rows, p->cols, by_col);
    for (int64_t i = 0; i < (by_col ? p->cols : p->rows); i++) {
        for (int64_t j = 0; j < (by_col ? p->rows : p->cols); j++) {
            double value = by_col ? p->values[j * p->cols + i] : p->values[i * p->cols + j];
            if (value != 0) {
                given_add(g, i, j, value);
            }
        }
    }
    return g;
}

/* The entries, also against a dense matrix of the same problem. */
static void expect_problem(nmf_context *context, const nmf_matrix *matrix, const problem *p) {
    double found[ROWS * COLS];
    nmf_matrix_copy(matrix, found);
    assert_memory_equal(found, p->values, (size_t)(p->rows * p->cols) * sizeof *found);
    nmf_matrix *dense = problem_matrix(context, p, BY_ROW, matrix->info.dtype);
    assert_true(nmf_matrix_hash(matrix) == nmf_matrix_hash(dense));
    assert_int_equal(matrix->info.zero_rows, dense->info.zero_rows);
    assert_int_equal(matrix->info.zero_cols, dense->info.zero_cols);
    nmf_matrix_free(dense);
}

static void rows_columns_and_widths_are_all_one(void **state) {
    folder *f = *state;
    static const double densities[] = {0, 0.05, 0.4, 1};
    for (int c = 0; c < 8; c++) {
        problem p = problem_random(ROWS, COLS, densities[c / 2], 31);
        given *lines[] = {lines_of_problem(&p, false), lines_of_problem(&p, true)};
        nmf_dtype dtype = (nmf_dtype)(c % 2);
        nmf_matrix *expected = problem_matrix(f->context, &p, SPARSE, dtype);
        expect_problem(f->context, expected, &p);
        for (int way = 0; way < 4; way++) {
            nmf_compressed as = given_as(lines[way / 2], way % 2 ? 8 : 4, dtype);
            nmf_matrix *matrix = made(f->context, &as, 0);
            expect_same(matrix, expected);
            nmf_matrix_free(matrix);
        }
        nmf_matrix_free(expected);
        free(lines[0]);
        free(lines[1]);
        problem_free(&p);
    }
}

/* Every entry in up to three parts, whole numbers that sum exactly, in a drawn order, with a zero or two between. */
static given *shuffled(uint64_t seed, bool by_col, double *sums, double *stored) {
    given *g = given_new(ROWS, COLS, by_col);
    int64_t count = by_col ? COLS : ROWS, across = by_col ? ROWS : COLS;
    for (int64_t i = 0; i < count; i++) {
        int64_t some = (int64_t)draw(&seed, 0, (double)(2 * across));
        for (int64_t t = 0; i % 5 != 2 && t < some; t++) {
            int64_t j = (int64_t)draw(&seed, 0, (double)across), at = by_col ? j * COLS + i : i * COLS + j;
            double value = floor(draw(&seed, 0, 4));
            given_add(g, i, j, value);
            sums[at] += value;
            stored[at] = 1;
        }
    }
    return g;
}

static void expect_ascending(const compressed *lines, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        for (int64_t e = lines->start[i] + 1; e < lines->start[i + 1]; e++) {
            assert_true(lines->index[e - 1] < lines->index[e]);
        }
    }
}

static void any_order_is_sorted_and_summed(void **state) {
    folder *f = *state;
    for (int c = 0; c < 16; c++) {
        double sums[ROWS * COLS] = {0}, stored[ROWS * COLS] = {0}, found[ROWS * COLS];
        unsigned allowed = c & 8 ? NMF_KEEP_ZEROS : 0;
        given *g = shuffled((uint64_t)c, c & 1, sums, stored);
        nmf_compressed as = given_as(g, c & 2 ? 8 : 4, c & 4 ? NMF_F32 : NMF_F64);
        nmf_matrix *matrix = made(f->context, &as, allowed);
        int64_t expected = 0;
        for (int e = 0; e < ROWS * COLS; e++) {
            expected += allowed ? stored[e] != 0 : sums[e] != 0;
        }
        nmf_matrix_copy(matrix, found);
        assert_memory_equal(found, sums, sizeof sums);
        assert_int_equal(matrix->info.stored, expected);
        expect_ascending(&matrix->as.sparse.by_row, ROWS);
        expect_ascending(&matrix->as.sparse.by_col, COLS);
        nmf_matrix_free(matrix);
        free(g);
    }
}

/* In f32 the parts of an entry are summed in double, in the order given: rounded on the way, they would be 1. */
static void sums_are_of_doubles(void **state) {
    folder *f = *state;
    static const int32_t start[] = {0, 5}, index[] = {1, 0, 1, 1, 1};
    static const float values[] = {1, 3, 0x1p-24f, 0x1p-24f, 0x1p-24f};
    for (int by_col = 0; by_col < 2; by_col++) {
        nmf_compressed lines = {by_col ? 2 : 1, by_col ? 1 : 2, by_col, 4, NMF_F32, start, index, values};
        nmf_matrix *matrix = made(f->context, &lines, 0);
        double found[2];
        nmf_matrix_copy(matrix, found);
        assert_true(found[0] == 3 && found[1] == (double)(float)(1 + 3 * 0x1p-24) && found[1] > 1);
        nmf_matrix_free(matrix);
    }
}

static void expect_stored(nmf_context *context, const nmf_compressed *lines, unsigned allowed, int64_t stored,
                          const double *entries) {
    double found[9];
    nmf_matrix *matrix = made(context, lines, allowed);
    nmf_matrix_copy(matrix, found);
    assert_memory_equal(found, entries, sizeof found);
    assert_int_equal(matrix->info.stored, stored);
    assert_int_equal(matrix->as.sparse.by_row.start[3], stored);
    assert_int_equal(matrix->as.sparse.by_col.start[3], stored);
    nmf_matrix_free(matrix);
}

/* Lines that are in order but for zeros, or for an entry given twice. */
static void zeros_and_repeats_in_order(void **state) {
    folder *f = *state;
    static const int32_t start[] = {0, 3, 3, 5}, index[] = {0, 1, 2, 0, 2}, same[] = {0, 1, 2, 2, 2};
    static const double zeros[] = {0, 5, 0, 1, 2}, ones[] = {1, 1, 1, 1, 1};
    const nmf_compressed with_zeros = {3, 3, false, 4, NMF_F64, start, index, zeros};
    const nmf_compressed twice = {3, 3, false, 4, NMF_F64, start, same, ones};
    expect_stored(f->context, &with_zeros, 0, 3, (double[]){0, 5, 0, 0, 0, 0, 1, 0, 2});
    expect_stored(f->context, &with_zeros, NMF_KEEP_ZEROS, 5, (double[]){0, 5, 0, 0, 0, 0, 1, 0, 2});
    expect_stored(f->context, &twice, 0, 4, (double[]){1, 1, 1, 0, 0, 0, 0, 0, 2});
}

static void no_entries_need_no_arrays(void **state) {
    folder *f = *state;
    static const int64_t start[6] = {0};
    for (int way = 0; way < 8; way++) {
        nmf_compressed lines = {.rows = 4,
                                .cols = 5,
                                .by_col = way & 1,
                                .index_bytes = way & 2 ? 8 : 4,
                                .dtype = way & 4 ? NMF_F32 : NMF_F64,
                                .start = start};
        nmf_matrix *matrix = made(f->context, &lines, 0);
        assert_int_equal(matrix->info.stored, 0);
        assert_int_equal(matrix->info.zero_rows, 4);
        assert_int_equal(matrix->info.zero_cols, 5);
        nmf_matrix_free(matrix);
    }
}

typedef struct refusal {
    nmf_compressed lines;
    nmf_status status;
    const char *said;
} refusal;

static void expect_refusals(nmf_context *context, const refusal *all, size_t count) {
    for (size_t r = 0; r < count; r++) {
        nmf_matrix *matrix = (nmf_matrix *)(uintptr_t)1;
        nmf_status status = nmf_matrix_sparse(context, &all[r].lines, 0, &matrix);
        if (status != all[r].status || strcmp(nmf_context_message(context), all[r].said) != 0) {
            fail_msg("%zu: status %d, \"%s\"; expected %d, \"%s\"", r, (int)status, nmf_context_message(context),
                     (int)all[r].status, all[r].said);
        }
        assert_null(matrix);
    }
}

#define START32(...) ((const int32_t[]){__VA_ARGS__})
#define START64(...) ((const int64_t[]){__VA_ARGS__})
#define CANNOT_BE " cannot be; sizes go from 1 to 4294967295"

static void bad_lines_are_refused(void **state) {
    folder *f = *state;
    static const double ones[] = {1, 1, 1, 1, 1, 1};
    const int32_t i32[] = {0, 1, 2, 3, 4, 5}, low[] = {0, -1};
    const int64_t i64[] = {0, 1, 2, 3, 4, 5}, high[] = {0, 1LL << 32};
    const nmf_status usage = NMF_ERROR_USAGE, input = NMF_ERROR_INPUT;
    const refusal all[] = {
        {{0, 2, false, 8, NMF_F64, START64(0), i64, ones}, usage, "a sparse matrix of 0 × 2" CANNOT_BE},
        {{2, 0, true, 8, NMF_F64, START64(0), i64, ones}, usage, "a sparse matrix of 2 × 0" CANNOT_BE},
        {{1LL << 33, 2, false, 8, NMF_F64, NULL, i64, ones}, usage, "a sparse matrix of 8589934592 × 2" CANNOT_BE},
        {{2, 1LL << 32, true, 4, NMF_F64, NULL, i32, ones}, usage, "a sparse matrix of 2 × 4294967296" CANNOT_BE},
        {{1, 2, false, 3, NMF_F64, START32(0, 1), i32, ones}, usage, "index_bytes is 3; it must be 4 or 8"},
        {{1, 2, false, 0, NMF_F64, START32(0, 1), i32, ones}, usage, "index_bytes is 0; it must be 4 or 8"},
        {{1, 2, false, 4, (nmf_dtype)2, START32(0, 1), i32, ones}, usage, "dtype is 2; it must be NMF_F64 or NMF_F32"},
        {{2, 2, false, 8, NMF_F64, START64(1, 1, 1), i64, ones}, usage, "start[0] is 1; it must be 0"},
        {{2, 2, true, 4, NMF_F64, START32(-1, 1, 1), i32, ones}, usage, "start[0] is -1; it must be 0"},
        {{2, 2, false, 4, NMF_F64, START32(0, 2, 1), i32, ones},
         input,
         "start[2] is 1; it must not be below start[1], which is 2"},
        {{9, 3, true, 8, NMF_F64, START64(0, 6, 6, 1), i64, ones},
         input,
         "start[3] is 1; it must not be below start[2], which is 6"},
        {{1, 2, false, 8, NMF_F64, START64(0, -3), i64, ones},
         input,
         "start[1] is -3; it must not be below start[0], which is 0"},
        {{2, 2, false, 4, NMF_F64, START32(0, 1, 3), i32, ones}, input, "index[2] is 2; it must be from 0 to 1"},
        {{2, 5, true, 8, NMF_F64, START64(0, 0, 3, 3, 3, 3), i64, ones},
         input,
         "index[2] is 2; it must be from 0 to 1"},
        {{1, 9, false, 4, NMF_F64, START32(0, 2), low, ones}, input, "index[1] is -1; it must be from 0 to 8"},
        {{1, 9, false, 8, NMF_F64, START64(0, 2), high, ones}, input, "index[1] is 4294967296; it must be from 0 to 8"},
    };
    expect_refusals(f->context, all, sizeof all / sizeof *all);
}

/* Rows and columns of the matrix, whatever the lines are, and also where the place's other part would hide them. */
static void bad_entries_are_named_by_row_and_column(void **state) {
    folder *f = *state;
    static const double bad[] = {-2.5, INFINITY, NAN, -INFINITY};
    static const char *const said[] = {"-2.5", "inf", "NaN", "-inf"};
    for (int c = 0; c < 16; c++) {
        given *g = given_new(4, 4, c & 1);
        char sentence[200];
        given_add(g, 0, 3, 1);
        given_add(g, 2, 0, 1);
        given_add(g, 2, 1, bad[c / 4]);
        given_add(g, 2, 1, 5);
        nmf_compressed as = given_as(g, 4, c & 2 ? NMF_F32 : NMF_F64);
        snprintf(sentence, sizeof sentence, "the matrix: %s is %s; %s", c & 1 ? "row 2, column 3" : "row 3, column 2",
                 said[c / 4], matrix_wanted(0, isnan(bad[c / 4])));
        expect_refusals(f->context, &(refusal){as, NMF_ERROR_INPUT, sentence}, 1);
        free(g);
    }
}

/* Lines in order, and lines that are not. */
static nmf_status make_and_free(nmf_context *context) {
    static const int32_t start[] = {0, 2, 2, 4}, ordered[] = {0, 2, 1, 2}, turned[] = {2, 0, 1, 1};
    static const float values[] = {1, 2, 3, 4};
    nmf_status status = NMF_OK;
    for (int way = 0; way < 4 && status == NMF_OK; way++) {
        const nmf_compressed lines = {3, 3, way & 1, 4, NMF_F32, start, way & 2 ? turned : ordered, values};
        nmf_matrix *matrix = (nmf_matrix *)(uintptr_t)1;
        status = nmf_matrix_sparse(context, &lines, 0, &matrix);
        assert_int_equal(matrix == NULL, status != NMF_OK);
        nmf_matrix_free(matrix);
    }
    return status;
}

static void refused_memory_leaves_nothing(void **state) {
    (void)state;
    expect_memory_refused(make_and_free);
}

/* Nothing beside the rows and the columns, but what is small; and that is what the matrix says it takes. */
static void nothing_is_made_on_the_way(void **state) {
    (void)state;
    problem p = problem_random(ROWS, COLS, 0.9, 3);
    for (int c = 0; c < 8; c++) {
        scarce memory = {0};
        nmf_allocator allocator = scarce_allocator(&memory);
        nmf_context *context;
        double sums[ROWS * COLS] = {0}, stored[ROWS * COLS] = {0};
        given *g = c & 1 ? shuffled(5, c & 2, sums, stored) : lines_of_problem(&p, c & 2);
        assert_int_equal(nmf_context_new(&allocator, &context), NMF_OK);
        int64_t before = memory.bytes;
        nmf_compressed as = given_as(g, 4, c & 4 ? NMF_F32 : NMF_F64);
        nmf_matrix *matrix = made(context, &as, 0);
        int64_t took = memory.peak - before, said = (int64_t)matrix->info.bytes;
        /* A matrix, seven arrays on their boundaries, a byte for every row and column. */
        int64_t small = (int64_t)sizeof *matrix + 8 * 2 * ARRAY_ALIGNMENT + ROWS + COLS;
        if (took < said || took > said + small) {
            fail_msg("case %d: took %lld, said %lld", c, (long long)took, (long long)said);
        }
        nmf_matrix_free(matrix);
        nmf_context_free(context);
        free(g);
    }
    problem_free(&p);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(rows_columns_and_widths_are_all_one),
        TEST(any_order_is_sorted_and_summed),
        TEST(sums_are_of_doubles),
        TEST(zeros_and_repeats_in_order),
        TEST(no_entries_need_no_arrays),
        TEST(bad_lines_are_refused),
        TEST(bad_entries_are_named_by_row_and_column),
        TEST(refused_memory_leaves_nothing),
        TEST(nothing_is_made_on_the_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
