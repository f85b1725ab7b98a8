/* NPZ as an archive: damaged, hostile, and written. */
#include "support/expect.h"
#include "support/memory.h"
#include "support/zips.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <zip.h>

static const double whole[] = {0, 2, 0, 0.5, 0, 3};
static const zip_part single = NUMBERS("x", "<f8", "(2, 3)", whole);
static const zip_part beside = NUMBERS("v", "<f8", "(6,)", whole);

/* The bytes of an archive, to be damaged. */
typedef struct bytes {
    char at[4000];
    long count;
} bytes;

static bytes slurp_archive(folder *f, const zip_part *parts, size_t count) {
    bytes file;
    file.count = slurp(zip_write(f, "a.npz", parts, count, false), file.at, sizeof file.at);
    assert_true(file.count > 0 && file.count < (long)sizeof file.at - 1);
    return file;
}

/* Replace `from` by `to`, of the same length, wherever it stands. */
static void replace(bytes *file, const char *from, const char *to, size_t length) {
    int found = 0;
    for (long i = 0; i + (long)length <= file->count; i++) {
        if (memcmp(file->at + i, from, length) == 0) {
            memcpy(file->at + i, to, length);
            found++;
        }
    }
    assert_true(found > 0);
}

static const char *spill(folder *f, const bytes *file) {
    return folder_bytes(f, "a.npz", file->at, (size_t)file->count);
}

/* In every local header and in the directory, the two bytes so far from where it begins. */
static void set_field(bytes *file, int local, int central, int value) {
    for (long i = 0; i + 4 < file->count; i++) {
        bool in_directory = memcmp(file->at + i, "PK\1\2", 4) == 0;
        if (in_directory || memcmp(file->at + i, "PK\3\4", 4) == 0) {
            file->at[i + (in_directory ? central : local)] = (char)value;
        }
    }
}

static void refuses_damaged_archives(void **state) {
    folder *f = *state;
    zip_part parts[] = {single, beside};
    bytes file = slurp_archive(f, parts, 2);
    set_field(&file, 8, 10, 14);
    expect_refused(f, spill(f, &file), "x.npy is packed by the zip method 14; 0 (stored) and 8 (deflated)");
    file = slurp_archive(f, parts, 2);
    set_field(&file, 6, 8, 1);
    expect_refused(f, spill(f, &file), "x.npy is encrypted");
    file = slurp_archive(f, parts, 2);
    replace(&file, "v.npy", "x.npy", 5);
    nmf_read_options how = {.layer = "x"};
    nmf_matrix *matrix;
    assert_int_equal(nmf_matrix_read(f->context, spill(f, &file), &how, &matrix), NMF_ERROR_INPUT);
    assert_non_null(strstr(nmf_context_message(f->context), "holds two members named x.npy; names must differ"));
    file = slurp_archive(f, parts, 2);
    replace(&file, (const char *)&whole[5], (const char *)&whole[1], sizeof *whole);
    expect_refused(f, spill(f, &file), "a.npz, x.npy is damaged: its bytes do not fit its checksum");
    file.count -= 10;
    expect_refused(f, spill(f, &file), "cut short or damaged: it does not end in the directory");
    expect_refused(f, folder_bytes(f, "a.npz", "PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 22), "holds no matrix");
    file = slurp_archive(f, &single, 1);
    set_field(&file, 18, 20, 5);
    set_field(&file, 22, 24, 5);
    expect_refused(f, spill(f, &file), "x.npy");
}

/* Zip64's count of members is not believed either. */
static void refuses_a_directory_that_lies(void **state) {
    folder *f = *state;
    static const char local[] = "PK\3\4\24\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\5\0\0\0a.npy";
    static const char central[] =
        "PK\1\2\24\0\24\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\5\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
        "\0\0a.npy";
    char file[400] = {0};
    char *at = file;
    int64_t numbers[] = {44, 0, 1 << 30, 1 << 30, sizeof central - 1, sizeof local - 1, 0};
    memcpy(at, local, sizeof local - 1);
    at += sizeof local - 1;
    memcpy(at, central, sizeof central - 1);
    at += sizeof central - 1;
    int64_t where = at - file;
    memcpy(at, "PK\6\6", 4);
    memcpy(at + 4, &numbers[0], 8);
    memcpy(at + 24, &numbers[2], 8);
    memcpy(at + 32, &numbers[3], 8);
    memcpy(at + 40, &numbers[4], 8);
    memcpy(at + 48, &numbers[5], 8);
    at += 56;
    memcpy(at, "PK\6\7\0\0\0", 8);
    memcpy(at + 8, &where, 8);
    at[16] = 1;
    at += 20;
    memcpy(at, "PK\5\6\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\0", 22);
    expect_refused(f, folder_bytes(f, "a.npz", file, (size_t)(at + 22 - file)), "cut short or damaged");
}

/* 500 MB of zeros in half a megabyte. */
static zip_int64_t zeros(void *user, void *data, zip_uint64_t room, zip_source_cmd_t command) {
    int64_t *left = user;
    switch (command) {
    case ZIP_SOURCE_SUPPORTS:
        return ZIP_SOURCE_SUPPORTS_READABLE;
    case ZIP_SOURCE_STAT:
        zip_stat_init(data);
        return sizeof(zip_stat_t);
    case ZIP_SOURCE_READ: {
        static const char dict[] = "{'descr': '|u1', 'fortran_order': False, 'shape': (50000, 10000), }";
        if (*left == 500000000) {
            *left -= 1;
            return (zip_int64_t)npy_bytes(dict, NULL, 0, data);
        }
        zip_uint64_t some = room < (zip_uint64_t)*left ? room : (zip_uint64_t)*left;
        memset(data, 0, some);
        *left -= (int64_t)some;
        return (zip_int64_t)some;
    }
    default:
        return 0;
    }
}

static void refuses_bombs(void **state) {
    folder *f = *state;
    const char *path = folder_path(f, "a.npz");
    int64_t left = 500000000;
    zip_t *zip = zip_open(path, ZIP_CREATE, NULL);
    assert_non_null(zip);
    assert_int_equal(zip_file_add(zip, "x.npy", zip_source_function(zip, zeros, &left), 0), 0);
    assert_int_equal(zip_set_file_compression(zip, 0, ZIP_CM_DEFLATE, 9), 0);
    assert_int_equal(zip_close(zip), 0);
    scarce memory = {0};
    nmf_allocator allocator = scarce_allocator(&memory);
    nmf_context *context;
    nmf_matrix *matrix;
    assert_int_equal(nmf_context_new(&allocator, &context), NMF_OK);
    nmf_read_options how = {.dtype = NMF_F32};
    assert_int_equal(nmf_matrix_read(context, path, &how, &matrix), NMF_ERROR_INPUT);
    assert_non_null(strstr(nmf_context_message(context), "bytes of zip unpack to"));
    assert_non_null(strstr(nmf_context_message(context), "a.npz: "));
    /* Four bytes for each of at most 64 MB and 256 times the file, and what doubling leaves free. */
    assert_true(memory.peak < 2 * 4 * (INT64_C(64000000) + 256 * INT64_C(500000)));
    nmf_context_free(context);
    assert_int_equal(memory.live, 0);
}

static void writing_that_fails_leaves_the_old_file(void **state) {
    folder *f = *state;
    enum { COUNT = 100000 };
    char text[20];
    double *numbers = malloc(sizeof(double[COUNT]));
    assert_non_null(numbers);
    for (int i = 0; i < COUNT; i++) {
        numbers[i] = 1.0 / (i + 1);
    }
    nmf_table t = {.rows = 100, .cols = COUNT / 100, .values = numbers};
    const char *path = folder_text(f, "a.npz", "old");
    struct rlimit before, small;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = before;
    small.rlim_cur = 100000;
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    nmf_status status = nmf_table_write(f->context, path, "npz", &t);
    setrlimit(RLIMIT_FSIZE, &before);
    signal(SIGXFSZ, handler);
    free(numbers);
    assert_int_equal(status, NMF_ERROR_OUTPUT);
    assert_non_null(strstr(nmf_context_message(f->context), "a.npz could not be written"));
    slurp(path, text, sizeof text);
    assert_string_equal(text, "old");
    assert_int_equal(folder_count(f), 1);
}

static void is_written_to_plain_files_only(void **state) {
    folder *f = *state;
    nmf_table t = {.rows = 2, .cols = 3, .values = whole};
    assert_int_equal(nmf_table_write(f->context, "/dev/full", "npz", &t), NMF_ERROR_USAGE);
    assert_int_equal(nmf_table_write(f->context, folder_path(f, "a.npz.gz"), "npz", &t), NMF_ERROR_USAGE);
    assert_non_null(strstr(nmf_context_message(f->context), "must be a plain file"));
    assert_int_equal(folder_count(f), 0);
}

static void the_same_table_gives_the_same_file(void **state) {
    folder *f = *state;
    nmf_table t = {.rows = 2, .cols = 3, .values = whole};
    char a[1000], b[1000];
    assert_int_equal(nmf_table_write(f->context, folder_path(f, "a.npz"), "npz", &t), NMF_OK);
    assert_int_equal(nmf_table_write(f->context, folder_path(f, "b.npz"), "npz", &t), NMF_OK);
    long count = slurp(folder_path(f, "a.npz"), a, sizeof a);
    assert_int_equal(slurp(folder_path(f, "b.npz"), b, sizeof b), count);
    assert_memory_equal(a, b, (size_t)count);
    assert_memory_equal(a + 10, "\0\0\x21\0", 4);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(refuses_damaged_archives),
        TEST(refuses_a_directory_that_lies),
        TEST(refuses_bombs),
        TEST(writing_that_fails_leaves_the_old_file),
        TEST(is_written_to_plain_files_only),
        TEST(the_same_table_gives_the_same_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
