/* Solver online: near what a fit of all of A finds, whichever side the samples are on, and stopped between batches. */
#include "support/expect.h"
#include "support/problems.h"

#include <math.h>
#include <string.h>

enum { FEATURES = 30, SAMPLES = 200, K = 4, BATCH = 40 };

static nmf_options options_for(const char *solver) {
    nmf_options options;
    nmf_options_init(&options);
    options.rank = K;
    options.solver = solver;
    options.threads = 1;
    options.batch = strcmp(solver, "online") == 0 ? BATCH : 0;
    return options;
}

static problem transposed(const problem *p) {
    problem turned = problem_random(p->cols, p->rows, 1, 1);
    for (int64_t e = 0; e < p->rows * p->cols; e++) {
        turned.values[e % p->cols * p->rows + e / p->cols] = p->values[e];
    }
    problem_lay_out(&turned);
    return turned;
}

static void a_pass_comes_near_a_whole_fit(void **state) {
    folder *f = *state;
    static const char *const losses[] = {"frobenius", "kl", "is", "huber"};
    problem p = problem_low_rank(FEATURES, SAMPLES, K, 0.3, 1);
    for (int t = 0; t < 8; t++) {
        nmf_matrix *a = problem_matrix(f->context, &p, t % 2 ? SPARSE : BY_ROW, NMF_F64);
        nmf_options whole = options_for("hals"), online = options_for("online");
        whole.loss = online.loss = losses[t / 2];
        whole.loss_parameter = online.loss_parameter = 0.5;
        nmf_result *expected = fitted(f->context, a, &whole, NMF_OK), *got = fitted(f->context, a, &online, NMF_OK);
        const nmf_summary *summary = nmf_result_summary(got);
        factors found = factors_of(got);
        expect_factors_sound(&found);
        assert_int_equal(summary->iterations, 1);
        assert_string_equal(summary->solver, "online");
        assert_true(summary->history[0].error == summary->error);
        if (summary->error > 1.15 * nmf_result_summary(expected)->error) {
            fail_msg("%s: %g, of all at once %g", losses[t / 2], summary->error, nmf_result_summary(expected)->error);
        }
        factors_free(&found);
        nmf_result_free(expected);
        nmf_result_free(got);
        nmf_matrix_free(a);
    }
    problem_free(&p);
}

/* Samples that are rows are the columns of the transpose. */
static void rows_are_learned_from_as_columns_are(void **state) {
    folder *f = *state;
    problem wide = problem_low_rank(FEATURES, SAMPLES, K, 0.3, 2), tall = transposed(&wide);
    for (int t = 0; t < 4; t++) {
        nmf_options options = options_for("online"), turned;
        options.init = "random";
        options.loss = t < 2 ? "frobenius" : "kl";
        options.max_iter = 2;
        options.l1_w = t % 2 ? 0.5 : 0;
        options.l1_h = t % 2 ? 0.1 : 0;
        turned = options;
        turned.l1_w = options.l1_h;
        turned.l1_h = options.l1_w;
        problem w = problem_random(FEATURES, K, 1, 8), h = problem_random(K, SAMPLES, 1, 9);
        problem w_turned = transposed(&h), h_turned = transposed(&w);
        nmf_matrix *a = problem_matrix(f->context, &wide, BY_ROW, NMF_F64);
        nmf_matrix *b = problem_matrix(f->context, &tall, BY_ROW, NMF_F64);
        nmf_matrix *starts[] = {problem_matrix(f->context, &w, BY_ROW, NMF_F64),
                                problem_matrix(f->context, &h, BY_ROW, NMF_F64),
                                problem_matrix(f->context, &w_turned, BY_ROW, NMF_F64),
                                problem_matrix(f->context, &h_turned, BY_ROW, NMF_F64)};
        options.init = turned.init = NULL;
        options.start_w = starts[0];
        options.start_h = starts[1];
        turned.start_w = starts[2];
        turned.start_h = starts[3];
        nmf_result *one = fitted(f->context, a, &options, NMF_OK), *other = fitted(f->context, b, &turned, NMF_OK);
        double of_one = nmf_result_summary(one)->objective, of_other = nmf_result_summary(other)->objective;
        assert_true(fabs(of_one - of_other) < 1e-6 * of_one);
        nmf_result_free(one);
        nmf_result_free(other);
        for (int s = 0; s < 4; s++) {
            nmf_matrix_free(starts[s]);
        }
        nmf_matrix_free(a);
        nmf_matrix_free(b);
        problem *const used[] = {&w, &h, &w_turned, &h_turned};
        for (int s = 0; s < 4; s++) {
            problem_free(used[s]);
        }
    }
    problem_free(&wide);
    problem_free(&tall);
}

/* The first batch knows nothing of the last features; the others do, and nothing is so bad as their mean. */
static void what_the_first_batch_lacks_is_learned(void **state) {
    folder *f = *state;
    static const char *const losses[] = {"frobenius", "kl", "beta"};
    problem p = problem_low_rank(FEATURES, SAMPLES, K, 0.3, 3);
    for (int64_t e = 0; e < FEATURES * SAMPLES; e++) {
        p.values[e] = e / SAMPLES >= FEATURES / 2 && e % SAMPLES < BATCH ? 0 : p.values[e];
    }
    problem_lay_out(&p);
    for (int t = 0; t < 3; t++) {
        nmf_options options = options_for("online");
        options.loss = losses[t];
        options.loss_parameter = 0.5;
        nmf_matrix *a = problem_matrix(f->context, &p, SPARSE, NMF_F64);
        nmf_result *result = fitted(f->context, a, &options, NMF_OK);
        if (nmf_result_summary(result)->relative_error > 0.9) {
            fail_msg("%s: relative error %g", losses[t], nmf_result_summary(result)->relative_error);
        }
        nmf_result_free(result);
        nmf_matrix_free(a);
    }
    problem_free(&p);
}

static void passes_are_iterations(void **state) {
    folder *f = *state;
    problem p = problem_low_rank(FEATURES, SAMPLES, K, 0.3, 4);
    nmf_matrix *a = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    nmf_options options = options_for("online");
    options.max_iter = 5;
    options.stop = "error";
    options.tol = 1e-300;
    nmf_result *result = fitted(f->context, a, &options, NMF_OK);
    const nmf_summary *summary = nmf_result_summary(result);
    assert_int_equal(summary->iterations, 5);
    assert_string_equal(summary->stop_reason, "max-iter");
    assert_true(summary->history[4].error < summary->history[0].error);
    nmf_result_free(result);
    options.stop = "change";
    options.tol = 0.5;
    result = fitted(f->context, a, &options, NMF_OK);
    assert_int_equal(nmf_result_summary(result)->iterations, 2);
    assert_true(nmf_result_summary(result)->converged);
    nmf_result_free(result);
    nmf_matrix_free(a);
    problem_free(&p);
}

static int stop_at_second(void *user, const nmf_progress *progress) {
    int *calls = user;
    assert_true(isfinite(progress->relative_error) && progress->iteration == 0);
    return ++*calls == 2;
}

static void it_stops_between_batches(void **state) {
    folder *f = *state;
    int calls = 0;
    problem p = problem_low_rank(FEATURES, SAMPLES, K, 0.3, 5);
    nmf_matrix *a = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    nmf_options options = options_for("online");
    options.observer = stop_at_second;
    options.observer_user = &calls;
    nmf_result *result = fitted(f->context, a, &options, NMF_INTERRUPTED);
    factors found = factors_of(result);
    assert_int_equal(calls, 2);
    assert_string_equal(nmf_result_summary(result)->stop_reason, "interrupted");
    assert_true(fabs(nmf_result_summary(result)->error - factors_error(&p, &found)) < 1e-9);
    factors_free(&found);
    nmf_result_free(result);
    nmf_matrix_free(a);
    problem_free(&p);
}

static void count_warnings(void *user, const char *sentence) {
    (void)sentence;
    ++*(int *)user;
}

/* Zero rows are said of A, not of every batch. */
static void warnings_come_once(void **state) {
    folder *f = *state;
    int warnings = 0;
    problem p = problem_low_rank(FEATURES, SAMPLES, K, 0.3, 6);
    memset(p.values, 0, SAMPLES * sizeof *p.values);
    problem_lay_out(&p);
    nmf_matrix *a = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    nmf_options options = options_for("online");
    options.loss = "kl";
    nmf_context_on_warning(f->context, count_warnings, &warnings);
    nmf_result_free(fitted(f->context, a, &options, NMF_OK));
    assert_int_equal(warnings, 1);
    nmf_result_free(fitted(f->context, a, &options, NMF_OK));
    assert_int_equal(warnings, 2);
    nmf_matrix_free(a);
    problem_free(&p);
}

static void other_solvers_have_no_batch(void **state) {
    folder *f = *state;
    problem p = problem_random(6, 5, 1, 7);
    nmf_matrix *a = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    nmf_options options = options_for("hals");
    options.batch = 3;
    expect_fit_refused(f->context, a, &options, NMF_ERROR_USAGE, "batch is for solver online");
    options = options_for("online");
    options.batch = -1;
    expect_fit_refused(f->context, a, &options, NMF_ERROR_USAGE, "batch is -1");
    options = options_for("online");
    options.stop = "kkt";
    expect_fit_refused(f->context, a, &options, NMF_ERROR_USAGE, "stop by change or error");
    nmf_matrix_free(a);
    problem_free(&p);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_pass_comes_near_a_whole_fit),
        TEST(rows_are_learned_from_as_columns_are),
        TEST(what_the_first_batch_lacks_is_learned),
        TEST(passes_are_iterations),
        TEST(it_stops_between_batches),
        TEST(warnings_come_once),
        TEST(other_solvers_have_no_batch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
