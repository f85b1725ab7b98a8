/* The program that looks into HDF5 for us, played by shell scripts that do all that a helper may do. */
#include "support/expect.h"
#include "support/memory.h"

#include "io/hdf5/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Make a script the helper. */
static void play(folder *f, const char *script) {
    char text[1000];
    snprintf(text, sizeof text, "#!/bin/sh\n%s\n", script);
    const char *path = folder_text(f, "helper", text);
    assert_int_equal(chmod(path, 0700), 0);
    assert_int_equal(setenv("NMF_HDF5", path, 1), 0);
}

static const char *hdf5_file(folder *f) {
    return folder_text(f, "a.h5", "\x89HDF\r\n\x1a\nand more");
}

static void expect_said(folder *f, const char *script, const char *part) {
    play(f, script);
    expect_refused(f, hdf5_file(f), part);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

/* A dense 1 × 1, by printf's escapes. */
static const char one[] = "printf '\\211NMFWIR\\001"
                          "SHAP\\040\\0\\0\\0\\0\\0\\0\\0\\001\\0\\0\\0\\0\\0\\0\\0\\001\\0\\0\\0\\0\\0\\0\\0"
                          "\\0\\0\\0\\0\\0\\0\\0\\0\\004\\0\\0\\0\\0\\0\\0\\0"
                          "NUMB\\004\\0\\0\\0\\0\\0\\0\\0\\0\\0\\200\\077'; ";
static const char finish[] = "printf 'END \\0\\0\\0\\0\\0\\0\\0\\0'; ";

static void play_one(folder *f, const char *before, const char *after) {
    char script[900];
    snprintf(script, sizeof script, "%s %s %s %s", before, one, finish, after);
    play(f, script);
}

static void a_matrix_comes(void **state) {
    folder *f = *state;
    static const double expected[] = {1};
    play_one(f, "", "");
    expect_matrix(f, hdf5_file(f), 1, 1, expected);
    /* What it is given: the word, the layer, the file as descriptor 3, and nothing to read. */
    play_one(f, "[ \"$1\" = read ] && [ $# -eq 1 ] && [ -z \"$(cat)\" ] && grep -q 'and more' /dev/fd/3 || exit 3;",
             "");
    expect_matrix(f, hdf5_file(f), 1, 1, expected);
    nmf_matrix *matrix;
    nmf_read_options how = {.layer = "raw x"};
    play_one(f, "[ \"$2\" = 'raw x' ] || exit 3;", "");
    assert_int_equal(nmf_matrix_read(f->context, hdf5_file(f), &how, &matrix), NMF_OK);
    nmf_matrix_free(matrix);
}

static void what_goes_wrong_is_a_sentence(void **state) {
    folder *f = *state;
    char script[900];
    expect_said(f, "echo 'it is odd' >&2; exit 3", "a.h5: it is odd");
    expect_said(f, "printf 'two\\nlines\\033[1m\\n\\n' >&2; exit 3", "a.h5: two lines [1m");
    expect_said(f, "exit 3", "ended with status 3");
    expect_said(f, "echo no >&2; exit 77", "ended with status 77");
    expect_said(f, "kill -SEGV $$", "by a signal (Segmentation fault)");
    expect_said(f, "kill -XCPU $$", "too long over one piece");
    expect_said(f, "exit 0", "cut short");
    expect_said(f, "echo nonsense", "does not begin");
    snprintf(script, sizeof script, "%s", one);
    expect_said(f, script, "cut short");
    snprintf(script, sizeof script, "%s kill -ABRT $$", one);
    expect_said(f, script, "by a signal (Aborted)");
    snprintf(script, sizeof script, "%s %s echo late >&2; exit 3", one, finish);
    expect_said(f, script, "a.h5: late");
}

/* One that goes on for ever, that talks for ever, or that stays when it has nothing more to say. */
static void what_does_not_end_is_ended(void **state) {
    folder *f = *state;
    static const double expected[] = {1};
    expect_said(f, "while :; do echo nonsense; done", "does not begin");
    expect_said(f, "while :; do echo nonsense; echo nonsense >&2; done", "does not begin");
    expect_said(f, "exec >&-; while :; do echo nonsense >&2 || :; done", "by a signal (Killed)");
    play_one(f, "", "exec >&- 2>&-; sleep 1000");
    expect_refused(f, hdf5_file(f), "by a signal (Killed)");
    play_one(f, "i=0; while [ $i -lt 3000 ]; do echo 0123456789012345678901234567890 >&2 || :; i=$((i+1)); done;", "");
    expect_matrix(f, hdf5_file(f), 1, 1, expected);
}

static void a_host_may_be_as_it_likes(void **state) {
    folder *f = *state;
    static const double expected[] = {1};
    /* Children that nobody waits for. */
    signal(SIGCHLD, SIG_IGN);
    play_one(f, "", "");
    expect_matrix(f, hdf5_file(f), 1, 1, expected);
    play(f, "exit 3");
    expect_refused(f, hdf5_file(f), "cut short");
    signal(SIGCHLD, SIG_DFL);
    /* Signals that the host ignores are not ignored by what it starts. */
    signal(SIGTERM, SIG_IGN);
    expect_said(f, "kill -TERM $$; sleep 1; echo alive >&2; exit 3", "by a signal (Terminated)");
    signal(SIGTERM, SIG_DFL);
    /* Standard descriptors that are closed: ours take their numbers. */
    int held[2] = {dup(0), dup(2)};
    close(0);
    close(2);
    play_one(f, "cat >/dev/null; echo 1 >&2;", "");
    nmf_matrix *matrix;
    nmf_status status = nmf_matrix_read(f->context, hdf5_file(f), NULL, &matrix);
    dup2(held[0], 0);
    dup2(held[1], 2);
    close(held[0]);
    close(held[1]);
    assert_int_equal(status, NMF_OK);
    nmf_matrix_free(matrix);
}

static int open_descriptors(void) {
    int count = 0;
    for (int fd = 0; fd < 200; fd++) {
        count += fcntl(fd, F_GETFD) >= 0;
    }
    return count;
}

static void nothing_is_left_open(void **state) {
    folder *f = *state;
    static const double expected[] = {1};
    int before = open_descriptors();
    play_one(f, "", "");
    expect_matrix(f, hdf5_file(f), 1, 1, expected);
    expect_said(f, "exit 3", "status 3");
    assert_int_equal(setenv("NMF_HDF5", "/", 1), 0);
    expect_refused(f, hdf5_file(f), "could not be started");
    assert_int_equal(setenv("NMF_HDF5", "/nowhere/nmf-hdf5", 1), 0);
    expect_refused(f, hdf5_file(f), "libhdf5-dev");
    assert_int_equal(open_descriptors(), before);
}

static void every_allocation_fails_in_turn(void **state) {
    folder *f = *state;
    const char *path = hdf5_file(f);
    nmf_status status = NMF_ERROR_MEMORY;
    play_one(f, "", "");
    for (int64_t at = 2; status != NMF_OK; at++) {
        scarce memory = {.fail_at = at};
        nmf_allocator allocator = scarce_allocator(&memory);
        nmf_context *context;
        nmf_matrix *matrix;
        assert_int_equal(nmf_context_new(&allocator, &context), NMF_OK);
        status = nmf_matrix_read(context, path, NULL, &matrix);
        assert_true(status == NMF_OK || status == NMF_ERROR_MEMORY);
        nmf_matrix_free(matrix);
        nmf_context_free(context);
        assert_int_equal(memory.live, 0);
    }
}

/* More than fits between it and us. */
static nmf_status write_many(folder *f, const char *script, char *wrote, size_t room) {
    enum { MANY = 200000 };
    static const double many[MANY];
    nmf_table table = {.rows = MANY, .cols = 1, .values = many};
    play(f, script);
    nmf_status status = nmf_table_write(f->context, folder_path(f, "out.h5"), "h5", &table);
    if (slurp(folder_path(f, "out.h5"), wrote, room) < 0) {
        wrote[0] = '\0';
    }
    unlink(folder_path(f, "out.h5"));
    /* Whole or not at all, and nothing beside it. */
    assert_int_equal(folder_count(f), 1);
    return status;
}

static void what_is_written_is_whole_or_not_there(void **state) {
    folder *f = *state;
    char wrote[100];
    assert_int_equal(write_many(f, "[ $1 = tenx ] && cat >/dev/null && echo all >&3", wrote, sizeof wrote), NMF_OK);
    assert_string_equal(wrote, "all\n");
    /* It leaves before it has taken everything: no signal comes to us. */
    assert_int_equal(write_many(f, "echo half >&3; echo 'the disk is full' >&2; exit 4", wrote, sizeof wrote),
                     NMF_ERROR_OUTPUT);
    assert_string_equal(wrote, "");
    assert_non_null(strstr(nmf_context_message(f->context), "out.h5: the disk is full"));
    assert_int_equal(write_many(f, "cat >/dev/null; kill -SEGV $$", wrote, sizeof wrote), NMF_ERROR_OUTPUT);
    assert_string_equal(wrote, "");
    assert_non_null(strstr(nmf_context_message(f->context), "Segmentation fault"));
    assert_int_equal(setenv("NMF_HDF5", "/nowhere/nmf-hdf5", 1), 0);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_matrix_comes),
        TEST(what_goes_wrong_is_a_sentence),
        TEST(what_does_not_end_is_ended),
        TEST(a_host_may_be_as_it_likes),
        TEST(nothing_is_left_open),
        TEST(every_allocation_fails_in_turn),
        TEST(what_is_written_is_whole_or_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
