/* A fit that was interrupted goes on from its checkpoint to the bits that it would have come to. */
#include "support/expect.h"
#include "support/problems.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROWS = 40, COLS = 25, RANK = 4, WHOLE = 14, PART = 6 };

/* An observer that ends a fit after PART iterations. */
static int stop_at_part(void *user, const nmf_progress *progress) {
    (void)user;
    return progress->iteration >= PART;
}

static nmf_options options_of(const char *solver, const char *init, const char *loss) {
    nmf_options options;
    nmf_options_init(&options);
    options.rank = RANK;
    options.solver = solver;
    options.init = init;
    options.loss = loss;
    options.loss_parameter = 0.5;
    options.max_iter = WHOLE;
    options.stop = "error";
    options.tol = 1e-300;
    return options;
}

static bool there(const char *path) {
    return access(path, F_OK) == 0;
}

static nmf_result *interrupted(folder *f, const nmf_matrix *a, nmf_options options, const char *path) {
    options.checkpoint = path;
    options.observer = stop_at_part;
    nmf_result *result = fitted(f->context, a, &options, NMF_INTERRUPTED);
    assert_true(there(path));
    return result;
}

static void expect_same_history(const nmf_summary *got, const nmf_summary *expected) {
    assert_int_equal(got->iterations, expected->iterations);
    for (int64_t t = 0; t < got->iterations; t++) {
        assert_true(got->history[t].error == expected->history[t].error);
        assert_true(got->history[t].iteration == t + 1);
        assert_true(t == 0 || got->history[t].seconds >= got->history[t - 1].seconds);
    }
    assert_true(got->best_error == expected->best_error);
    assert_int_equal(got->best_iteration, expected->best_iteration);
}

static void expect_goes_on(folder *f, const nmf_matrix *a, nmf_options options) {
    const char *path = folder_path(f, "fit.ckpt");
    nmf_result *whole = fitted(f->context, a, &options, NMF_OK), *part = interrupted(f, a, options, path);
    options.checkpoint = path;
    options.resume = true;
    nmf_result *rest = fitted(f->context, a, &options, NMF_OK);
    factors expected = factors_of(whole), got = factors_of(rest);
    expect_factors_same(&got, &expected);
    expect_same_history(nmf_result_summary(rest), nmf_result_summary(whole));
    assert_int_equal(nmf_result_summary(part)->iterations, PART);
    nmf_checkpoint_remove(f->context, path);
    assert_false(there(path));
    nmf_result *const results[] = {whole, part, rest};
    for (int t = 0; t < 3; t++) {
        nmf_result_free(results[t]);
    }
    factors_free(&expected);
    factors_free(&got);
}

static void every_solver_goes_on(void **state) {
    folder *f = *state;
    const char *solver, *init;
    problem p = problem_low_rank(ROWS, COLS, RANK, 0.3, 1);
    for (int c = 0; solver_and_start(c, &solver, &init); c++) {
        for (int as = 0; as < SHAPES * 2 && strcmp(solver, "online") != 0; as++) {
            nmf_options options = options_of(solver, init, "frobenius");
            options.dtype = as < SHAPES ? NMF_F64 : NMF_F32;
            nmf_matrix *a = problem_matrix(f->context, &p, (shape)(as % SHAPES), options.dtype);
            expect_goes_on(f, a, options);
            nmf_matrix_free(a);
        }
    }
    problem_free(&p);
}

static void every_loss_goes_on(void **state) {
    folder *f = *state;
    static const char *const losses[] = {"kl", "is", "beta", "huber", "mae"};
    static const char *const solvers[] = {"hals", "bpp", "mu"};
    problem p = problem_low_rank(ROWS, COLS, RANK, 0.3, 1);
    for (int c = 0; c < 5 * 3 * 2; c++) {
        nmf_matrix *a = problem_matrix(f->context, &p, c % 2 ? SPARSE : BY_ROW, NMF_F64);
        expect_goes_on(f, a, options_of(solvers[c / 2 % 3], "random", losses[c / 6]));
        nmf_matrix_free(a);
    }
    problem_free(&p);
}

static void penalties_bounds_and_the_best_go_on(void **state) {
    folder *f = *state;
    problem p = problem_low_rank(ROWS, COLS, RANK, 0.3, 1);
    nmf_matrix *a = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    nmf_options options[4];
    for (int t = 0; t < 4; t++) {
        options[t] = options_of(t == 3 ? "als" : "hals", "random", "frobenius");
    }
    options[0].alpha_w = 0.01;
    options[0].l1_ratio = 0.5;
    options[1].max_h = 0.5;
    options[1].unit = "sum";
    options[2].simplex = "h";
    options[3].keep = "best";
    for (int t = 0; t < 4; t++) {
        expect_goes_on(f, a, options[t]);
    }
    nmf_matrix_free(a);
    problem_free(&p);
}

/* A problem, and a checkpoint of its fit, with the one before. */
typedef struct halfway {
    problem p;
    nmf_matrix *a;
    nmf_options options;
    const char *path;
} halfway;

static halfway halfway_new(folder *f) {
    halfway h = {.p = problem_low_rank(ROWS, COLS, RANK, 0.3, 1), .path = folder_path(f, "fit.ckpt")};
    h.a = problem_matrix(f->context, &h.p, BY_ROW, NMF_F64);
    h.options = options_of("hals", "random", "frobenius");
    h.options.checkpoint_every = 1e-9;
    nmf_result_free(interrupted(f, h.a, h.options, h.path));
    h.options.checkpoint = h.path;
    h.options.resume = true;
    return h;
}

static void halfway_free(halfway *h) {
    nmf_matrix_free(h->a);
    problem_free(&h->p);
}

static void other_fits_are_refused(void **state) {
    folder *f = *state;
    halfway h = halfway_new(f);
    problem other = problem_low_rank(ROWS, COLS, RANK, 0.3, 2);
    nmf_matrix *b = problem_matrix(f->context, &other, BY_ROW, NMF_F64);
    nmf_options seed = h.options, loss = h.options, alpha = h.options, solver = h.options;
    seed.seed = 4;
    loss.loss = "kl";
    alpha.alpha_h = 0.25;
    solver.solver = "bpp";
    expect_fit_refused(f->context, h.a, &seed, NMF_ERROR_INPUT, "another fit: its seed is 0, and here it is 4");
    expect_fit_refused(f->context, h.a, &loss, NMF_ERROR_INPUT, "its loss is frobenius, and here it is kl");
    expect_fit_refused(f->context, h.a, &alpha, NMF_ERROR_INPUT, "its alpha-h is 0, and here it is 0.25");
    expect_fit_refused(f->context, h.a, &solver, NMF_ERROR_INPUT, "its solver is hals, and here it is bpp");
    expect_fit_refused(f->context, b, &h.options, NMF_ERROR_INPUT, "its matrix is ");
    h.options.restarts = 2;
    h.options.init = "random";
    expect_fit_refused(f->context, h.a, &h.options, NMF_ERROR_USAGE, "leave restarts out");
    assert_true(there(h.path));
    nmf_matrix_free(b);
    problem_free(&other);
    halfway_free(&h);
}

static char *contents(const char *path, long *size) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    *size = ftell(file);
    rewind(file);
    char *bytes = malloc((size_t)*size);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, (size_t)*size, file), *size);
    fclose(file);
    return bytes;
}

static void write_bytes(const char *path, const char *bytes, long size) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, (size_t)size, file), size);
    assert_int_equal(fclose(file), 0);
}

/* Cut at, or flipped in, some sixty places. */
static void damaged_files_are_told(void **state) {
    folder *f = *state;
    halfway h = halfway_new(f);
    const char *older = folder_path(f, "fit.ckpt.1");
    long size;
    char *bytes = contents(h.path, &size);
    assert_int_equal(unlink(older), 0);
    for (int t = 0; t < 60; t++) {
        long at = size * (t / 2) / 30;
        bytes[at] ^= t % 2 ? 0 : 64;
        write_bytes(h.path, bytes, t % 2 ? at : size);
        bytes[at] ^= t % 2 ? 0 : 64;
        expect_fit_refused(f->context, h.a, &h.options, NMF_ERROR_INPUT, "not a whole checkpoint");
    }
    free(bytes);
    halfway_free(&h);
}

static void the_one_before_helps(void **state) {
    folder *f = *state;
    halfway h = halfway_new(f);
    nmf_options plain = options_of("hals", "random", "frobenius");
    nmf_result *whole = fitted(f->context, h.a, &plain, NMF_OK);
    for (int lost = 0; lost < 2; lost++) {
        if (lost) {
            unlink(h.path);
        } else {
            write_bytes(h.path, "half", 4);
        }
        nmf_result *rest = fitted(f->context, h.a, &h.options, NMF_OK);
        factors expected = factors_of(whole), got = factors_of(rest);
        expect_factors_same(&got, &expected);
        nmf_checkpoint_remove(f->context, h.path);
        assert_false(there(h.path) || there(folder_path(f, "fit.ckpt.1")));
        factors_free(&expected);
        factors_free(&got);
        nmf_result_free(rest);
        h.options.resume = false;
        nmf_result_free(interrupted(f, h.a, h.options, h.path));
        h.options.resume = true;
    }
    nmf_result_free(whole);
    halfway_free(&h);
}

static void a_fit_goes_on_without(void **state) {
    folder *f = *state;
    problem p = problem_low_rank(ROWS, COLS, RANK, 0.3, 1);
    nmf_matrix *a = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    nmf_options options = options_of("hals", "random", "frobenius");
    options.checkpoint = "/nowhere/fit.ckpt";
    options.checkpoint_every = 1e-9;
    nmf_result *result = fitted(f->context, a, &options, NMF_OK);
    assert_non_null(strstr(f->warning, "the fit goes on without a checkpoint"));
    options.resume = true;
    nmf_result *again = fitted(f->context, a, &options, NMF_OK);
    assert_non_null(strstr(f->warning, "the fit goes on without a checkpoint"));
    nmf_result_free(again);
    nmf_result_free(result);
    nmf_matrix_free(a);
    problem_free(&p);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(every_solver_goes_on),   TEST(every_loss_goes_on),     TEST(penalties_bounds_and_the_best_go_on),
        TEST(other_fits_are_refused), TEST(damaged_files_are_told), TEST(the_one_before_helps),
        TEST(a_fit_goes_on_without),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
