/* The tree of average linkage: SciPy's answers, the definition by itself, ties. */
#include "support/expect.h"
#include "support/numbers.h"

#include "cluster/tree.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = 7, MOST = 40 };

static const double fixed[N * N] = {
    0, 60, 72, 3,  72, 42, 46, 60, 0,  57, 26, 88, 5,  25, 72, 57, 0,  35, 51, 37, 12, 3,  26, 35, 0,
    5, 1,  5,  72, 88, 51, 5,  0,  14, 89, 42, 5,  37, 1,  14, 0,  17, 46, 25, 12, 5,  89, 17, 0,
};

static tree made(folder *f, int64_t n, const double *distance) {
    tree made;
    assert_int_equal(tree_new(f->context, n, distance, &made), NMF_OK);
    return made;
}

static void draw_distances(int64_t n, double least, double step, uint64_t seed, double *distance) {
    for (int64_t i = 0; i < n; i++) {
        distance[i * n + i] = 0;
        for (int64_t j = 0; j < i; j++) {
            double value = draw(&seed, least, 1);
            value = step > 0 ? step * floor(value / step) : value;
            distance[i * n + j] = distance[j * n + i] = value;
        }
    }
}

/* scipy.cluster.hierarchy: linkage(squareform(D), "average"), fcluster(Z, k, "maxclust"), cophenet. */
static void scipy_gives_the_same(void **state) {
    static const merge expected[] = {{3, 5, 2, 1},  {4, 7, 3, 9.5}, {2, 6, 2, 12},
                                     {0, 8, 4, 39}, {1, 9, 3, 41},  {10, 11, 7, 44.25}};
    static const int64_t cuts[][N] = {{0, 1, 1, 0, 0, 0, 1}, {0, 2, 1, 0, 0, 0, 1}, {1, 3, 2, 0, 0, 0, 2}};
    tree t = made(*state, N, fixed);
    for (int64_t m = 0; m < N - 1; m++) {
        assert_int_equal(t.merges[m].left, expected[m].left);
        assert_int_equal(t.merges[m].right, expected[m].right);
        assert_int_equal(t.merges[m].count, expected[m].count);
        assert_true(fabs(t.merges[m].height - expected[m].height) < 1e-14 * 45);
    }
    assert_true(fabs(tree_cophenetic(&t, fixed) - 0.50103825475357566) < 1e-14);
    for (int64_t k = 2; k <= 4; k++) {
        int64_t labels[N];
        tree_cut(&t, k, labels);
        for (int64_t i = 0; i < N; i++) {
            for (int64_t j = 0; j < N; j++) {
                assert_int_equal(labels[i] == labels[j], cuts[k - 2][i] == cuts[k - 2][j]);
            }
        }
    }
    tree_free(&t);
}

/* member[node][i]: thing i is below the node. */
static void list_members(const tree *t, bool member[2 * MOST][MOST]) {
    memset(member, 0, sizeof(bool[2 * MOST][MOST]));
    for (int64_t i = 0; i < t->n; i++) {
        member[i][i] = true;
    }
    for (int64_t m = 0; m < t->n - 1; m++) {
        for (int64_t i = 0; i < t->n; i++) {
            member[t->n + m][i] = member[t->merges[m].left][i] || member[t->merges[m].right][i];
        }
    }
}

static double mean_between(int64_t n, const double *distance, const bool *a, const bool *b) {
    double sum = 0, count = 0;
    for (int64_t i = 0; i < n; i++) {
        for (int64_t j = 0; j < n; j++) {
            sum += a[i] && b[j] ? distance[i * n + j] : 0;
            count += a[i] && b[j];
        }
    }
    return sum / count;
}

/* Each merge joins the two clusters with the least mean distance of all there are, and is as high as that. */
static void each_merge_is_of_the_nearest(void **state) {
    for (uint64_t seed = 1; seed <= 12; seed++) {
        static bool member[2 * MOST][MOST];
        double distance[MOST * MOST];
        int64_t n = 2 + (int64_t)(seed * 3) % 37;
        bool there[2 * MOST] = {false};
        draw_distances(n, 0, 0, seed, distance);
        tree t = made(*state, n, distance);
        list_members(&t, member);
        for (int64_t i = 0; i < n; i++) {
            there[i] = true;
        }
        for (int64_t m = 0; m < n - 1; m++) {
            double least = INFINITY;
            for (int64_t a = 0; a < n + m; a++) {
                for (int64_t b = 0; b < a; b++) {
                    least = there[a] && there[b] ? fmin(least, mean_between(n, distance, member[a], member[b])) : least;
                }
            }
            const merge *one = &t.merges[m];
            assert_true(there[one->left] && there[one->right] && one->left < one->right);
            assert_true(fabs(one->height - least) < 1e-14);
            assert_true(fabs(mean_between(n, distance, member[one->left], member[one->right]) - one->height) < 1e-14);
            there[one->left] = there[one->right] = false;
            there[n + m] = true;
        }
        tree_free(&t);
    }
}

/* Every cluster of every cut is one run of leaves, and clusters are numbered from left to right. */
static void cuts_go_from_left_to_right(void **state) {
    for (uint64_t seed = 1; seed <= 8; seed++) {
        double distance[MOST * MOST];
        int64_t order[MOST], labels[MOST], coarser[MOST], n = 5 * (int64_t)seed;
        draw_distances(n, 0, seed % 2 ? 0.25 : 0, seed, distance);
        tree t = made(*state, n, distance);
        tree_leaves(&t, order);
        for (int64_t k = 1; k <= n; k++) {
            tree_cut(&t, k, labels);
            assert_int_equal(labels[order[0]], 0);
            for (int64_t p = 1; p < n; p++) {
                int64_t step = labels[order[p]] - labels[order[p - 1]];
                assert_true(step == 0 || step == 1);
                assert_true(k == 1 || step == 1 || coarser[order[p]] == coarser[order[p - 1]]);
            }
            assert_int_equal(labels[order[n - 1]], k - 1);
            memcpy(coarser, labels, sizeof labels);
        }
        tree_free(&t);
    }
}

static double cophenetic_of(const tree *t, const double *distance) {
    static bool member[2 * MOST][MOST];
    long double x = 0, y = 0, xx = 0, yy = 0, xy = 0, count = 0;
    list_members(t, member);
    for (int64_t i = 0; i < t->n; i++) {
        for (int64_t j = 0; j < i; j++) {
            int64_t m = 0;
            while (!member[t->n + m][i] || !member[t->n + m][j]) {
                m++;
            }
            long double a = (long double)distance[i * t->n + j], b = (long double)t->merges[m].height;
            x += a;
            y += b;
            xx += a * a;
            yy += b * b;
            xy += a * b;
            count++;
        }
    }
    return (double)((xy - x * y / count) / sqrtl((xx - x * x / count) * (yy - y * y / count)));
}

static void cophenetic_correlation_is_that_of_the_heights(void **state) {
    double distance[MOST * MOST];
    for (uint64_t seed = 1; seed <= 8; seed++) {
        int64_t n = 3 + 4 * (int64_t)seed;
        draw_distances(n, 0, seed % 2 ? 0.125 : 0, seed, distance);
        tree t = made(*state, n, distance);
        assert_true(fabs(tree_cophenetic(&t, distance) - cophenetic_of(&t, distance)) < 1e-13);
        tree_free(&t);
    }
    /* Distances of a tree are its heights. */
    for (int64_t e = 0; e < 16 * 16; e++) {
        int64_t different = (e / 16) ^ (e % 16);
        distance[e] = different >= 8 ? 8.1 : different >= 4 ? 4.1 : different >= 2 ? 2.1 : different ? 1.1 : 0;
    }
    tree t = made(*state, 16, distance);
    assert_true(fabs(tree_cophenetic(&t, distance) - 1) < 1e-14);
    tree_free(&t);
}

static void equal_distances_make_equal_heights(void **state) {
    double distance[MOST * MOST];
    uint64_t seed = 1;
    for (int64_t n = 1; n <= MOST; n++) {
        int64_t order[MOST];
        double same = draw(&seed, 0, 1);
        for (int64_t e = 0; e < n * n; e++) {
            distance[e] = e % n == e / n ? 0 : same;
        }
        tree t = made(*state, n, distance);
        for (int64_t m = 0; m < n - 1; m++) {
            assert_true(t.merges[m].height == same);
        }
        assert_true(tree_cophenetic(&t, distance) == 1);
        tree_leaves(&t, order);
        tree again = made(*state, n, distance);
        assert_memory_equal(again.leaves, order, (size_t)n * sizeof *order);
        tree_free(&again);
        tree_free(&t);
    }
}

/* The first of equals: 0 and 1 before 2 and 3, whose distance is the same. */
static void of_equals_the_first_are_merged(void **state) {
    static const double distance[] = {0, 1, 5, 5, 1, 0, 5, 5, 5, 5, 0, 1, 5, 5, 1, 0};
    tree t = made(*state, 4, distance);
    int64_t labels[4];
    assert_true(t.merges[0].left == 0 && t.merges[0].right == 1);
    assert_true(t.merges[1].left == 2 && t.merges[1].right == 3);
    assert_true(t.merges[2].left == 4 && t.merges[2].right == 5);
    tree_cut(&t, 3, labels);
    assert_true(labels[0] == labels[1] && labels[2] != labels[3]);
    tree_free(&t);
}

/* Points of a line come out in its order, in one direction or the other. */
static void near_ends_meet(void **state) {
    enum { POINTS = 12 };
    uint64_t seed = 1;
    for (int c = 0; c < 30; c++) {
        double at[POINTS], distance[POINTS * POINTS];
        int64_t order[POINTS];
        for (int64_t i = 0; i < POINTS; i++) {
            at[i] = draw(&seed, 0, 1);
        }
        for (int64_t e = 0; e < POINTS * POINTS; e++) {
            distance[e] = fabs(at[e / POINTS] - at[e % POINTS]);
        }
        tree t = made(*state, POINTS, distance);
        tree_leaves(&t, order);
        for (int64_t p = 1; p + 1 < POINTS; p++) {
            assert_true((at[order[p]] > at[order[p - 1]]) == (at[order[p + 1]] > at[order[p]]));
        }
        tree_free(&t);
    }
}

static nmf_status make_tree(nmf_context *context) {
    tree t;
    nmf_status status = tree_new(context, N, fixed, &t);
    tree_free(&t);
    return status;
}

static void refused_memory_leaves_nothing(void **state) {
    (void)state;
    expect_memory_refused(make_tree);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(scipy_gives_the_same),
        TEST(each_merge_is_of_the_nearest),
        TEST(cuts_go_from_left_to_right),
        TEST(cophenetic_correlation_is_that_of_the_heights),
        TEST(equal_distances_make_equal_heights),
        TEST(of_equals_the_first_are_merged),
        TEST(near_ends_meet),
        TEST(refused_memory_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
