/* What a fit by lines says it will take is what it takes. */
#include "support/asked.h"
#include "support/expect.h"
#include "support/memory.h"

enum { N = 120 };

static void fit_what(int what, int64_t k, shape as, nmf_dtype dtype, int threads) {
    scarce memory = {0};
    nmf_allocator allocator = scarce_allocator(&memory);
    nmf_context *context;
    nmf_options options;
    nmf_result *result;
    asked all;
    size_t said;
    assert_int_equal(nmf_context_new(&allocator, &context), NMF_OK);
    asked_new(context, N, k, as, &all);
    nmf_options_init(&options);
    asked_set(&all, what, &options);
    options.dtype = dtype;
    options.max_iter = 1;
    options.threads = threads;
    assert_int_equal(nmf_fit_memory(context, all.matrix, &options, &said), NMF_OK);
    int64_t before = memory.bytes;
    memory.peak = before;
    assert_int_equal(nmf_fit(context, all.matrix, &options, &result), NMF_OK);
    double took = (double)(memory.peak - before);
    if (took > 1.05 * (double)said + 4096 || (double)said > 1.25 * took + 4096) {
        fail_msg("%s, rank %lld, shape %d, %d threads: said %zu, took %.0f", asked_name(what), (long long)k, (int)as,
                 threads, said, took);
    }
    nmf_result_free(result);
    asked_free(&all);
    nmf_context_free(context);
}

static void a_fit_takes_what_it_says(void **state) {
    (void)state;
    for (int what = 0; what < ASKED; what++) {
        for (int c = 0; c < 6; c++) {
            fit_what(what, c % 2 ? 24 : 4, (shape)(c / 2), (nmf_dtype)((c + what) % 2), 1 + c / 4);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_fit_takes_what_it_says)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
