/* Starts as they are filled: sound ones, the same whatever A is kept as, and what each promises. */
#include "support/expect.h"
#include "support/numbers.h"
#include "support/problems.h"

#include "init/init.h"
#include "update/update.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ROWS = 70, COLS = 90, K = 7 };

typedef struct start {
    items w, h;
} start;

static start filled(folder *f, const init *how, const problem *p, shape as, nmf_dtype dtype, int64_t k, int threads) {
    nmf_matrix *matrix = problem_matrix(f->context, p, as, dtype);
    init_request request = {f->context, matrix, kernel_for(dtype), 3, threads, NULL};
    start s = {guarded_new(f->context, dtype, p->rows, k), guarded_new(f->context, dtype, p->cols, k)};
    assert_int_equal(how->fill(&request, &s.w, &s.h), NMF_OK);
    expect_guarded(&s.w);
    expect_guarded(&s.h);
    nmf_matrix_free(matrix);
    return s;
}

static void start_free(folder *f, start *s) {
    items_free(f->context, &s->w);
    items_free(f->context, &s->h);
}

/* All numbers are finite and not negative, and no component is all zero. */
static void expect_sound(const items *x, const char *name) {
    for (int64_t c = 0; c < x->k; c++) {
        double sum = 0;
        for (int64_t i = 0; i < x->count; i++) {
            double value = items_get(x, i, c);
            if (!(value >= 0 && isfinite(value))) {
                fail_msg("%s: number %lld of component %lld is %g", name, (long long)i, (long long)c, value);
            }
            sum += value;
        }
        assert_true(sum > 0);
    }
}

static void expect_close(const items *got, const items *expected, const char *name) {
    double most = 0;
    for (int64_t e = 0; e < got->count * got->k; e++) {
        most = fmax(most, items_get(expected, e / got->k, e % got->k));
    }
    for (int64_t e = 0; e < got->count * got->k; e++) {
        double a = items_get(got, e / got->k, e % got->k), b = items_get(expected, e / got->k, e % got->k);
        if (!(fabs(a - b) < 1e-10 * most)) {
            fail_msg("%s: %.17g where the dense matrix gives %.17g", name, a, b);
        }
    }
}

static void every_start_is_sound_and_the_same_for_all_kinds(void **state) {
    folder *f = *state;
    problem p = problem_random(ROWS, COLS, 0.3, 1);
    for (int i = 0; inits[i]; i++) {
        for (int c = 0; c < 2 * SHAPES; c++) {
            nmf_dtype dtype = (nmf_dtype)(c % 2);
            start one = filled(f, inits[i], &p, (shape)(c / 2), dtype, K, 1);
            start rows = filled(f, inits[i], &p, BY_ROW, NMF_F64, K, 1);
            expect_sound(&one.w, inits[i]->name);
            expect_sound(&one.h, inits[i]->name);
            if (dtype == NMF_F64) {
                expect_close(&one.w, &rows.w, inits[i]->name);
                expect_close(&one.h, &rows.h, inits[i]->name);
            }
            for (int threads = 2; threads <= 3; threads++) {
                start many = filled(f, inits[i], &p, (shape)(c / 2), dtype, K, threads);
                expect_same_bits(&many.w, &one.w);
                expect_same_bits(&many.h, &one.h);
                start_free(f, &many);
            }
            start_free(f, &one);
            start_free(f, &rows);
        }
    }
    problem_free(&p);
}

/* More components than columns, or than rows, are filled all the same. */
static void ranks_above_the_sides_are_filled(void **state) {
    folder *f = *state;
    for (int c = 0; c < 4; c++) {
        problem p = problem_random(c & 1 ? 20 : 4, c & 1 ? 4 : 20, 1, 2);
        for (int i = 0; inits[i]; i++) {
            start s = filled(f, inits[i], &p, c & 2 ? SPARSE : BY_ROW, NMF_F64, 6, 2);
            expect_sound(&s.w, inits[i]->name);
            expect_sound(&s.h, inits[i]->name);
            start_free(f, &s);
        }
        problem_free(&p);
    }
}

static int64_t count_zeros(const items *x) {
    int64_t zeros = 0;
    for (int64_t e = 0; e < x->count * x->k; e++) {
        zeros += items_get(x, e / x->k, e % x->k) == 0;
    }
    return zeros;
}

static void zeros_are_where_they_are_said_to_be(void **state) {
    folder *f = *state;
    problem p = problem_random(ROWS, COLS, 0.1, 3);
    for (int i = 0; inits[i]; i++) {
        start s = filled(f, inits[i], &p, SPARSE, NMF_F64, K, 1);
        bool zeros = count_zeros(&s.w) + count_zeros(&s.h) > 0;
        assert_int_equal(zeros, inits[i]->makes_zeros && !inits[i]->on_sample);
        start_free(f, &s);
    }
    problem_free(&p);
}

/* Both are nndsvd where that is not zero, and elsewhere what they say: W·H with all of the filling is the mean. */
static void expect_filling(const problem *p, const items *with, const items *without, double part, double side) {
    double mean = 0, least = INFINITY, most = 0;
    for (int64_t e = 0; e < p->rows * p->cols; e++) {
        mean += p->values[e] / (double)(p->rows * p->cols);
    }
    for (int64_t e = 0; e < with->count * with->k; e++) {
        double value = items_get(with, e / with->k, e % with->k), was = items_get(without, e / with->k, e % with->k);
        assert_true(was == 0 || value == was);
        least = was == 0 ? fmin(least, value) : least;
        most = was == 0 ? fmax(most, value) : most;
    }
    double level = part * sqrt(mean / (double)with->k) * side;
    assert_true(most <= level * (1 + 1e-14) && most > 0.95 * level);
    assert_true(part == 1 ? least == most : least < 0.05 * level);
}

static void nndsvd_is_filled_by_means_or_less(void **state) {
    folder *f = *state;
    problem p = problem_random(ROWS, COLS, 0.3, 4);
    double side = pow((double)COLS / ROWS, 0.25);
    start zeros = filled(f, &init_nndsvd, &p, BY_ROW, NMF_F64, K, 1);
    start means = filled(f, &init_nndsvda, &p, BY_ROW, NMF_F64, K, 1);
    start little = filled(f, &init_nndsvdar, &p, BY_ROW, NMF_F64, K, 1);
    expect_filling(&p, &means.w, &zeros.w, 1, side);
    expect_filling(&p, &means.h, &zeros.h, 1, 1 / side);
    expect_filling(&p, &little.w, &zeros.w, 0.01, side);
    expect_filling(&p, &little.h, &zeros.h, 0.01, 1 / side);
    start_free(f, &zeros);
    start_free(f, &means);
    start_free(f, &little);
    problem_free(&p);
}

/* Columns 3, 14, 25 and 36 are vertices, each of another size; column 0 is zero; the others lie between. */
enum { VERTICES = 4 };

static problem separable(void) {
    problem p = problem_random(ROWS, 40, 1, 5);
    uint64_t seed = 6;
    double vertex[VERTICES][ROWS];
    for (int64_t v = 0; v < VERTICES; v++) {
        for (int64_t i = 0; i < ROWS; i++) {
            vertex[v][i] = (double)(float)(draw(&seed, 0, 1) * (double)(v + 1));
        }
    }
    for (int64_t j = 0; j < 40; j++) {
        double part[VERTICES];
        for (int64_t v = 0; v < VERTICES; v++) {
            part[v] = j % 11 == 3 ? (v == j / 11) : j == 0 ? 0 : draw(&seed, 0.05, 9);
        }
        for (int64_t i = 0; i < ROWS; i++) {
            p.values[i * 40 + j] = 0;
            for (int64_t v = 0; v < VERTICES; v++) {
                p.values[i * 40 + j] += part[v] * vertex[v][i];
            }
        }
    }
    problem_lay_out(&p);
    return p;
}

/* Component c of W is column j, divided by a power of two. */
static bool is_column(const items *w, int64_t c, const problem *p, int64_t j) {
    int a, b;
    frexp(items_get(w, 0, c), &a);
    frexp(p->values[j], &b);
    for (int64_t i = 0; i < p->rows; i++) {
        if (items_get(w, i, c) != ldexp(p->values[i * p->cols + j], a - b)) {
            return false;
        }
    }
    return true;
}

static void spa_finds_the_vertices(void **state) {
    folder *f = *state;
    problem p = separable();
    for (int c = 0; c < 2 * SHAPES; c++) {
        for (int64_t k = VERTICES; k <= VERTICES + 2; k += 2) {
            start s = filled(f, &init_spa, &p, (shape)(c / 2), (nmf_dtype)(c % 2), k, 2);
            bool found[VERTICES] = {false};
            for (int64_t t = 0; t < VERTICES; t++) {
                for (int64_t v = 0; v < VERTICES; v++) {
                    found[v] = found[v] || is_column(&s.w, t, &p, 3 + 11 * v);
                }
            }
            assert_true(found[0] && found[1] && found[2] && found[3]);
            expect_sound(&s.w, "spa");
            for (int64_t t = VERTICES; t < k; t++) {
                for (int64_t j = 0; j < p.cols; j++) {
                    assert_false(is_column(&s.w, t, &p, j));
                }
            }
            start_free(f, &s);
        }
    }
    problem_free(&p);
}

/* W of a separable matrix is all that a fit needs: the first half-step finds H, by a solver that does not move on. */
static void spa_leaves_nothing_of_a_separable_matrix(void **state) {
    folder *f = *state;
    problem p = separable();
    nmf_options options;
    nmf_options_init(&options);
    options.rank = VERTICES;
    options.solver = "als";
    options.init = "spa";
    options.max_iter = 1;
    options.threads = 1;
    nmf_matrix *matrix = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    nmf_result *result = fitted(f->context, matrix, &options, NMF_OK);
    assert_true(nmf_result_summary(result)->relative_error < 1e-10);
    nmf_result_free(result);
    nmf_matrix_free(matrix);
    problem_free(&p);
}

/* Column j has 1 to 1.1 in the rows of block j % 5. */
static problem blocks(void) {
    problem p = problem_random(ROWS, COLS, 1, 7);
    for (int64_t e = 0; e < ROWS * COLS; e++) {
        p.values[e] = e / COLS % 5 == e % COLS % 5 ? 1 + 0.1 * p.values[e] : 0;
    }
    problem_lay_out(&p);
    return p;
}

/* The largest number of an item. */
static int64_t largest(const items *x, int64_t i) {
    int64_t best = 0;
    for (int64_t c = 1; c < x->k; c++) {
        best = items_get(x, i, c) > items_get(x, i, best) ? c : best;
    }
    return best;
}

static void kmeans_finds_blocks(void **state) {
    folder *f = *state;
    problem p = blocks();
    for (int c = 0; c < 2 * SHAPES; c++) {
        start s = filled(f, &init_kmeans, &p, (shape)(c / 2), (nmf_dtype)(c % 2), 5, 1);
        int64_t of_block[5];
        for (int64_t b = 0; b < 5; b++) {
            of_block[b] = largest(&s.w, b);
        }
        for (int64_t i = 0; i < ROWS; i++) {
            assert_int_equal(largest(&s.w, i), of_block[i % 5]);
        }
        for (int64_t j = 0; j < COLS; j++) {
            assert_int_equal(largest(&s.h, j), of_block[j % 5]);
            for (int64_t l = 0; l < 5; l++) {
                double own = items_get(&s.h, j, of_block[j % 5]), other = items_get(&s.h, j, l);
                assert_true(l == of_block[j % 5] || fabs(other / own - 0.01) < 1e-6);
            }
        }
        start_free(f, &s);
    }
    problem_free(&p);
}

static void fits_fall_from_every_start(void **state) {
    folder *f = *state;
    problem p = problem_random(60, 37, 0.4, 1);
    const char *solver, *init;
    for (int s = 0; solver_and_start(s, &solver, &init); s++) {
        for (int c = 0; c < 2 && strcmp(solver, "als") != 0 && strcmp(solver, "online") != 0; c++) {
            nmf_options options;
            nmf_options_init(&options);
            options.solver = solver;
            options.init = init;
            options.rank = 6;
            options.max_iter = 100;
            options.threads = 1;
            options.dtype = (nmf_dtype)c;
            nmf_matrix *matrix = problem_matrix(f->context, &p, c ? SPARSE : BY_COLUMN, options.dtype);
            nmf_result *result = fitted(f->context, matrix, &options, NMF_OK);
            const nmf_summary *summary = nmf_result_summary(result);
            expect_history_falls(summary);
            assert_true(summary->iterations > 5);
            nmf_result_free(result);
            nmf_matrix_free(matrix);
        }
    }
    problem_free(&p);
}

/* What looks at every entry takes none that is missing, hidden or below 0. */
static void entries_that_are_not_there_are_not_looked_at(void **state) {
    folder *f = *state;
    problem p = problem_random(12, 9, 1, 8), hidden = problem_random(12, 9, 0.2, 9), gaps = problem_random(12, 9, 1, 8);
    nmf_matrix *matrix = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    nmf_matrix *mask = problem_matrix(f->context, &hidden, SPARSE, NMF_F64);
    gaps.values[5] = NAN;
    gaps.allowed = NMF_ALLOW_MISSING;
    problem_lay_out(&gaps);
    nmf_matrix *missing = problem_matrix(f->context, &gaps, BY_ROW, NMF_F64);
    for (int i = 0; inits[i]; i++) {
        nmf_options options;
        char sentence[80];
        nmf_options_init(&options);
        options.rank = 2;
        options.init = inits[i]->name;
        if (inits[i]->looks_at_a) {
            snprintf(sentence, sizeof sentence, "init %s needs every entry", inits[i]->name);
            expect_fit_refused(f->context, missing, &options, NMF_ERROR_USAGE, sentence);
            options.mask = mask;
            expect_fit_refused(f->context, matrix, &options, NMF_ERROR_USAGE, "looks at every entry");
        }
        assert_int_equal(inits[i]->looks_at_a, strncmp(inits[i]->name, "nndsvd", 6) == 0 || inits[i] == &init_spa ||
                                                   inits[i] == &init_kmeans || inits[i] == &init_sketch);
    }
    nmf_matrix_free(matrix);
    nmf_matrix_free(mask);
    nmf_matrix_free(missing);
    problem_free(&p);
    problem_free(&hidden);
    problem_free(&gaps);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(every_start_is_sound_and_the_same_for_all_kinds),
        TEST(ranks_above_the_sides_are_filled),
        TEST(zeros_are_where_they_are_said_to_be),
        TEST(nndsvd_is_filled_by_means_or_less),
        TEST(spa_finds_the_vertices),
        TEST(spa_leaves_nothing_of_a_separable_matrix),
        TEST(kmeans_finds_blocks),
        TEST(fits_fall_from_every_start),
        TEST(entries_that_are_not_there_are_not_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
