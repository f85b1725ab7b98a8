#include "support/kernels.h"
#include "support/expect.h"

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
    items y = guarded_new(context, dtype, 2 * k, k), g = guarded_new(context, dtype, k, k);
    items_draw(&y, seed, 0, 1);
    for (int64_t c = 0; c < k; c++) {
        for (int64_t d = 0; d <= c; d++) {
            double sum = c == d ? 0.1 * (double)k : 0;
            for (int64_t i = 0; i < y.count; i++) {
                sum += items_get(&y, i, c) * items_get(&y, i, d);
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
