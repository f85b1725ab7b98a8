#include "support/numbers.h"
#include "support/expect.h"

#include <float.h>
#include <math.h>
#include <string.h>

static const double guard = 7;

double draw(uint64_t *seed, double low, double high) {
    /* splitmix64 */
    uint64_t z = *seed += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return low + (high - low) * (double)((z ^ (z >> 31)) >> 11) / 9007199254740992.0;
}

void items_draw(items *x, uint64_t *seed, double low, double high) {
    for (int64_t i = 0; i < x->count; i++) {
        for (int64_t c = 0; c < x->k; c++) {
            items_set(x, i, c, draw(seed, low, high));
        }
    }
}

items guarded_new(nmf_context *context, nmf_dtype dtype, int64_t count, int64_t k) {
    items x;
    assert_int_equal(items_new(context, dtype, count + 1, k, "a test", &x), NMF_OK);
    x.count = count;
    for (int64_t c = 0; c < x.stride; c++) {
        items_set(&x, count, c, guard);
    }
    return x;
}

items guarded_copy(nmf_context *context, const items *from) {
    items x = guarded_new(context, from->dtype, from->count, from->k);
    items_copy(from, &x);
    return x;
}

void expect_guarded(const items *x) {
    for (int64_t c = 0; c < x->stride; c++) {
        assert_true(items_get(x, x->count, c) == guard);
    }
    for (int64_t i = 0; i < x->count; i++) {
        for (int64_t c = x->k; c < x->stride; c++) {
            if (items_get(x, i, c) != 0) {
                fail_msg("padding %lld of item %lld is %g", (long long)c, (long long)i, items_get(x, i, c));
            }
        }
    }
}

void expect_same_bits(const items *got, const items *expected) {
    assert_int_equal(got->count, expected->count);
    assert_int_equal(got->stride, expected->stride);
    assert_memory_equal(got->data, expected->data, (size_t)(got->count * got->stride) * dtype_size(got->dtype));
}

double epsilon_of(nmf_dtype dtype) {
    return dtype == NMF_F64 ? DBL_EPSILON : (double)FLT_EPSILON;
}

void expect_near(double got, long double value, nmf_dtype dtype, int64_t terms, long double size) {
    long double allowed = 30 * (long double)epsilon_of(dtype) * (long double)terms * size;
    if (!(fabsl((long double)got - value) <= allowed)) {
        fail_msg("%.17g is not within %.3Lg of %.17Lg", got, allowed, value);
    }
}
