/* The assignment of least cost, against all permutations. */
#include "support/expect.h"
#include "support/numbers.h"

#include "cluster/assign.h"

#include <math.h>

enum { MOST = 7 };

static double cost_of(int64_t n, const double *cost, const int64_t *to) {
    double sum = 0;
    for (int64_t i = 0; i < n; i++) {
        sum += cost[i * n + to[i]];
    }
    return sum;
}

/* The least over all ways to go on from row i. */
static double least_from(int64_t n, const double *cost, int64_t i, unsigned taken) {
    double least = i == n ? 0 : INFINITY;
    for (int64_t j = 0; j < n && i < n; j++) {
        if (!(taken & 1U << j)) {
            least = fmin(least, cost[i * n + j] + least_from(n, cost, i + 1, taken | 1U << j));
        }
    }
    return least;
}

static void expect_each_once(int64_t n, const int64_t *to) {
    bool taken[64] = {false};
    for (int64_t i = 0; i < n; i++) {
        assert_true(to[i] >= 0 && to[i] < n && !taken[to[i]]);
        taken[to[i]] = true;
    }
}

static void no_permutation_costs_less(void **state) {
    folder *f = *state;
    uint64_t seed = 1;
    for (int c = 0; c < 210; c++) {
        double cost[MOST * MOST];
        int64_t n = 1 + c % MOST, to[MOST];
        for (int64_t e = 0; e < n * n; e++) {
            double value = draw(&seed, -3, 5);
            cost[e] = c % 3 == 0 ? floor(value) : c % 3 == 1 ? value : exp(10 * value);
        }
        assert_int_equal(assign_least(f->context, n, cost, to), NMF_OK);
        expect_each_once(n, to);
        double got = cost_of(n, cost, to), least = least_from(n, cost, 0, 0);
        assert_true(fabs(got - least) <= 1e-12 * fabs(least) + 1e-12);
    }
}

static void a_permutation_is_found_again(void **state) {
    folder *f = *state;
    enum { N = 50 };
    double cost[N * N];
    int64_t to[N];
    uint64_t seed = 2;
    for (int64_t e = 0; e < N * N; e++) {
        cost[e] = draw(&seed, 1, 2) - (e % N == (17 * (e / N) + 5) % N);
    }
    assert_int_equal(assign_least(f->context, N, cost, to), NMF_OK);
    for (int64_t i = 0; i < N; i++) {
        assert_int_equal(to[i], (17 * i + 5) % N);
    }
}

/* What a row or a column costs in any case does not matter. */
static void what_all_pay_changes_nothing(void **state) {
    folder *f = *state;
    enum { N = 30 };
    double cost[N * N], more[N * N], row[N], col[N];
    int64_t to[N], again[N];
    uint64_t seed = 3;
    for (int64_t i = 0; i < N; i++) {
        row[i] = floor(draw(&seed, -99, 99));
        col[i] = floor(draw(&seed, -99, 99));
    }
    for (int64_t e = 0; e < N * N; e++) {
        cost[e] = floor(draw(&seed, 0, 1e6));
        more[e] = cost[e] + row[e / N] + col[e % N];
    }
    assert_int_equal(assign_least(f->context, N, cost, to), NMF_OK);
    assert_int_equal(assign_least(f->context, N, more, again), NMF_OK);
    assert_memory_equal(again, to, sizeof to);
}

static void of_equals_the_first_is_taken(void **state) {
    folder *f = *state;
    static const double same[16] = {0};
    int64_t to[4];
    assert_int_equal(assign_least(f->context, 4, same, to), NMF_OK);
    for (int64_t i = 0; i < 4; i++) {
        assert_int_equal(to[i], i);
    }
}

static nmf_status assign_some(nmf_context *context) {
    static const double cost[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    int64_t to[3];
    return assign_least(context, 3, cost, to);
}

static void refused_memory_leaves_nothing(void **state) {
    (void)state;
    expect_memory_refused(assign_some);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(no_permutation_costs_less),    TEST(a_permutation_is_found_again),  TEST(what_all_pay_changes_nothing),
        TEST(of_equals_the_first_is_taken), TEST(refused_memory_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
