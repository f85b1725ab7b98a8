/* Clusters of columns: what they are, that they are found, and that threads and kinds of matrix change nothing. */
#include "support/expect.h"
#include "support/numbers.h"
#include "support/problems.h"

#include "cluster/kmeans.h"

#include <math.h>
#include <string.h>

enum { ROWS = 60, COLS = 75, MOST = 12 };

typedef struct clusters {
    int64_t labels[COLS];
    items centroids;
    double within;
} clusters;

static clusters found(folder *f, const problem *p, shape as, nmf_dtype dtype, int64_t k, int64_t starts, int threads) {
    clusters c;
    nmf_matrix *matrix = problem_matrix(f->context, p, as, dtype);
    kmeans_request request = {f->context, matrix, kernel_for(dtype), k, 7, starts, threads};
    c.centroids = guarded_new(f->context, dtype, p->rows, k);
    assert_int_equal(kmeans(&request, c.labels, &c.centroids, &c.within), NMF_OK);
    expect_guarded(&c.centroids);
    nmf_matrix_free(matrix);
    return c;
}

/* Columns of `kinds` kinds, a block of rows each, with numbers of 1 to 1 + noise there and 0 to noise elsewhere. */
static problem blocks(int64_t rows, int64_t cols, int64_t kinds, double noise) {
    problem p = problem_random(rows, cols, 1, 5);
    for (int64_t e = 0; e < rows * cols; e++) {
        p.values[e] = noise * p.values[e] + (e / cols % kinds == e % cols % kinds);
    }
    problem_lay_out(&p);
    return p;
}

static double squared(const problem *p, int64_t j, const double *point) {
    double sum = 0;
    for (int64_t i = 0; i < p->rows; i++) {
        double away = p->values[i * p->cols + j] - point[i];
        sum += away * away;
    }
    return sum;
}

/* Labels, means and what is within agree; no column is nearer to another mean; no cluster is empty. */
static void expect_clusters(const problem *p, const clusters *c, int64_t k, nmf_dtype dtype) {
    double mean[MOST][ROWS] = {{0}}, within = 0, all = 0, near = 1e3 * epsilon_of(dtype);
    int64_t size[MOST] = {0};
    for (int64_t j = 0; j < p->cols; j++) {
        assert_true(c->labels[j] >= 0 && c->labels[j] < k);
        size[c->labels[j]]++;
        for (int64_t i = 0; i < p->rows; i++) {
            mean[c->labels[j]][i] += p->values[i * p->cols + j];
        }
    }
    for (int64_t l = 0; l < k; l++) {
        assert_true(size[l] > 0);
        for (int64_t i = 0; i < p->rows; i++) {
            mean[l][i] /= (double)size[l];
            assert_true(fabs(items_get(&c->centroids, i, l) - mean[l][i]) < near);
        }
    }
    for (int64_t j = 0; j < p->cols; j++) {
        double own = squared(p, j, mean[c->labels[j]]), none[ROWS] = {0};
        within += own;
        all += squared(p, j, none);
        for (int64_t l = 0; l < k; l++) {
            assert_true(own <= squared(p, j, mean[l]) + near * (double)p->rows);
        }
    }
    assert_true(fabs(c->within - within) <= near * all);
}

static void columns_go_to_the_nearest_mean(void **state) {
    folder *f = *state;
    problem p = problem_random(ROWS, COLS, 0.4, 2);
    for (int c = 0; c < 2 * SHAPES; c++) {
        for (int64_t k = 1; k <= MOST; k += 11 - 7 * (c % 2)) {
            clusters all = found(f, &p, (shape)(c / 2), (nmf_dtype)(c % 2), k, 1 + c % 3, 1);
            expect_clusters(&p, &all, k, (nmf_dtype)(c % 2));
            items_free(f->context, &all.centroids);
        }
    }
    problem_free(&p);
}

static void kinds_are_told_apart(void **state) {
    folder *f = *state;
    problem p = blocks(ROWS, COLS, MOST, 0.01);
    for (int as = 0; as < SHAPES; as++) {
        clusters all = found(f, &p, (shape)as, NMF_F64, MOST, 1, 1);
        for (int64_t j = 0; j < COLS; j++) {
            for (int64_t i = 0; i < j; i++) {
                assert_int_equal(all.labels[i] == all.labels[j], i % MOST == j % MOST);
            }
        }
        items_free(f->context, &all.centroids);
    }
    problem_free(&p);
}

static void more_starts_are_never_worse(void **state) {
    folder *f = *state;
    problem p = problem_random(ROWS, COLS, 0.4, 3);
    double before = INFINITY;
    bool fell = false;
    for (int64_t starts = 1; starts <= 8; starts++) {
        clusters all = found(f, &p, BY_ROW, NMF_F64, 8, starts, 1);
        assert_true(all.within <= before);
        fell = fell || (starts > 1 && all.within < before);
        before = all.within;
        expect_clusters(&p, &all, 8, NMF_F64);
        items_free(f->context, &all.centroids);
    }
    assert_true(fell);
    problem_free(&p);
}

static void threads_and_kinds_change_no_bit(void **state) {
    folder *f = *state;
    problem p = problem_random(ROWS, COLS, 0.3, 4);
    for (int c = 0; c < 2 * SHAPES; c++) {
        nmf_dtype dtype = (nmf_dtype)(c % 2);
        clusters one = found(f, &p, (shape)(c / 2), dtype, 6, 2, 1), other = found(f, &p, BY_ROW, dtype, 6, 2, 1);
        assert_memory_equal(one.labels, other.labels, sizeof one.labels);
        for (int threads = 2; threads <= 3; threads++) {
            clusters many = found(f, &p, (shape)(c / 2), dtype, 6, 2, threads);
            assert_memory_equal(many.labels, one.labels, sizeof one.labels);
            expect_same_bits(&many.centroids, &one.centroids);
            assert_true(many.within == one.within);
            items_free(f->context, &many.centroids);
        }
        items_free(f->context, &one.centroids);
        items_free(f->context, &other.centroids);
    }
    problem_free(&p);
}

/* Seven different columns, one of zeros, each many times: seven clusters leave nothing, more split equal columns. */
static void equal_columns_are_together_and_none_is_empty(void **state) {
    folder *f = *state;
    problem p = blocks(ROWS, COLS, 7, 0);
    for (int64_t i = 0; i < ROWS; i++) {
        for (int64_t j = 3; j < COLS; j += 7) {
            p.values[i * COLS + j] = 0;
        }
    }
    problem_lay_out(&p);
    for (int as = 0; as < SHAPES; as++) {
        for (int64_t k = 7; k <= 10; k++) {
            clusters all = found(f, &p, (shape)as, NMF_F64, k, 1, 1);
            expect_clusters(&p, &all, k, NMF_F64);
            assert_true(all.within < 1e-11);
            items_free(f->context, &all.centroids);
        }
    }
    problem_free(&p);
}

/* Every column its own cluster; with more clusters than columns the rest are empty, and their centroids zero. */
static void few_columns_have_a_cluster_each(void **state) {
    folder *f = *state;
    for (int64_t n = 1; n <= 5; n += 4) {
        problem p = problem_random(ROWS, n, 0.8, 6);
        for (int64_t k = n; k <= n + 2; k++) {
            clusters all = found(f, &p, n == 1 ? SPARSE : BY_COLUMN, NMF_F64, k, 2, 1);
            bool taken[MOST] = {false};
            for (int64_t j = 0; j < n; j++) {
                assert_true(all.labels[j] < n && !taken[all.labels[j]]);
                taken[all.labels[j]] = true;
                for (int64_t i = 0; i < ROWS; i++) {
                    assert_true(items_get(&all.centroids, i, all.labels[j]) == p.values[i * n + j]);
                    assert_true(k == n || items_get(&all.centroids, i, k - 1) == 0);
                }
            }
            assert_true(all.within < 1e-13);
            items_free(f->context, &all.centroids);
        }
        problem_free(&p);
    }
}

static void a_matrix_of_zeros_is_clustered(void **state) {
    folder *f = *state;
    problem p = problem_random(4, 6, 0, 1);
    for (int as = 0; as < SHAPES; as++) {
        clusters all = found(f, &p, (shape)as, NMF_F64, 3, 1, 2);
        expect_clusters(&p, &all, 3, NMF_F64);
        assert_true(all.within == 0);
        items_free(f->context, &all.centroids);
    }
    problem_free(&p);
}

static nmf_status cluster_some(nmf_context *context) {
    static const double values[] = {1, 2, 3, 4, 5, 6, 7, 8};
    nmf_matrix *matrix = NULL;
    int64_t labels[4];
    double within;
    nmf_status status = nmf_matrix_dense(context, 2, 4, NMF_F64, values, 4, 1, 0, &matrix);
    if (status == NMF_OK) {
        kmeans_request request = {context, matrix, kernel_for(NMF_F64), 2, 7, 2, 1};
        status = kmeans(&request, labels, NULL, &within);
    }
    nmf_matrix_free(matrix);
    return status;
}

static void refused_memory_leaves_nothing(void **state) {
    (void)state;
    expect_memory_refused(cluster_some);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(columns_go_to_the_nearest_mean),
        TEST(kinds_are_told_apart),
        TEST(more_starts_are_never_worse),
        TEST(threads_and_kinds_change_no_bit),
        TEST(equal_columns_are_together_and_none_is_empty),
        TEST(few_columns_have_a_cluster_each),
        TEST(a_matrix_of_zeros_is_clustered),
        TEST(refused_memory_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
