/* The wire: what is written reads back; what is cut or damaged is refused, in one sentence and in bounded memory. */
#include "support/expect.h"
#include "support/memory.h"
#include "support/problems.h"

#include "io/bytes/utf8.h"
#include "io/hdf5/wire.h"
#include "io/hdf5/wire_write.h"

#include <stdlib.h>
#include <string.h>

enum { SAMPLES = 4 };

/* Bytes on their way; `fail_at` as in scarce, of the pieces. */
typedef struct bytes {
    unsigned char *data;
    size_t count, room;
    int pieces, fail_at;
} bytes;

static nmf_status append(void *user, const void *more, size_t count) {
    bytes *b = user;
    if (++b->pieces == b->fail_at) {
        return NMF_ERROR_OUTPUT;
    }
    if (b->count + count > b->room) {
        b->room = 2 * (b->count + count);
        b->data = realloc(b->data, b->room);
        assert_non_null(b->data);
    }
    memcpy(b->data + b->count, more, count);
    b->count += count;
    return NMF_OK;
}

static const double six[] = {1, 0, 2.5, 0, 0, 7};
static const char *const row_list[] = {"a", "\xc3\xa9"};
static const char *const col_list[] = {"x", "", "zz"};

static const char *name_of(const void *list, int64_t i) {
    return ((const char *const *)list)[i];
}

static nmf_status write_sample(nmf_context *context, int i, bytes *b) {
    static const int64_t start[] = {0, 2, 3}, index[] = {0, 2, 2};
    static const double entries[] = {1, 2.5, 7};
    nmf_matrix *matrix = NULL;
    nmf_table numbers = {.rows = 2,
                         .cols = 3,
                         .values = six,
                         .row_name = name_of,
                         .row_names = row_list,
                         .col_name = name_of,
                         .col_names = col_list};
    nmf_status status = matrix_of_rows(context, 2, 3, NMF_F64, start, index, entries, 0, &matrix);
    if (status == NMF_OK) {
        table t = i & 1 ? table_of_matrix(matrix) : table_of_numbers(&numbers);
        wire_out to = {context, append, b};
        status = wire_write(&to, &t, (i & 2) != 0, i & 1 ? "i rank 3\n" : NULL);
    }
    nmf_matrix_free(matrix);
    return status;
}

/* Sample i: dense with names, or sparse with notes; by rows, or by columns. */
static bytes make(nmf_context *context, int i) {
    bytes b = {.count = 0};
    assert_int_equal(write_sample(context, i, &b), NMF_OK);
    return b;
}

static void what_is_written_reads_back(void **state) {
    folder *f = *state;
    for (int i = 0; i < SAMPLES; i++) {
        nmf_matrix *matrix;
        nmf_matrix_info info;
        bytes b = make(f->context, i);
        const char *path = folder_bytes(f, "a", b.data, b.count);
        expect_matrix(f, path, 2, 3, six);
        assert_int_equal(nmf_matrix_read(f->context, path, NULL, &matrix), NMF_OK);
        nmf_matrix_get_info(matrix, &info);
        assert_int_equal(info.sparse, i & 1);
        if (!info.sparse) {
            assert_string_equal(nmf_matrix_row_name(matrix, 1), "\xc3\xa9");
            assert_string_equal(nmf_matrix_col_name(matrix, 1), "");
            assert_string_equal(nmf_matrix_col_name(matrix, 2), "zz");
        }
        nmf_matrix_free(matrix);
        free(b.data);
    }
}

static void expect_through(folder *f, const table *t, bool by_columns, const double *values) {
    bytes b = {.count = 0};
    wire_out to = {f->context, append, &b};
    assert_int_equal(wire_write(&to, t, by_columns, NULL), NMF_OK);
    assert_true(b.count > 2 * WIRE_BLOCK_MOST);
    expect_matrix(f, folder_bytes(f, "a", b.data, b.count), t->rows, t->cols, values);
    free(b.data);
}

/* Several blocks of numbers, and of entries. */
static void large_ones_read_back(void **state) {
    enum { ROWS = 500, COLS = 800 };
    folder *f = *state;
    double *values = calloc((size_t)ROWS * COLS, sizeof *values);
    int64_t *index = calloc((size_t)ROWS * COLS, sizeof *index), start[ROWS + 1] = {0};
    nmf_matrix *matrix;
    assert_true(values && index);
    for (int64_t i = 0; i < (int64_t)ROWS * COLS; i++) {
        values[i] = i % COLS == 0 || i / COLS == 7 ? 0 : (double)i / 3;
        index[i] = i % COLS;
        start[i / COLS + 1] = i + 1;
    }
    nmf_table numbers = {.rows = ROWS, .cols = COLS, .values = values};
    table t = table_of_numbers(&numbers);
    expect_through(f, &t, true, values);
    expect_through(f, &t, false, values);
    assert_int_equal(matrix_of_rows(f->context, ROWS, COLS, NMF_F64, start, index, values, 0, &matrix), NMF_OK);
    t = table_of_matrix(matrix);
    expect_through(f, &t, true, values);
    expect_through(f, &t, false, values);
    nmf_matrix_free(matrix);
    free(index);
    free(values);
}

static void names_become_utf8(void **state) {
    folder *f = *state;
    static const char *const odd[] = {"caf\xe9\xff.", "\xe2\x82"};
    nmf_table numbers = {.rows = 2, .cols = 3, .values = six, .row_name = name_of, .row_names = odd};
    table t = table_of_numbers(&numbers);
    bytes b = {.count = 0};
    nmf_matrix *matrix;
    wire_out to = {f->context, append, &b};
    assert_int_equal(wire_write(&to, &t, true, NULL), NMF_OK);
    assert_int_equal(nmf_matrix_read(f->context, folder_bytes(f, "a", b.data, b.count), NULL, &matrix), NMF_OK);
    assert_string_equal(nmf_matrix_row_name(matrix, 0), "caf??.");
    assert_string_equal(nmf_matrix_row_name(matrix, 1), "??");
    nmf_matrix_free(matrix);
    free(b.data);
}

static void utf8_is_what_the_standard_says(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t length;
    } cases[] = {{"A", 1},
                 {"\x7f", 1},
                 {"\x80", 0},
                 {"\xc0\x80", 0},
                 {"\xc1\xbf", 0},
                 {"\xc2\x80", 2},
                 {"\xdf\xbf", 2},
                 {"\xdf", 0},
                 {"\xdf\x41", 0},
                 {"\xe0\x9f\xbf", 0},
                 {"\xe0\xa0\x80", 3},
                 {"\xed\x9f\xbf", 3},
                 {"\xed\xa0\x80", 0},
                 {"\xef\xbf\xbf", 3},
                 {"\xe2\x82\x41", 0},
                 {"\xf0\x8f\xbf\xbf", 0},
                 {"\xf0\x90\x80\x80", 4},
                 {"\xf4\x8f\xbf\xbf", 4},
                 {"\xf4\x90\x80\x80", 0},
                 {"\xf5\x80\x80\x80", 0},
                 {"\xff", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(utf8_character(cases[i].text, strlen(cases[i].text)), cases[i].length);
    }
    assert_int_equal(utf8_character("", 1), 0);
    assert_int_equal(utf8_run("ab\xc3\xa9\xff", 5), 4);
}

/* A stream made by hand. */
static bytes begin(int64_t rows, int64_t cols, int64_t entries, uint32_t flags) {
    bytes b = {.count = 0};
    unsigned char head[WIRE_HEAD], payload[WIRE_SHAPE_BYTES];
    wire_shape shape = {rows, cols, entries, flags, 0};
    little_put32(head, WIRE_SHAPE);
    little_put64(head + 4, sizeof payload);
    wire_put_shape(payload, &shape);
    append(&b, WIRE_MAGIC, WIRE_MAGIC_BYTES);
    append(&b, head, sizeof head);
    append(&b, payload, sizeof payload);
    return b;
}

static void add(bytes *b, wire_tag tag, const void *payload, size_t count) {
    unsigned char head[WIRE_HEAD];
    little_put32(head, tag);
    little_put64(head + 4, count);
    append(b, head, sizeof head);
    append(b, payload, count);
}

static void expect_bad(folder *f, bytes b, const char *part) {
    expect_refused(f, folder_bytes(f, "a", b.data, b.count), part);
    free(b.data);
}

/* 2 × 3 with three entries in its rows: starts, and entries at these places. */
static bytes sparse(const int64_t *start, const uint32_t *place) {
    unsigned char starts[24], entries[36];
    bytes b = begin(2, 3, 3, WIRE_SPARSE);
    for (int i = 0; i < 3; i++) {
        little_put64(starts + 8 * i, (uint64_t)start[i]);
        little_put32(entries + 4 * i, place[i]);
        wire_put_value(0, entries + 12, i, 1);
    }
    add(&b, WIRE_START, starts, sizeof starts);
    add(&b, WIRE_ENTRIES, entries, sizeof entries);
    return b;
}

static bytes sparse_ended(const int64_t *start, const uint32_t *place) {
    bytes b = sparse(start, place);
    add(&b, WIRE_END, "", 0);
    return b;
}

static void shapes_and_blocks_that_cannot_be(void **state) {
    folder *f = *state;
    expect_bad(f, begin(-1, 3, 0, 0), "shape cannot be");
    expect_bad(f, begin(2, 3, 0, 16), "shape cannot be");
    expect_bad(f, begin((int64_t)1 << 40, 3, 0, WIRE_SPARSE), "4294967295");
    expect_bad(f, begin((int64_t)1 << 40, (int64_t)1 << 40, 0, 0), "addressed");
    bytes b = begin(2, 3, 0, 0);
    add(&b, WIRE_SHAPE, "x", 1);
    expect_bad(f, b, "no known kind");
    b = begin(2, 3, 0, 0);
    add(&b, WIRE_NUMBERS, "", 0);
    expect_bad(f, b, "length that none may have");
    b = begin(2, 3, 0, 0);
    add(&b, WIRE_END, "x", 1);
    expect_bad(f, b, "length that none may have");
    b = begin(2, 3, 0, 0);
    add(&b, WIRE_START, "12345678", 8);
    expect_bad(f, b, "starts of more lines");
    b = begin(2, 3, 0, 0);
    add(&b, WIRE_NUMBERS, "1234567", 7);
    expect_bad(f, b, "more numbers");
    b = begin(2, 3, 0, 0);
    add(&b, WIRE_NUMBERS, six, sizeof six);
    add(&b, WIRE_NUMBERS, six, 8);
    expect_bad(f, b, "more numbers");
    b = begin(2, 3, 0, 0);
    add(&b, WIRE_NUMBERS, six, 40);
    add(&b, WIRE_END, "", 0);
    expect_bad(f, b, "ends before all");
    b = begin(2, 3, 0, 0);
    add(&b, WIRE_NUMBERS, six, sizeof six);
    add(&b, WIRE_END, "", 0);
    append(&b, "x", 1);
    expect_bad(f, b, "follows its end");
    b = begin((int64_t)1 << 32, 0, 0, 0);
    add(&b, WIRE_END, "", 0);
    expect_bad(f, b, "promises");
    b = begin(UINT32_MAX, 1, 0, WIRE_SPARSE | WIRE_BY_COLUMNS);
    add(&b, WIRE_START, (const unsigned char[16]){0}, 16);
    add(&b, WIRE_END, "", 0);
    expect_bad(f, b, "promises");
}

static void entries_out_of_place(void **state) {
    folder *f = *state;
    static const uint32_t fine[] = {0, 2, 2}, outside[] = {0, 3, 1};
    static const double expected[] = {1, 0, 1, 0, 0, 1};
    bytes b = sparse_ended((const int64_t[]){0, 2, 3}, fine);
    expect_matrix(f, folder_bytes(f, "a", b.data, b.count), 2, 3, expected);
    free(b.data);
    expect_bad(f, sparse_ended((const int64_t[]){0, 2, 3}, outside), "outside the matrix");
    expect_bad(f, sparse_ended((const int64_t[]){1, 2, 3}, fine), "begins before");
    expect_bad(f, sparse_ended((const int64_t[]){0, -1, 3}, fine), "begins before");
    expect_bad(f, sparse_ended((const int64_t[]){0, 3, 2}, fine), "begins before");
    expect_bad(f, sparse_ended((const int64_t[]){0, 2, 4}, fine), "after the last");
    expect_bad(f, sparse_ended((const int64_t[]){0, 1, 2}, fine), "more entries than lines");
    b = sparse((const int64_t[]){0, 2, 3}, fine);
    add(&b, WIRE_ENTRIES, "123456789012", 12);
    expect_bad(f, b, "more entries than lines");
    b = begin(2, 3, 1, WIRE_SPARSE);
    add(&b, WIRE_ENTRIES, "123456789012", 12);
    expect_bad(f, b, "more entries than lines");
    b = begin(2, 3, 1, WIRE_SPARSE);
    add(&b, WIRE_NUMBERS, six, 8);
    expect_bad(f, b, "more numbers");
    b = begin(2, 3, 0, WIRE_SPARSE);
    add(&b, WIRE_START, (const unsigned char[16]){0}, 16);
    add(&b, WIRE_END, "", 0);
    expect_bad(f, b, "ends before all");
}

static void names_that_do_not_fit(void **state) {
    folder *f = *state;
    static const struct {
        const char *bytes, *part;
        size_t count;
    } cases[] = {
        {"\1\0\0", "do not fit", 3},
        {"\2\0\0\0a", "do not fit", 5},
        {"\377\377\377\377a", "do not fit", 5},
        {"\1\0\0\0a\1\0\0\0b\1\0\0\0c", "do not fit", 15},
        {"\1\0\0\0\377", "not UTF-8", 5},
        {"\1\0\0\0\0", "not UTF-8", 5},
        {"\1\0\0\0a", "others none", 5},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bytes b = begin(2, 3, 0, 0);
        add(&b, WIRE_ROWS, cases[i].bytes, cases[i].count);
        add(&b, WIRE_NUMBERS, six, sizeof six);
        add(&b, WIRE_END, "", 0);
        expect_bad(f, b, cases[i].part);
    }
}

static void every_truncation_is_told(void **state) {
    folder *f = *state;
    for (int i = 0; i < SAMPLES; i++) {
        bytes b = make(f->context, i);
        for (size_t cut = WIRE_MAGIC_BYTES; cut < b.count; cut++) {
            scarce memory = {0};
            expect_refused(f, folder_bytes(f, "a", b.data, cut), "cut short");
            assert_int_equal(read_counted(folder_path(f, "a"), NMF_F64, &memory), NMF_ERROR_INPUT);
            assert_true(memory.peak < 3000000);
        }
        free(b.data);
    }
}

static void flipped_bytes_do_no_harm(void **state) {
    folder *f = *state;
    static const unsigned char flips[] = {0x01, 0x02, 0x10, 0x80, 0xff};
    for (int i = 0; i < SAMPLES; i++) {
        bytes b = make(f->context, i);
        for (size_t at = WIRE_MAGIC_BYTES; at < b.count; at++) {
            for (size_t flip = 0; flip < sizeof flips; flip++) {
                scarce memory = {0};
                b.data[at] ^= flips[flip];
                nmf_status status = read_counted(folder_bytes(f, "a", b.data, b.count), NMF_F32, &memory);
                b.data[at] ^= flips[flip];
                assert_true(status == NMF_OK || status == NMF_ERROR_INPUT);
                assert_true(memory.peak < 66000000);
            }
        }
        free(b.data);
    }
}

static void every_allocation_fails_in_turn(void **state) {
    folder *f = *state;
    for (int i = 0; i < SAMPLES; i++) {
        bytes b = make(f->context, i);
        const char *path = folder_bytes(f, "a", b.data, b.count);
        scarce all = {0};
        assert_int_equal(read_counted(path, NMF_F64, &all), NMF_OK);
        for (int64_t at = 1; at <= all.calls; at++) {
            scarce memory = {.fail_at = at};
            assert_int_equal(read_counted(path, NMF_F64, &memory), NMF_ERROR_MEMORY);
        }
        free(b.data);
    }
}

static void every_piece_that_nobody_takes_is_told(void **state) {
    folder *f = *state;
    for (int i = 0; i < SAMPLES; i++) {
        bytes all = make(f->context, i);
        assert_true(all.pieces > 5);
        for (int at = 1; at <= all.pieces; at++) {
            bytes b = {.fail_at = at};
            assert_int_equal(write_sample(f->context, i, &b), NMF_ERROR_OUTPUT);
            assert_int_equal(b.pieces, at);
            free(b.data);
        }
        free(all.data);
    }
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(what_is_written_reads_back),
        TEST(large_ones_read_back),
        TEST(names_become_utf8),
        TEST(utf8_is_what_the_standard_says),
        TEST(shapes_and_blocks_that_cannot_be),
        TEST(entries_out_of_place),
        TEST(names_that_do_not_fit),
        TEST(every_truncation_is_told),
        TEST(flipped_bytes_do_no_harm),
        TEST(every_allocation_fails_in_turn),
        TEST(every_piece_that_nobody_takes_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
