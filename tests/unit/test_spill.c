/* Entries that do not fit in memory make, by way of disk, the matrix that they would make in memory. */
#include "support/blocks.h"
#include "support/expect.h"
#include "support/problems.h"
#include "support/zips.h"

#include "matrix/streamed.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { ROWS = 48 * 5 + 3, COLS = 61, ENTRIES = 6000, TEXT_ROOM = 1 << 18 };

/* Calls of each until one fails; 0: none does. */
static int writes_until_failure, reads_until_failure;

ssize_t write(int fd, const void *bytes, size_t count) {
    if (writes_until_failure > 0 && --writes_until_failure == 0) {
        errno = ENOSPC;
        return -1;
    }
    return syscall(SYS_write, fd, bytes, count);
}

ssize_t pread(int fd, void *bytes, size_t count, off_t at) {
    if (reads_until_failure > 0 && --reads_until_failure == 0) {
        errno = EIO;
        return -1;
    }
    return syscall(SYS_pread64, fd, bytes, count, at);
}

static uint32_t state_of_random;

static uint32_t draw(uint32_t below) {
    state_of_random = state_of_random * 1664525 + 1013904223;
    return (state_of_random >> 8) % below;
}

/* Numbers whose sums round, cancel, and are 0. */
static double value_of(uint32_t kinds) {
    static const double values[] = {0, 1, 0.1, 2.5, 1e-3, 7e6, -0.0, 1e-42, 1e-300, -1, -0.1, -7e6};
    return values[draw(kinds)];
}

/* A matrix as text: `sorted` by rows, some rows empty, some entries at one place. */
static const char *mtx_text(const folder *f, const char *kind, bool sorted, uint32_t kinds) {
    static char text[TEXT_ROOM];
    bool symmetric = strcmp(kind, "symmetric") == 0;
    int64_t cols = symmetric ? ROWS : COLS;
    int used = snprintf(text, sizeof text, "%%%%MatrixMarket matrix coordinate real %s\n%d %lld %d\n", kind, ROWS,
                        (long long)cols, ENTRIES);
    for (int e = 0; e < ENTRIES; e++) {
        int row = sorted ? e * (ROWS - 5) / ENTRIES : (int)draw(ROWS - 5);
        row -= row % 7 == 3;
        int col = (int)draw((uint32_t)(symmetric ? row + 1 : cols));
        used += snprintf(text + used, sizeof text - (size_t)used, "%d %d %.9g\n", row + 1, col + 1, value_of(kinds));
    }
    return folder_text(f, "a.mtx", text);
}

/* First column `base`; the first row ends with a 0 in column `width`. */
static const char *svmlight_text(const folder *f, int base, int width) {
    static char text[TEXT_ROOM];
    int used = 0;
    for (int i = 0; i < ROWS; i++) {
        used += snprintf(text + used, sizeof text - (size_t)used, "%d", i);
        for (int e = 0; e < (i % 7 == 3 ? 0 : ENTRIES / ROWS); e++) {
            used += snprintf(text + used, sizeof text - (size_t)used, " %d:%.9g", base + (int)draw(COLS), value_of(8));
        }
        if (i == 0) {
            used += snprintf(text + used, sizeof text - (size_t)used, " %d:1 %d:0", base, width);
        }
        used += snprintf(text + used, sizeof text - (size_t)used, "\n");
    }
    return folder_text(f, "a.svmlight", text);
}

static const char *npz_coo(const folder *f) {
    static int32_t row[ENTRIES], col[ENTRIES], size[] = {ROWS, COLS};
    static double data[ENTRIES];
    for (int e = 0; e < ENTRIES; e++) {
        row[e] = (int32_t)draw(ROWS);
        col[e] = (int32_t)draw(COLS);
        data[e] = value_of(6);
    }
    const zip_part parts[] = {TEXT("format", "|S3", "()", "coo"), NUMBERS("shape", "<i4", "(2,)", size),
                              NUMBERS("row", "<i4", "(6000,)", row), NUMBERS("col", "<i4", "(6000,)", col),
                              NUMBERS("data", "<f8", "(6000,)", data)};
    return zip_write(f, "a.npz", parts, sizeof parts / sizeof *parts, true);
}

/* As little memory as there can be: runs are short then, and blocks small. */
static nmf_status read_spilled(folder *f, const char *path, nmf_read_options how, nmf_matrix **matrix) {
    how.in_file = true;
    nmf_context_limit_memory(f->context, 1);
    nmf_status status = nmf_matrix_read(f->context, path, &how, matrix);
    nmf_context_limit_memory(f->context, 0);
    return status;
}

static void expect_same_info(const nmf_matrix *got, const nmf_matrix *expected) {
    const nmf_matrix_info *a = &got->info, *b = &expected->info;
    assert_true(a->rows == b->rows && a->cols == b->cols && a->sparse == b->sparse && a->dtype == b->dtype);
    assert_true(a->nnz == b->nnz && a->stored == b->stored && a->missing == b->missing);
    assert_true(a->zero_rows == b->zero_rows && a->zero_cols == b->zero_cols);
    assert_true(a->min == b->min && a->max == b->max && a->norm == b->norm);
    assert_string_equal(a->source, b->source);
}

static void expect_same_fit(nmf_context *context, const nmf_matrix *got, const nmf_matrix *expected, nmf_dtype dtype) {
    nmf_options options;
    nmf_options_init(&options);
    options.rank = 3;
    options.init = "random";
    options.dtype = dtype;
    options.max_iter = 5;
    nmf_result *a = fitted(context, got, &options, NMF_OK), *b = fitted(context, expected, &options, NMF_OK);
    factors x = factors_of(a), y = factors_of(b);
    expect_factors_same(&x, &y);
    factors_free(&x);
    factors_free(&y);
    nmf_result_free(a);
    nmf_result_free(b);
}

/* The same matrix, or the same refusal, and the same warnings. */
static void expect_same(folder *f, const char *path, nmf_dtype dtype, unsigned allowed, bool fit) {
    nmf_read_options how = {.dtype = dtype, .allowed = allowed};
    nmf_matrix *whole, *spilled;
    char sentence[1100] = "", warning[sizeof f->warning];
    f->warnings = 0;
    f->warning[0] = '\0';
    nmf_status status = nmf_matrix_read(f->context, path, &how, &whole);
    int warnings = f->warnings;
    memcpy(warning, f->warning, sizeof warning);
    snprintf(sentence, sizeof sentence, "%s", nmf_context_message(f->context));
    f->warnings = 0;
    assert_int_equal(read_spilled(f, path, how, &spilled), status);
    assert_int_equal(f->warnings, warnings);
    assert_string_equal(f->warning, warning);
    if (status != NMF_OK) {
        assert_string_equal(nmf_context_message(f->context), sentence);
        return;
    }
    assert_true(matrix_is_streamed(spilled) && streamed_source(spilled)->blocks > 1);
    expect_same_info(spilled, whole);
    assert_true(nmf_matrix_hash(spilled) == nmf_matrix_hash(whole));
    if (fit) {
        expect_same_fit(f->context, spilled, whole, dtype);
    }
    nmf_matrix_free(spilled);
    nmf_matrix_free(whole);
}

static void the_matrix_is_that_of_memory(void **state) {
    folder *f = *state;
    for (int as = 0; as < 16; as++) {
        nmf_dtype dtype = as & 1 ? NMF_F32 : NMF_F64;
        unsigned allowed = as & 2 ? NMF_KEEP_ZEROS : 0;
        expect_same(f, mtx_text(f, as & 4 ? "symmetric" : "general", as & 8, 9), dtype, allowed, true);
        expect_same(f, svmlight_text(f, as & 4 ? 1 : 0, as & 8 ? COLS + 9 : 5), dtype, allowed, false);
        expect_same(f, npz_coo(f), dtype, allowed, false);
        expect_same(f, mtx_text(f, "general", as & 8, 12), dtype, allowed | NMF_ALLOW_NEGATIVE, false);
    }
}

/* A row that is longer than a run, and a first row that is. */
static void rows_may_be_longer_than_runs(void **state) {
    folder *f = *state;
    static char text[TEXT_ROOM];
    int used = 0;
    for (int i = 0; i < 100; i++) {
        used += snprintf(text + used, sizeof text - (size_t)used, "1");
        for (int e = 0; e < (i == 0 || i == 50 ? 2048 : 1); e++) {
            used += snprintf(text + used, sizeof text - (size_t)used, " %d:%u", e + 1, draw(9));
        }
        used += snprintf(text + used, sizeof text - (size_t)used, i == 0 ? " 2060:0\n" : "\n");
    }
    const char *path = folder_text(f, "a.svmlight", text);
    expect_same(f, path, NMF_F64, 0, true);
    expect_same(f, path, NMF_F64, NMF_KEEP_ZEROS, true);
}

/* Entry `at` of a file is `bad`. */
static const char *with_bad(const folder *f, int at, const char *bad) {
    static char text[TEXT_ROOM];
    int used =
        snprintf(text, sizeof text, "%%%%MatrixMarket matrix coordinate real general\n%d %d %d\n", ROWS, COLS, ENTRIES);
    for (int e = 0; e < ENTRIES; e++) {
        used += snprintf(text + used, sizeof text - (size_t)used, "%d %d %s\n", (int)draw(ROWS - 1) + 1,
                         (int)draw(COLS) + 1, e == at || e == at + 500 ? bad : "1e308");
    }
    return folder_text(f, "a.mtx", text);
}

static void what_is_refused_is_refused_alike(void **state) {
    folder *f = *state;
    static const char *const bad[] = {"-1", "nan", "inf", "-inf", "1e39", "1e-300", "x", "5"};
    char names[16 * ROWS];
    int used = 0;
    for (int i = 0; i < ROWS; i++) {
        used += snprintf(names + used, sizeof names - (size_t)used, "g%d\n", i);
    }
    for (int named = 0; named < 2; named++) {
        for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
            for (int at = 10; at < ENTRIES - 500; at += 1800) {
                const char *path = with_bad(f, at, bad[i]);
                expect_same(f, path, NMF_F64, 0, false);
                expect_same(f, path, NMF_F32, 0, false);
                expect_same(f, path, NMF_F64, NMF_ALLOW_MISSING | NMF_ALLOW_NEGATIVE, false);
            }
        }
        folder_text(f, "a.rows.txt", names);
    }
}

/* The columns of svmlight are counted from what the file shows only at its end. */
static void columns_are_told_as_they_are_counted(void **state) {
    folder *f = *state;
    for (int base = 0; base < 2; base++) {
        FILE *file = fopen(folder_path(f, "a.svmlight"), "w");
        assert_non_null(file);
        for (int i = 0; i < 3000; i++) {
            fprintf(file, "1 %d:1 %d:%d\n", base, 4 + base, i == 1500 ? -1 : 2);
        }
        fclose(file);
        expect_same(f, folder_path(f, "a.svmlight"), NMF_F64, 0, false);
        assert_non_null(strstr(nmf_context_message(f->context), "row 1501, column 5 is -1"));
    }
}

static void entries_of_every_kind_at_random(void **state) {
    folder *f = *state;
    for (int round = 0; round < 60; round++) {
        static char text[TEXT_ROOM];
        int rows = 97 + (int)draw(400), cols = 1 + (int)draw(round % 3 ? 3000 : 12), entries = 1100 + (int)draw(5000);
        int used = snprintf(text, sizeof text, "%%%%MatrixMarket matrix coordinate real general\n%d %d %d\n", rows,
                            cols, entries);
        for (int e = 0; e < entries; e++) {
            used += snprintf(text + used, sizeof text - (size_t)used, "%u %u %.9g\n", draw((uint32_t)rows) + 1,
                             draw((uint32_t)cols) + 1, value_of(12));
        }
        nmf_read_options how = {.dtype = round & 1 ? NMF_F32 : NMF_F64,
                                .allowed = NMF_ALLOW_NEGATIVE | (round & 2 ? NMF_KEEP_ZEROS : 0)};
        nmf_matrix *whole, *spilled;
        const char *path = folder_text(f, "a.mtx", text);
        assert_int_equal(nmf_matrix_read(f->context, path, &how, &whole), NMF_OK);
        assert_int_equal(read_spilled(f, path, how, &spilled), NMF_OK);
        expect_same_info(spilled, whole);
        assert_true(nmf_matrix_hash(spilled) == nmf_matrix_hash(whole));
        nmf_matrix_free(spilled);
        nmf_matrix_free(whole);
    }
}

/* Half of the memory is for entries: 28 bytes each. */
static void entries_that_fit_stay_in_memory(void **state) {
    folder *f = *state;
    const char *path = mtx_text(f, "general", false, 6);
    nmf_read_options how = {.in_file = true};
    for (int t = 0; t < 3; t++) {
        nmf_matrix *matrix;
        how.in_file = t < 2;
        nmf_context_limit_memory(f->context, 2 * 28.0 * (ENTRIES + (t == 1 ? 1 : 0)));
        assert_int_equal(nmf_matrix_read(f->context, path, &how, &matrix), NMF_OK);
        assert_true(matrix_is_streamed(matrix) == (t == 0));
        nmf_matrix_free(matrix);
    }
}

static void it_is_placed_where_it_fits(void **state) {
    folder *f = *state;
    nmf_matrix *whole, *placed;
    nmf_options options;
    nmf_placement placement;
    nmf_options_init(&options);
    options.rank = 3;
    options.init = "random";
    const char *path = mtx_text(f, "general", false, 6);
    folder_text(f, "cols.txt", "");
    assert_int_equal(nmf_matrix_read(f->context, path, NULL, &whole), NMF_OK);
    assert_int_equal(read_spilled(f, path, (nmf_read_options){0}, &placed), NMF_OK);
    assert_int_equal(nmf_matrix_place(f->context, &options, &placed, &placement), NMF_OK);
    assert_string_equal(placement.place, "memory");
    assert_false(matrix_is_streamed(placed));
    expect_same_info(placed, whole);
    assert_true(nmf_matrix_hash(placed) == nmf_matrix_hash(whole));
    nmf_matrix_free(placed);
    nmf_matrix_free(whole);
}

static int open_descriptors(void) {
    DIR *all = opendir("/proc/self/fd");
    assert_non_null(all);
    int count = 0;
    while (readdir(all)) {
        count++;
    }
    closedir(all);
    return count;
}

/* Every write, and every reading back, fails in turn: a sentence, and nothing is left. */
static void a_disk_that_fails_is_told(void **state) {
    folder *f = *state;
    const char *path = mtx_text(f, "general", false, 6);
    int files = folder_count(f), open = open_descriptors();
    assert_int_equal(setenv("TMPDIR", f->path, 1), 0);
    for (int which = 0; which < 2; which++) {
        int *until = which ? &reads_until_failure : &writes_until_failure;
        nmf_status status = NMF_ERROR_INPUT;
        for (int at = 1; status != NMF_OK; at++) {
            nmf_matrix *matrix;
            *until = at;
            status = read_spilled(f, path, (nmf_read_options){0}, &matrix);
            assert_int_equal(status, *until > 0 ? NMF_OK : NMF_ERROR_INPUT);
            *until = 0;
            if (status != NMF_OK && which == 0) {
                const char *sentence = nmf_context_message(f->context);
                assert_non_null(strstr(sentence, "its entries do not fit in memory"));
                assert_non_null(strstr(sentence, f->path));
                assert_non_null(strstr(sentence, "No space left on device (TMPDIR names another folder)"));
            }
            nmf_matrix_free(matrix);
            assert_int_equal(folder_count(f), files);
            assert_int_equal(open_descriptors(), open);
            assert_true(at < 100 && (status != NMF_OK || at > 5));
        }
    }
    assert_int_equal(setenv("TMPDIR", folder_path(f, "none"), 1), 0);
    nmf_matrix *matrix;
    assert_int_equal(read_spilled(f, path, (nmf_read_options){0}, &matrix), NMF_ERROR_INPUT);
    assert_non_null(strstr(nmf_context_message(f->context), "/none does not take it: No such file or directory"));
    assert_int_equal(unsetenv("TMPDIR"), 0);
}

static const char *path_of_work;

static nmf_status work(nmf_context *context) {
    nmf_matrix *matrix;
    nmf_read_options how = {.in_file = true};
    nmf_context_limit_memory(context, 1);
    nmf_status status = nmf_matrix_read(context, path_of_work, &how, &matrix);
    nmf_matrix_free(matrix);
    return status;
}

static void memory_that_is_refused_leaves_nothing(void **state) {
    folder *f = *state;
    int open = open_descriptors();
    path_of_work = mtx_text(f, "general", false, 6);
    expect_memory_refused(work);
    path_of_work = svmlight_text(f, 0, 5);
    expect_memory_refused(work);
    path_of_work = npz_coo(f);
    expect_memory_refused(work);
    assert_int_equal(open_descriptors(), open);
}

/* Two megabytes for entries of 13, and what reading and packing take by themselves. */
static void memory_is_bounded(void **state) {
    enum { MANY = 500000, WIDE = 2000 };
    folder *f = *state;
    FILE *file = fopen(folder_path(f, "large.mtx"), "w");
    assert_non_null(file);
    fprintf(file, "%%%%MatrixMarket matrix coordinate real general\n%d %d %d\n", WIDE, WIDE, MANY);
    for (int e = 0; e < MANY; e++) {
        fprintf(file, "%u %u %u\n", draw(WIDE) + 1, draw(WIDE) + 1, draw(1000));
    }
    fclose(file);
    int64_t peaks[2];
    for (int t = 0; t < 2; t++) {
        scarce memory = {0};
        nmf_allocator allocator = scarce_allocator(&memory);
        nmf_context *context;
        nmf_matrix_info info;
        assert_int_equal(nmf_context_new(&allocator, &context), NMF_OK);
        nmf_context_limit_memory(context, t ? 4e6 : 0);
        assert_int_equal(
            nmf_convert(context, folder_path(f, "large.mtx"), NULL, folder_path(f, t ? "b.csv" : "a.csv"), NULL, &info),
            NMF_OK);
        nmf_context_free(context);
        assert_int_equal(memory.live, 0);
        peaks[t] = memory.peak;
    }
    print_message("peaks: %lld bytes in memory, %lld by way of disk\n", (long long)peaks[0], (long long)peaks[1]);
    assert_true(peaks[0] > 12000000 && peaks[1] < 5000000);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_matrix_is_that_of_memory),
        TEST(rows_may_be_longer_than_runs),
        TEST(what_is_refused_is_refused_alike),
        TEST(columns_are_told_as_they_are_counted),
        TEST(entries_of_every_kind_at_random),
        TEST(entries_that_fit_stay_in_memory),
        TEST(it_is_placed_where_it_fits),
        TEST(a_disk_that_fails_is_told),
        TEST(memory_that_is_refused_leaves_nothing),
        TEST(memory_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
