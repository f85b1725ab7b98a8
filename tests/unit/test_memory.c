/* What a fit says it will take is what it takes. */
#include "support/expect.h"
#include "support/memory.h"
#include "support/problems.h"

#include "init/init.h"

static const char *const solvers[] = {"hals", "bpp", "mu", "als"};

static void expect_said(const problem *p, int c, const char *init) {
    scarce memory = {0};
    nmf_allocator allocator = scarce_allocator(&memory);
    nmf_context *context;
    nmf_options options;
    nmf_result *result;
    size_t said;
    assert_int_equal(nmf_context_new(&allocator, &context), NMF_OK);
    nmf_options_init(&options);
    options.solver = solvers[c % 4];
    options.init = init;
    options.rank = c & 4 ? 60 : 5;
    options.dtype = c & 8 ? NMF_F32 : NMF_F64;
    options.max_iter = 3;
    options.threads = 2;
    nmf_matrix *matrix = problem_matrix(context, p, SPARSE, NMF_F64);
    assert_int_equal(nmf_fit_memory(context, matrix, &options, &said), NMF_OK);
    int64_t before = memory.bytes;
    memory.peak = before;
    assert_int_equal(nmf_fit(context, matrix, &options, &result), NMF_OK);
    double took = (double)(memory.peak - before);
    if (took > 1.05 * (double)said + 4096 || (double)said > 1.25 * took + 4096) {
        fail_msg("%s, %s, rank %lld: said %zu, took %.0f", options.solver, options.init, (long long)options.rank, said,
                 took);
    }
    nmf_result_free(result);
    nmf_matrix_free(matrix);
    nmf_context_free(context);
}

static void expect_start_said(const problem *p, int c, const init *start) {
    scarce memory = {0};
    nmf_allocator allocator = scarce_allocator(&memory);
    nmf_context *context;
    nmf_matrix_info info;
    nmf_dtype dtype = c & 1 ? NMF_F32 : NMF_F64;
    int64_t k = c & 2 ? 60 : 5;
    items w, h;
    assert_int_equal(nmf_context_new(&allocator, &context), NMF_OK);
    nmf_matrix *matrix = problem_matrix(context, p, c & 4 ? BY_COLUMN : SPARSE, dtype);
    nmf_matrix_get_info(matrix, &info);
    init_request request = {context, matrix, kernel_for(dtype), 1, 2, NULL};
    assert_int_equal(items_new(context, dtype, info.rows, k, "W", &w), NMF_OK);
    assert_int_equal(items_new(context, dtype, info.cols, k, "H", &h), NMF_OK);
    int64_t before = memory.bytes;
    memory.peak = before;
    assert_int_equal(start->fill(&request, &w, &h), NMF_OK);
    double took = (double)(memory.peak - before), said = start->bytes ? start->bytes(matrix, dtype, k, 2) : 0;
    if (took > said + 4096 || said > 1.01 * took + 4096) {
        fail_msg("%s, rank %lld: said %.0f, took %.0f", start->name, (long long)k, said, took);
    }
    items_free(context, &w);
    items_free(context, &h);
    nmf_matrix_free(matrix);
    nmf_context_free(context);
}

static void a_fit_takes_what_it_says(void **state) {
    (void)state;
    problem p = problem_random(400, 150, 0.5, 3);
    for (int c = 0; c < 16; c++) {
        for (int i = 0; inits[i]; i++) {
            if (!inits[i]->on_sample) {
                expect_said(&p, c, inits[i]->name);
            }
        }
    }
    problem_free(&p);
}

/* What a start takes beside W and H, against what it says. */
static void a_start_takes_what_it_says(void **state) {
    (void)state;
    problem p = problem_random(400, 150, 0.5, 3);
    for (int c = 0; c < 8; c++) {
        for (int i = 0; inits[i]; i++) {
            expect_start_said(&p, c, inits[i]);
        }
    }
    problem_free(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_start_takes_what_it_says),
                                       cmocka_unit_test(a_fit_takes_what_it_says)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
