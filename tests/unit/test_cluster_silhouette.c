/* Silhouettes: scikit-learn's answers and the corners of the definition. */
#include "support/expect.h"

#include "cluster/silhouette.h"

#include <math.h>

enum { N = 7 };

static const double fixed[N * N] = {
    0, 60, 72, 3,  72, 42, 46, 60, 0,  57, 26, 88, 5,  25, 72, 57, 0,  35, 51, 37, 12, 3,  26, 35, 0,
    5, 1,  5,  72, 88, 51, 5,  0,  14, 89, 42, 5,  37, 1,  14, 0,  17, 46, 25, 12, 5,  89, 17, 0,
};

static double mean_of(folder *f, int64_t n, const double *distance, int64_t k, const int64_t *labels) {
    double mean;
    assert_int_equal(silhouette_mean(f->context, n, distance, k, labels, &mean), NMF_OK);
    return mean;
}

/* sklearn.metrics.silhouette_score(D, labels, metric="precomputed"); in the second 2 has one thing. */
static void scikit_learn_gives_the_same(void **state) {
    static const int64_t three[N] = {0, 0, 1, 2, 1, 0, 2}, alone[N] = {0, 0, 1, 2, 1, 0, 0};
    assert_true(fabs(mean_of(*state, N, fixed, 3, three) - -0.091445048485098504) < 1e-15);
    assert_true(fabs(mean_of(*state, N, fixed, 3, alone) - -0.5815541787968258) < 1e-15);
}

static void blocks_lie_well(void **state) {
    static const double apart[] = {0, 0, 1, 1, 0, 0, 1, 1, 1, 1, 0, 0, 1, 1, 0, 0};
    static const int64_t right[] = {0, 0, 1, 1}, wrong[] = {0, 1, 0, 1};
    assert_true(mean_of(*state, 4, apart, 2, right) == 1);
    assert_true(mean_of(*state, 4, apart, 2, wrong) == -0.5);
}

static void names_of_clusters_do_not_matter(void **state) {
    static const int64_t some[N] = {0, 0, 1, 2, 1, 0, 2}, renamed[N] = {4, 4, 0, 2, 0, 4, 2};
    assert_true(mean_of(*state, N, fixed, 5, renamed) == mean_of(*state, N, fixed, 3, some));
}

static void things_that_are_all_the_same_count_nothing(void **state) {
    static const double none[16] = {0};
    static const int64_t labels[] = {0, 1, 1, 0}, each[] = {0, 1, 2, 3};
    assert_true(mean_of(*state, 4, none, 2, labels) == 0);
    assert_true(mean_of(*state, 4, none, 4, each) == 0);
}

static void one_cluster_has_no_silhouette(void **state) {
    static const int64_t same[N] = {0}, third[N] = {2, 2, 2, 2, 2, 2, 2};
    assert_true(isnan(mean_of(*state, N, fixed, 1, same)));
    assert_true(isnan(mean_of(*state, N, fixed, 3, third)));
    assert_true(isnan(mean_of(*state, 1, fixed, 1, same)));
}

static nmf_status find_mean(nmf_context *context) {
    static const int64_t labels[N] = {0, 0, 1, 2, 1, 0, 2};
    double mean;
    return silhouette_mean(context, N, fixed, 3, labels, &mean);
}

static void refused_memory_leaves_nothing(void **state) {
    (void)state;
    expect_memory_refused(find_mean);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(scikit_learn_gives_the_same),     TEST(blocks_lie_well),
        TEST(names_of_clusters_do_not_matter), TEST(things_that_are_all_the_same_count_nothing),
        TEST(one_cluster_has_no_silhouette),   TEST(refused_memory_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
