/* What mu shrinks for ever becomes 0 once nothing that is fitted would show the difference, and nothing else does. */
#include "support/expect.h"
#include "support/problems.h"

#include <math.h>
#include <string.h>

enum { ROWS = 15, COLS = 10, RANK = 5, SEEDS = 20 };

/* Five blocks of rank 1 along the diagonal, 3 × 2 each: every column has one component, and nothing is shared. */
static problem blocks(uint64_t seed) {
    problem p = problem_random(ROWS, COLS, 1, seed), drawn = problem_random(ROWS, COLS, 1, seed + 100);
    for (int64_t i = 0; i < ROWS; i++) {
        for (int64_t j = 0; j < COLS; j++) {
            double of_row = 0.1 + drawn.values[i * COLS], of_col = 0.1 + drawn.values[j];
            p.values[i * COLS + j] = i / 3 == j / 2 ? of_row * of_col : 0;
        }
    }
    problem_lay_out(&p);
    problem_free(&drawn);
    return p;
}

static nmf_options options_of(const char *loss, double parameter) {
    nmf_options options;
    nmf_options_init(&options);
    options.rank = RANK;
    options.solver = "mu";
    options.loss = loss;
    options.loss_parameter = parameter;
    options.init = "random";
    options.max_iter = 1000;
    options.tol = 1e-300;
    options.threads = 1;
    return options;
}

static void expect_zeros(const problem *p, const double *w, const double *h) {
    for (int64_t i = 0; i < ROWS; i++) {
        for (int64_t j = 0; j < COLS; j++) {
            double b = 0;
            for (int64_t c = 0; c < RANK; c++) {
                b += w[i * RANK + c] * h[c * COLS + j];
            }
            if ((p->values[i * COLS + j] == 0) != (b == 0)) {
                fail_msg("row %d, column %d is %g for %g", (int)i, (int)j, b, p->values[i * COLS + j]);
            }
        }
    }
}

/* Wherever a fit finds the blocks, and not two of a component, zeros are zeros. */
static void zeros_of_blocks_are_exact(void **state) {
    folder *f = *state;
    for (int c = 0; c < 2 * 2 * 2; c++) {
        int found = 0;
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            problem p = blocks(seed + 1);
            nmf_options options = options_of(c % 2 ? "beta" : "kl", 0.5);
            options.seed = seed;
            options.dtype = (nmf_dtype)(c / 4);
            nmf_matrix *a = problem_matrix(f->context, &p, c / 2 % 2 ? SPARSE : BY_ROW, NMF_F64);
            nmf_result *result = fitted(f->context, a, &options, NMF_OK);
            factors got = factors_of(result);
            expect_history_falls(nmf_result_summary(result));
            if (nmf_result_summary(result)->relative_error < 1e-6) {
                found++;
                expect_zeros(&p, got.w, got.h);
            }
            factors_free(&got);
            nmf_result_free(result);
            nmf_matrix_free(a);
            problem_free(&p);
        }
        assert_true(found >= SEEDS / 4);
    }
}

/* Far below rounding beside the rest of its column, but all there is under an entry: 1e-9 in f32. */
static void what_an_entry_stands_on_stays(void **state) {
    folder *f = *state;
    static const double values[] = {1, 1e-9}, w[] = {1, 0, 0, 1}, h[] = {1, 3e-9};
    nmf_matrix *a, *of_w, *of_h;
    nmf_options options = options_of("kl", 0);
    assert_int_equal(nmf_matrix_dense(f->context, 2, 1, NMF_F64, values, 1, 1, 0, &a), NMF_OK);
    assert_int_equal(nmf_matrix_dense(f->context, 2, 2, NMF_F64, w, 2, 1, 0, &of_w), NMF_OK);
    assert_int_equal(nmf_matrix_dense(f->context, 2, 1, NMF_F64, h, 1, 1, 0, &of_h), NMF_OK);
    options.rank = 0;
    options.init = NULL;
    options.order = "start";
    options.dtype = NMF_F32;
    options.start_w = of_w;
    options.start_h = of_h;
    nmf_result *result = fitted(f->context, a, &options, NMF_OK);
    factors got = factors_of(result);
    assert_true(fabs(got.w[3] * got.h[1] - 1e-9) < 1e-14);
    factors_free(&got);
    nmf_result_free(result);
    nmf_matrix_free(a);
    nmf_matrix_free(of_w);
    nmf_matrix_free(of_h);
}

/* Nothing would show the difference yet, but it grows. Steps, since a fit stops where it gets no better. */
static void what_grows_from_little_grows(void **state) {
    folder *f = *state;
    static const double values[] = {1, 0.1, 0.1, 1};
    double w[] = {1, 0.1, 1, 1}, h[] = {0.55, 0.55, 1e-20, 1e-20}, pull[4], push[4];
    nmf_online kept = {2, 2, w, pull, push};
    nmf_options options = options_of("kl", 0);
    nmf_online_report report = {0};
    nmf_matrix *a;
    assert_int_equal(nmf_matrix_dense(f->context, 2, 2, NMF_F64, values, 2, 1, 0, &a), NMF_OK);
    nmf_online_start(&kept);
    for (int t = 0; t < 300; t++) {
        assert_int_equal(nmf_online_learn(f->context, a, &options, &(nmf_online_options){0}, &kept, h, &report),
                         NMF_OK);
    }
    assert_true(h[2] == 0 && fabs(w[3] * h[3] - 0.99) < 1e-6);
    nmf_matrix_free(a);
}

/* The same batch over and over, with half of what was before kept. */
static void batches_find_the_zeros_too(void **state) {
    folder *f = *state;
    problem p = blocks(3), w = problem_random(ROWS, RANK, 1, 8);
    double pull[ROWS * RANK], push[ROWS * RANK], h[RANK * COLS];
    nmf_online kept = {ROWS, RANK, w.values, pull, push};
    nmf_options options = options_of("kl", 0);
    for (int64_t e = 0; e < ROWS * RANK; e++) {
        w.values[e] += e % RANK == e / RANK / 3 ? 1 : 0;
    }
    nmf_online_start(&kept);
    for (int64_t e = 0; e < RANK * COLS; e++) {
        h[e] = 1;
    }
    nmf_matrix *a = problem_matrix(f->context, &p, SPARSE, NMF_F64);
    nmf_online_report report = {0};
    for (int t = 0; t < 1000; t++) {
        nmf_online_options how = {.forget = 0.5};
        assert_int_equal(nmf_online_learn(f->context, a, &options, &how, &kept, h, &report), NMF_OK);
    }
    assert_true(report.objective < 1e-9);
    expect_zeros(&p, w.values, h);
    nmf_matrix_free(a);
    problem_free(&p);
    problem_free(&w);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(zeros_of_blocks_are_exact),
        TEST(what_an_entry_stands_on_stays),
        TEST(what_grows_from_little_grows),
        TEST(batches_find_the_zeros_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
