#include "support/kernels.h"
#include "support/expect.h"

#include <math.h>
#include <string.h>

void each_shape(void (*check)(nmf_context *context, nmf_dtype dtype, int64_t k)) {
    static const int64_t ks[] = {1, 2, 3, 7, 8, 9, 16, 17, 24, 31, 33, 64, 100, 256};
    for (size_t i = 0; i < sizeof ks / sizeof *ks; i++) {
        for (int dtype = NMF_F64; dtype <= NMF_F32; dtype++) {
            nmf_context *context;
            assert_int_equal(nmf_context_new(NULL, &context), NMF_OK);
            check(context, (nmf_dtype)dtype, ks[i]);
            nmf_context_free(context);
        }
    }
}

void *scratch_new(nmf_context *context, size_t bytes) {
    void *scratch;
    assert_int_equal(array_new(context, 1, bytes, "a test", &scratch), NMF_OK);
    return scratch;
}

items gram_new(nmf_context *context, nmf_dtype dtype, int64_t k, uint64_t *seed) {
    items y = guarded_new(context, NMF_F64, k, 2 * k), g = guarded_new(context, dtype, k, k);
    const double *numbers = y.data;
    items_draw(&y, seed, 0, 1);
    for (int64_t c = 0; c < k; c++) {
        for (int64_t d = 0; d <= c; d++) {
            double sum = c == d ? 0.1 * (double)k : 0;
            for (int64_t i = 0; i < y.k; i++) {
                sum += numbers[c * y.stride + i] * numbers[d * y.stride + i];
            }
            items_set(&g, c, d, sum);
            items_set(&g, d, c, sum);
        }
    }
    items_free(context, &y);
    return g;
}

summed gram_slope(const items *g, const items *p, const items *x, int64_t item, int64_t c) {
    summed sum = {0};
    sum_term(&sum, -(long double)items_get(p, item, c));
    for (int64_t d = 0; d < g->k; d++) {
        sum_term(&sum, (long double)items_get(g, c, d) * (long double)items_get(x, item, d));
    }
    return sum;
}

summed gram_objective(const items *g, const items *p, const items *x, int64_t item) {
    summed sum = {0};
    for (int64_t c = 0; c < g->k; c++) {
        long double at = (long double)items_get(x, item, c);
        sum_term(&sum, -at * (long double)items_get(p, item, c));
        for (int64_t d = 0; d < g->k; d++) {
            sum_term(&sum, at * (long double)items_get(g, c, d) * (long double)items_get(x, item, d) / 2);
        }
    }
    return sum;
}

/* A bound that about half of the numbers of a solution would be above, and that is a number of f32. */
static double bound_of(int64_t k) {
    double bound = 0.5;
    for (int64_t c = 1; c < k; c *= 2) {
        bound /= 2;
    }
    return bound;
}

kernel_rules rules_case(int64_t k, int which) {
    return (kernel_rules){.l1 = which & 1 ? 0.125 * (double)k : 0,
                          .upper = which & 2 ? bound_of(k) : INFINITY,
                          .lower = which & 4 ? -INFINITY : 0,
                          .held = which & 8 ? (k + 2) / 3 : 0};
}

long double within(const kernel_rules *rules, long double value) {
    value = value > (long double)rules->lower ? value : (long double)rules->lower;
    return value < (long double)rules->upper ? value : (long double)rules->upper;
}

void items_draw_within(items *x, const kernel_rules *rules, uint64_t *seed) {
    double low = isfinite(rules->lower) ? rules->lower : -1, high = isfinite(rules->upper) ? rules->upper : 1;
    for (int64_t e = 0; e < x->count * x->k; e++) {
        int64_t c = e % x->k;
        items_set(x, e / x->k, c, draw(seed, low, c < rules->held ? 2 : high));
    }
}

void expect_rules_kept(const items *x, const items *before, const kernel_rules *rules) {
    size_t held = (size_t)rules->held * dtype_size(x->dtype);
    for (int64_t i = 0; i < x->count; i++) {
        items now = items_range(x, i, 1), then = items_range(before, i, 1);
        assert_memory_equal(now.data, then.data, held);
        for (int64_t c = rules->held; c < x->k; c++) {
            double at = items_get(x, i, c);
            if (!(at >= rules->lower && at <= rules->upper)) {
                fail_msg("%.17g is not from %g to %.17g", at, rules->lower, rules->upper);
            }
        }
    }
    expect_guarded(x);
}
