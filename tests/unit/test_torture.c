/* Every allocation of every entry point fails in turn, once and from then on: a status, nothing left, and the same
 * objects good as before. LAPACK's and OpenMP's own memory is outside. */
#include "support/expect.h"
#include "support/memory.h"
#include "support/problems.h"

#include "init/init.h"
#include "update/update.h"

#include <string.h>

/* What is there before memory runs out, and must still be good afterwards. */
typedef struct bench {
    scarce memory;
    nmf_context *context;
    problem p;
    nmf_matrix *matrix, *w, *h;
    nmf_options options;
} bench;

static void bench_new(bench *b, int64_t rows, int64_t cols) {
    *b = (bench){.p = problem_random(rows, cols, 0.7, 21)};
    nmf_allocator allocator = scarce_allocator(&b->memory);
    assert_int_equal(nmf_context_new(&allocator, &b->context), NMF_OK);
    nmf_options_init(&b->options);
    b->options.rank = 3;
    b->options.max_iter = 4;
    b->options.threads = 1;
}

static void bench_free(bench *b) {
    nmf_matrix_free(b->matrix);
    nmf_matrix_free(b->w);
    nmf_context_free(b->context);
    problem_free(&b->p);
    assert_int_equal(b->memory.live, 0);
    assert_int_equal(b->memory.bytes, 0);
}

/* An entry point: makes an object, or NULL. */
typedef struct entry {
    nmf_status (*make)(bench *b, void **object);
    void (*release)(void *object);
    /* Is the object what it was when memory was plenty? */
    void (*compare)(void *object, void *expected);
} entry;

static void fail_each(bench *b, const entry *e, void *expected, int64_t calls, bool from_then) {
    for (int64_t at = 1; at <= calls; at++) {
        void *object = (void *)(uintptr_t)1;
        int64_t live = b->memory.live, bytes = b->memory.bytes;
        b->memory.calls = 0;
        b->memory.fail_at = at;
        b->memory.from_then = from_then;
        nmf_status status = e->make(b, &object);
        b->memory.fail_at = 0;
        if (status != NMF_ERROR_MEMORY || object) {
            fail_msg("allocation %lld of %lld failing gives status %d", (long long)at, (long long)calls, (int)status);
        }
        assert_non_null(strstr(nmf_context_message(b->context), "memory"));
        assert_int_equal(b->memory.live, live);
        assert_int_equal(b->memory.bytes, bytes);
        if (at % 7 == 1) {
            assert_int_equal(e->make(b, &object), NMF_OK);
            e->compare(object, expected);
            e->release(object);
            assert_int_equal(b->memory.live, live);
        }
    }
}

static void torture(bench *b, const entry *e) {
    void *expected;
    b->memory.calls = 0;
    assert_int_equal(e->make(b, &expected), NMF_OK);
    int64_t calls = b->memory.calls;
    assert_true(calls >= 2);
    fail_each(b, e, expected, calls, false);
    fail_each(b, e, expected, calls, true);
    e->release(expected);
}

static void contexts_are_made_or_not(void **state) {
    (void)state;
    scarce memory = {.fail_at = 1};
    nmf_allocator allocator = scarce_allocator(&memory);
    nmf_context *context = (nmf_context *)(uintptr_t)1;
    assert_int_equal(nmf_context_new(&allocator, &context), NMF_ERROR_MEMORY);
    assert_null(context);
    assert_int_equal(nmf_context_new(&allocator, &context), NMF_OK);
    assert_int_equal(memory.live, 1);
    assert_string_equal(nmf_context_message(context), "");
    nmf_context_free(context);
    nmf_context_free(NULL);
    assert_int_equal(memory.live, 0);
}

static void release_matrix(void *matrix) {
    nmf_matrix_free(matrix);
}

static void compare_matrices(void *got, void *expected) {
    double left[64], right[64];
    nmf_matrix_copy(got, left);
    nmf_matrix_copy(expected, right);
    nmf_matrix_info info;
    nmf_matrix_get_info(expected, &info);
    assert_memory_equal(left, right, (size_t)(info.rows * info.cols) * sizeof *left);
}

static nmf_status make_dense(bench *b, void **matrix) {
    return nmf_matrix_dense(b->context, 8, 6, NMF_F32, b->p.memory[BY_COLUMN][NMF_F32], 1, 8, 0, (nmf_matrix **)matrix);
}

static nmf_status make_sparse(bench *b, void **matrix) {
    static const int64_t start[] = {0, 2, 2, 5}, index[] = {1, 0, 2, 0, 2};
    static const double values[] = {1, 2, 3, 4, 5};
    return matrix_of_rows(b->context, 3, 3, NMF_F64, start, index, values, 0, (nmf_matrix **)matrix);
}

static void matrices_are_made_or_not(void **state) {
    (void)state;
    bench b;
    bench_new(&b, 8, 6);
    torture(&b, &(entry){make_dense, release_matrix, compare_matrices});
    torture(&b, &(entry){make_sparse, release_matrix, compare_matrices});
    bench_free(&b);
}

static void release_result(void *result) {
    nmf_result_free(result);
}

static void compare_results(void *got, void *expected) {
    factors left = factors_of(got), right = factors_of(expected);
    expect_factors_same(&left, &right);
    assert_true(nmf_result_summary(got)->error == nmf_result_summary(expected)->error);
    factors_free(&left);
    factors_free(&right);
}

static nmf_status make_fit(bench *b, void **result) {
    return nmf_fit(b->context, b->matrix, &b->options, (nmf_result **)result);
}

static nmf_status make_transform(bench *b, void **result) {
    return nmf_transform(b->context, b->matrix, b->w, &b->options, (nmf_result **)result);
}

static const entry fit_entry = {make_fit, release_result, compare_results};
static const entry transform_entry = {make_transform, release_result, compare_results};

static void fits_are_made_or_not(void **state) {
    (void)state;
    const char *solver, *init;
    for (int s = 0; solver_and_start(s, &solver, &init); s++) {
        for (int c = 0; c < 2 * SHAPES; c++) {
            bool drawn = strcmp(init, "sample") == 0;
            bench b;
            bench_new(&b, drawn ? 64 : 8, 6);
            b.options.solver = solver;
            b.options.init = init;
            if (strcmp(solver, "online") == 0) {
                b.options.batch = b.p.rows / 2;
                b.options.max_iter = 1;
            }
            b.options.dtype = (nmf_dtype)(c % 2);
            b.options.keep = c % 2 ? "best" : "last";
            b.options.threads = c % 3 ? 1 : 3;
            b.matrix = problem_matrix(b.context, &b.p, (shape)(c / 2), NMF_F64);
            torture(&b, &fit_entry);
            bench_free(&b);
        }
    }
}

/* The history grows while the fit runs. */
static void long_fits_are_made_or_not(void **state) {
    (void)state;
    bench b;
    bench_new(&b, 8, 6);
    b.options.solver = "mu";
    b.options.stop = "error";
    b.options.tol = 1e-30;
    b.options.max_iter = 600;
    b.matrix = problem_matrix(b.context, &b.p, BY_ROW, NMF_F64);
    torture(&b, &fit_entry);
    bench_free(&b);
}

static void transforms_are_made_or_not(void **state) {
    (void)state;
    for (int c = 0; c < 2 * SHAPES; c++) {
        bench b;
        bench_new(&b, 8, 6);
        problem w = problem_random(8, 3, 1, 22);
        b.matrix = problem_matrix(b.context, &b.p, (shape)(c / 2), NMF_F64);
        b.w = problem_matrix(b.context, &w, (shape)(c / 2), NMF_F64);
        b.options.dtype = (nmf_dtype)(c % 2);
        torture(&b, &transform_entry);
        bench_free(&b);
        problem_free(&w);
    }
}

static nmf_status make_update(bench *b, void **result) {
    return nmf_update(b->context, b->matrix, b->w, b->h, &b->options, (nmf_result **)result);
}

static const entry update_entry = {make_update, release_result, compare_results};

static void updates_are_made_or_not(void **state) {
    (void)state;
    for (int c = 0; c < 2 * SHAPES; c++) {
        bench b;
        bench_new(&b, 8, 6);
        problem w = problem_random(8, 3, 1, 22), h = problem_random(3, 9, 1, 23);
        b.matrix = problem_matrix(b.context, &b.p, (shape)(c / 2), NMF_F64);
        b.w = problem_matrix(b.context, &w, BY_ROW, NMF_F64);
        b.h = problem_matrix(b.context, &h, BY_ROW, NMF_F64);
        b.options.dtype = (nmf_dtype)(c % 2);
        torture(&b, &update_entry);
        nmf_matrix_free(b.h);
        b.h = NULL;
        bench_free(&b);
        problem_free(&w);
        problem_free(&h);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(contexts_are_made_or_not),   cmocka_unit_test(matrices_are_made_or_not),
        cmocka_unit_test(fits_are_made_or_not),       cmocka_unit_test(long_fits_are_made_or_not),
        cmocka_unit_test(transforms_are_made_or_not), cmocka_unit_test(updates_are_made_or_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
