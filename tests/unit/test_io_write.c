#include "support/expect.h"

#include "io/format.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The system calls of a file being written, made to fail one at a time. */
typedef enum call { CALL_NONE, CALL_WRITE, CALL_FSYNC, CALL_RENAME, CALL_CLOSE, CALL_SHORT, CALL_INTERRUPT } call;
static call failing;
static int failing_in; /* calls until it fails */

static bool fails(call which, int error) {
    if (failing == which && --failing_in == 0) {
        errno = error;
        return true;
    }
    return false;
}

ssize_t write(int fd, const void *bytes, size_t count) {
    if (fd > 2 && fails(CALL_WRITE, ENOSPC)) {
        return -1;
    }
    if (fd > 2 && fails(CALL_INTERRUPT, EINTR)) {
        return -1;
    }
    return syscall(SYS_write, fd, bytes, fails(CALL_SHORT, 0) && count > 1 ? count / 2 : count);
}

int fsync(int fd) {
    return fails(CALL_FSYNC, EIO) ? -1 : (int)syscall(SYS_fsync, fd);
}

int rename(const char *from, const char *to) {
    return fails(CALL_RENAME, EACCES) ? -1 : (int)syscall(SYS_renameat, -100, from, -100, to);
}

int close(int fd) {
    int result = (int)syscall(SYS_close, fd);
    return fails(CALL_CLOSE, EIO) ? -1 : result;
}

static const char *name_at(const void *list, int64_t i) {
    return ((const char *const *)list)[i];
}

static const double values[] = {0.1, 1.0 / 3, 1e-300, 4, 5e22, 0};
static const char *const row_list[] = {"a,\"b\"", "2"};
static const char *const col_list[] = {"NA", "", " x y"};
static const nmf_table whole = {.rows = 2,
                                .cols = 3,
                                .values = values,
                                .row_name = name_at,
                                .row_names = row_list,
                                .col_name = name_at,
                                .col_names = col_list};

static void every_format_reads_back(void **state) {
    folder *f = *state;
    for (int64_t i = 0; nmf_format_at(i); i++) {
        char name[20];
        snprintf(name, sizeof name, "t.%s", nmf_format_at(i));
        const char *path = folder_path(f, name);
        assert_int_equal(nmf_table_write(f->context, path, nmf_format_at(i), &whole), NMF_OK);
        expect_matrix(f, path, 2, 3, values);
    }
    assert_string_equal(nmf_format_at(0), "csv");
    assert_null(nmf_format_at(100));
    assert_null(nmf_format_at(-1));
}

static void csv_keeps_names(void **state) {
    folder *f = *state;
    const char *path = folder_path(f, "t.csv");
    nmf_table some = whole;
    for (int which = 0; which < 4; which++) {
        some.row_name = which & 1 ? name_at : NULL;
        some.col_name = which & 2 ? name_at : NULL;
        assert_int_equal(nmf_table_write(f->context, path, "csv", &some), NMF_OK);
        nmf_matrix *matrix;
        assert_int_equal(nmf_matrix_read(f->context, path, NULL, &matrix), NMF_OK);
        for (int i = 0; i < 2 && which & 1; i++) {
            assert_string_equal(nmf_matrix_row_name(matrix, i), row_list[i]);
        }
        for (int j = 0; j < 3 && which & 2; j++) {
            assert_string_equal(nmf_matrix_col_name(matrix, j), col_list[j]);
        }
        assert_true(which & 1 || !nmf_matrix_row_name(matrix, 0));
        assert_true(which & 2 || !nmf_matrix_col_name(matrix, 0));
        nmf_matrix_free(matrix);
    }
}

static void csv_names_stay_on_their_line(void **state) {
    folder *f = *state;
    static const char *const broken[] = {"a\nb", "c\r\n\"d\"", "e"};
    nmf_table some = whole;
    some.row_name = some.col_name = name_at;
    some.row_names = some.col_names = broken;
    const char *path = folder_path(f, "t.csv");
    assert_int_equal(nmf_table_write(f->context, path, "csv", &some), NMF_OK);
    nmf_matrix *matrix;
    assert_int_equal(nmf_matrix_read(f->context, path, NULL, &matrix), NMF_OK);
    assert_string_equal(nmf_matrix_row_name(matrix, 0), "a b");
    assert_string_equal(nmf_matrix_col_name(matrix, 1), "c  \"d\"");
    nmf_matrix_free(matrix);
}

static void writes_single_precision(void **state) {
    folder *f = *state;
    static const float singles[] = {0.1F, 2};
    nmf_table small = {.rows = 1, .cols = 2, .dtype = NMF_F32, .values = singles};
    char text[400];
    const char *path = folder_path(f, "t.csv");
    assert_int_equal(nmf_table_write(f->context, path, "csv", &small), NMF_OK);
    slurp(path, text, sizeof text);
    assert_string_equal(text, "0.1,2\n");
    path = folder_path(f, "t.npy");
    assert_int_equal(nmf_table_write(f->context, path, "npy", &small), NMF_OK);
    expect_matrix(f, path, 1, 2, (double[]){(double)0.1F, 2});
    assert_int_equal(slurp(path, text, sizeof text), 136);
}

static void large_tables_go_through(void **state) {
    folder *f = *state;
    enum { ROWS = 300, COLS = 250 };
    double *numbers = malloc(sizeof(double[ROWS * COLS]));
    assert_non_null(numbers);
    for (int i = 0; i < ROWS * COLS; i++) {
        numbers[i] = i / 7.0;
    }
    nmf_table large = {.rows = ROWS, .cols = COLS, .values = numbers};
    for (int64_t i = 0; nmf_format_at(i); i++) {
        const char *path = folder_path(f, "large");
        assert_int_equal(nmf_table_write(f->context, path, nmf_format_at(i), &large), NMF_OK);
        expect_matrix(f, path, ROWS, COLS, numbers);
    }
    free(numbers);
}

static void failures_leave_the_old_file(void **state) {
    folder *f = *state;
    static const struct {
        call which;
        int in;
        nmf_status expected;
    } cases[] = {
        {CALL_WRITE, 1, NMF_ERROR_OUTPUT}, {CALL_FSYNC, 1, NMF_ERROR_OUTPUT}, {CALL_RENAME, 1, NMF_ERROR_OUTPUT},
        {CALL_CLOSE, 1, NMF_ERROR_OUTPUT}, {CALL_SHORT, 1, NMF_OK},           {CALL_INTERRUPT, 1, NMF_OK},
        {CALL_FSYNC, 2, NMF_OK}, /* of the directory */
    };
    char text[100];
    const char *path = folder_path(f, "a.txt");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        folder_bytes(f, "a.txt", "old", 3);
        failing = cases[i].which;
        failing_in = cases[i].in;
        nmf_status status = nmf_text_write(f->context, path, "the new text", 12);
        failing = CALL_NONE;
        assert_int_equal(status, cases[i].expected);
        slurp(path, text, sizeof text);
        assert_string_equal(text, status == NMF_OK ? "the new text" : "old");
        assert_int_equal(folder_count(f), 1);
        if (status != NMF_OK) {
            assert_non_null(strstr(nmf_context_message(f->context), path));
        }
    }
}

static void writers_pass_failures_on(void **state) {
    folder *f = *state;
    enum { COUNT = 200000 };
    double *numbers = calloc(COUNT, sizeof *numbers);
    assert_non_null(numbers);
    nmf_table large = {.rows = COUNT / 2, .cols = 2, .values = numbers};
    for (int64_t i = 0; nmf_format_at(i); i++) {
        if (!format_flows(nmf_format_at(i))) {
            continue;
        }
        failing = CALL_WRITE;
        failing_in = 1;
        assert_int_equal(nmf_table_write(f->context, folder_path(f, "t"), nmf_format_at(i), &large), NMF_ERROR_OUTPUT);
        failing = CALL_NONE;
        assert_int_equal(folder_count(f), 0);
        assert_int_equal(nmf_table_write(f->context, "/dev/full", nmf_format_at(i), &large), NMF_ERROR_OUTPUT);
    }
    free(numbers);
}

static void special_places(void **state) {
    folder *f = *state;
    assert_int_equal(nmf_text_write(f->context, "/dev/null", "x", 1), NMF_OK);
    assert_int_equal(nmf_text_write(f->context, "/dev/full", "x", 1), NMF_ERROR_OUTPUT);
    assert_non_null(strstr(nmf_context_message(f->context), "No space"));
    assert_int_equal(nmf_text_write(f->context, f->path, "x", 1), NMF_ERROR_OUTPUT);
    assert_int_equal(nmf_text_write(f->context, folder_path(f, "none/a"), "x", 1), NMF_ERROR_OUTPUT);
    assert_int_equal(nmf_table_write(f->context, folder_path(f, "a"), "xls", &whole), NMF_ERROR_USAGE);
    assert_non_null(strstr(nmf_context_message(f->context), "csv, npy, mtx"));
    assert_int_equal(folder_count(f), 0);
}

static void links_and_permissions_stay(void **state) {
    folder *f = *state;
    struct stat about;
    char text[20];
    const char *path = folder_text(f, "real", "old");
    assert_int_equal(chmod(path, 0640), 0);
    const char *link = folder_path(f, "link");
    assert_int_equal(symlink("real", link), 0);
    assert_int_equal(nmf_text_write(f->context, link, "new", 3), NMF_OK);
    assert_int_equal(lstat(link, &about), 0);
    assert_true(S_ISLNK(about.st_mode));
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0640);
    slurp(path, text, sizeof text);
    assert_string_equal(text, "new");
}

static void abandoned_sinks_leave_nothing(void **state) {
    folder *f = *state;
    sink *out;
    assert_int_equal(sink_open(f->context, folder_path(f, "a"), &out), NMF_OK);
    assert_ptr_equal(sink_context(out), f->context);
    assert_int_equal(sink_printf(out, "%d", 1), NMF_OK);
    assert_int_equal(sink_printf(out, "%600d", 1), NMF_ERROR_OUTPUT);
    sink_abandon(out);
    sink_abandon(NULL);
    assert_int_equal(folder_count(f), 0);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(every_format_reads_back),       TEST(csv_keeps_names),         TEST(csv_names_stay_on_their_line),
        TEST(writes_single_precision),       TEST(large_tables_go_through), TEST(failures_leave_the_old_file),
        TEST(writers_pass_failures_on),      TEST(special_places),          TEST(links_and_permissions_stay),
        TEST(abandoned_sinks_leave_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
