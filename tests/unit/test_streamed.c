/* A matrix that stays in its file is fitted to the bits that it gives in memory, however it is cut into blocks. */
#include "support/blocks.h"
#include "support/expect.h"
#include "support/problems.h"

#include "matrix/streamed.h"

#include <string.h>
#include <unistd.h>

enum { ROWS = 48 * 9 + 5, COLS = 130, RANK = 4 };

static nmf_options options_of(const char *solver, const char *init, nmf_dtype dtype) {
    nmf_options options;
    nmf_options_init(&options);
    options.rank = RANK;
    options.solver = solver;
    options.init = init;
    options.dtype = dtype;
    options.max_iter = 6;
    options.stop = "error";
    options.tol = 1e-300;
    return options;
}

static void expect_same_fit(nmf_context *context, const nmf_matrix *streamed, const nmf_matrix *whole,
                            const nmf_options *options) {
    nmf_result *got = fitted(context, streamed, options, NMF_OK), *expected = fitted(context, whole, options, NMF_OK);
    const nmf_summary *a = nmf_result_summary(got), *b = nmf_result_summary(expected);
    factors f = factors_of(got), g = factors_of(expected);
    expect_factors_same(&f, &g);
    assert_true(a->error == b->error && a->kkt_residual == b->kkt_residual && a->iterations == b->iterations);
    factors_free(&f);
    factors_free(&g);
    nmf_result_free(got);
    nmf_result_free(expected);
}

/* Rows with few entries, rows with none, and columns that are crowded. */
static problem uneven(void) {
    problem p = problem_low_rank(ROWS, COLS, RANK, 0.5, 3);
    for (int64_t i = 0; i < ROWS; i++) {
        for (int64_t j = 0; j < COLS; j++) {
            p.values[i * COLS + j] *= i % 7 == 0 || (i * 31 + j * 17) % (1 + j) > 3 ? 0 : 1;
        }
    }
    problem_lay_out(&p);
    return p;
}

static void fits_are_those_in_memory(void **state) {
    folder *f = *state;
    const char *solver, *init;
    problem p = uneven();
    for (int as = 0; as < 4; as++) {
        nmf_dtype dtype = as & 1 ? NMF_F32 : NMF_F64;
        nmf_matrix *whole = problem_matrix(f->context, &p, as & 2 ? SPARSE : BY_ROW, dtype);
        nmf_matrix *streamed = blocks_open(f->context, blocks_write(f, "a.nmfx", whole), dtype, NMF_OK);
        assert_true(matrix_is_streamed(streamed) && streamed_source(streamed)->blocks > 3);
        for (int c = 0; solver_and_start(c, &solver, &init); c++) {
            nmf_options options = options_of(solver, init, dtype);
            if (strcmp(init, "random") == 0 || strcmp(init, "nndsvd") == 0 || strcmp(init, "sketch") == 0) {
                expect_same_fit(f->context, streamed, whole, &options);
            }
        }
        assert_true(nmf_matrix_hash(streamed) == nmf_matrix_hash(whole));
        nmf_matrix_free(streamed);
        nmf_matrix_free(whole);
    }
    problem_free(&p);
}

static void threads_teams_and_room_do_not_matter(void **state) {
    folder *f = *state;
    problem p = uneven();
    for (int as = 0; as < 2; as++) {
        nmf_matrix *whole = problem_matrix(f->context, &p, as ? SPARSE : BY_ROW, NMF_F64);
        nmf_matrix *streamed = blocks_open(f->context, blocks_write(f, "a.nmfx", whole), NMF_F64, NMF_OK);
        double slot = ring_slot_bytes(streamed, streamed_source(streamed));
        for (int t = 0; t < 12; t++) {
            nmf_options options = options_of("hals", "random", NMF_F64);
            options.threads = 1 + t % 3;
            options.restarts = 1 + 4 * (t % 2);
            options.stop = "kkt";
            streamed_take_room(streamed, t * slot);
            expect_same_fit(f->context, streamed, whole, &options);
        }
        nmf_matrix_free(streamed);
        nmf_matrix_free(whole);
    }
    problem_free(&p);
}

/* A fit so good that its error has no digits by products: every entry is looked at. */
static void errors_are_summed_entry_by_entry(void **state) {
    folder *f = *state;
    problem p = problem_low_rank(ROWS, COLS, RANK, 0, 3);
    for (int as = 0; as < 2; as++) {
        nmf_matrix *whole = problem_matrix(f->context, &p, as ? SPARSE : BY_ROW, NMF_F64);
        nmf_matrix *streamed = blocks_open(f->context, blocks_write(f, "a.nmfx", whole), NMF_F64, NMF_OK);
        nmf_options options = options_of("bpp", "nndsvd", NMF_F64);
        options.max_iter = 200;
        expect_same_fit(f->context, streamed, whole, &options);
        nmf_matrix_free(streamed);
        nmf_matrix_free(whole);
    }
    problem_free(&p);
}

static void npy_files_stay_too(void **state) {
    folder *f = *state;
    problem p = problem_low_rank(ROWS, COLS, RANK, 0.5, 3);
    nmf_matrix *whole = problem_matrix(f->context, &p, BY_ROW, NMF_F32);
    const char *path = folder_path(f, "a.npy");
    assert_int_equal(nmf_matrix_write(f->context, path, NULL, whole), NMF_OK);
    for (int t = 0; t < 2; t++) {
        nmf_dtype dtype = t ? NMF_F64 : NMF_F32;
        nmf_context_limit_memory(f->context, 1e9);
        nmf_matrix *streamed = blocks_open(f->context, path, dtype, NMF_OK), *again;
        nmf_read_options how = {.dtype = dtype};
        nmf_options options = options_of("hals", "nndsvd", dtype);
        assert_true(matrix_is_streamed(streamed));
        assert_int_equal(nmf_matrix_read(f->context, path, &how, &again), NMF_OK);
        expect_same_fit(f->context, streamed, again, &options);
        nmf_matrix_free(again);
        nmf_matrix_free(streamed);
    }
    nmf_matrix_free(whole);
    problem_free(&p);
}

static void batches_of_rows_are_learned_from(void **state) {
    folder *f = *state;
    problem p = uneven();
    for (int as = 0; as < 2; as++) {
        nmf_matrix *whole = problem_matrix(f->context, &p, as ? SPARSE : BY_ROW, NMF_F64);
        nmf_matrix *streamed = blocks_open(f->context, blocks_write(f, "a.nmfx", whole), NMF_F64, NMF_OK);
        nmf_options options = options_of("online", "random", NMF_F64);
        options.batch = 70;
        options.max_iter = 2;
        expect_same_fit(f->context, streamed, whole, &options);
        nmf_matrix_free(streamed);
        nmf_matrix_free(whole);
    }
    problem_free(&p);
}

static void it_is_brought_to_memory_where_there_is_room(void **state) {
    folder *f = *state;
    problem p = uneven();
    nmf_matrix *whole = problem_matrix(f->context, &p, SPARSE, NMF_F64);
    nmf_matrix *placed = blocks_open(f->context, blocks_write(f, "a.nmfx", whole), NMF_F64, NMF_OK);
    nmf_options options = options_of("hals", "random", NMF_F64);
    nmf_placement placement;
    nmf_context_limit_memory(f->context, 1);
    assert_int_equal(nmf_matrix_place(f->context, &options, &placed, &placement), NMF_ERROR_MEMORY);
    assert_non_null(strstr(nmf_context_message(f->context), "is the least memory for it"));
    nmf_context_limit_memory(f->context, placement.least_bytes);
    assert_int_equal(nmf_matrix_place(f->context, &options, &placed, &placement), NMF_OK);
    assert_string_equal(placement.place, "streamed");
    assert_true(placement.read_bytes > 0);
    expect_same_fit(f->context, placed, whole, &options);
    options.loss = "kl";
    assert_int_equal(nmf_matrix_place(f->context, &options, &placed, &placement), NMF_ERROR_MEMORY);
    nmf_context_limit_memory(f->context, 0);
    assert_int_equal(nmf_matrix_place(f->context, &options, &placed, &placement), NMF_OK);
    assert_string_equal(placement.place, "memory");
    assert_false(matrix_is_streamed(placed));
    options.loss = NULL;
    expect_same_fit(f->context, placed, whole, &options);
    nmf_matrix_free(placed);
    nmf_matrix_free(whole);
    problem_free(&p);
}

static void what_needs_all_of_it_is_refused(void **state) {
    folder *f = *state;
    problem p = problem_low_rank(ROWS, COLS, RANK, 0.5, 3);
    nmf_matrix *whole = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    nmf_matrix *streamed = blocks_open(f->context, blocks_write(f, "a.nmfx", whole), NMF_F64, NMF_OK);
    nmf_options options = options_of("hals", "kmeans", NMF_F64);
    nmf_result *result;
    nmf_prepare_options how = {.log1p = true};
    expect_fit_refused(f->context, streamed, &options, NMF_ERROR_USAGE, "a start that looks at columns");
    options = options_of("hals", "random", NMF_F64);
    options.loss = "kl";
    expect_fit_refused(f->context, streamed, &options, NMF_ERROR_USAGE, "read block by block");
    options = options_of("hals", "random", NMF_F32);
    expect_fit_refused(f->context, streamed, &options, NMF_ERROR_USAGE, "numbers of another type");
    options = options_of("hals", "random", NMF_F64);
    options.mask = streamed;
    expect_fit_refused(f->context, whole, &options, NMF_ERROR_USAGE, "the mask");
    options.mask = NULL;
    assert_int_equal(nmf_transform(f->context, streamed, whole, &options, &result), NMF_ERROR_USAGE);
    assert_int_equal(nmf_matrix_prepare(f->context, &how, &streamed), NMF_ERROR_USAGE);
    assert_int_equal(nmf_matrix_write(f->context, folder_path(f, "b.npy"), NULL, streamed), NMF_ERROR_USAGE);
    nmf_matrix_free(streamed);
    nmf_matrix_free(whole);
    problem_free(&p);
}

/* A file that shrinks after the first iteration. */
typedef struct shrinking {
    const char *path;
    off_t bytes;
    int64_t iteration;
} shrinking;

static int shrink(void *user, const nmf_progress *progress) {
    shrinking *file = user;
    file->iteration = progress->iteration;
    assert_int_equal(truncate(file->path, file->bytes), 0);
    return 0;
}

static void a_file_that_fails_later_ends_it_there(void **state) {
    folder *f = *state;
    problem p = uneven();
    nmf_matrix *whole = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    const char *path = blocks_write(f, "a.nmfx", whole);
    nmf_matrix *streamed = blocks_open(f->context, path, NMF_F64, NMF_OK);
    nmf_options options = options_of("hals", "random", NMF_F64);
    shrinking file = {path, (off_t)streamed_source(streamed)->file_bytes / 2, 0};
    options.observer = shrink;
    options.observer_user = &file;
    expect_fit_refused(f->context, streamed, &options, NMF_ERROR_INPUT, "the file has shrunk");
    assert_int_equal(file.iteration, 1);
    nmf_matrix_free(streamed);
    nmf_matrix_free(whole);
    problem_free(&p);
}

/* The file shrinks while it is in use. */
static void a_file_that_fails_ends_the_fit(void **state) {
    folder *f = *state;
    problem p = uneven();
    for (int as = 0; as < 2; as++) {
        nmf_matrix *whole = problem_matrix(f->context, &p, as ? SPARSE : BY_ROW, NMF_F64);
        const char *path = blocks_write(f, "a.nmfx", whole);
        nmf_matrix *streamed = blocks_open(f->context, path, NMF_F64, NMF_OK);
        nmf_options options = options_of("hals", "random", NMF_F64);
        double values[(ROWS + 1) * COLS];
        nmf_matrix_copy(streamed, values);
        assert_memory_equal(values, p.values, ROWS * COLS * sizeof *values);
        assert_int_equal(truncate(path, (off_t)streamed_source(streamed)->file_bytes / 2), 0);
        expect_fit_refused(f->context, streamed, &options, NMF_ERROR_INPUT, "the file has shrunk");
        expect_fit_refused(f->context, streamed, &options, NMF_ERROR_INPUT, "the file has shrunk");
        nmf_matrix_free(streamed);
        nmf_matrix_free(whole);
    }
    problem_free(&p);
}

static const char *path_of_work;

static nmf_status work(nmf_context *context) {
    nmf_matrix *streamed;
    nmf_result *result = NULL;
    nmf_read_options how = {.in_file = true};
    nmf_options options = options_of("hals", "random", NMF_F64);
    nmf_placement placement;
    options.threads = 1;
    nmf_context_limit_memory(context, 34e6);
    nmf_status status = nmf_matrix_read(context, path_of_work, &how, &streamed);
    if (status == NMF_OK) {
        status = nmf_matrix_place(context, &options, &streamed, &placement);
    }
    if (status == NMF_OK) {
        status = nmf_fit(context, streamed, &options, &result);
    }
    nmf_result_free(result);
    nmf_matrix_free(streamed);
    return status;
}

static void memory_that_is_refused_leaves_nothing(void **state) {
    folder *f = *state;
    problem p = uneven();
    for (int as = 0; as < 3; as++) {
        nmf_matrix *whole = problem_matrix(f->context, &p, as ? SPARSE : BY_ROW, NMF_F64);
        if (as < 2) {
            path_of_work = blocks_write(f, "a.nmfx", whole);
        } else {
            path_of_work = folder_path(f, "a.npy");
            assert_int_equal(nmf_matrix_write(f->context, path_of_work, NULL, whole), NMF_OK);
        }
        expect_memory_refused(work);
        nmf_matrix_free(whole);
    }
    problem_free(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(fits_are_those_in_memory, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(threads_teams_and_room_do_not_matter, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(errors_are_summed_entry_by_entry, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(npy_files_stay_too, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(batches_of_rows_are_learned_from, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(it_is_brought_to_memory_where_there_is_room, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(what_needs_all_of_it_is_refused, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(a_file_that_fails_ends_the_fit, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(a_file_that_fails_later_ends_it_there, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(memory_that_is_refused_leaves_nothing, folder_setup, folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
