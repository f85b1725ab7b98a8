/* W from batches of columns: steps of mu where nothing is kept, and known numbers where something is. */
#include "support/learners.h"

#include <math.h>
#include <string.h>

enum { STEPS = 20 };

static nmf_online_report learned(folder *f, learner *l, const nmf_matrix *a, const nmf_options *options,
                                 const nmf_online_options *how) {
    nmf_online_report report;
    if (nmf_online_learn(f->context, a, options, how, &l->state, l->h.values, &report) != NMF_OK) {
        fail_msg("%s", nmf_context_message(f->context));
    }
    return report;
}

/* Numbers that are `near` as parts of the largest. */
static void expect_all_close(const double *got, const double *expected, int64_t count, double near) {
    double most = 0;
    for (int64_t e = 0; e < count; e++) {
        most = fmax(most, fabs(expected[e]));
    }
    for (int64_t e = 0; e < count; e++) {
        if (!(fabs(got[e] - expected[e]) <= near * most)) {
            fail_msg("number %lld is %.17g, expected %.17g", (long long)e, got[e], expected[e]);
        }
    }
}

/* STEPS with all of A as the batch and nothing kept, and as many iterations of mu. */
static void expect_as_mu(folder *f, const nmf_matrix *a, nmf_options options) {
    learner l = learner_new(ROWS, COLS, 5);
    nmf_matrix *w = problem_matrix(f->context, &l.w, BY_ROW, NMF_F64);
    nmf_matrix *h = problem_matrix(f->context, &l.h, BY_ROW, NMF_F64);
    nmf_options whole = options;
    whole.solver = "mu";
    whole.start_w = w;
    whole.start_h = h;
    whole.order = "start";
    whole.max_iter = STEPS;
    whole.tol = 1e-300;
    nmf_result *result = fitted(f->context, a, &whole, NMF_OK);
    assert_int_equal(nmf_result_summary(result)->iterations, STEPS);
    factors expected = factors_of(result);
    for (int t = 0; t < STEPS; t++) {
        learned(f, &l, a, &options, &(nmf_online_options){0});
    }
    double near = options.dtype == NMF_F64 ? 1e-9 : 1e-3;
    expect_all_close(l.state.w, expected.w, ROWS * RANK, near);
    expect_all_close(l.h.values, expected.h, RANK * COLS, near);
    factors_free(&expected);
    nmf_result_free(result);
    nmf_matrix_free(w);
    nmf_matrix_free(h);
    learner_free(&l);
}

static void steps_are_iterations_of_mu(void **state) {
    folder *f = *state;
    for (int c = 0; c < MEASURES * SHAPES; c++) {
        const measure *by = &measures[c / SHAPES];
        problem p = problem_random(ROWS, COLS, by->density, 1);
        nmf_matrix *a = problem_matrix(f->context, &p, (shape)(c % SHAPES), NMF_F64);
        nmf_options options = learner_options(by);
        expect_as_mu(f, a, options);
        options.alpha_w = 0.003;
        options.alpha_h = 0.01;
        options.l1_ratio = 1;
        expect_as_mu(f, a, options);
        if (strcmp(by->name, "frobenius") == 0) {
            options.l1_ratio = 0.3;
            options.l1_w = 0.02;
            options.l2_h = 0.05;
            expect_as_mu(f, a, options);
        }
        options.dtype = NMF_F32;
        expect_as_mu(f, a, options);
        nmf_matrix_free(a);
        problem_free(&p);
    }
}

static void what_is_observed_counts(void **state) {
    folder *f = *state;
    problem of_mask = problem_random(ROWS, COLS, 0.2, 2), of_weights = problem_random(ROWS, COLS, 0.9, 3);
    nmf_matrix *mask = problem_matrix(f->context, &of_mask, SPARSE, NMF_F64);
    nmf_matrix *weights = problem_matrix(f->context, &of_weights, BY_ROW, NMF_F64);
    for (int c = 0; c < MEASURES * 5; c++) {
        const measure *by = &measures[c / 5];
        problem p = problem_random(ROWS, COLS, by->density, 4);
        nmf_options options = learner_options(by);
        options.alpha_w = 0.003;
        options.l1_ratio = 1;
        p.allowed = NMF_ALLOW_MISSING;
        p.values[5] = p.values[40] = c % 5 == 0 ? NAN : p.values[5];
        problem_lay_out(&p);
        nmf_matrix *a = problem_matrix(f->context, &p, c % 5 == 2 || c % 5 == 4 ? SPARSE : BY_COLUMN, NMF_F64);
        options.mask = c % 5 == 1 || c % 5 == 4 ? mask : NULL;
        options.observed = c % 5 == 2 ? "stored" : NULL;
        options.weights = c % 5 == 3 ? weights : NULL;
        expect_as_mu(f, a, options);
        nmf_matrix_free(a);
        problem_free(&p);
    }
    nmf_matrix_free(mask);
    nmf_matrix_free(weights);
    problem_free(&of_mask);
    problem_free(&of_weights);
}

/*
 * One component, two rows, one column, half of what was kept. frobenius: h = 2·(4 + 2)/4 = 3, all of W·h is 3. is: both
 * of W·h are h = √(5/2), W is pulled by w²·a/h and pushed by 1.
 */
static void a_small_batch_is_known(void **state) {
    folder *f = *state;
    const double squares[] = {4, 2}, ratios[] = {4, 1}, root = sqrt(2.5);
    const nmf_online_options how = {.forget = 0.5};
    double w[] = {1, 1}, pull[2], push[2], h[] = {2};
    nmf_online kept = {2, 1, w, pull, push};
    nmf_online_report report;
    nmf_options options = learner_options(&measures[0]);
    nmf_matrix *a, *b;
    nmf_online_start(&kept);
    assert_int_equal(nmf_matrix_dense(f->context, 2, 1, NMF_F64, squares, 1, 1, 0, &a), NMF_OK);
    assert_int_equal(nmf_matrix_dense(f->context, 2, 1, NMF_F64, ratios, 1, 1, 0, &b), NMF_OK);
    assert_int_equal(nmf_online_learn(f->context, a, &options, &how, &kept, h, &report), NMF_OK);
    expect_all_close(h, (const double[]){3}, 1, 1e-15);
    expect_all_close(pull, (const double[]){12.5, 6.5}, 2, 1e-15);
    expect_all_close(push, (const double[]){9.5, 9.5}, 2, 1e-15);
    expect_all_close(w, (const double[]){12.5 / 9.5, 6.5 / 9.5}, 2, 1e-15);
    expect_all_close(&report.objective, (const double[]){1}, 1, 1e-14);
    expect_all_close(&report.moved, (const double[]){sqrt(18) / hypot(12.5, 6.5)}, 1, 1e-14);
    w[0] = w[1] = h[0] = 1;
    options.loss = "is";
    nmf_online_start(&kept);
    assert_int_equal(nmf_online_learn(f->context, b, &options, &how, &kept, h, &report), NMF_OK);
    expect_all_close(h, &root, 1, 1e-15);
    expect_all_close(pull, (const double[]){0.5 + 4 / root, 0.5 + 1 / root}, 2, 1e-15);
    expect_all_close(push, (const double[]){1.5, 1.5}, 2, 1e-15);
    expect_all_close(w, (const double[]){sqrt((0.5 + 4 / root) / 1.5), sqrt((0.5 + 1 / root) / 1.5)}, 2, 1e-15);
    nmf_matrix_free(a);
    nmf_matrix_free(b);
}

static double beta_of(const measure *by) {
    return strcmp(by->name, "frobenius") == 0 ? 2 : strcmp(by->name, "kl") == 0 ? 1 : by->parameter;
}

static double power_of(double beta) {
    return beta < 1 ? 1 / (2 - beta) : beta > 2 ? 1 / (beta - 1) : 1;
}

/* (W^(1/γ)∘above) of a dense A, with sums of W, as nmf.h has it; all of it in long double. */
static void expect_kept(const problem *a, const learner *before, const learner *after, const measure *by, double forget,
                        double alpha) {
    double beta = beta_of(by), power = power_of(beta);
    for (int64_t e = 0; e < a->rows * RANK; e++) {
        long double pull = 0, push = alpha * (double)a->cols, w = (long double)before->w.values[e];
        for (int64_t j = 0; j < a->cols; j++) {
            long double b = 0, h = (long double)after->h.values[e % RANK * a->cols + j];
            for (int64_t c = 0; c < RANK; c++) {
                b += (long double)before->w.values[e / RANK * RANK + c] * (long double)after->h.values[c * a->cols + j];
            }
            pull += (long double)a->values[e / RANK * a->cols + j] * powl(b, (long double)beta - 2) * h;
            push += powl(b, (long double)beta - 1) * h;
        }
        pull = forget * (long double)before->pull.values[e] + powl(w, 1 / (long double)power) * pull;
        push += forget * (long double)before->push.values[e];
        double expected[] = {(double)pull, (double)push, (double)powl(pull / push, (long double)power)};
        expect_all_close(&after->pull.values[e], &expected[0], 1, 1e-12);
        expect_all_close(&after->push.values[e], &expected[1], 1, 1e-12);
        expect_all_close(&after->w.values[e], &expected[2], 1, 1e-12);
    }
}

static void batches_are_kept_and_forgotten(void **state) {
    folder *f = *state;
    for (int c = 0; c < MEASURES * 2; c++) {
        const measure *by = &measures[c / 2];
        learner l = learner_new(ROWS, COLS, 11);
        nmf_options options = learner_options(by);
        options.alpha_w = 0.02;
        options.alpha_h = 0;
        options.l1_ratio = 1;
        const double forgets[] = {0.7, 1, 0};
        for (int t = 0; t < 3; t++) {
            problem p = problem_random(ROWS, COLS, by->density, 20 + (uint64_t)t);
            nmf_matrix *a = problem_matrix(f->context, &p, c % 2 ? SPARSE : BY_COLUMN, NMF_F64);
            learner before = learner_copy(&l);
            learned(f, &l, a, &options, &(nmf_online_options){.forget = forgets[t]});
            expect_kept(&p, &before, &l, by, forgets[t], options.alpha_w);
            learner_free(&before);
            nmf_matrix_free(a);
            problem_free(&p);
        }
        learner_free(&l);
    }
}

/* The objective is that of H as it was made and W as it was; squares may be beside any loss. */
static void the_objective_lies_between_the_updates(void **state) {
    folder *f = *state;
    for (int c = 0; c < MEASURES * 4; c++) {
        const measure *by = &measures[c / 4];
        problem p = problem_random(ROWS, COLS, by->density, 1);
        nmf_matrix *a = problem_matrix(f->context, &p, c % 2 ? SPARSE : BY_ROW, NMF_F64);
        learner l = learner_new(ROWS, COLS, 7);
        nmf_options options = learner_options(by);
        options.alpha_w = c / 2 % 2 ? 0.01 : 0;
        options.l1_ratio = c / 2 % 2 ? 0.5 : 0;
        nmf_matrix *w = problem_matrix(f->context, &l.w, BY_ROW, NMF_F64);
        nmf_online_report report = learned(f, &l, a, &options, &(nmf_online_options){.forget = 0.9});
        problem_lay_out(&l.h);
        nmf_matrix *h = problem_matrix(f->context, &l.h, BY_ROW, NMF_F64);
        nmf_summary summary;
        assert_int_equal(nmf_evaluate(f->context, a, w, h, &options, &summary), NMF_OK);
        expect_all_close(&report.objective, &summary.objective, 1, 1e-12);
        nmf_matrix_free(a);
        nmf_matrix_free(w);
        nmf_matrix_free(h);
        problem_free(&p);
        learner_free(&l);
    }
}

/* Whatever H was, it is what nmf_transform finds. */
static void h_can_be_solved_for(void **state) {
    folder *f = *state;
    for (int c = 0; c < MEASURES; c++) {
        const measure *by = &measures[c];
        problem p = problem_random(ROWS, COLS, by->density, 1);
        nmf_matrix *a = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
        learner l = learner_new(ROWS, COLS, 7);
        nmf_options options = learner_options(by);
        nmf_matrix *w = problem_matrix(f->context, &l.w, BY_ROW, NMF_F64);
        nmf_result *result;
        assert_int_equal(nmf_transform(f->context, a, w, &options, &result), NMF_OK);
        factors expected = factors_of(result);
        l.h.values[3] = NAN;
        learner before = learner_copy(&l);
        learned(f, &l, a, &options, &(nmf_online_options){.forget = 0.5, .solve_h = true});
        expect_all_close(l.h.values, expected.h, RANK * COLS, 1e-12);
        expect_kept(&p, &before, &l, by, 0.5, 0);
        learner_free(&before);
        factors_free(&expected);
        nmf_result_free(result);
        nmf_matrix_free(a);
        nmf_matrix_free(w);
        problem_free(&p);
        learner_free(&l);
    }
}

static void threads_change_no_bit(void **state) {
    folder *f = *state;
    for (int c = 0; c < MEASURES * 4; c++) {
        problem p = problem_random(150, 120, measures[c / 4].density, 1);
        nmf_matrix *a = problem_matrix(f->context, &p, c % 2 ? SPARSE : BY_ROW, NMF_F64);
        learner one = learner_new(150, 120, 7), many = learner_new(150, 120, 7);
        nmf_options options = learner_options(&measures[c / 4]);
        const nmf_online_options how = {.forget = 0.8, .solve_h = c / 2 % 2};
        nmf_online_report of_one = learned(f, &one, a, &options, &how), of_many;
        options.threads = 3;
        of_many = learned(f, &many, a, &options, &how);
        learner_expect_same(&many, &one);
        assert_true(of_one.objective == of_many.objective && of_one.moved == of_many.moved);
        nmf_matrix_free(a);
        problem_free(&p);
        learner_free(&one);
        learner_free(&many);
    }
}

static void scale(double *values, int64_t count, double exponent) {
    double whole = floor(exponent);
    for (int64_t e = 0; e < count; e++) {
        values[e] = ldexp(values[e] * exp2(exponent - whole), (int)whole);
    }
}

/* A·2^(s+t), W·2^s and H·2^t: the same W and H, and the same of what is kept, as far as the caller's numbers go. */
static void expect_scaled(folder *f, const measure *by, int of_w, int of_h) {
    double of_push = beta_of(by) * (of_w + of_h) - of_w, of_pull = of_push + of_w / power_of(beta_of(by));
    bool within = fabs(of_push) < 900 && fabs(of_pull) < 900;
    problem p = problem_random(ROWS, COLS, by->density, 1), far = problem_scaled(&p, of_w + of_h);
    learner plain = learner_new(ROWS, COLS, 7), l = learner_new(ROWS, COLS, 7);
    nmf_matrix *a = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    nmf_matrix *b = problem_matrix(f->context, &far, BY_ROW, NMF_F64);
    nmf_options options = learner_options(by);
    nmf_online_options how = {.forget = within ? 0.5 : 0};
    nmf_online_report report;
    scale(l.w.values, ROWS * RANK, of_w);
    scale(l.h.values, RANK * COLS, of_h);
    scale(l.pull.values, ROWS * RANK, within ? of_pull : 0);
    scale(l.push.values, ROWS * RANK, within ? of_push : 0);
    learner before = learner_copy(&l);
    learned(f, &plain, a, &options, &how);
    if (nmf_online_learn(f->context, b, &options, &how, &l.state, l.h.values, &report) != NMF_OK) {
        assert_non_null(strstr(nmf_context_message(f->context), "past every number"));
        assert_false(within);
        learner_expect_same(&l, &before);
    } else {
        scale(l.w.values, ROWS * RANK, -of_w);
        scale(l.h.values, RANK * COLS, -of_h);
        expect_all_close(l.w.values, plain.w.values, ROWS * RANK, 1e-12);
        expect_all_close(l.h.values, plain.h.values, RANK * COLS, 1e-12);
    }
    if (within) {
        scale(l.pull.values, ROWS * RANK, -of_pull);
        scale(l.push.values, ROWS * RANK, -of_push);
        expect_all_close(l.pull.values, plain.pull.values, ROWS * RANK, 1e-12);
        expect_all_close(l.push.values, plain.push.values, ROWS * RANK, 1e-12);
    }
    nmf_matrix_free(a);
    nmf_matrix_free(b);
    problem_free(&p);
    problem_free(&far);
    learner_free(&plain);
    learner_free(&before);
    learner_free(&l);
}

static void scales_divide(void **state) {
    static const int exponents[][2] = {{150, 150}, {-300, -300}, {300, 0}, {0, -400}, {-400, 200}, {300, -250}};
    for (int c = 0; c < MEASURES * 6; c++) {
        expect_scaled(*state, &measures[c / 6], exponents[c % 6][0], exponents[c % 6][1]);
    }
}

/* mu never leaves them, and no number is anything but finite. */
static void zeros_stay(void **state) {
    folder *f = *state;
    for (int c = 0; c < MEASURES * 2; c++) {
        problem p = problem_random(ROWS, COLS, measures[c / 2].density, 1);
        nmf_matrix *a = problem_matrix(f->context, &p, c % 2 ? SPARSE : BY_ROW, NMF_F64);
        learner l = learner_new(ROWS, COLS, 7);
        nmf_options options = learner_options(&measures[c / 2]);
        for (int64_t j = 0; j < COLS; j++) {
            l.h.values[j] = 0;
            l.h.values[(j % RANK) * COLS + j] = 0;
        }
        l.h.values[COLS + 2] = l.h.values[2 * COLS + 2] = 0;
        memset(l.w.values, 0, RANK * sizeof(double));
        learner before = learner_copy(&l);
        nmf_online_report report = learned(f, &l, a, &options, &(nmf_online_options){.forget = 0.5});
        assert_true(isfinite(report.objective) && isfinite(report.moved));
        for (int64_t e = 0; e < RANK * COLS; e++) {
            assert_true(isfinite(l.h.values[e]) && l.h.values[e] >= 0);
            assert_true(before.h.values[e] > 0 || l.h.values[e] == 0);
        }
        for (int64_t e = 0; e < ROWS * RANK; e++) {
            assert_true(isfinite(l.w.values[e]) && l.w.values[e] >= 0);
        }
        nmf_matrix_free(a);
        problem_free(&p);
        learner_free(&before);
        learner_free(&l);
    }
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(steps_are_iterations_of_mu),
        TEST(what_is_observed_counts),
        TEST(a_small_batch_is_known),
        TEST(batches_are_kept_and_forgotten),
        TEST(the_objective_lies_between_the_updates),
        TEST(h_can_be_solved_for),
        TEST(threads_change_no_bit),
        TEST(scales_divide),
        TEST(zeros_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
