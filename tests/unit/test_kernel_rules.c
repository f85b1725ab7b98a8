/*
 * Coordinate descent with penalties, bounds and held numbers: by tiles, on one item, on items with a G of their own,
 * and how far it has to go.
 */
#include "support/descents.h"
#include "support/expect.h"

#include <math.h>

/* The slope of what is lowered in entry c of item i. */
static summed slope_at(const model *m, const items *x, int64_t i, int64_t c) {
    summed slope = gram_slope(&m->g, &m->p, x, i, c);
    sum_term(&slope, (long double)m->rules.l1);
    return slope;
}

static summed objective_at(const model *m, const items *x, int64_t i) {
    summed sum = gram_objective(&m->g, &m->p, x, i);
    for (int64_t c = 0; c < x->k; c++) {
        sum_term(&sum, (long double)m->rules.l1 * (long double)items_get(x, i, c));
    }
    return sum;
}

/*
 * Entry c of item i after a pass, from the entries before it as the pass left them and those after it as they were.
 * Slopes that are carried along have a rounding for every step besides.
 */
static void expect_step(const model *m, const items *before, const items *after, int64_t i, int64_t c) {
    long double curvature = (long double)items_get(&m->g, c, c), old = (long double)items_get(before, i, c);
    summed slope = {0};
    sum_term(&slope, (long double)items_get(&m->p, i, c));
    sum_term(&slope, -(long double)m->rules.l1);
    for (int64_t d = 0; d < m->g.k; d++) {
        const items *x = d < c ? after : before;
        sum_term(&slope, -(long double)items_get(&m->g, c, d) * (long double)items_get(x, i, d));
        slope.size += fabsl((long double)items_get(&m->g, c, d) * (long double)items_get(before, i, d));
    }
    long double to = within(&m->rules, old + slope.value / curvature);
    expect_near(items_get(after, i, c), to, before->dtype, 2 * m->g.k + 3, fabsl(old) + slope.size / curvature);
}

static void one_pass(const kernel *simd, const model *m, descent how) {
    items x = guarded_copy(m->context, &m->start);
    descend(simd, m, how, &x, 1, 0);
    for (int64_t i = 0; i < x.count; i++) {
        for (int64_t c = m->rules.held; c < x.k; c++) {
            expect_step(m, &m->start, &x, i, c);
        }
    }
    expect_rules_kept(&x, &m->start, &m->rules);
    items_free(m->context, &x);
}

static void one_pass_of(model *m) {
    each_descent(m, one_pass);
}

static void one_pass_check(nmf_context *context, nmf_dtype dtype, int64_t k) {
    each_model(context, dtype, k, 29, one_pass_of);
}

static void a_pass_takes_exact_steps_within_the_rules(void **state) {
    (void)state;
    each_shape(one_pass_check);
}

static void falls(const kernel *simd, const model *m, descent how) {
    items x = guarded_copy(m->context, &m->start);
    for (int pass = 0; pass < 3; pass++) {
        items before = guarded_copy(m->context, &x);
        descend(simd, m, how, &x, 1 + pass, 0);
        for (int64_t i = 0; i < x.count; i++) {
            summed old = objective_at(m, &before, i), now = objective_at(m, &x, i);
            assert_true(now.value <= old.value + 30 * (long double)epsilon_of(x.dtype) * (now.size + old.size));
        }
        expect_rules_kept(&x, &m->start, &m->rules);
        items_free(m->context, &before);
    }
    items_free(m->context, &x);
}

static void falls_of(model *m) {
    each_descent(m, falls);
}

static void falls_check(nmf_context *context, nmf_dtype dtype, int64_t k) {
    each_model(context, dtype, k, 7, falls_of);
}

static void a_pass_never_raises_the_objective(void **state) {
    (void)state;
    each_shape(falls_check);
}

/* Σ G_cc·d² and the magnitude of what the steps are differences of. */
static summed expected_stationarity(const model *m) {
    summed sum = {0};
    for (int64_t i = 0; i < m->start.count; i++) {
        for (int64_t c = m->rules.held; c < m->g.k; c++) {
            long double curvature = (long double)items_get(&m->g, c, c), old = (long double)items_get(&m->start, i, c);
            summed slope = slope_at(m, &m->start, i, c);
            long double step = within(&m->rules, old - slope.value / curvature) - old;
            long double size = 2 * fabsl(old) + slope.size / curvature;
            sum.value += curvature * step * step;
            sum.size += curvature * size * size;
        }
    }
    return sum;
}

static double stationarity(const kernel *simd, const model *m) {
    return simd->stationarity(m->g.data, m->p.data, m->start.data, m->start.count, m->g.k, m->g.stride, &m->rules,
                              m->scratch);
}

static void stationarity_of(model *m) {
    summed sum = expected_stationarity(m);
    for (int64_t t = 0; kernel_at(m->g.dtype, t); t++) {
        expect_near(stationarity(kernel_at(m->g.dtype, t), m), sum.value, m->g.dtype, m->g.k + 3, sum.size);
    }
}

static void stationarity_check(nmf_context *context, nmf_dtype dtype, int64_t k) {
    static const int64_t counts[] = {1, 24, 50};
    for (size_t n = 0; n < (k < 64 ? 3 : 1); n++) {
        each_model(context, dtype, k, counts[n], stationarity_of);
    }
}

static void stationarity_measures_the_steps_left(void **state) {
    (void)state;
    each_shape(stationarity_check);
}

/* p such that the start solves the problem: at a bound the slope leads out of it, elsewhere it is 0. */
static void solve_backwards(model *m) {
    uint64_t seed = 5;
    bool low = isfinite(m->rules.lower), high = isfinite(m->rules.upper);
    items_zero(&m->p);
    for (int64_t e = 0; e < m->start.count * m->g.k; e++) {
        if (e % m->g.k >= m->rules.held && draw(&seed, 0, 1) < 0.6) {
            double to = high && (!low || draw(&seed, 0, 1) < 0.5) ? m->rules.upper : m->rules.lower;
            items_set(&m->start, e / m->g.k, e % m->g.k, isfinite(to) ? to : 0);
        }
    }
    for (int64_t e = 0; e < m->start.count * m->g.k; e++) {
        int64_t i = e / m->g.k, c = e % m->g.k;
        double at = items_get(&m->start, i, c), out = draw(&seed, 0, (double)m->g.k);
        out *= at == m->rules.upper ? -1 : at == m->rules.lower ? 1 : 0;
        summed slope = slope_at(m, &m->start, i, c);
        items_set(&m->p, i, c, (double)slope.value - out);
    }
}

static void fixed_point(const kernel *simd, const model *m, descent how) {
    items x = guarded_copy(m->context, &m->start);
    descend(simd, m, how, &x, 2, 0);
    for (int64_t i = 0; i < x.count; i++) {
        for (int64_t c = m->rules.held; c < x.k; c++) {
            summed slope = slope_at(m, &m->start, i, c);
            long double size = slope.size / (long double)items_get(&m->g, c, c);
            expect_near(items_get(&x, i, c), (long double)items_get(&m->start, i, c), x.dtype, 4 * x.k, size);
        }
    }
    expect_rules_kept(&x, &m->start, &m->rules);
    items_free(m->context, &x);
}

static void fixed_point_of(model *m) {
    solve_backwards(m);
    each_descent(m, fixed_point);
    summed sum = expected_stationarity(m);
    for (int64_t t = 0; kernel_at(m->g.dtype, t); t++) {
        /* Squares of rounding, not rounding of squares. */
        long double allowed = 30 * (long double)epsilon_of(m->g.dtype) * (long double)(m->g.k + 3);
        assert_true((long double)stationarity(kernel_at(m->g.dtype, t), m) <= allowed * allowed * sum.size);
    }
}

static void fixed_point_check(nmf_context *context, nmf_dtype dtype, int64_t k) {
    each_model(context, dtype, k, 11, fixed_point_of);
}

static void a_solution_stays_and_is_stationary(void **state) {
    (void)state;
    each_shape(fixed_point_check);
}

/* Within the bounds the slope is 0, at a bound it leads out of it; to `tolerance` of the slope's terms. */
static void expect_kkt(const model *m, const items *x, long double tolerance) {
    for (int64_t i = 0; i < x->count; i++) {
        for (int64_t c = m->rules.held; c < x->k; c++) {
            summed slope = slope_at(m, x, i, c);
            double at = items_get(x, i, c);
            assert_true(at == m->rules.lower || slope.value <= tolerance * slope.size);
            assert_true(at == m->rules.upper || slope.value >= -tolerance * slope.size);
        }
    }
}

static void converges(const kernel *simd, const model *m, descent how) {
    items x = guarded_copy(m->context, &m->start);
    descend(simd, m, how, &x, 500 * m->g.k, x.dtype == NMF_F64 ? 1e-12 : 1e-6);
    expect_kkt(m, &x, x.dtype == NMF_F64 ? 1e-9L : 1e-4L);
    expect_rules_kept(&x, &m->start, &m->rules);
    items_free(m->context, &x);
}

static void converges_of(model *m) {
    each_descent(m, converges);
}

static void converges_check(nmf_context *context, nmf_dtype dtype, int64_t k) {
    if (k <= 17) {
        each_model(context, dtype, k, 5, converges_of);
    }
}

static void passes_lead_to_a_solution(void **state) {
    (void)state;
    each_shape(converges_check);
}

/* Lowering every product by l1 is the same as a penalty of l1. */
static void shifted(const kernel *simd, const model *m, descent how) {
    model plain = *m;
    items x = guarded_copy(m->context, &m->start), same = guarded_copy(m->context, &m->start);
    plain.rules.l1 = 0;
    plain.p = guarded_copy(m->context, &m->p);
    for (int64_t e = 0; e < x.count * x.k; e++) {
        items_set(&plain.p, e / x.k, e % x.k, items_get(&m->p, e / x.k, e % x.k) - m->rules.l1);
    }
    descend(simd, m, how, &x, 1, 0);
    descend(simd, &plain, how, &same, 1, 0);
    for (int64_t i = 0; i < x.count; i++) {
        for (int64_t c = m->rules.held; c < x.k; c++) {
            long double size = slope_at(m, &m->start, i, c).size / (long double)items_get(&m->g, c, c);
            expect_near(items_get(&x, i, c), (long double)items_get(&same, i, c), x.dtype, 2 * x.k, size);
        }
    }
    long double size = expected_stationarity(m).size;
    expect_near(stationarity(simd, m), (long double)stationarity(simd, &plain), x.dtype, x.k + 3, size);
    items_free(m->context, &plain.p);
    items_free(m->context, &x);
    items_free(m->context, &same);
}

static void shifted_of(model *m) {
    each_descent(m, shifted);
}

static void shifted_check(nmf_context *context, nmf_dtype dtype, int64_t k) {
    each_model(context, dtype, k, 7, shifted_of);
}

static void a_penalty_lowers_the_products(void **state) {
    (void)state;
    each_shape(shifted_check);
}

/* Where nothing is held; else what is held still pulls at the others. */
static void empty(const kernel *simd, const model *m, descent how) {
    items x = guarded_copy(m->context, &m->start);
    descend(simd, m, how, &x, 1, 0);
    for (int64_t c = 0; c < x.k && m->rules.held == 0 && m->rules.l1 == 0; c++) {
        assert_true(items_get(&x, 2, c) == 0);
    }
    for (int64_t c = m->rules.held; c < x.k && m->rules.held > 0; c++) {
        expect_step(m, &m->start, &x, 2, c);
    }
    expect_rules_kept(&x, &m->start, &m->rules);
    items_free(m->context, &x);
}

static void empty_of(model *m) {
    for (int64_t c = 0; c < m->g.k; c++) {
        items_set(&m->p, 2, c, 0);
    }
    each_descent(m, empty);
}

static void empty_check(nmf_context *context, nmf_dtype dtype, int64_t k) {
    each_model(context, dtype, k, 5, empty_of);
}

static void items_without_products_become_zero(void **state) {
    (void)state;
    each_shape(empty_check);
}

/* Passes in one call, whose slopes may go along from one to the next, are what passes one by one are. */
static void passes(const kernel *simd, const model *m, descent how) {
    items three = guarded_copy(m->context, &m->start), easy = guarded_copy(m->context, &m->start);
    items two = guarded_copy(m->context, &m->start), steps = guarded_copy(m->context, &m->start);
    descend(simd, m, how, &two, 2, 0);
    descend(simd, m, how, &easy, 3, 1e9);
    expect_same_bits(&easy, &two);
    descend(simd, m, how, &three, 3, 0);
    for (int pass = 0; pass < 3; pass++) {
        descend(simd, m, how, &steps, 1, 0);
    }
    for (int64_t i = 0; i < three.count; i++) {
        for (int64_t c = m->rules.held; c < three.k; c++) {
            long double size = slope_at(m, &m->start, i, c).size / (long double)items_get(&m->g, c, c);
            expect_near(items_get(&three, i, c), (long double)items_get(&steps, i, c), three.dtype, 9 * three.k, size);
        }
    }
    items_free(m->context, &two);
    items_free(m->context, &easy);
    items_free(m->context, &three);
    items_free(m->context, &steps);
}

static void passes_of(model *m) {
    each_descent(m, passes);
}

static void passes_check(nmf_context *context, nmf_dtype dtype, int64_t k) {
    each_model(context, dtype, k, 3, passes_of);
}

static void passes_add_up_and_end_when_they_move_little(void **state) {
    (void)state;
    each_shape(passes_check);
}

static void flat(const kernel *simd, const model *m, descent how) {
    items x = guarded_copy(m->context, &m->start);
    int64_t c = x.k / 2;
    descend(simd, m, how, &x, 3, 0);
    for (int64_t i = 0; i < x.count; i++) {
        assert_true(items_get(&x, i, c) == items_get(&m->start, i, c));
    }
    expect_rules_kept(&x, &m->start, &m->rules);
    items_free(m->context, &x);
}

/* Component k/2 without curvature, or with one whose inverse is past every number. */
static void flat_check(nmf_context *context, nmf_dtype dtype, int64_t k) {
    double tiny[] = {0, dtype == NMF_F64 ? 1e-310 : 1e-40};
    for (int which = 0; which < 2; which++) {
        model m = model_new(context, dtype, k, 5);
        uint64_t seed = 3;
        items_draw_within(&m.start, &m.rules, &seed);
        for (int64_t d = 0; d < k; d++) {
            items_set(&m.g, k / 2, d, 0);
            items_set(&m.g, d, k / 2, 0);
        }
        items_set(&m.g, k / 2, k / 2, tiny[which]);
        each_descent(&m, flat);
        model_free(&m);
    }
}

static void flat_components_stay(void **state) {
    (void)state;
    each_shape(flat_check);
}

/* Two models in turn, one to a lane, and each by itself. */
static void lanes_case(const kernel *simd, const model m[2]) {
    int64_t k = m->g.k, most = simd->apart_items(k), count = most - 1;
    items grams = guarded_new(m->context, m->g.dtype, most * k, k), x = guarded_new(m->context, m->g.dtype, most, k);
    items p = guarded_new(m->context, m->g.dtype, most, k);
    void *scratch = scratch_new(m->context, simd->apart_scratch(k));
    for (int64_t i = 0; i < most; i++) {
        items g = items_range(&grams, i * k, k), start = items_range(&x, i, 1), products = items_range(&p, i, 1);
        items from = items_range(&m[i % 2].start, i % 3, 1), by = items_range(&m[i % 2].p, i % 3, 1);
        items_copy(&m[i % 2].g, &g);
        items_copy(&from, &start);
        items_copy(&by, &products);
    }
    items all = guarded_copy(m->context, &x);
    simd->sweep_apart(grams.data, p.data, all.data, count, k, x.stride, &m->rules, 9, 0.3, scratch);
    for (int64_t i = 0; i < most; i++) {
        items g = items_range(&grams, i * k, k), one = items_range(&x, i, 1), products = items_range(&p, i, 1);
        if (i < count) {
            simd->sweep_apart(g.data, products.data, one.data, 1, k, x.stride, &m->rules, 9, 0.3, scratch);
        }
    }
    expect_same_bits(&all, &x);
    expect_guarded(&all);
    items_free(m->context, &grams);
    items_free(m->context, &x);
    items_free(m->context, &p);
    items_free(m->context, &all);
    array_free(m->context, scratch);
}

static void lanes_check(nmf_context *context, nmf_dtype dtype, int64_t k) {
    model m[2] = {model_new(context, dtype, k, 3), model_new(context, dtype, k, 4)};
    uint64_t seed = 9;
    for (int which = 0; which < 2; which++) {
        items_draw_within(&m[which].start, &m[which].rules, &seed);
    }
    for (int64_t t = 0; kernel_at(dtype, t); t++) {
        if (kernel_at(dtype, t)->apart_items(k) > 1) {
            lanes_case(kernel_at(dtype, t), m);
        }
    }
    model_free(&m[0]);
    model_free(&m[1]);
}

static void items_with_a_g_of_their_own_do_not_see_each_other(void **state) {
    (void)state;
    each_shape(lanes_check);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pass_takes_exact_steps_within_the_rules),
        cmocka_unit_test(a_pass_never_raises_the_objective),
        cmocka_unit_test(stationarity_measures_the_steps_left),
        cmocka_unit_test(a_solution_stays_and_is_stationary),
        cmocka_unit_test(passes_lead_to_a_solution),
        cmocka_unit_test(a_penalty_lowers_the_products),
        cmocka_unit_test(items_without_products_become_zero),
        cmocka_unit_test(passes_add_up_and_end_when_they_move_little),
        cmocka_unit_test(flat_components_stay),
        cmocka_unit_test(items_with_a_g_of_their_own_do_not_see_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
