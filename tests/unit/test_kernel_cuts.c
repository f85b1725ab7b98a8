/* Kernels that make items element by element, under rules: extrapolated, projected and multiplied ones. */
#include "support/expect.h"
#include "support/kernels.h"

#include <math.h>

enum { COUNT = 37 };

static void each_rules(nmf_context *context, nmf_dtype dtype, int64_t k,
                       void (*check)(nmf_context *context, nmf_dtype dtype, int64_t k, const kernel_rules *rules)) {
    for (int which = 0; which < RULES; which += rules_step(k)) {
        kernel_rules rules = rules_case(k, which);
        check(context, dtype, k, &rules);
    }
}

/* Numbers that did not move are held: they stay where they are. */
static void extrapolate_case(nmf_context *context, nmf_dtype dtype, int64_t k, const kernel_rules *rules) {
    uint64_t seed = (uint64_t)k;
    items x = guarded_new(context, dtype, COUNT, k), z = guarded_new(context, dtype, COUNT, k);
    kernel_rules inside = *rules;
    inside.held = 0;
    items_draw_within(&x, &inside, &seed);
    items_draw_within(&z, &inside, &seed);
    for (int64_t e = 0; e < COUNT * rules->held; e++) {
        items_set(&z, e / rules->held, e % rules->held, items_get(&x, e / rules->held, e % rules->held));
    }
    for (int64_t t = 0; kernel_at(dtype, t); t++) {
        items y = guarded_new(context, dtype, COUNT, k);
        kernel_at(dtype, t)->extrapolate(x.data, z.data, 0.75, rules, y.data, COUNT, y.stride);
        for (int64_t e = 0; e < COUNT * k; e++) {
            long double now = (long double)items_get(&x, e / k, e % k), old = (long double)items_get(&z, e / k, e % k);
            long double to = within(rules, now + 0.75L * (now - old));
            expect_near(items_get(&y, e / k, e % k), to, dtype, 1, fabsl(now) + fabsl(old));
        }
        expect_rules_kept(&y, &x, rules);
        items_free(context, &y);
    }
    items_free(context, &x);
    items_free(context, &z);
}

static void extrapolate_check(nmf_context *context, nmf_dtype dtype, int64_t k) {
    each_rules(context, dtype, k, extrapolate_case);
}

static void extrapolation_stops_at_the_bounds(void **state) {
    (void)state;
    each_shape(extrapolate_check);
}

/* P·M by its terms; M need not be symmetric. */
static summed product_at(const items *p, const items *m, int64_t i, int64_t c) {
    summed sum = {0};
    for (int64_t d = 0; d < m->k; d++) {
        sum_term(&sum, (long double)items_get(p, i, d) * (long double)items_get(m, d, c));
    }
    return sum;
}

static void project_case(nmf_context *context, nmf_dtype dtype, int64_t k, const kernel_rules *rules) {
    uint64_t seed = (uint64_t)k;
    items m = guarded_new(context, dtype, k, k), p = guarded_new(context, dtype, COUNT, k);
    kernel_rules bounds = *rules;
    bounds.held = 0;
    items_draw(&m, &seed, -1, 1);
    items_draw(&p, &seed, -1, 1);
    for (int64_t t = 0; kernel_at(dtype, t); t++) {
        items x = guarded_copy(context, &p);
        kernel_at(dtype, t)->project(m.data, p.data, x.data, COUNT, k, x.stride, &bounds);
        for (int64_t e = 0; e < COUNT * k; e++) {
            summed sum = product_at(&p, &m, e / k, e % k);
            expect_near(items_get(&x, e / k, e % k), within(&bounds, sum.value), dtype, k, sum.size);
        }
        expect_rules_kept(&x, &x, &bounds);
        items_free(context, &x);
    }
    items_free(context, &m);
    items_free(context, &p);
}

static void project_check(nmf_context *context, nmf_dtype dtype, int64_t k) {
    if (k <= 100) {
        each_rules(context, dtype, k, project_case);
    }
}

static void projections_are_cut_to_the_bounds(void **state) {
    (void)state;
    each_shape(project_check);
}

/* A step's problem, all of it 0 or above, with an item of zeros and one of which the held numbers alone are not. */
typedef struct step {
    items g, p, x;
} step;

static step step_new(nmf_context *context, nmf_dtype dtype, int64_t k, const kernel_rules *rules) {
    uint64_t seed = (uint64_t)k + 1;
    kernel_rules inside = *rules;
    inside.lower = 0;
    step s = {gram_new(context, dtype, k, &seed), guarded_new(context, dtype, COUNT, k),
              guarded_new(context, dtype, COUNT, k)};
    items_draw(&s.p, &seed, 0, (double)k);
    items_draw_within(&s.x, &inside, &seed);
    for (int64_t c = 0; c < k; c++) {
        items_set(&s.x, 5, c, 0);
        if (c >= rules->held) {
            items_set(&s.x, 6, c, 0);
        }
    }
    return s;
}

static void step_free(nmf_context *context, step *s) {
    items_free(context, &s->g);
    items_free(context, &s->p);
    items_free(context, &s->x);
}

static void expect_quotient(const step *s, const items *x, const kernel_rules *rules, int64_t i, int64_t c) {
    summed below = product_at(&s->x, &s->g, i, c);
    sum_term(&below, (long double)rules->l1);
    long double above = (long double)items_get(&s->x, i, c) * (long double)items_get(&s->p, i, c);
    long double to = below.value > 0 ? within(rules, above / below.value) : 0;
    expect_near(items_get(x, i, c), to, x->dtype, x->k + 3, to);
}

static void multiply_case(nmf_context *context, nmf_dtype dtype, int64_t k, const kernel_rules *rules) {
    step s = step_new(context, dtype, k, rules);
    char *scratch = scratch_new(context, 32 * (size_t)s.g.stride * dtype_size(dtype));
    for (int64_t t = 0; kernel_at(dtype, t); t++) {
        items x = guarded_copy(context, &s.x);
        kernel_at(dtype, t)->multiply(s.g.data, s.p.data, x.data, COUNT, k, x.stride, rules, scratch);
        for (int64_t i = 0; i < COUNT; i++) {
            for (int64_t c = rules->held; c < k; c++) {
                expect_quotient(&s, &x, rules, i, c);
            }
        }
        expect_rules_kept(&x, &s.x, rules);
        items_free(context, &x);
    }
    array_free(context, scratch);
    step_free(context, &s);
}

static void multiply_check(nmf_context *context, nmf_dtype dtype, int64_t k) {
    if (k <= 100) {
        each_rules(context, dtype, k, multiply_case);
    }
}

static void multiplicative_steps_are_the_quotient(void **state) {
    (void)state;
    each_shape(multiply_check);
}

static summed objective_at(const step *s, const items *x, const kernel_rules *rules, int64_t i) {
    summed sum = gram_objective(&s->g, &s->p, x, i);
    for (int64_t c = 0; c < x->k; c++) {
        sum_term(&sum, (long double)rules->l1 * (long double)items_get(x, i, c));
    }
    return sum;
}

static void falls_case(nmf_context *context, nmf_dtype dtype, int64_t k, const kernel_rules *rules) {
    step s = step_new(context, dtype, k, rules);
    char *scratch = scratch_new(context, 32 * (size_t)s.g.stride * dtype_size(dtype));
    for (int64_t t = 0; kernel_at(dtype, t); t++) {
        items x = guarded_copy(context, &s.x);
        for (int pass = 0; pass < 3; pass++) {
            items before = guarded_copy(context, &x);
            kernel_at(dtype, t)->multiply(s.g.data, s.p.data, x.data, COUNT, k, x.stride, rules, scratch);
            for (int64_t i = 0; i < COUNT; i++) {
                summed old = objective_at(&s, &before, rules, i), now = objective_at(&s, &x, rules, i);
                assert_true(now.value <= old.value + 30 * (long double)epsilon_of(dtype) * (now.size + old.size));
            }
            items_free(context, &before);
        }
        items_free(context, &x);
    }
    array_free(context, scratch);
    step_free(context, &s);
}

static void falls_check(nmf_context *context, nmf_dtype dtype, int64_t k) {
    if (k <= 33) {
        each_rules(context, dtype, k, falls_case);
    }
}

static void multiplicative_steps_never_raise_the_objective(void **state) {
    (void)state;
    each_shape(falls_check);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(extrapolation_stops_at_the_bounds),
        cmocka_unit_test(projections_are_cut_to_the_bounds),
        cmocka_unit_test(multiplicative_steps_are_the_quotient),
        cmocka_unit_test(multiplicative_steps_never_raise_the_objective),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
