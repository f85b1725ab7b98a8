/* A Matrix Market file that the processes of a crowd read together; here there is one of them. */
#include "support/alone.h"
#include "support/expect.h"

#include "matrix/scattered.h"
#include "matrix/spread.h"

#include <stdio.h>
#include <string.h>

#define GENERAL "%%MatrixMarket matrix coordinate real general\n"
#define SYMMETRIC "%%MatrixMarket matrix coordinate integer symmetric\n"

static const nmf_read_options in_file = {.in_file = true};

static nmf_status place(nmf_context *context, nmf_matrix **matrix, const char *loss) {
    nmf_options options;
    nmf_placement placement;
    nmf_options_init(&options);
    options.rank = 1;
    options.loss = loss;
    return nmf_matrix_place(context, &options, matrix, &placement);
}

/* In shares, and spread. */
static nmf_status read_together(nmf_context *context, const nmf_crowd *crowd, const char *path, const char *loss,
                                nmf_matrix **matrix) {
    nmf_context_join(context, crowd);
    nmf_status status = nmf_matrix_read(context, path, &in_file, matrix);
    if (status == NMF_OK) {
        assert_true(matrix_is_scattered(*matrix));
        status = place(context, matrix, loss);
    }
    if (status != NMF_OK) {
        nmf_matrix_free(*matrix);
        *matrix = NULL;
    }
    nmf_context_join(context, NULL);
    return status;
}

static void expect_lines(const nmf_matrix *got, const nmf_matrix *expected, bool columns) {
    int64_t count = columns ? expected->info.cols : expected->info.rows;
    for (int64_t i = 0; i < count; i++) {
        entry_line a = got->kind->line(got, columns, i), b = expected->kind->line(expected, columns, i);
        assert_int_equal(a.count, b.count);
        assert_memory_equal(a.index, b.index, (size_t)b.count * sizeof *b.index);
        assert_memory_equal(a.value, b.value, (size_t)b.count * sizeof(double));
    }
}

/* The same as from one reading of all, by rows and by columns, with what was found of it. */
static void expect_same(folder *f, const char *text) {
    const nmf_crowd crowd = crowd_alone();
    const char *path = folder_text(f, "a.mtx", text);
    nmf_matrix *whole, *spread;
    for (int t = 0; t < 2; t++) {
        assert_int_equal(nmf_matrix_read(f->context, path, NULL, &whole), NMF_OK);
        int before = f->warnings;
        assert_int_equal(read_together(f->context, &crowd, path, t ? "kl" : NULL, &spread), NMF_OK);
        assert_int_equal(f->warnings - before, strstr(text, "again") != NULL);
        expect_lines(matrix_block(spread), whole, false);
        expect_lines(t ? spread->as.spread->columns : matrix_block(spread), whole, true);
        assert_int_equal(spread->info.nnz, whole->info.nnz);
        assert_int_equal(spread->info.stored, whole->info.stored);
        assert_int_equal(spread->info.zero_cols, whole->info.zero_cols);
        assert_true(spread->info.norm == whole->info.norm && spread->info.max == whole->info.max);
        assert_string_equal(spread->info.source, whole->info.source);
        nmf_matrix_free(whole);
        nmf_matrix_free(spread);
    }
}

static void is_what_one_reads(void **state) {
    folder *f = *state;
    expect_same(f, GENERAL "3 4 4\n3 1 2.5\n% a comment\n\n1 4 1\n1 2 7\n2 2 .5");
    expect_same(f, GENERAL "% again\n3 4 5\r\n3 1 2.5\r\n1 4 1\r\n1 4 1e-17\r\n1 4 1e-17\r\n2 2 0\r\n");
    expect_same(f, SYMMETRIC "3 3 3\n2 1 5\n3 3 1\n3 2 7\n");
    expect_same(f, "\xef\xbb\xbf%%MatrixMarket matrix coordinate pattern general\n3 2 2\n3 1\n1 2\n");
    expect_same(f, GENERAL "3 2 0\n");
}

/* The sentence of one reading of all. */
static void fails_as_one_does(void **state) {
    static const char *const bad[] = {
        GENERAL "2 2 2\n1 1 1\n",
        GENERAL "2 2 2\n",
        GENERAL "2 2 2\n1 1 1\n% a comment\n\n",
        GENERAL "2 2 1\n1 1 1\n2 2 x\n",
        GENERAL "2 2 2\n1 1 1\n2 2 x\n",
        GENERAL "2 2 2\n1 1 -1\n2 3 1\n",
        GENERAL "2 2 2\n1 1 1\n2 2 -1\n",
        GENERAL "2 2 2\n1 1 1\n2 2 nan\n",
        GENERAL "2 2 2\n1 1 1\n2 2 inf\n",
        GENERAL "2 2 9223372036854775807\n1 1 1\n",
        GENERAL "4000000000 4000000000 1\n1 1 1\n",
        GENERAL "2 2\n",
        SYMMETRIC "2 3 1\n1 1 1\n",
    };
    folder *f = *state;
    const nmf_crowd crowd = crowd_alone();
    for (size_t t = 0; t < sizeof bad / sizeof *bad; t++) {
        const char *path = folder_text(f, "a.mtx", bad[t]);
        char sentence[512];
        nmf_matrix *matrix;
        assert_int_equal(nmf_matrix_read(f->context, path, NULL, &matrix), NMF_ERROR_INPUT);
        snprintf(sentence, sizeof sentence, "%s", nmf_context_message(f->context));
        assert_int_equal(read_together(f->context, &crowd, path, NULL, &matrix), NMF_ERROR_INPUT);
        assert_string_equal(nmf_context_message(f->context), sentence);
    }
}

/* Who opened it in a crowd and is of none any more is told so, whatever it is wanted for. */
static void is_good_for_a_crowd_alone(void **state) {
    folder *f = *state;
    const nmf_crowd crowd = crowd_alone();
    const char *path = folder_text(f, "a.mtx", GENERAL "3 4 2\n3 1 2.5\n1 4 1\n");
    nmf_matrix *matrix;
    nmf_result *result;
    nmf_options options;
    nmf_options_init(&options);
    options.rank = 1;
    nmf_context_join(f->context, &crowd);
    assert_int_equal(nmf_matrix_read(f->context, path, &in_file, &matrix), NMF_OK);
    assert_int_equal(nmf_fit(f->context, matrix, &options, &result), NMF_ERROR_USAGE);
    assert_non_null(strstr(nmf_context_message(f->context), "nmf_matrix_place"));
    nmf_context_join(f->context, NULL);
    assert_int_equal(nmf_fit(f->context, matrix, &options, &result), NMF_ERROR_USAGE);
    assert_int_equal(place(f->context, &matrix, NULL), NMF_ERROR_USAGE);
    assert_non_null(strstr(nmf_context_message(f->context), "for several processes to read a share each"));
    assert_int_equal(nmf_matrix_prepare(f->context, &(nmf_prepare_options){.log1p = true}, &matrix), NMF_ERROR_USAGE);
    assert_int_equal(nmf_matrix_write(f->context, folder_path(f, "b.mtx"), NULL, matrix), NMF_ERROR_USAGE);
    nmf_matrix_free(matrix);
}

/* What is not asked to stay in its file, and what is packed or dense, is read whole; convert goes by itself. */
static void is_for_files_that_can_be_cut(void **state) {
    static const char text[] = GENERAL "3 4 2\n3 1 2.5\n1 4 1\n";
    folder *f = *state;
    const nmf_crowd crowd = crowd_alone();
    unsigned char packed[256];
    size_t bytes = gzip_bytes(text, sizeof text - 1, packed, sizeof packed);
    const char *plain = folder_text(f, "a.mtx", text);
    const char *paths[] = {plain, folder_bytes(f, "a.mtx.gz", packed, bytes),
                           folder_text(f, "b.mtx", "%%MatrixMarket matrix array real general\n2 1\n1\n2\n")};
    nmf_context_join(f->context, &crowd);
    for (int t = 0; t < 3; t++) {
        nmf_matrix *matrix;
        assert_int_equal(nmf_matrix_read(f->context, paths[t], t ? &in_file : NULL, &matrix), NMF_OK);
        assert_false(matrix_is_scattered(matrix));
        nmf_matrix_free(matrix);
    }
    nmf_matrix_info info;
    assert_int_equal(nmf_convert(f->context, plain, NULL, folder_path(f, "c.nmfx"), NULL, &info), NMF_OK);
    assert_int_equal(info.nnz, 2);
}

static const char *path_of_work;

static nmf_status read_and_free(nmf_context *context) {
    const nmf_crowd crowd = crowd_alone();
    nmf_matrix *matrix;
    nmf_status status = read_together(context, &crowd, path_of_work, "kl", &matrix);
    assert_true(status == NMF_OK || strstr(nmf_context_message(context), "memory") != NULL);
    nmf_matrix_free(matrix);
    return status;
}

static void survives_memory_running_out(void **state) {
    folder *f = *state;
    path_of_work = folder_text(f, "a.mtx", GENERAL "3 4 3\n3 1 2.5\n1 4 1\n1 4 1\n");
    expect_memory_refused(read_and_free);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(is_what_one_reads, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(fails_as_one_does, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(is_good_for_a_crowd_alone, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(is_for_files_that_can_be_cut, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(survives_memory_running_out, folder_setup, folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
