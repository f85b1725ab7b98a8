/* How losses pull and push, and what bounds them. */
#include "support/expect.h"
#include "support/sights.h"

#include <math.h>

static void terms_are_derivatives(sight *s) {
    terms at = terms_at(s, 0);
    for (int i = 0; i < COUNT; i++) {
        long double a = (long double)s->value[i], b = (long double)s->b[i], h = 1e-6L * b;
        assert_true(at.pull[i] >= 0 && at.push[i] >= 0 && at.curve[i] >= 0);
        if (s->weight[i] == 0) {
            assert_true(at.pull[i] == 0 && at.push[i] == 0 && at.curve[i] == 0);
            continue;
        }
        long double up = definition(s->of, &s->form, a, b + h).value,
                    down = definition(s->of, &s->form, a, b - h).value;
        long double slope = (long double)s->weight[i] * (up - down) / (2 * h),
                    got = (long double)(at.push[i] - at.pull[i]);
        long double size = (long double)(at.push[i] + at.pull[i] + at.curve[i] * s->b[i]);
        if (!(fabsl(got - slope) <= 1e-9L * size)) {
            fail_msg("%s:%g at %g, %g: slope %.15Lg, expected %.15Lg", s->of->by->name, s->of->parameter, s->value[i],
                     s->b[i], got, slope);
        }
    }
}

static void push_less_pull_is_the_derivative(void **state) {
    (void)state;
    each_sight(terms_are_derivatives);
}

static void slope_begins_with_the_terms(sight *s) {
    terms at = terms_at(s, 0);
    summed sum = slope_of(s, &at);
    expect_near(slope_at(s, 0), sum.value, NMF_F64, COUNT, sum.size);
}

static void slopes_begin_with_the_terms(void **state) {
    (void)state;
    each_sight(slope_begins_with_the_terms);
}

/* The way goes to models that are all above 0: at t = 1 it meets b + e. */
enum { STEPS = 400 };

/* value(b) + ∫ slope, a step at a time by Simpson's rule, is never below the loss, and bends upwards. */
static void bound_is_above(sight *s) {
    double bound = value_at(s, 0), before = slope_at(s, 0), h = 1.0 / STEPS, size = bound;
    for (int t = 1; t <= STEPS && !s->of->by->bounded; t++) {
        double middle = slope_at(s, (t - 0.5) * h), after = slope_at(s, t * h), at = value_at(s, t * h);
        double noise = 1e-12 * (fabs(before) + fabs(after));
        assert_true(before <= middle + noise && middle <= after + noise);
        bound += h * (before + 4 * middle + after) / 6;
        size = fmax(size, fabs(at));
        if (!(at <= bound + 1e-6 * size)) {
            fail_msg("%s:%g at %d: the loss is %.17g, its bound %.17g", s->of->by->name, s->of->parameter, t, at,
                     bound);
        }
        before = after;
    }
}

/* The bound begins to bend as `curve` says. */
static void bound_bends_by_curve(sight *s) {
    terms at = terms_at(s, 0);
    double bend = 0, size = 0, h = 1e-6;
    for (int i = 0; i < COUNT && !s->of->by->bounded; i++) {
        h = fmin(h, 1e-4 * s->b[i] / fabs(s->e[i]));
        bend += at.curve[i] * s->e[i] * s->e[i];
        size += fabs(s->e[i]) * (at.push[i] + at.pull[i]);
    }
    if (!s->of->by->bounded) {
        double got = (slope_at(s, h) - slope_at(s, -h)) / (2 * h);
        assert_true(fabs(got - bend) <= 1e-6 * (bend + size));
    }
}

static void models_are_those_of_a_convex_bound(void **state) {
    (void)state;
    each_sight(bound_is_above);
    each_sight(bound_bends_by_curve);
}

/* The quadratic with the slope and the curve of the terms; where it is said to, it bounds the loss all the way. */
static void quadratic_is_above(sight *s) {
    terms at = terms_at(s, 0);
    double slope = (double)slope_of(s, &at).value, bend = 0;
    for (int i = 0; i < COUNT; i++) {
        bend += at.curve[i] * s->e[i] * s->e[i];
    }
    for (int t = -STEPS; t <= STEPS && s->of->by->bounded; t += 8) {
        double far = 2.0 * t / STEPS, bound = value_at(s, 0) + far * slope + far * far * bend / 2,
               loss = value_at(s, far);
        assert_true(loss <= bound * (1 + 1e-12));
        assert_true(!s->of->by->quadratic || loss >= bound * (1 - 1e-12) - 1e-12);
        terms there = terms_at(s, far);
        summed sum = slope_of(s, &there);
        expect_near(slope_at(s, far), sum.value, NMF_F64, COUNT, sum.size + (long double)bend);
    }
}

static void quadratics_bound_the_losses_that_say_so(void **state) {
    (void)state;
    assert_true(loss_frobenius.bounded && loss_frobenius.quadratic);
    assert_true(loss_huber.bounded && loss_mae.bounded && !loss_huber.quadratic && !loss_mae.quadratic);
    each_sight(quadratic_is_above);
}

/* x ← x·(Σ pull·y ⊘ Σ push·y)^power of three numbers, b = Y·x. */
static void multiply(const sight *s, double y[COUNT][3], double x[3], double b[COUNT]) {
    double above[3] = {0}, below[3] = {0}, pull[COUNT], push[COUNT], curve[COUNT];
    double power = s->of->by->power(s->form.parameter);
    s->of->by->terms(&s->form, &s->list, b, pull, push, curve);
    for (int i = 0; i < COUNT; i++) {
        for (int c = 0; c < 3; c++) {
            above[c] += pull[i] * y[i][c];
            below[c] += push[i] * y[i][c];
        }
        b[i] = 0;
    }
    for (int c = 0; c < 3; c++) {
        x[c] *= pow(above[c] / below[c], power);
        for (int i = 0; i < COUNT; i++) {
            b[i] += x[c] * y[i][c];
        }
    }
}

static void multiplying_falls(sight *s) {
    double y[COUNT][3], x[3] = {0.2, 1, 2}, b[COUNT];
    uint64_t seed = 7;
    for (int i = 0; i < COUNT; i++) {
        b[i] = 0;
        for (int c = 0; c < 3; c++) {
            y[i][c] = exp(draw(&seed, -2, 1));
            b[i] += x[c] * y[i][c];
        }
    }
    double before = s->of->by->value(&s->form, &s->list, b);
    for (int t = 0; t < 10; t++) {
        multiply(s, y, x, b);
        double now = s->of->by->value(&s->form, &s->list, b);
        if (!(now <= before + 1e-12 * (1 + fabs(before)))) {
            fail_msg("%s:%g rises from %.17g to %.17g", s->of->by->name, s->of->parameter, before, now);
        }
        before = now;
    }
}

static void multiplicative_steps_of_their_power_never_rise(void **state) {
    (void)state;
    assert_true(loss_is.power(0) == 0.5 && loss_beta.power(-1) == 1.0 / 3 && loss_beta.power(3) == 0.5);
    assert_true(loss_kl.power(1) == 1 && loss_beta.power(1.5) == 1 && loss_beta.power(2) == 1);
    assert_true(loss_frobenius.power(0) == 1 && loss_huber.power(0.3) == 1 && loss_mae.power(0) == 1);
    each_sight(multiplying_falls);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(push_less_pull_is_the_derivative),
        cmocka_unit_test(slopes_begin_with_the_terms),
        cmocka_unit_test(models_are_those_of_a_convex_bound),
        cmocka_unit_test(quadratics_bound_the_losses_that_say_so),
        cmocka_unit_test(multiplicative_steps_of_their_power_never_rise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
