/* What a fit says it will take is what it takes. */
#include "support/expect.h"
#include "support/memory.h"
#include "support/problems.h"

static const char *const solvers[] = {"hals", "bpp", "mu", "als"};

static void a_fit_takes_what_it_says(void **state) {
    (void)state;
    problem p = problem_random(700, 300, 0.5, 3);
    for (int c = 0; c < 32; c++) {
        scarce memory = {0};
        nmf_allocator allocator = scarce_allocator(&memory);
        nmf_context *context;
        nmf_options options;
        nmf_result *result;
        size_t said;
        assert_int_equal(nmf_context_new(&allocator, &context), NMF_OK);
        nmf_options_init(&options);
        options.solver = solvers[c % 4];
        options.init = c & 4 ? "random" : "nndsvd";
        options.rank = c & 8 ? 60 : 5;
        options.dtype = c & 16 ? NMF_F32 : NMF_F64;
        options.max_iter = 3;
        options.threads = 2;
        nmf_matrix *matrix = problem_matrix(context, &p, SPARSE, NMF_F64);
        assert_int_equal(nmf_fit_memory(context, matrix, &options, &said), NMF_OK);
        int64_t before = memory.bytes;
        memory.peak = before;
        assert_int_equal(nmf_fit(context, matrix, &options, &result), NMF_OK);
        double took = (double)(memory.peak - before);
        if (took > 1.05 * (double)said + 4096 || (double)said > 1.25 * took + 4096) {
            fail_msg("%s, %s, rank %lld: said %zu, took %.0f", options.solver, options.init, (long long)options.rank,
                     said, took);
        }
        nmf_result_free(result);
        nmf_matrix_free(matrix);
        nmf_context_free(context);
    }
    problem_free(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_fit_takes_what_it_says)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
