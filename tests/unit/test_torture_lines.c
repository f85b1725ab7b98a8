/* Every allocation of a fit by lines fails in turn, once and from then on: a status, nothing left, and the same answer
 * once there is memory again. LAPACK's and OpenMP's own memory is outside. */
#include "support/asked.h"
#include "support/expect.h"
#include "support/memory.h"

#include <string.h>

enum { N = 10, K = 3 };

typedef struct bench {
    scarce memory;
    nmf_context *context;
    asked all;
    nmf_options options;
    factors expected;
} bench;

static void bench_new(bench *b, int what, shape as, nmf_dtype dtype, int threads) {
    *b = (bench){0};
    nmf_allocator allocator = scarce_allocator(&b->memory);
    assert_int_equal(nmf_context_new(&allocator, &b->context), NMF_OK);
    asked_new(b->context, N, K, as, &b->all);
    nmf_options_init(&b->options);
    asked_set(&b->all, what, &b->options);
    b->options.dtype = dtype;
    b->options.threads = threads;
    b->options.max_iter = 3;
}

static void bench_free(bench *b) {
    factors_free(&b->expected);
    asked_free(&b->all);
    nmf_context_free(b->context);
    assert_int_equal(b->memory.live, 0);
    assert_int_equal(b->memory.bytes, 0);
}

static void expect_expected(bench *b) {
    nmf_result *result = fitted(b->context, b->all.matrix, &b->options, NMF_OK);
    factors found = factors_of(result);
    expect_factors_same(&found, &b->expected);
    factors_free(&found);
    nmf_result_free(result);
}

static void fail_at(bench *b, int what, int64_t at, bool from_then) {
    int64_t live = b->memory.live, bytes = b->memory.bytes;
    nmf_result *result = (nmf_result *)(uintptr_t)1;
    b->memory.calls = 0;
    b->memory.fail_at = at;
    b->memory.from_then = from_then;
    nmf_status status = nmf_fit(b->context, b->all.matrix, &b->options, &result);
    b->memory.fail_at = 0;
    if (status != NMF_ERROR_MEMORY || result) {
        fail_msg("%s: allocation %lld failing gives status %d", asked_name(what), (long long)at, (int)status);
    }
    assert_non_null(strstr(nmf_context_message(b->context), "memory"));
    assert_int_equal(b->memory.live, live);
    assert_int_equal(b->memory.bytes, bytes);
}

static void torture(bench *b, int what) {
    b->memory.calls = 0;
    nmf_result *result = fitted(b->context, b->all.matrix, &b->options, NMF_OK);
    int64_t calls = b->memory.calls;
    b->expected = factors_of(result);
    nmf_result_free(result);
    assert_true(calls > 10);
    for (int64_t at = 1; at <= calls; at++) {
        fail_at(b, what, at, false);
        if (at % 7 == 1) {
            expect_expected(b);
        }
        fail_at(b, what, at, true);
    }
    expect_expected(b);
}

static void fits_are_made_or_not(void **state) {
    (void)state;
    for (int what = 0; what < ASKED; what++) {
        for (int as = 0; as < SHAPES; as++) {
            bench b;
            bench_new(&b, what, (shape)as, (nmf_dtype)(as % 2), 1 + as % 2 * 2);
            torture(&b, what);
            bench_free(&b);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(fits_are_made_or_not)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
