/* The start that fits a sketch: how little of A it looks at, how near the end it begins, and the sums it is made of. */
#include "support/expect.h"
#include "support/numbers.h"
#include "support/problems.h"

#include "init/range.h"

#include <math.h>
#include <string.h>

enum { K = 5 };

/* What is asked of a matrix that can do nothing but give products: numbers of A, rows times columns. */
static struct {
    const matrix_kind *kind;
    int64_t times, accumulated;
} met;

static void count(int64_t *sum, int64_t numbers) {
#pragma omp atomic
    *sum += numbers;
}

static void counted_times(const nmf_matrix *matrix, int64_t first, const items *y, items *p) {
    count(&met.times, p->count * y->count);
    met.kind->times(matrix, first, y, p);
}

static void counted_accumulate(const nmf_matrix *matrix, int64_t first, const items *x, int64_t column, items *n) {
    count(&met.accumulated, x->count * n->count);
    met.kind->accumulate(matrix, first, x, column, n);
}

static const matrix_kind products_alone = {.times = counted_times, .accumulate = counted_accumulate};

static void a_is_met_in_four_products_alone(void **state) {
    folder *f = *state;
    problem p = problem_low_rank(90, 70, K, 0.1, 1);
    for (int as = 0; as < SHAPES; as++) {
        nmf_matrix *matrix = problem_matrix(f->context, &p, (shape)as, NMF_F64);
        nmf_matrix only = *matrix;
        int64_t worked = 0;
        only.kind = &products_alone;
        met.kind = matrix->kind;
        met.times = met.accumulated = 0;
        init_request request = {f->context, &only, kernel_for(NMF_F64), 1, 2, &worked};
        items w = guarded_new(f->context, NMF_F64, 90, K), h = guarded_new(f->context, NMF_F64, 70, K);
        assert_int_equal(init_sketch.fill(&request, &w, &h), NMF_OK);
        assert_int_equal(met.times, RANGE_PASSES / 2 * 90 * 70);
        assert_int_equal(met.accumulated, RANGE_PASSES / 2 * 90 * 70);
        assert_true(worked > 1 && worked <= 100);
        expect_guarded(&w);
        expect_guarded(&h);
        items_free(f->context, &w);
        items_free(f->context, &h);
        nmf_matrix_free(matrix);
    }
    assert_int_equal(RANGE_PASSES, 4);
    problem_free(&p);
}

/* The error after the first iteration on A, as a part of that of the last. */
static double first_to_last(folder *f, const nmf_matrix *matrix, const char *init, int64_t k, uint64_t seed) {
    nmf_options options;
    nmf_options_init(&options);
    options.rank = k;
    options.init = init;
    options.seed = seed;
    options.dtype = matrix->info.dtype;
    nmf_result *result = fitted(f->context, matrix, &options, NMF_OK);
    const nmf_summary *summary = nmf_result_summary(result);
    expect_history_falls(summary);
    double ratio = summary->history[0].error / summary->error;
    nmf_result_free(result);
    return ratio;
}

/* Of noise, which the sketch does not keep, and of components, which it does. */
static void fits_begin_near_their_end(void **state) {
    folder *f = *state;
    problem tall = problem_low_rank(400, 90, K, 0.2, 8), wide = problem_low_rank(90, 400, K, 0.2, 8);
    for (int c = 0; c < 4 * SHAPES; c++) {
        const problem *p = c & 1 ? &tall : &wide;
        nmf_matrix *matrix = problem_matrix(f->context, p, (shape)(c / 4), (nmf_dtype)(c / 2 % 2));
        assert_true(first_to_last(f, matrix, "random", K, 1) > 1.2);
        for (uint64_t seed = 1; seed < 4; seed++) {
            double ratio = first_to_last(f, matrix, "sketch", K, seed);
            if (!(ratio < 1.02)) {
                fail_msg("case %d, seed %d: the first error is %g times the last", c, (int)seed, ratio);
            }
        }
        nmf_matrix_free(matrix);
    }
    problem_free(&tall);
    problem_free(&wide);
}

/* Sweeps of hals go on from those in the sketch: the first iteration gains more than one from the same W and H gains.
 */
static void sweeps_go_on(void **state) {
    folder *f = *state;
    problem p = problem_low_rank(200, 90, K, 0.2, 8);
    nmf_matrix *a = problem_matrix(f->context, &p, BY_ROW, NMF_F64), *w, *h;
    nmf_result *start;
    nmf_options options;
    nmf_options_init(&options);
    options.rank = K;
    options.init = "sketch";
    options.order = "start";
    options.max_iter = 1;
    assert_int_equal(nmf_initialize(f->context, a, &options, &start), NMF_OK);
    nmf_result *whole = fitted(f->context, a, &options, NMF_OK);
    factors from = factors_of(start);
    assert_int_equal(nmf_matrix_dense(f->context, 200, K, NMF_F64, from.w, K, 1, 0, &w), NMF_OK);
    assert_int_equal(nmf_matrix_dense(f->context, K, 90, NMF_F64, from.h, 90, 1, 0, &h), NMF_OK);
    options.init = NULL;
    options.start_w = w;
    options.start_h = h;
    nmf_result *again = fitted(f->context, a, &options, NMF_OK);
    assert_true(nmf_result_summary(whole)->error < nmf_result_summary(again)->error);
    assert_true(nmf_result_summary(again)->error < nmf_result_summary(start)->error);
    nmf_result_free(start);
    nmf_result_free(whole);
    nmf_result_free(again);
    factors_free(&from);
    nmf_matrix_free(w);
    nmf_matrix_free(h);
    nmf_matrix_free(a);
    problem_free(&p);
}

/* With as many vectors as A has rows the sketch is A, and what is left to the fit is what settling leaves. */
static void a_sketch_of_all_is_a_fit(void **state) {
    folder *f = *state;
    problem p = problem_random(9, 60, 0.6, 2);
    nmf_matrix *matrix = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    assert_int_equal(range_vectors(matrix, K), 9);
    for (uint64_t seed = 1; seed < 6; seed++) {
        assert_true(first_to_last(f, matrix, "sketch", K, seed) < 1.03);
    }
    nmf_matrix_free(matrix);
    problem_free(&p);
}

/* Of A = u·uᵀ the components after the first have nothing to be, and come back as random numbers. */
static void components_without_use_are_random(void **state) {
    folder *f = *state;
    problem p = problem_random(30, 30, 1, 3);
    for (int64_t e = 0; e < 30 * 30; e++) {
        p.values[e] = e / 30 < 2 && e % 30 < 2 ? 1 : 0;
    }
    problem_lay_out(&p);
    nmf_matrix *matrix = problem_matrix(f->context, &p, SPARSE, NMF_F64);
    items w = guarded_new(f->context, NMF_F64, 30, K), h = guarded_new(f->context, NMF_F64, 30, K);
    for (uint64_t seed = 0; seed < 20; seed++) {
        init_request request = {f->context, matrix, kernel_for(NMF_F64), seed, 1, NULL};
        assert_int_equal(init_sketch.fill(&request, &w, &h), NMF_OK);
        for (int64_t c = 0; c < K; c++) {
            assert_false(items_dead(&w, c) || items_dead(&h, c));
        }
    }
    items_free(f->context, &w);
    items_free(f->context, &h);
    nmf_matrix_free(matrix);
    problem_free(&p);
}

static void expect_cross(folder *f, nmf_dtype dtype, int64_t count, int64_t q, int64_t k) {
    const kernel *simd = kernel_for(dtype);
    uint64_t seed = 5;
    items x = guarded_new(f->context, dtype, count, q), y = guarded_new(f->context, dtype, count, k);
    items tiles = guarded_new(f->context, dtype, reduce_tiles(count) * q, k);
    items got[2] = {guarded_new(f->context, dtype, q, k), guarded_new(f->context, dtype, q, k)};
    items_draw(&x, &seed, -1, 1);
    items_draw(&y, &seed, 0, 1);
    for (int threads = 1; threads <= 2; threads++) {
        reduce_room room;
        assert_int_equal(reduce_room_new(f->context, simd, count, k, threads, &room), NMF_OK);
        reduce_cross(&room, &x, &y, &tiles, &got[threads - 1]);
        expect_guarded(&got[threads - 1]);
        reduce_room_free(&room);
    }
    expect_same_bits(&got[1], &got[0]);
    for (int64_t e = 0; e < q * k; e++) {
        summed sum = {0, 0};
        for (int64_t i = 0; i < count; i++) {
            sum_term(&sum, (long double)items_get(&x, i, e / k) * items_get(&y, i, e % k));
        }
        expect_near(items_get(&got[0], e / k, e % k), sum.value, dtype, count, sum.size);
    }
    expect_guarded(&tiles);
    items_free(f->context, &x);
    items_free(f->context, &y);
    items_free(f->context, &tiles);
    items_free(f->context, &got[0]);
    items_free(f->context, &got[1]);
}

static void cross_products_are_right_on_any_number_of_threads(void **state) {
    static const int64_t counts[] = {1, 47, 256, 1024, 1025, 3000, 40000};
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        expect_cross(*state, NMF_F64, counts[c], 7, 3);
        expect_cross(*state, NMF_F32, counts[c], 13, 9);
    }
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_is_met_in_four_products_alone),
        TEST(fits_begin_near_their_end),
        TEST(sweeps_go_on),
        TEST(a_sketch_of_all_is_a_fit),
        TEST(components_without_use_are_random),
        TEST(cross_products_are_right_on_any_number_of_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
