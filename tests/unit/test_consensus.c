/* A consensus of components that were planted, its intervals and its co-membership, and what it refuses. */
#include "select/consensus.h"
#include "select/density.h"
#include "support/expect.h"
#include "support/numbers.h"
#include "support/prepared.h"

#include <math.h>
#include <string.h>

enum { M = 30, N = 24, K = 3, RESTARTS = 8 };

/* A = W·H and a little: a third of the rows belong to each column of W, of the samples to each row of H. */
typedef struct planted {
    double w[M * K], h[K * N], values[M * N];
    problem a;
} planted;

static planted plant(void) {
    planted p;
    uint64_t seed = 5;
    for (int e = 0; e < M * K; e++) {
        p.w[e] = e / K % K == e % K ? draw(&seed, 1, 2) : draw(&seed, 0, 0.05);
    }
    for (int e = 0; e < K * N; e++) {
        double little = draw(&seed, -0.3, 0.3);
        p.h[e] = e % N % K == e / N ? draw(&seed, 1, 3) : fmax(little, 0);
    }
    for (int e = 0; e < M * N; e++) {
        p.values[e] = draw(&seed, 0, 0.01);
        for (int c = 0; c < K; c++) {
            p.values[e] += p.w[e / N * K + c] * p.h[c * N + e % N];
        }
    }
    p.a = problem_of(M, N, p.values);
    return p;
}

static nmf_options options_of(int64_t rank, int64_t threads) {
    nmf_options options;
    nmf_options_init(&options);
    options.rank = rank;
    options.threads = threads;
    return options;
}

static nmf_consensus *consensus_of(nmf_context *context, const nmf_matrix *matrix, int64_t rank, double level,
                                   int64_t threads) {
    const nmf_options options = options_of(rank, threads);
    const nmf_consensus_options how = {.restarts = RESTARTS, .level = level};
    nmf_consensus *consensus;
    if (nmf_consensus_new(context, matrix, &options, &how, &consensus) != NMF_OK) {
        fail_msg("%s", nmf_context_message(context));
    }
    return consensus;
}

static void expect_close(double got, double expected, double within) {
    if (!(fabs(got - expected) <= within)) {
        fail_msg("%.17g is not %.17g", got, expected);
    }
}

/* Of column c of the one and column d of the other. */
static double cosine(const double *one, int c, const double *other, int d) {
    double both = 0, x = 0, y = 0;
    for (int i = 0; i < M; i++) {
        both += one[i * K + c] * other[i * K + d];
        x += one[i * K + c] * one[i * K + c];
        y += other[i * K + d] * other[i * K + d];
    }
    return both / sqrt(x * y);
}

/* Every planted component is found, each by another one. */
static void expect_planted(const planted *p, const double *w) {
    bool taken[K] = {false};
    for (int c = 0; c < K; c++) {
        int to = 0;
        for (int d = 1; d < K; d++) {
            to = cosine(p->w, c, w, d) > cosine(p->w, c, w, to) ? d : to;
        }
        assert_true(cosine(p->w, c, w, to) > 0.99);
        assert_false(taken[to]);
        taken[to] = true;
    }
}

static void planted_components_come_back(void **state) {
    folder *f = *state;
    planted p = plant();
    const shape shapes[] = {BY_ROW, SPARSE};
    for (int s = 0; s < 2; s++) {
        nmf_matrix *matrix = problem_matrix(f->context, &p.a, shapes[s], NMF_F64);
        nmf_consensus *consensus = consensus_of(f->context, matrix, K, 0, 1);
        factors found = factors_of(nmf_consensus_result(consensus));
        expect_factors_sound(&found);
        expect_planted(&p, found.w);
        for (int c = 0; c < K; c++) {
            double sum = 0;
            for (int i = 0; i < M; i++) {
                sum += found.w[i * K + c];
            }
            expect_close(sum, 1, 1e-12);
        }
        nmf_matrix_info info;
        nmf_matrix_get_info(matrix, &info);
        assert_true(factors_error(&p.a, &found) < 0.01 * info.norm);
        factors_free(&found);
        nmf_consensus_free(consensus);
        nmf_matrix_free(matrix);
    }
    problem_free(&p.a);
}

/* The ends of the intervals of W and of H. */
typedef struct bounds {
    double w[2][M * K], h[2][K * N];
} bounds;

static bounds bounds_of(const nmf_consensus *consensus) {
    bounds b;
    for (int upper = 0; upper < 2; upper++) {
        nmf_consensus_w_bounds(consensus, upper, NMF_F64, b.w[upper]);
        nmf_consensus_h_bounds(consensus, upper, NMF_F64, b.h[upper]);
    }
    return b;
}

/* lower ≤ inner lower ≤ inner upper ≤ upper; at least one is really wider. */
static void expect_nested(int count, const double *low, const double *high, const double *inner_low,
                          const double *inner_high) {
    int wider = 0;
    for (int e = 0; e < count; e++) {
        assert_true(0 <= low[e] && low[e] <= inner_low[e]);
        assert_true(inner_low[e] <= inner_high[e] && inner_high[e] <= high[e]);
        wider += high[e] - low[e] > inner_high[e] - inner_low[e];
    }
    assert_true(wider > count / 2);
}

static void higher_levels_hold_lower_ones(void **state) {
    folder *f = *state;
    planted p = plant();
    nmf_matrix *matrix = problem_matrix(f->context, &p.a, BY_ROW, NMF_F64);
    nmf_consensus *half = consensus_of(f->context, matrix, K, 0.5, 1);
    nmf_consensus *whole = consensus_of(f->context, matrix, K, 1, 1);
    bounds inner = bounds_of(half), outer = bounds_of(whole);
    assert_true(nmf_consensus_get_summary(half)->level == 0.5);
    expect_nested(M * K, outer.w[0], outer.w[1], inner.w[0], inner.w[1]);
    expect_nested(K * N, outer.h[0], outer.h[1], inner.h[0], inner.h[1]);
    nmf_consensus_free(whole);
    nmf_consensus_free(half);
    nmf_matrix_free(matrix);
    problem_free(&p.a);
}

/* Entries of `values` outside their intervals. */
static int outside(int count, const double *low, const double *values, const double *high, double within) {
    int found = 0;
    for (int e = 0; e < count; e++) {
        found += values[e] < low[e] - within || values[e] > high[e] + within;
    }
    return found;
}

/* The widest interval. */
static double widest(int count, const double *low, const double *high) {
    double most = 0;
    for (int e = 0; e < count; e++) {
        most = fmax(most, high[e] - low[e]);
    }
    return most;
}

/*
 * W is a median of what its intervals hold; H is fitted to it, and lies near what theirs hold. All starts find the same
 * components, so that intervals are narrow: W has entries up to .1, H up to 45.
 */
static void intervals_hold_the_consensus(void **state) {
    folder *f = *state;
    planted p = plant();
    nmf_matrix *matrix = problem_matrix(f->context, &p.a, BY_ROW, NMF_F64);
    nmf_consensus *consensus = consensus_of(f->context, matrix, K, 0, 1);
    bounds b = bounds_of(consensus);
    float narrow[M * K];
    factors found = factors_of(nmf_consensus_result(consensus));
    assert_true(outside(M * K, b.w[0], found.w, b.w[1], 1e-6) <= M * K / 20);
    assert_int_equal(outside(K * N, b.h[0], found.h, b.h[1], 0.5), 0);
    assert_true(widest(M * K, b.w[0], b.w[1]) < 0.01 && widest(K * N, b.h[0], b.h[1]) < 3);
    nmf_consensus_w_bounds(consensus, true, NMF_F32, narrow);
    for (int e = 0; e < M * K; e++) {
        assert_true(narrow[e] == (float)b.w[1][e]);
    }
    factors_free(&found);
    nmf_consensus_free(consensus);
    nmf_matrix_free(matrix);
    problem_free(&p.a);
}

/* A consensus of these options is refused with a sentence that holds `part`, and gives nothing. */
static void expect_consensus_refused(folder *f, const nmf_matrix *matrix, int64_t rank, nmf_consensus_options how,
                                     const char *part) {
    const nmf_options options = options_of(rank, 1);
    nmf_consensus *consensus = (nmf_consensus *)(uintptr_t)1;
    assert_int_equal(nmf_consensus_new(f->context, matrix, &options, &how, &consensus), NMF_ERROR_USAGE);
    assert_null(consensus);
    if (!strstr(nmf_context_message(f->context), part)) {
        fail_msg("\"%s\" does not say \"%s\"", nmf_context_message(f->context), part);
    }
}

static void what_makes_no_sense_is_refused(void **state) {
    folder *f = *state;
    planted p = plant();
    nmf_matrix *matrix = problem_matrix(f->context, &p.a, BY_ROW, NMF_F64);
    expect_consensus_refused(f, matrix, N + 1, (nmf_consensus_options){0}, "smaller side of the matrix, 24");
    expect_consensus_refused(f, matrix, K, (nmf_consensus_options){.restarts = 1}, "at least 2");
    expect_consensus_refused(f, matrix, K, (nmf_consensus_options){.density = -1}, "density is -1");
    expect_consensus_refused(f, matrix, K, (nmf_consensus_options){.nearest = 1.5}, "nearest 1.5");
    expect_consensus_refused(f, matrix, K, (nmf_consensus_options){.level = 1.5}, "level is 1.5");
    expect_consensus_refused(f, matrix, K, (nmf_consensus_options){.most_samples = -1}, "samples is -1");
    expect_consensus_refused(f, matrix, K, (nmf_consensus_options){.restarts = 4, .density = 1e-300},
                             "of 12 spectra 0 have others within 1e-300, fewer than the 3 components");
    nmf_matrix_free(matrix);
    problem_free(&p.a);
}

/* Four components of A's three: those of the fourth lie apart, and some are left out. */
static void spectra_apart_are_left_out(void **state) {
    folder *f = *state;
    planted p = plant();
    nmf_matrix *matrix = problem_matrix(f->context, &p.a, BY_ROW, NMF_F64);
    const nmf_options options = options_of(K + 1, 1);
    const nmf_consensus_options how = {.restarts = RESTARTS, .density = 0.3};
    nmf_consensus *consensus;
    assert_int_equal(nmf_consensus_new(f->context, matrix, &options, &how, &consensus), NMF_OK);
    const nmf_consensus_summary *summary = nmf_consensus_get_summary(consensus);
    int64_t near = 0;
    assert_int_equal(summary->spectra, RESTARTS * (K + 1));
    for (int64_t s = 0; s < summary->spectra; s++) {
        assert_true(summary->distance[s] >= 0 && summary->distance[s] <= sqrt(2) + 1e-12);
        near += summary->distance[s] <= 0.3;
    }
    assert_int_equal(summary->kept, near);
    assert_true(near >= K * RESTARTS && near < summary->spectra);
    nmf_consensus_free(consensus);
    nmf_matrix_free(matrix);
    problem_free(&p.a);
}

/* `sample` has each of the columns once, and `cluster` 0 … K−1 in blocks. */
static void expect_order(const nmf_consensus_summary *summary) {
    bool seen[N] = {false};
    int blocks = 0, used = 0;
    for (int p = 0; p < N; p++) {
        assert_true(summary->sample[p] >= 0 && summary->sample[p] < N && !seen[summary->sample[p]]);
        seen[summary->sample[p]] = true;
        assert_true(summary->cluster[p] >= 0 && summary->cluster[p] < summary->row.rank);
        blocks += p == 0 || summary->cluster[p] != summary->cluster[p - 1];
        used |= 1 << summary->cluster[p];
    }
    assert_int_equal(blocks, summary->row.rank);
    assert_int_equal(used, (1 << summary->row.rank) - 1);
}

static void expect_together(const nmf_consensus_summary *summary) {
    for (int p = 0; p < N; p++) {
        expect_close(summary->together[p * N + p], 1, 0);
        for (int q = 0; q < N; q++) {
            double c = summary->together[p * N + q];
            assert_true(c >= 0 && c <= 1 && c == summary->together[q * N + p]);
            expect_close(c * RESTARTS, round(c * RESTARTS), 1e-12);
        }
    }
}

/* At the planted rank samples of one component are together in every start; at another one some are at times. */
static void samples_together_are_side_by_side(void **state) {
    folder *f = *state;
    planted p = plant();
    nmf_matrix *matrix = problem_matrix(f->context, &p.a, BY_ROW, NMF_F64);
    for (int64_t rank = 2; rank <= 4; rank++) {
        nmf_consensus *consensus = consensus_of(f->context, matrix, rank, 0, 1);
        const nmf_consensus_summary *summary = nmf_consensus_get_summary(consensus);
        assert_int_equal(summary->row.samples, N);
        expect_order(summary);
        expect_together(summary);
        for (int e = 0; e < N * N && rank == K; e++) {
            bool same = summary->sample[e / N] % K == summary->sample[e % N] % K;
            assert_true(same == (summary->cluster[e / N] == summary->cluster[e % N]));
            expect_close(summary->together[e], same, 0);
        }
        nmf_consensus_free(consensus);
    }
    nmf_matrix_free(matrix);
    problem_free(&p.a);
}

static void one_component_is_a_consensus(void **state) {
    folder *f = *state;
    planted p = plant();
    nmf_matrix *matrix = problem_matrix(f->context, &p.a, BY_ROW, NMF_F64);
    nmf_consensus *consensus = consensus_of(f->context, matrix, 1, 0, 1);
    const nmf_consensus_summary *summary = nmf_consensus_get_summary(consensus);
    assert_int_equal(summary->kept, RESTARTS);
    assert_true(isnan(summary->row.cophenetic) && isnan(summary->row.held_out) && summary->row.masks == 0);
    expect_order(summary);
    expect_close(summary->row.stability, 1, 1e-3);
    assert_true(nmf_result_summary(nmf_consensus_result(consensus))->relative_error < 1);
    nmf_consensus_free(consensus);
    nmf_matrix_free(matrix);
    problem_free(&p.a);
}

static void threads_make_no_difference(void **state) {
    folder *f = *state;
    planted p = plant();
    const shape shapes[] = {BY_ROW, SPARSE};
    for (int s = 0; s < 2; s++) {
        nmf_matrix *matrix = problem_matrix(f->context, &p.a, shapes[s], NMF_F64);
        nmf_consensus *one = consensus_of(f->context, matrix, K, 0, 1),
                      *three = consensus_of(f->context, matrix, K, 0, 3);
        factors first = factors_of(nmf_consensus_result(one)), second = factors_of(nmf_consensus_result(three));
        bounds narrow = bounds_of(one), wide = bounds_of(three);
        expect_factors_same(&first, &second);
        assert_memory_equal(&narrow, &wide, sizeof narrow);
        assert_memory_equal(nmf_consensus_get_summary(one)->distance, nmf_consensus_get_summary(three)->distance,
                            RESTARTS * K * sizeof(double));
        factors_free(&first);
        factors_free(&second);
        nmf_consensus_free(one);
        nmf_consensus_free(three);
        nmf_matrix_free(matrix);
    }
    problem_free(&p.a);
}

static nmf_status consensus_small(nmf_context *context) {
    const double values[] = {1, 2, 3, 4, 2, 4, 6, 1, 1, 0, 1, 3, 5, 1, 2, 2, 1, 1, 4, 2};
    nmf_options options = options_of(2, 1);
    const nmf_consensus_options how = {.restarts = 3, .density = 2};
    nmf_matrix *matrix = NULL;
    nmf_consensus *consensus = NULL;
    options.max_iter = 3;
    nmf_status status = nmf_matrix_dense(context, 5, 4, NMF_F64, values, 4, 1, 0, &matrix);
    if (status == NMF_OK) {
        status = nmf_consensus_new(context, matrix, &options, &how, &consensus);
        assert_int_equal(consensus == NULL, status != NMF_OK);
    }
    nmf_consensus_free(consensus);
    nmf_matrix_free(matrix);
    return status;
}

static void refused_memory_leaves_nothing(void **state) {
    (void)state;
    expect_memory_refused(consensus_small);
}

static int stop_at(void *user, const nmf_progress *progress) {
    int *left = user;
    (void)progress;
    return --*left == 0;
}

static void an_observer_stops_it(void **state) {
    folder *f = *state;
    planted p = plant();
    nmf_matrix *matrix = problem_matrix(f->context, &p.a, BY_ROW, NMF_F64);
    nmf_options options = options_of(K, 1);
    const nmf_consensus_options how = {.restarts = 3};
    int stopped = 0;
    options.observer = stop_at;
    for (int at = 1; at < 400; at += 13) {
        int left = at;
        nmf_consensus *consensus = (nmf_consensus *)(uintptr_t)1;
        options.observer_user = &left;
        nmf_status status = nmf_consensus_new(f->context, matrix, &options, &how, &consensus);
        assert_int_equal(status, left <= 0 ? NMF_INTERRUPTED : NMF_OK);
        assert_int_equal(consensus == NULL, left <= 0);
        stopped += left <= 0;
        nmf_consensus_free(consensus);
    }
    assert_true(stopped > 1 && stopped < 31);
    nmf_matrix_free(matrix);
    problem_free(&p.a);
}

/* Numbers on a line: 0, 1, 3, 7. */
static void distances_from_the_nearest_are_known(void **state) {
    folder *f = *state;
    const double distance[] = {0, 1, 3, 7, 1, 0, 2, 6, 3, 2, 0, 4, 7, 6, 4, 0};
    const double known[][4] = {{1, 1, 2, 4}, {2, 1.5, 2.5, 5}, {11.0 / 3, 3, 3, 17.0 / 3}, {11.0 / 3, 3, 3, 17.0 / 3}};
    double apart[4];
    for (int nearest = 1; nearest <= 4; nearest++) {
        assert_int_equal(density_measure(f->context, distance, 4, nearest, apart), NMF_OK);
        for (int i = 0; i < 4; i++) {
            expect_close(apart[i], known[nearest - 1][i], 1e-15);
        }
    }
    assert_int_equal(density_measure(f->context, distance, 1, 3, apart), NMF_OK);
    expect_close(apart[0], 0, 0);
}

/* numpy.quantile of 3, 1, 4, 2 */
static void quantiles_are_known(void **state) {
    (void)state;
    const double share[] = {0, 0.05, 0.25, 0.5, 0.9, 1}, known[] = {1, 1.15, 1.75, 2.5, 3.7, 4};
    for (int s = 0; s < 6; s++) {
        double values[] = {3, 1, 4, 2};
        expect_close(consensus_quantile(values, 4, share[s]), known[s], 1e-15);
        expect_close(consensus_quantile(values, 1, share[s]), 1, 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(planted_components_come_back, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(higher_levels_hold_lower_ones, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(intervals_hold_the_consensus, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(what_makes_no_sense_is_refused, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(spectra_apart_are_left_out, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(samples_together_are_side_by_side, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(one_component_is_a_consensus, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(threads_make_no_difference, folder_setup, folder_teardown),
        cmocka_unit_test(refused_memory_leaves_nothing),
        cmocka_unit_test_setup_teardown(an_observer_stops_it, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(distances_from_the_nearest_are_known, folder_setup, folder_teardown),
        cmocka_unit_test(quantiles_are_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
