/* Kernels that move items towards a solution, of every table this processor can run. */
#include "support/expect.h"
#include "support/kernels.h"

#include <float.h>
#include <math.h>

/* G, products and a start for every ragged count a tile can meet. */
typedef struct model {
    nmf_context *context;
    items g, p, start;
    void *scratch;
} model;

static model model_new(nmf_context *context, nmf_dtype dtype, int64_t k, int64_t count) {
    uint64_t seed = (uint64_t)(100 * k + count);
    model m = {context, gram_new(context, dtype, k, &seed), guarded_new(context, dtype, count, k),
               guarded_new(context, dtype, count, k), NULL};
    items_draw(&m.p, &seed, -0.2 * (double)k, (double)k);
    items_draw(&m.start, &seed, 0, 1);
    size_t bytes = 16 * (size_t)m.g.stride * dtype_size(dtype);
    for (int64_t t = 0; kernel_at(dtype, t); t++) {
        size_t sweep = kernel_at(dtype, t)->sweep_scratch(k);
        bytes = sweep > bytes ? sweep : bytes;
    }
    m.scratch = scratch_new(context, bytes);
    return m;
}

static void model_free(model *m) {
    items_free(m->context, &m->g);
    items_free(m->context, &m->p);
    items_free(m->context, &m->start);
    array_free(m->context, m->scratch);
}

static void sweep(const kernel *simd, const model *m, items *x, int64_t sweeps, double enough) {
    simd->sweep(m->g.data, m->p.data, x->data, x->count, x->k, x->stride, &KERNEL_PLAIN, sweeps, enough, m->scratch);
}

/* Entry c of item i after a pass, from the entries before it as the pass left them and those after it as they were. */
static void expect_step(const model *m, const items *before, const items *after, int64_t i, int64_t c) {
    long double curvature = (long double)items_get(&m->g, c, c), old = (long double)items_get(before, i, c);
    summed slope = {0};
    sum_term(&slope, (long double)items_get(&m->p, i, c));
    for (int64_t d = 0; d < m->g.k; d++) {
        const items *x = d < c ? after : before;
        sum_term(&slope, -(long double)items_get(&m->g, c, d) * (long double)items_get(x, i, d));
    }
    long double to = old + slope.value / curvature;
    expect_near(items_get(after, i, c), to > 0 ? to : 0, before->dtype, m->g.k + 2, old + slope.size / curvature);
}

static void one_pass_check(nmf_context *context, nmf_dtype dtype, int64_t k) {
    static const int64_t counts[] = {1, 7, 23, 24, 25, 47, 49, 97};
    for (size_t n = 0; n < (k < 64 ? 8 : 2); n++) {
        model m = model_new(context, dtype, k, counts[n]);
        for (int64_t t = 0; kernel_at(dtype, t); t++) {
            items x = guarded_copy(context, &m.start);
            sweep(kernel_at(dtype, t), &m, &x, 1, 0);
            for (int64_t e = 0; e < x.count * k; e++) {
                expect_step(&m, &m.start, &x, e / k, e % k);
                assert_true(items_get(&x, e / k, e % k) >= 0);
            }
            expect_guarded(&x);
            items_free(context, &x);
        }
        model_free(&m);
    }
}

static void a_pass_takes_exact_coordinate_steps(void **state) {
    (void)state;
    each_shape(one_pass_check);
}

static void falls_check(nmf_context *context, nmf_dtype dtype, int64_t k) {
    model m = model_new(context, dtype, k, k < 64 ? 29 : 5);
    for (int64_t t = 0; kernel_at(dtype, t); t++) {
        items x = guarded_copy(context, &m.start);
        for (int pass = 0; pass < 4; pass++) {
            items before = guarded_copy(context, &x);
            sweep(kernel_at(dtype, t), &m, &x, 1, 0);
            for (int64_t i = 0; i < x.count; i++) {
                summed old = gram_objective(&m.g, &m.p, &before, i), now = gram_objective(&m.g, &m.p, &x, i);
                assert_true(now.value <= old.value + 30 * (long double)epsilon_of(dtype) * (now.size + old.size));
            }
            items_free(context, &before);
        }
        items_free(context, &x);
    }
    model_free(&m);
}

static void a_pass_never_raises_the_objective(void **state) {
    (void)state;
    each_shape(falls_check);
}

/* p such that x solves the problem: a slope of 0 where x is above 0, and upwards where it is 0. */
static void solve_backwards(model *m, uint64_t *seed) {
    for (int64_t e = 0; e < m->start.count * m->g.k; e++) {
        items_set(&m->start, e / m->g.k, e % m->g.k, fmax(0, draw(seed, -1, 1)));
    }
    items_zero(&m->p);
    for (int64_t e = 0; e < m->start.count * m->g.k; e++) {
        int64_t i = e / m->g.k, c = e % m->g.k;
        double slope = (double)gram_slope(&m->g, &m->p, &m->start, i, c).value;
        double up = items_get(&m->start, i, c) > 0 ? 0 : draw(seed, 0, 4 * slope);
        items_set(&m->p, i, c, slope - up);
    }
}

static void fixed_point_check(nmf_context *context, nmf_dtype dtype, int64_t k) {
    uint64_t seed = 5;
    model m = model_new(context, dtype, k, k < 64 ? 53 : 25);
    solve_backwards(&m, &seed);
    for (int64_t t = 0; kernel_at(dtype, t); t++) {
        items x = guarded_copy(context, &m.start);
        sweep(kernel_at(dtype, t), &m, &x, 1, 0);
        for (int64_t e = 0; e < x.count * k; e++) {
            int64_t i = e / k, c = e % k;
            summed slope = gram_slope(&m.g, &m.p, &m.start, i, c);
            expect_near(items_get(&x, i, c), (long double)items_get(&m.start, i, c), dtype, 2 * k,
                        slope.size / (long double)items_get(&m.g, c, c));
        }
        items_free(context, &x);
    }
    model_free(&m);
}

static void a_solution_stays(void **state) {
    (void)state;
    each_shape(fixed_point_check);
}

static void empty_check(nmf_context *context, nmf_dtype dtype, int64_t k) {
    model m = model_new(context, dtype, k, 50);
    for (int64_t c = 0; c < k; c++) {
        items_set(&m.p, 0, c, 0);
        items_set(&m.p, 17, c, 0);
        items_set(&m.p, 49, c, 0);
    }
    for (int64_t t = 0; kernel_at(dtype, t); t++) {
        items x = guarded_copy(context, &m.start);
        sweep(kernel_at(dtype, t), &m, &x, 1, 0);
        for (int64_t c = 0; c < k; c++) {
            assert_true(items_get(&x, 0, c) == 0);
            assert_true(items_get(&x, 17, c) == 0);
            assert_true(items_get(&x, 49, c) == 0);
        }
        items_free(context, &x);
    }
    model_free(&m);
}

static void items_without_products_become_zero(void **state) {
    (void)state;
    each_shape(empty_check);
}

static void passes_check(nmf_context *context, nmf_dtype dtype, int64_t k) {
    model m = model_new(context, dtype, k, 31);
    for (int64_t t = 0; kernel_at(dtype, t); t++) {
        const kernel *simd = kernel_at(dtype, t);
        items one = guarded_copy(context, &m.start), three = guarded_copy(context, &m.start);
        items easy = guarded_copy(context, &m.start);
        sweep(simd, &m, &one, 1, 0);
        sweep(simd, &m, &one, 1, 0);
        sweep(simd, &m, &easy, 3, 1e9);
        expect_same_bits(&easy, &one);
        sweep(simd, &m, &one, 1, 0);
        sweep(simd, &m, &three, 3, 0);
        expect_same_bits(&three, &one);
        items_free(context, &one);
        items_free(context, &three);
        items_free(context, &easy);
    }
    model_free(&m);
}

static void passes_add_up_and_end_when_they_move_little(void **state) {
    (void)state;
    each_shape(passes_check);
}

/* Component c without curvature, or with one whose inverse is past every number. */
static void flat_check(nmf_context *context, nmf_dtype dtype, int64_t k) {
    double tiny[] = {0, dtype == NMF_F64 ? 1e-310 : 1e-40};
    for (int which = 0; which < 2; which++) {
        model m = model_new(context, dtype, k, 13);
        int64_t flat = k / 2;
        for (int64_t d = 0; d < k; d++) {
            items_set(&m.g, flat, d, 0);
            items_set(&m.g, d, flat, 0);
        }
        items_set(&m.g, flat, flat, tiny[which]);
        items_set(&m.p, 3, flat, sqrt(tiny[which]));
        for (int64_t t = 0; kernel_at(dtype, t); t++) {
            items x = guarded_copy(context, &m.start);
            sweep(kernel_at(dtype, t), &m, &x, 3, 0);
            for (int64_t i = 0; i < x.count; i++) {
                assert_true(items_get(&x, i, flat) == items_get(&m.start, i, flat) || k == 1 || which == 1);
                assert_true(isfinite(items_get(&x, i, flat)));
            }
            items_free(context, &x);
        }
        model_free(&m);
    }
}

static void flat_components_stay_finite(void **state) {
    (void)state;
    each_shape(flat_check);
}

static void multiply_check(nmf_context *context, nmf_dtype dtype, int64_t k) {
    uint64_t seed = 9;
    model m = model_new(context, dtype, k, 35);
    items_draw(&m.p, &seed, 0, 1);
    for (int64_t c = 0; c < k; c++) {
        items_set(&m.start, 5, c, 0);
    }
    for (int64_t t = 0; kernel_at(dtype, t); t++) {
        items x = guarded_copy(context, &m.start);
        kernel_at(dtype, t)->multiply(m.g.data, m.p.data, x.data, x.count, k, x.stride, &KERNEL_PLAIN, m.scratch);
        for (int64_t e = 0; e < x.count * k; e++) {
            int64_t i = e / k, c = e % k;
            summed below = {0};
            for (int64_t d = 0; d < k; d++) {
                sum_term(&below, (long double)items_get(&m.g, d, c) * (long double)items_get(&m.start, i, d));
            }
            long double old = (long double)items_get(&m.start, i, c);
            long double to = below.value > 0 ? old * (long double)items_get(&m.p, i, c) / below.value : 0;
            expect_near(items_get(&x, i, c), to, dtype, k + 2, to);
        }
        expect_guarded(&x);
        items_free(context, &x);
    }
    model_free(&m);
}

static void multiplicative_steps_are_the_quotient(void **state) {
    (void)state;
    each_shape(multiply_check);
}

/* Σ G_cc·d² and the magnitude of what the steps are differences of. */
static summed expected_stationarity(const model *m) {
    summed sum = {0};
    for (int64_t e = 0; e < m->start.count * m->g.k; e++) {
        int64_t i = e / m->g.k, c = e % m->g.k;
        long double curvature = (long double)items_get(&m->g, c, c), old = (long double)items_get(&m->start, i, c);
        summed slope = gram_slope(&m->g, &m->p, &m->start, i, c);
        long double to = old - slope.value / curvature, step = (to > 0 ? to : 0) - old;
        long double size = 2 * old + slope.size / curvature;
        sum.value += curvature * step * step;
        sum.size += curvature * size * size;
    }
    return sum;
}

static double stationarity(const kernel *simd, const model *m) {
    return simd->stationarity(m->g.data, m->p.data, m->start.data, m->start.count, m->g.k, m->g.stride, &KERNEL_PLAIN,
                              m->scratch);
}

static void stationarity_check(nmf_context *context, nmf_dtype dtype, int64_t k) {
    static const int64_t counts[] = {1, 24, 49, 97};
    for (size_t n = 0; n < (k < 64 ? 4 : 2); n++) {
        uint64_t seed = 7;
        model m = model_new(context, dtype, k, counts[n]);
        summed sum = expected_stationarity(&m);
        assert_true(sum.value > 0);
        for (int64_t t = 0; kernel_at(dtype, t); t++) {
            expect_near(stationarity(kernel_at(dtype, t), &m), sum.value, dtype, k + 2, sum.size);
        }
        solve_backwards(&m, &seed);
        sum = expected_stationarity(&m);
        for (int64_t t = 0; kernel_at(dtype, t); t++) {
            /* Squares of rounding, not rounding of squares. */
            long double allowed = 30 * (long double)epsilon_of(dtype) * (long double)(k + 2);
            assert_true(stationarity(kernel_at(dtype, t), &m) <= allowed * allowed * sum.size);
        }
        model_free(&m);
    }
}

static void stationarity_measures_the_steps_left(void **state) {
    (void)state;
    each_shape(stationarity_check);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pass_takes_exact_coordinate_steps),
        cmocka_unit_test(a_pass_never_raises_the_objective),
        cmocka_unit_test(a_solution_stays),
        cmocka_unit_test(items_without_products_become_zero),
        cmocka_unit_test(passes_add_up_and_end_when_they_move_little),
        cmocka_unit_test(flat_components_stay_finite),
        cmocka_unit_test(multiplicative_steps_are_the_quotient),
        cmocka_unit_test(stationarity_measures_the_steps_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
