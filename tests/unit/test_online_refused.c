/* What no batch can be learned from, and that W is then as it was. */
#include "support/learners.h"

#include <float.h>
#include <math.h>
#include <string.h>

static void expect_refused_so(folder *f, learner *l, const nmf_matrix *a, const nmf_options *options, double forget,
                              nmf_status status, const char *part) {
    learner before = learner_copy(l);
    nmf_online_report report = {7, 7};
    nmf_online_options how = {.forget = forget};
    assert_int_equal(nmf_online_learn(f->context, a, options, &how, &l->state, l->h.values, &report), status);
    if (!strstr(nmf_context_message(f->context), part)) {
        fail_msg("'%s' is not in: %s", part, nmf_context_message(f->context));
    }
    learner_expect_same(l, &before);
    assert_true(report.objective == 7 && report.moved == 7);
    learner_free(&before);
}

static void what_cannot_be_learned_is_refused(void **state) {
    folder *f = *state;
    problem p = problem_random(ROWS, COLS, 0.5, 1), other = problem_random(ROWS + 1, COLS, 0.5, 1);
    nmf_matrix *a = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    nmf_matrix *b = problem_matrix(f->context, &other, BY_ROW, NMF_F64);
    learner l = learner_new(ROWS, COLS, 7);
    nmf_options options = learner_options(&measures[1]), zeros = learner_options(&measures[2]);
    expect_refused_so(f, &l, b, &options, 0, NMF_ERROR_INPUT, "the batch has 18 rows and W 17");
    expect_refused_so(f, &l, a, &options, -0.1, NMF_ERROR_USAGE, "forget is -0.1");
    expect_refused_so(f, &l, a, &options, 1.1, NMF_ERROR_USAGE, "forget is 1.1");
    expect_refused_so(f, &l, a, &options, NAN, NMF_ERROR_USAGE, "from 0");
    expect_refused_so(f, &l, a, &zeros, 0, NMF_ERROR_INPUT, "of which loss is is infinite");
    double *const numbers[] = {l.w.values, l.pull.values, l.push.values, l.h.values};
    static const char *const names[] = {"W is", "what pulled W is", "what pushed W is", "H is"};
    static const double bad[] = {-1, NAN, INFINITY};
    for (int t = 0; t < 4 * 3; t++) {
        double good = numbers[t / 3][4];
        numbers[t / 3][4] = bad[t % 3];
        expect_refused_so(f, &l, a, &options, 0, NMF_ERROR_INPUT, names[t / 3]);
        numbers[t / 3][4] = good;
    }
    l.state.rank = 0;
    expect_refused_so(f, &l, a, &options, 0, NMF_ERROR_USAGE, "rank is 0");
    l.state.rank = RANK;
    l.state.push[0] = DBL_MAX;
    l.state.w[0] = 1e300;
    l.h.values[0] = 1e300;
    options.loss = "frobenius";
    expect_refused_so(f, &l, a, &options, 1, NMF_ERROR_INPUT, "past every number");
    nmf_matrix_free(a);
    nmf_matrix_free(b);
    problem_free(&p);
    problem_free(&other);
    learner_free(&l);
}

static nmf_status learn_little(nmf_context *context) {
    static const double values[] = {1, 2, 3, 4, 5, 6};
    double w[] = {1, 2, 3}, pull[3], push[3], h[] = {1, 1};
    const double was[] = {1, 2, 3};
    nmf_online kept = {3, 1, w, pull, push};
    nmf_options options;
    nmf_online_report report;
    nmf_matrix *a = NULL;
    nmf_options_init(&options);
    options.loss = "kl";
    options.threads = 1;
    nmf_online_start(&kept);
    nmf_status status = nmf_matrix_dense(context, 3, 2, NMF_F64, values, 2, 1, 0, &a);
    for (int t = 0; t < 2 && status == NMF_OK; t++) {
        nmf_online_options how = {.forget = 0.5, .solve_h = t == 0};
        nmf_online_start(&kept);
        memcpy(w, was, sizeof w);
        status = nmf_online_learn(context, a, &options, &how, &kept, h, &report);
        assert_true(status == NMF_OK || (memcmp(w, was, sizeof w) == 0 && (t > 0 || h[0] == 1)));
    }
    nmf_matrix_free(a);
    return status;
}

static void memory_that_is_not_there_leaves_nothing(void **state) {
    (void)state;
    expect_memory_refused(learn_little);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_cannot_be_learned_is_refused, folder_setup, folder_teardown),
        cmocka_unit_test(memory_that_is_not_there_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
