/* Every reader on every truncation of a file, on flipped bytes, with every allocation and every read failing in turn.
 */
#include "support/expect.h"
#include "support/memory.h"
#include "support/zips.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int reads_until_failure;
static int reads_until_interrupt;

ssize_t read(int fd, void *bytes, size_t count) {
    if (reads_until_failure > 0 && --reads_until_failure == 0) {
        errno = EIO;
        return -1;
    }
    if (reads_until_interrupt > 0 && --reads_until_interrupt == 0) {
        errno = EINTR;
        return -1;
    }
    return syscall(SYS_read, fd, bytes, count);
}

enum { ROOM = 2000, SAMPLES = 15 };

typedef struct sample {
    const char *name;
    bool text;
    unsigned char bytes[ROOM];
    size_t count;
} sample;

static sample samples[SAMPLES];

static void add(int i, const char *name, const void *bytes, size_t count) {
    samples[i].name = name;
    samples[i].count = count;
    memcpy(samples[i].bytes, bytes, count);
}

static void add_text(int i, const char *name, const char *text) {
    add(i, name, text, strlen(text));
    samples[i].text = true;
}

static void add_archive(folder *f, int i, const char *name, const zip_part *parts, size_t count) {
    char file[ROOM];
    long size = slurp(zip_write(f, name, parts, count, true), file, sizeof file);
    assert_true(size > 0 && size < ROOM - 1);
    add(i, name, file, (size_t)size);
}

static void make_archives(folder *f) {
    static const double three[] = {2, 0.5, 3}, six[] = {1, 2, 3, 4, 5, 6};
    static const int32_t start[] = {0, 1, 3}, place[] = {1, 0, 2}, size[] = {2, 3};
    const zip_part csr[] = {
        TEXT("format", "|S3", "()", "csr"),        NUMBERS("shape", "<i4", "(2,)", size),
        NUMBERS("indptr", "<i4", "(3,)", start),   NUMBERS("indices", "<i4", "(3,)", place),
        NUMBERS("data", "<f8", "(3,)", three),     TEXT("row_names", "<U1", "(2,)", "a\0\0\0b\0\0\0"),
        TEXT("col_names", "|S1", "(3,)", "a\0\0"),
    };
    const zip_part plain[] = {NUMBERS("x", "<f8", "(2, 3)", six), NUMBERS("y", "<f8", "(3,)", three)};
    add_archive(f, 13, "csr.npz", csr, sizeof csr / sizeof *csr);
    add_archive(f, 14, "plain.npz", plain, sizeof plain / sizeof *plain);
}

static void make_samples(void) {
    static const double six[] = {1, 2, 3, 4, 5, 6};
    unsigned char file[ROOM], packed[ROOM];
    size_t count = npy_bytes("{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3), }    ", six, sizeof six, file);
    add(0, "map.npy", file, count);
    add(1, "npy.gz", packed, gzip_bytes(file, count, packed, sizeof packed));
    add(2, "u1.npy", file,
        npy_bytes("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3)}", "\1\2\3\4\5\6", 6, file));
    add_text(3, "a.mtx", "%%MatrixMarket matrix coordinate real general\n% c\n2 3 3\n1 2 2.5\n2 1 1e-3\n2 3 7\n");
    add_text(4, "s.mtx", "%%MatrixMarket matrix coordinate pattern symmetric\n3 3 2\n2 1\n3 3\n");
    add_text(5, "d.mtx", "%%MatrixMarket matrix array integer symmetric\n2 2\n1\n2\n3\n");
    add(6, "mtx.gz", packed, gzip_bytes(samples[3].bytes, samples[3].count, packed, sizeof packed));
    add_text(7, "a.csv", ",\"a \"\"b\",c\r\nr,1,2.5\r\n\"s\",3,4\r\n");
    add_text(8, "b.tsv", "1\t2\n3\t4\n\n");
    add(9, "csv.gz", packed, gzip_bytes(samples[7].bytes, samples[7].count, packed, sizeof packed));
    add(10, "csv.zst", packed, zstd_bytes(samples[7].bytes, samples[7].count, packed, sizeof packed));
    add_text(11, "a.svmlight", "# c\n1 1:2.5 3:1e-3 # d\n-1,2 qid:4 2:7\n0\n");
    add(12, "svm.zst", packed, zstd_bytes(samples[11].bytes, samples[11].count, packed, sizeof packed));
}

static void truncations_are_told(void **state) {
    folder *f = *state;
    for (int i = 0; i < SAMPLES; i++) {
        const sample *s = &samples[i];
        for (size_t cut = 0; cut < s->count; cut++) {
            scarce memory = {0};
            nmf_status status = read_counted(folder_bytes(f, s->name, s->bytes, cut), NMF_F64, &memory);
            assert_true(status == NMF_OK || status == NMF_ERROR_INPUT);
            assert_true(memory.peak < 3000000);
            /* Binary and packed files say how long they are: no truncation passes for whole. */
            assert_true(status == NMF_ERROR_INPUT || s->text);
        }
    }
}

static void flipped_bytes_do_no_harm(void **state) {
    folder *f = *state;
    static const unsigned char flips[] = {0x01, 0x02, 0x10, 0x80, 0xff};
    for (int i = 0; i < SAMPLES; i++) {
        sample s = samples[i];
        for (size_t at = 0; at < s.count; at++) {
            for (size_t flip = 0; flip < sizeof flips; flip++) {
                scarce memory = {0};
                s.bytes[at] ^= flips[flip];
                nmf_status status = read_counted(folder_bytes(f, s.name, s.bytes, s.count), NMF_F32, &memory);
                s.bytes[at] ^= flips[flip];
                assert_true(status == NMF_OK || status == NMF_ERROR_INPUT);
                assert_true(memory.peak < 66000000);
            }
        }
    }
}

/* A header may promise rows and columns that take 64 MB for nothing, and no more. */
static void promised_shapes_are_held_to_a_bar(void **state) {
    folder *f = *state;
    static const int64_t rows[] = {7111000, 7112000, 7999000};
    for (int i = 0; i < 3; i++) {
        char text[100];
        scarce memory = {0};
        snprintf(text, sizeof text, "%%%%MatrixMarket matrix coordinate real general\n%lld 9 1\n1 1 1\n",
                 (long long)rows[i]);
        const char *path = folder_text(f, "a.mtx", text);
        assert_int_equal(read_counted(path, NMF_F64, &memory), i == 0 ? NMF_OK : NMF_ERROR_INPUT);
        assert_true(memory.peak < 65000000);
    }
}

/* The shortest lines there are, each standing for two entries, just after the list of those has grown. */
static void short_lines_take_what_they_are_worth(void **state) {
    enum { LINES = 32818, TEXT = 4 * LINES + 100, FIXED = 1000000 };
    folder *f = *state;
    char *text = malloc(TEXT), *packed = malloc(TEXT);
    scarce memory = {0};
    assert_true(text && packed);
    int length = snprintf(text, TEXT, "%%%%MatrixMarket matrix coordinate pattern symmetric\n2 2 %d\n", LINES);
    for (int i = 0; i < LINES; i++) {
        memcpy(text + length, "2 1\n", 4);
        length += 4;
    }
    const char *path = folder_bytes(f, "mtx.gz", packed, gzip_bytes(text, (size_t)length, packed, TEXT));
    assert_int_equal(read_counted(path, NMF_F64, &memory), NMF_OK);
    assert_true(memory.peak < 16 * length + FIXED);
    free(text);
    free(packed);
}

static void every_allocation_fails_in_turn(void **state) {
    folder *f = *state;
    folder_text(f, "rows.txt", "a\nb\n");
    for (int i = 0; i < SAMPLES * 4; i++) {
        const sample *s = &samples[i / 4];
        const char *path = folder_bytes(f, s->name, s->bytes, s->count);
        scarce all = {0};
        assert_int_equal(read_counted(path, i & 1 ? NMF_F32 : NMF_F64, &all), NMF_OK);
        assert_true(all.calls > 3);
        for (int64_t at = 1; at <= all.calls; at++) {
            scarce memory = {.fail_at = at, .from_then = (i & 2) != 0};
            assert_int_equal(read_counted(path, i & 1 ? NMF_F32 : NMF_F64, &memory), NMF_ERROR_MEMORY);
        }
    }
}

static void every_read_fails_in_turn(void **state) {
    folder *f = *state;
    for (int i = 0; i < SAMPLES; i++) {
        const char *path = folder_bytes(f, samples[i].name, samples[i].bytes, samples[i].count);
        nmf_status status = NMF_ERROR_INPUT;
        for (int at = 1; status != NMF_OK; at++) {
            scarce memory = {0};
            reads_until_failure = at;
            status = read_counted(path, NMF_F64, &memory);
            assert_int_equal(status, reads_until_failure > 0 ? NMF_OK : NMF_ERROR_INPUT);
            reads_until_failure = 0;
            reads_until_interrupt = at;
            assert_int_equal(read_counted(path, NMF_F64, &memory), NMF_OK);
            reads_until_interrupt = 0;
        }
    }
}

/* Returns what the writing of a table came to where allocation `at` fails; nothing may be left. */
static nmf_status write_scarce(const char *path, const char *format, int64_t at) {
    static const double four[] = {1, 2, 3, 4};
    nmf_table table = {.rows = 2, .cols = 2, .values = four};
    scarce memory = {.fail_at = at};
    nmf_allocator allocator = scarce_allocator(&memory);
    nmf_context *context;
    assert_int_equal(nmf_context_new(&allocator, &context), NMF_OK);
    nmf_status status = nmf_table_write(context, path, format, &table);
    nmf_context_free(context);
    assert_int_equal(memory.live, 0);
    return status;
}

static void every_allocation_of_writing_fails_in_turn(void **state) {
    folder *f = *state;
    static const char *const paths[] = {"t", "t.gz", "t.zst"};
    for (int64_t format = 0; nmf_format_at(format); format++) {
        for (int i = 0; i < (format_flows(nmf_format_at(format)) ? 3 : 1); i++) {
            nmf_status status = NMF_ERROR_MEMORY;
            for (int64_t at = 2; status != NMF_OK; at++) {
                int before = folder_count(f);
                status = write_scarce(folder_path(f, paths[i]), nmf_format_at(format), at);
                assert_true(status == NMF_OK || (status == NMF_ERROR_MEMORY && folder_count(f) == before));
            }
        }
    }
}

static nmf_status convert_scarce(const char *from, const char *to, int64_t at) {
    scarce memory = {.fail_at = at};
    nmf_allocator allocator = scarce_allocator(&memory);
    nmf_context *context;
    nmf_matrix_info info;
    assert_int_equal(nmf_context_new(&allocator, &context), NMF_OK);
    nmf_status status = nmf_convert(context, from, NULL, to, NULL, &info);
    if (status != NMF_OK && status != NMF_ERROR_MEMORY) {
        fail_msg("%s", nmf_context_message(context));
    }
    nmf_context_free(context);
    assert_int_equal(memory.live, 0);
    return status;
}

static void every_allocation_of_converting_fails_in_turn(void **state) {
    folder *f = *state;
    static const char *const to[] = {"o.npy", "o.csv.zst", "o.svmlight", "o.mtx"};
    char from[100];
    static const char text[] = ",\"a \"\"b\",c\r\nr,1,2.5\r\n\"s\",3,4\r\nt,5,6\n";
    snprintf(from, sizeof from, "%s", folder_text(f, "from.csv", text));
    for (size_t i = 0; i < sizeof to / sizeof *to; i++) {
        nmf_status status = NMF_ERROR_MEMORY;
        for (int64_t at = 2; status != NMF_OK; at++) {
            status = convert_scarce(from, folder_path(f, to[i]), at);
        }
    }
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(truncations_are_told),
        TEST(flipped_bytes_do_no_harm),
        TEST(promised_shapes_are_held_to_a_bar),
        TEST(short_lines_take_what_they_are_worth),
        TEST(every_allocation_fails_in_turn),
        TEST(every_read_fails_in_turn),
        TEST(every_allocation_of_writing_fails_in_turn),
        TEST(every_allocation_of_converting_fails_in_turn),
    };
    make_samples();
    void *state = NULL;
    if (folder_setup(&state) != 0) {
        return 1;
    }
    make_archives(state);
    folder_teardown(&state);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
