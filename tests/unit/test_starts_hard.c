/* Several starts where things go wrong: no memory, an observer that stops them at any moment. What they take. */
#include "support/asked.h"
#include "support/expect.h"
#include "support/numbers.h"

#include "fit/panels.h"

#include <math.h>
#include <string.h>

enum { N = 12, K = 3, RESTARTS = 7 };

/* What number is asked of fits by lines; past those a plain fit, of which several make a team. */
typedef struct bench {
    scarce memory;
    nmf_context *context;
    asked all;
    nmf_options options;
} bench;

static void bench_new(bench *b, int64_t n, int64_t k, int what, shape as) {
    *b = (bench){0};
    nmf_allocator allocator = scarce_allocator(&b->memory);
    assert_int_equal(nmf_context_new(&allocator, &b->context), NMF_OK);
    asked_new(b->context, n, k, as, &b->all);
    nmf_options_init(&b->options);
    b->options.rank = k;
    if (what < ASKED) {
        asked_set(&b->all, what, &b->options);
    }
    b->options.threads = 1;
    b->options.max_iter = 14;
    b->options.restarts = RESTARTS;
}

static void bench_free(bench *b) {
    asked_free(&b->all);
    nmf_context_free(b->context);
    assert_int_equal(b->memory.live, 0);
    assert_int_equal(b->memory.bytes, 0);
}

/* Call for a few kinds of fits that take several starts, all kept to the end and not. */
static void each_bench(int64_t n, int64_t k, void (*check)(bench *b, const char *what)) {
    for (int what = 0; what <= ASKED + 1; what++) {
        for (int c = 0; c < 4; c++) {
            bench b;
            bench_new(&b, n, k, what, c & 1 ? SPARSE : BY_ROW);
            b.options.keep_all = c & 2;
            b.options.dtype = (nmf_dtype)(c == 1 || c == 2);
            if (what == ASKED + 1) {
                b.options.solver = "als";
                b.options.keep = "best";
            }
            if (!b.options.start_w && (what >= ASKED || what % 4 == c)) {
                check(&b, what < ASKED ? asked_name(what) : "plain");
            }
            bench_free(&b);
        }
    }
}

static void expect_no_memory(bench *b, int64_t at, bool from_then, const char *what) {
    int64_t live = b->memory.live, bytes = b->memory.bytes;
    nmf_result *result = (nmf_result *)(uintptr_t)1;
    b->memory.calls = 0;
    b->memory.fail_at = at;
    b->memory.from_then = from_then;
    nmf_status status = nmf_fit(b->context, b->all.matrix, &b->options, &result);
    b->memory.fail_at = 0;
    if (status != NMF_ERROR_MEMORY || result || b->memory.live != live || b->memory.bytes != bytes) {
        fail_msg("%s: allocation %lld failing gives status %d and leaves %lld blocks", what, (long long)at, (int)status,
                 (long long)(b->memory.live - live));
    }
    assert_non_null(strstr(nmf_context_message(b->context), "memory"));
}

static void fail_each(bench *b, const char *what) {
    b->memory.calls = 0;
    nmf_result_free(fitted(b->context, b->all.matrix, &b->options, NMF_OK));
    int64_t calls = b->memory.calls;
    assert_true(calls > 3 * RESTARTS);
    for (int64_t at = 1; at <= calls; at++) {
        expect_no_memory(b, at, at % 2, what);
    }
    nmf_result_free(fitted(b->context, b->all.matrix, &b->options, NMF_OK));
}

static void they_are_made_or_not(void **state) {
    (void)state;
    each_bench(N, K, fail_each);
}

static void expect_said(bench *b, const char *what) {
    size_t said;
    nmf_result *result;
    assert_int_equal(nmf_fit_memory(b->context, b->all.matrix, &b->options, &said), NMF_OK);
    int64_t before = b->memory.bytes;
    b->memory.peak = before;
    assert_int_equal(nmf_fit(b->context, b->all.matrix, &b->options, &result), NMF_OK);
    double took = (double)(b->memory.peak - before);
    if (took > 1.05 * (double)said + 4096 || (double)said > 1.25 * took + 4096) {
        fail_msg("%s, %s: said %zu, took %.0f", what, b->options.keep_all ? "all kept" : "halved", said, took);
    }
    nmf_result_free(result);
}

static void said_for_long(bench *b, const char *what) {
    b->options.max_iter = 500;
    b->options.restarts = 40;
    b->options.stop = "error";
    b->options.tol = 1e-300;
    expect_said(b, what);
}

static void they_take_what_they_say(void **state) {
    (void)state;
    each_bench(120, 6, expect_said);
    each_bench(24, 3, said_for_long);
}

typedef struct watcher {
    int64_t calls, stop_at;
    bool from_then;
    nmf_progress last;
} watcher;

static int watch(void *user, const nmf_progress *progress) {
    watcher *seen = user;
    seen->calls++;
    seen->last = *progress;
    assert_true(progress->start >= 1 && progress->start <= progress->starts);
    return seen->from_then ? seen->calls >= seen->stop_at : seen->calls == seen->stop_at;
}

/* A result that was stopped: factors that are finite, of the best of the starts that there are. */
static void expect_usable(const nmf_result *result, const char *what) {
    const nmf_summary *s = nmf_result_summary(result);
    factors got = factors_of(result);
    for (int64_t e = 0; e < got.rows * got.k; e++) {
        assert_true(isfinite(got.w[e]));
    }
    for (int64_t e = 0; e < got.cols * got.k; e++) {
        assert_true(isfinite(got.h[e]));
    }
    factors_free(&got);
    assert_true(s->iterations >= 1 && isfinite(s->error) && isfinite(s->kkt_residual));
    int64_t won = 0, dropped = 0;
    for (int64_t t = 0; t < s->restarts; t++) {
        const nmf_start *told = &s->starts[t];
        assert_true(told->seed == (uint64_t)t);
        won += told->seed == s->seed && told->iterations == s->iterations && !told->dropped;
        dropped += told->dropped;
    }
    assert_int_equal(won, 1);
    assert_true(dropped < s->restarts);
    if (strcmp(s->stop_reason, "max-iter") == 0 && s->iterations < 14) {
        fail_msg("%s: stopped for max-iter after %lld iterations", what, (long long)s->iterations);
    }
}

static void stop_each(bench *b, const char *what) {
    watcher seen = {0};
    b->options.observer = watch;
    b->options.observer_user = &seen;
    nmf_result_free(fitted(b->context, b->all.matrix, &b->options, NMF_OK));
    int64_t calls = seen.calls;
    assert_int_equal(seen.last.starts, RESTARTS);
    for (int64_t at = 1; at < calls; at++) {
        nmf_result *result;
        seen = (watcher){.stop_at = at, .from_then = at % 2};
        int64_t live = b->memory.live;
        nmf_status status = nmf_fit(b->context, b->all.matrix, &b->options, &result);
        if (status != NMF_INTERRUPTED || !result || seen.calls != at) {
            fail_msg("%s: stopped at call %lld of %lld: status %d after %lld calls", what, (long long)at,
                     (long long)calls, (int)status, (long long)seen.calls);
        }
        expect_usable(result, what);
        nmf_result_free(result);
        assert_int_equal(b->memory.live, live);
    }
}

static void an_observer_stops_them(void **state) {
    (void)state;
    each_bench(N, K, stop_each);
}

/* Items of several fits stand side by side, and come back as they were; what pads them is zero. */
static void expect_stacked(nmf_context *context, nmf_dtype dtype, int64_t k, int64_t fits) {
    uint64_t seed = 1;
    items wide = guarded_new(context, dtype, 5, fits * k);
    for (int64_t t = 0; t < fits; t++) {
        items narrow = guarded_new(context, dtype, 5, k), back = guarded_new(context, dtype, 5, k);
        items_draw(&narrow, &seed, 1, 2);
        stack_put(&narrow, t, &wide);
        stack_take(&wide, t, &back);
        expect_same_bits(&back, &narrow);
        for (int64_t c = 0; c < k; c++) {
            assert_true(items_get(&wide, 4, t * k + c) == items_get(&narrow, 4, c));
            assert_true(t + 1 == fits || items_get(&wide, 4, (t + 1) * k + c) == 0);
        }
        expect_guarded(&back);
        items_free(context, &narrow);
        items_free(context, &back);
    }
    expect_guarded(&wide);
    items_free(context, &wide);
}

static void items_are_stacked_and_taken_apart(void **state) {
    folder *f = *state;
    for (int dtype = NMF_F64; dtype <= NMF_F32; dtype++) {
        for (int64_t k = 1; k < 12; k++) {
            for (int64_t fits = 1; fits < 7; fits++) {
                expect_stacked(f->context, (nmf_dtype)dtype, k, fits);
            }
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_are_made_or_not),
        cmocka_unit_test(they_take_what_they_say),
        cmocka_unit_test(an_observer_stops_them),
        cmocka_unit_test_setup_teardown(items_are_stacked_and_taken_apart, folder_setup, folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
