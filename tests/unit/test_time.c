/* A fit that has only so much time stops with what it has, and says so. */
#include "support/expect.h"
#include "support/problems.h"

#include <math.h>
#include <string.h>

/* Far more iterations than there is time for. */
static nmf_options endless(double seconds) {
    nmf_options options;
    nmf_options_init(&options);
    options.rank = 3;
    options.init = "random";
    options.solver = "mu";
    options.max_iter = INT32_MAX;
    options.tol = 1e-300;
    options.stop = "error";
    options.time = seconds;
    return options;
}

static void expect_in_time(folder *f, const nmf_options *options) {
    problem p = problem_random(60, 40, 1, 1);
    for (int as = 0; as < SHAPES; as++) {
        nmf_matrix *a = problem_matrix(f->context, &p, (shape)as, NMF_F64);
        nmf_result *result = fitted(f->context, a, options, NMF_OK);
        const nmf_summary *summary = nmf_result_summary(result);
        factors got = factors_of(result);
        assert_string_equal(summary->stop_reason, "time");
        assert_false(summary->converged);
        assert_true(summary->iterations >= 1 && summary->iterations < INT32_MAX);
        expect_factors_sound(&got);
        factors_free(&got);
        nmf_result_free(result);
        nmf_matrix_free(a);
    }
    problem_free(&p);
}

static void one_fit_stops_in_time(void **state) {
    nmf_options options = endless(0.1), kl = endless(0.1);
    kl.loss = "kl";
    expect_in_time(*state, &options);
    expect_in_time(*state, &kl);
}

static void one_iteration_is_always_made(void **state) {
    nmf_options options = endless(1e-9);
    expect_in_time(*state, &options);
}

/* All of them together have the time, and the best of those that were begun is handed back. */
static void several_starts_stop_in_time(void **state) {
    nmf_options options = endless(0.1), every = endless(0.1);
    options.restarts = every.restarts = 40;
    every.keep_all = true;
    expect_in_time(*state, &options);
    expect_in_time(*state, &every);
}

static void time_is_a_number_with_a_unit(void **state) {
    folder *f = *state;
    static const struct {
        const char *text;
        double seconds;
    } good[] = {{"5", 5}, {"0.5", 0.5}, {"90s", 90}, {"10m", 600}, {"1.5h", 5400}, {"2d", 172800}};
    static const char *const bad[] = {"", "0", "-1", "10x", "10 m", "m", "nan", "inf", "1e400h", "5min"};
    nmf_options options;
    nmf_options_init(&options);
    for (size_t t = 0; t < sizeof good / sizeof *good; t++) {
        assert_int_equal(nmf_options_set(f->context, &options, "time", good[t].text), NMF_OK);
        assert_true(options.time == good[t].seconds);
    }
    for (size_t t = 0; t < sizeof bad / sizeof *bad; t++) {
        assert_int_equal(nmf_options_set(f->context, &options, "time", bad[t]), NMF_ERROR_USAGE);
        assert_non_null(strstr(nmf_context_message(f->context), "90s, 10m, 1.5h"));
    }
    options = endless(-1);
    assert_int_equal(nmf_options_check(f->context, &options), NMF_ERROR_USAGE);
    assert_non_null(strstr(nmf_context_message(f->context), "time is -1"));
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(one_fit_stops_in_time),
        TEST(one_iteration_is_always_made),
        TEST(several_starts_stop_in_time),
        TEST(time_is_a_number_with_a_unit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
