#include "support/expect.h"

#include "io/bytes/stream.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void expect_line(stream *in, const char *text, int64_t expected_number) {
    char *line;
    size_t length;
    int64_t number;
    assert_int_equal(stream_line(in, &line, &length, &number), NMF_OK);
    if (!text) {
        assert_null(line);
        return;
    }
    assert_non_null(line);
    assert_string_equal(line, text);
    assert_int_equal(length, strlen(text));
    assert_int_equal(number, expected_number);
}

static void hands_out_lines(void **state) {
    folder *f = *state;
    stream *in;
    const char *path = folder_text(f, "a.txt", "one\r\n\ntwo\n three");
    assert_int_equal(stream_open(f->context, path, &in), NMF_OK);
    assert_string_equal(stream_path(in), path);
    assert_int_equal(stream_file_bytes(in), 16);
    assert_true(stream_mappable(in) >= 0);
    expect_line(in, "one", 1);
    expect_line(in, "", 2);
    expect_line(in, "two", 3);
    assert_int_equal(stream_offset(in), 10);
    expect_line(in, " three", 4);
    expect_line(in, NULL, 0);
    expect_line(in, NULL, 0);
    stream_close(in);
}

static void hands_out_long_lines(void **state) {
    folder *f = *state;
    enum { LENGTH = 700001 };
    char *text = malloc(2 * LENGTH + 3);
    assert_non_null(text);
    memset(text, 'a', 2 * LENGTH + 2);
    text[LENGTH] = text[2 * LENGTH + 1] = '\n';
    text[2 * LENGTH + 2] = '\0';
    stream *in;
    assert_int_equal(stream_open(f->context, folder_text(f, "long", text), &in), NMF_OK);
    text[LENGTH] = '\0';
    expect_line(in, text, 1);
    expect_line(in, text, 2);
    expect_line(in, NULL, 0);
    stream_close(in);
    free(text);
}

static void peeks_then_reads(void **state) {
    folder *f = *state;
    stream *in;
    const unsigned char *head;
    char bytes[16];
    size_t got;
    assert_int_equal(stream_open(f->context, folder_text(f, "a", "hello world"), &in), NMF_OK);
    assert_int_equal(stream_peek(in, 5, &head, &got), NMF_OK);
    assert_int_equal(got, 5);
    assert_memory_equal(head, "hello", 5);
    assert_int_equal(stream_peek(in, STREAM_PEEK, &head, &got), NMF_OK);
    assert_int_equal(got, 11);
    assert_int_equal(stream_offset(in), 0);
    assert_int_equal(stream_read(in, bytes, 6, &got), NMF_OK);
    assert_int_equal(got, 6);
    assert_int_equal(stream_read(in, bytes, sizeof bytes, &got), NMF_OK);
    assert_int_equal(got, 5);
    assert_memory_equal(bytes, "world", 5);
    assert_int_equal(stream_read(in, bytes, sizeof bytes, &got), NMF_OK);
    assert_int_equal(got, 0);
    stream_close(in);
}

/* What makes a packing's pieces, the bytes by which one is known, what may pad them, and what is said of other bytes.
 */
static const struct {
    size_t (*pack)(const void *bytes, size_t count, void *packed, size_t room);
    size_t known_by, padding;
    const char *not_itself;
} packed_by[] = {{gzip_bytes, 2, 20, "that are not gzip"}, {zstd_bytes, 4, 0, "damaged"}};

enum { PACKINGS = sizeof packed_by / sizeof *packed_by };

static void unpacks_several_pieces(void **state) {
    folder *f = *state;
    for (int by = 0; by < PACKINGS; by++) {
        char packed[400];
        size_t count = packed_by[by].pack("one\ntw", 6, packed, 200);
        count += packed_by[by].pack("o\n", 2, packed + count, 200);
        memset(packed + count, 0, packed_by[by].padding);
        stream *in;
        const char *path = folder_bytes(f, "a", packed, count + packed_by[by].padding);
        assert_int_equal(stream_open(f->context, path, &in), NMF_OK);
        assert_int_equal(stream_mappable(in), -1);
        expect_line(in, "one", 1);
        expect_line(in, "two", 2);
        expect_line(in, NULL, 0);
        stream_close(in);
    }
}

/* Read to the end in small steps; the status of the step that failed. */
static nmf_status drain(folder *f, const char *path, size_t *total) {
    stream *in;
    char bytes[3];
    size_t got = 1;
    *total = 0;
    nmf_status status = stream_open(f->context, path, &in);
    if (status != NMF_OK) {
        return status;
    }
    while (status == NMF_OK && got > 0) {
        status = stream_read(in, bytes, sizeof bytes, &got);
        *total += got;
    }
    stream_close(in);
    return status;
}

static void refuses_cut_or_damaged_packings(void **state) {
    folder *f = *state;
    const char *text = "a line of text, and then another: 0123456789\n";
    for (int by = 0; by < PACKINGS; by++) {
        char packed[400];
        size_t count = packed_by[by].pack(text, strlen(text), packed, 200);
        size_t total;
        for (size_t cut = packed_by[by].known_by; cut < count; cut++) {
            assert_int_equal(drain(f, folder_bytes(f, "cut", packed, cut), &total), NMF_ERROR_INPUT);
            assert_non_null(strstr(nmf_context_message(f->context), "cut short"));
        }
        memcpy(packed + count, "xxxx", 4);
        assert_int_equal(drain(f, folder_bytes(f, "more", packed, count + 4), &total), NMF_ERROR_INPUT);
        assert_non_null(strstr(nmf_context_message(f->context), packed_by[by].not_itself));
        packed[count - (by == 0 ? 6 : 2)] ^= 1;
        assert_int_equal(drain(f, folder_bytes(f, "bad", packed, count), &total), NMF_ERROR_INPUT);
        assert_non_null(strstr(nmf_context_message(f->context), "damaged"));
    }
}

static void *feed(void *path) {
    FILE *pipe = fopen(path, "wb");
    if (pipe) {
        for (int i = 0; i < 3; i++) {
            fputs("x", pipe);
            fflush(pipe);
            usleep(1000);
        }
        fputs("\nend", pipe);
        fclose(pipe);
    }
    return NULL;
}

static void reads_a_pipe(void **state) {
    folder *f = *state;
    char path[200];
    pthread_t thread;
    stream *in;
    snprintf(path, sizeof path, "%s", folder_path(f, "pipe"));
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(pthread_create(&thread, NULL, feed, path), 0);
    assert_int_equal(stream_open(f->context, path, &in), NMF_OK);
    assert_int_equal(stream_file_bytes(in), -1);
    assert_int_equal(stream_mappable(in), -1);
    expect_line(in, "xxx", 1);
    expect_line(in, "end", 2);
    expect_line(in, NULL, 0);
    stream_close(in);
    pthread_join(thread, NULL);
}

/* How much was read by the stream itself then says nothing of how much there is to come. */
static void counts_what_came_by_the_descriptor(void **state) {
    folder *f = *state;
    stream *in;
    int fd;
    char *bytes = calloc(1, 1000000);
    assert_non_null(bytes);
    assert_int_equal(stream_open(f->context, folder_bytes(f, "a", bytes, 1000000), &in), NMF_OK);
    free(bytes);
    assert_true(stream_fraction(in) < 0.5);
    assert_int_equal(stream_seekable(in, &fd), NMF_OK);
    stream_count(in, 7);
    assert_int_equal(stream_offset(in), 7);
    assert_true(stream_fraction(in) == 1);
    stream_close(in);
}

static void refuses_what_cannot_be_opened(void **state) {
    folder *f = *state;
    stream *in;
    assert_int_equal(stream_open(f->context, folder_path(f, "none"), &in), NMF_ERROR_INPUT);
    assert_null(in);
    assert_non_null(strstr(nmf_context_message(f->context), "No such file"));
    assert_int_equal(stream_open(f->context, f->path, &in), NMF_ERROR_INPUT);
    assert_non_null(strstr(nmf_context_message(f->context), "is a directory"));
    stream_close(NULL);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(hands_out_lines),
        TEST(hands_out_long_lines),
        TEST(peeks_then_reads),
        TEST(unpacks_several_pieces),
        TEST(refuses_cut_or_damaged_packings),
        TEST(reads_a_pipe),
        TEST(counts_what_came_by_the_descriptor),
        TEST(refuses_what_cannot_be_opened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
