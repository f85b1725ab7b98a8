/* What counts in a fit, said in different ways, is fitted the same; what does not count is not looked at. */
#include "support/expect.h"
#include "support/problems.h"

#include <math.h>
#include <string.h>

enum { ROWS = 17, COLS = 13, COUNT = ROWS * COLS, RANK = 3 };

static const char *const losses_here[] = {"frobenius", "kl", "huber"};
enum { LOSSES = sizeof losses_here / sizeof *losses_here };

static nmf_options options_of(const char *loss) {
    nmf_options options;
    nmf_options_init(&options);
    options.rank = RANK;
    options.loss = loss;
    options.loss_parameter = strcmp(loss, "huber") == 0 ? 0.1 : 0;
    options.init = "random";
    options.stop = "change";
    options.tol = 1e-14;
    options.max_iter = 12;
    options.threads = 1;
    return options;
}

/*
 * mu depends on its start smoothly. Where hals for kl is moved on to a wh near 0 under an entry, it enlarges rounding
 * without bound: of it the first iterations are compared.
 */
static void take_solver(nmf_options *options, bool mu) {
    options->solver = mu ? "mu" : "hals";
    /* Newton steps for kl enlarge rounding at once where a wh is near 0. */
    options->max_iter = mu ? 12 : strcmp(options->loss, "kl") == 0 ? 1 : 2;
}

/* About a fifth of the places, the same ones always. */
static bool hidden_at(int64_t e) {
    return (e / COLS * 7 + e % COLS * 3) % 5 == 1;
}

/* A matrix of A's shape made from its entries, one at a time. */
static problem numbers_new(double (*value)(const problem *a, int64_t e), const problem *a) {
    problem p = problem_random(ROWS, COLS, 1, 1);
    for (int64_t e = 0; e < COUNT; e++) {
        p.values[e] = value(a, e);
    }
    p.allowed = NMF_ALLOW_MISSING;
    problem_lay_out(&p);
    return p;
}

static double one(const problem *a, int64_t e) {
    (void)a, (void)e;
    return 1;
}

static double hides(const problem *a, int64_t e) {
    (void)a;
    return hidden_at(e);
}

static double shows(const problem *a, int64_t e) {
    (void)a;
    return !hidden_at(e);
}

static double other(const problem *a, int64_t e) {
    return hidden_at(e) ? 0.5 + 3 * a->values[e] : a->values[e];
}

static double missing(const problem *a, int64_t e) {
    return hidden_at(e) ? NAN : a->values[e];
}

static double emptied(const problem *a, int64_t e) {
    return hidden_at(e) ? 0 : a->values[e];
}

static double is_above(const problem *a, int64_t e) {
    return a->values[e] > 0;
}

static double trust(const problem *a, int64_t e) {
    return 1 + 2 * a->values[e];
}

/* 0 at some places, so that a sparse matrix of it stores some only. */
static double some_weight(const problem *a, int64_t e) {
    (void)a;
    return (double)(e * 5 % 4);
}

static nmf_result *fit_of(folder *in, const problem *p, shape as, const nmf_options *options) {
    nmf_matrix *matrix = problem_matrix(in->context, p, as, options->dtype);
    nmf_result *result = fitted(in->context, matrix, options, NMF_OK);
    nmf_matrix_free(matrix);
    return result;
}

/* Both are freed. */
static void expect_same(nmf_result *got, nmf_result *expected) {
    const nmf_summary *a = nmf_result_summary(got), *b = nmf_result_summary(expected);
    factors left = factors_of(got), right = factors_of(expected);
    expect_factors_same(&left, &right);
    assert_int_equal(a->iterations, b->iterations);
    assert_int_equal(a->observed, b->observed);
    assert_true(a->error == b->error && a->relative_error == b->relative_error && a->kkt_residual == b->kkt_residual);
    factors_free(&left);
    factors_free(&right);
    nmf_result_free(got);
    nmf_result_free(expected);
}

/* The same but for rounding, which iterations enlarge. */
static void expect_alike(nmf_result *got, nmf_result *expected, double within) {
    const nmf_summary *a = nmf_result_summary(got), *b = nmf_result_summary(expected);
    assert_int_equal(a->iterations, b->iterations);
    assert_int_equal(a->observed, b->observed);
    for (int64_t t = 0; t < a->iterations; t++) {
        if (!(fabs(a->history[t].error - b->history[t].error) <= within * b->history[t].error)) {
            fail_msg("%s: error %.17g instead of %.17g in iteration %lld", a->loss, a->history[t].error,
                     b->history[t].error, (long long)t + 1);
        }
    }
    assert_true(fabs(a->relative_error - b->relative_error) <= within * b->relative_error);
    nmf_result_free(got);
    nmf_result_free(expected);
}

static nmf_matrix *factor_matrix(folder *in, const double *values, int64_t rows, int64_t cols) {
    nmf_matrix *matrix;
    assert_int_equal(nmf_matrix_dense(in->context, rows, cols, NMF_F64, values, cols, 1, 0, &matrix), NMF_OK);
    return matrix;
}

/* Call for a matrix of positive entries, and for one with zeros, of every loss, shape and precision. */
static void each_case(folder *in, void (*check)(folder *in, const problem *p, shape as, nmf_options *options)) {
    problem whole = problem_low_rank(ROWS, COLS, RANK, 0.3, 2), gaps = problem_random(ROWS, COLS, 0.6, 3);
    for (int c = 0; c < LOSSES * SHAPES * 2 * 2 * 2; c++) {
        nmf_options options = options_of(losses_here[c % LOSSES]);
        take_solver(&options, c / LOSSES / SHAPES / 4);
        options.dtype = (nmf_dtype)(c / LOSSES / SHAPES % 2);
        check(in, c / LOSSES / SHAPES / 2 % 2 ? &gaps : &whole, (shape)(c / LOSSES % SHAPES), &options);
    }
    problem_free(&whole);
    problem_free(&gaps);
}

/* Begun at factors that are given, since the plain sum of squares scales a start in a way of its own. */
static void weigh_all(folder *in, const problem *p, shape as, nmf_options *options) {
    problem ones = numbers_new(one, p), begin = problem_random(ROWS, RANK, 1, 13),
            end = problem_random(RANK, COLS, 1, 14);
    nmf_matrix *w = problem_matrix(in->context, &begin, BY_ROW, NMF_F64);
    nmf_matrix *h = problem_matrix(in->context, &end, BY_ROW, NMF_F64);
    options->init = NULL;
    options->start_w = w;
    options->start_h = h;
    for (int weights_as = BY_ROW; weights_as < SHAPES; weights_as++) {
        nmf_matrix *weights = problem_matrix(in->context, &ones, (shape)weights_as, NMF_F64);
        options->weights = weights;
        nmf_result *weighed = fit_of(in, p, as, options);
        options->weights = NULL;
        expect_alike(weighed, fit_of(in, p, as, options), options->dtype == NMF_F64 ? 1e-9 : 1e-3);
        nmf_matrix_free(weights);
    }
    nmf_matrix_free(w);
    nmf_matrix_free(h);
    problem_free(&ones);
    problem_free(&begin);
    problem_free(&end);
}

static void weights_of_one_change_nothing(void **state) {
    each_case(*state, weigh_all);
}

static void mask_and_weigh(folder *in, const problem *p, shape as, nmf_options *options) {
    problem hidden = numbers_new(hides, p), shown = numbers_new(shows, p);
    for (int as_what = BY_ROW; as_what < SHAPES; as_what++) {
        nmf_matrix *mask = problem_matrix(in->context, &hidden, (shape)as_what, NMF_F64);
        nmf_matrix *weights = problem_matrix(in->context, &shown, (shape)as_what, NMF_F32);
        options->mask = mask;
        nmf_result *masked = fit_of(in, p, as, options);
        options->mask = NULL;
        options->weights = weights;
        nmf_result *weighed = fit_of(in, p, as, options);
        options->weights = NULL;
        expect_alike(masked, weighed, options->dtype == NMF_F64 ? 1e-9 : 1e-3);
        nmf_matrix_free(mask);
        nmf_matrix_free(weights);
    }
    problem_free(&hidden);
    problem_free(&shown);
}

static void a_mask_is_weights_of_zero_and_one(void **state) {
    each_case(*state, mask_and_weigh);
}

/*
 * The random start looks at the mean of A alone, and at no hidden entry of it; a sparse A lists other places when other
 * entries are stored, so what is hidden is stored in both or in neither.
 */
static void change_hidden(folder *in, const problem *p, shape as, nmf_options *options) {
    problem hidden = numbers_new(hides, p), changed = numbers_new(other, p);
    nmf_matrix *mask = problem_matrix(in->context, &hidden, SPARSE, NMF_F64);
    for (int64_t e = 0; e < COUNT && as == SPARSE; e++) {
        changed.values[e] = p->values[e] == 0 ? 0 : changed.values[e];
    }
    problem_lay_out(&changed);
    options->mask = mask;
    expect_same(fit_of(in, &changed, as, options), fit_of(in, p, as, options));
    nmf_matrix_free(mask);
    problem_free(&hidden);
    problem_free(&changed);
}

static void hidden_entries_do_not_matter(void **state) {
    each_case(*state, change_hidden);
}

static void miss_and_mask(folder *in, const problem *p, shape as, nmf_options *options) {
    problem hidden = numbers_new(hides, p), holes = numbers_new(missing, p), filled = numbers_new(other, p);
    nmf_matrix *mask = problem_matrix(in->context, &hidden, BY_ROW, NMF_F64);
    nmf_result *missed = fit_of(in, &holes, as, options);
    options->mask = mask;
    expect_same(missed, fit_of(in, &filled, as, options));
    nmf_matrix_free(mask);
    problem_free(&hidden);
    problem_free(&holes);
    problem_free(&filled);
}

static void missing_entries_are_masked_ones(void **state) {
    each_case(*state, miss_and_mask);
}

/* Of entries that are all above 0, a sparse A without some stores the complement of a mask of those. */
static void stored_entries_are_the_complement_of_a_mask(void **state) {
    folder *in = *state;
    problem whole = problem_low_rank(ROWS, COLS, RANK, 0.3, 2), hidden = numbers_new(hides, &whole);
    problem holes = numbers_new(emptied, &whole);
    nmf_matrix *mask = problem_matrix(in->context, &hidden, SPARSE, NMF_F64);
    for (int c = 0; c < LOSSES * 2 * 2; c++) {
        nmf_options options = options_of(losses_here[c / 4]);
        take_solver(&options, c / 2 % 2);
        options.dtype = (nmf_dtype)(c % 2);
        options.observed = "stored";
        nmf_result *stored = fit_of(in, &holes, SPARSE, &options);
        options.observed = "all";
        options.mask = mask;
        expect_alike(stored, fit_of(in, &whole, SPARSE, &options), c % 2 ? 1e-3 : 1e-9);
    }
    nmf_matrix_free(mask);
    problem_free(&whole);
    problem_free(&hidden);
    problem_free(&holes);
}

/* Hu, Koren & Volinsky: ω = 1 + α·a on the matrix of ones and zeros. */
static void implicit_is_weights_on_ones(void **state) {
    folder *in = *state;
    problem gaps = problem_random(ROWS, COLS, 0.4, 4), ones = numbers_new(is_above, &gaps);
    problem trusted = numbers_new(trust, &gaps);
    nmf_matrix *weights = problem_matrix(in->context, &trusted, BY_ROW, NMF_F64);
    for (int c = 0; c < LOSSES * SHAPES * 2; c++) {
        nmf_options options = options_of(losses_here[c / SHAPES % LOSSES]);
        take_solver(&options, c / SHAPES / LOSSES);
        options.implicit = 2;
        nmf_result *implicit = fit_of(in, &gaps, (shape)(c % SHAPES), &options);
        options.implicit = 0;
        options.weights = weights;
        expect_alike(implicit, fit_of(in, &ones, (shape)(c % SHAPES), &options), 1e-9);
    }
    nmf_matrix_free(weights);
    problem_free(&gaps);
    problem_free(&ones);
    problem_free(&trusted);
}

static void what_sparse_weights_do_not_store_weighs_nothing(void **state) {
    folder *in = *state;
    problem p = problem_random(ROWS, COLS, 0.7, 5), numbers = numbers_new(some_weight, &p);
    nmf_matrix *sparse = problem_matrix(in->context, &numbers, SPARSE, NMF_F64);
    nmf_matrix *dense = problem_matrix(in->context, &numbers, BY_COLUMN, NMF_F64);
    for (int c = 0; c < LOSSES * SHAPES * 2; c++) {
        nmf_options options = options_of(losses_here[c / SHAPES % LOSSES]);
        take_solver(&options, c / SHAPES / LOSSES);
        options.weights = sparse;
        nmf_result *one_way = fit_of(in, &p, (shape)(c % SHAPES), &options);
        options.weights = dense;
        expect_alike(one_way, fit_of(in, &p, (shape)(c % SHAPES), &options), 1e-9);
    }
    nmf_matrix_free(sparse);
    nmf_matrix_free(dense);
    problem_free(&p);
    problem_free(&numbers);
}

/* The hidden entries become what the factors say of them: the step of expectation in EM. */
static problem imputed(const problem *p, const factors *f) {
    problem filled = problem_random(ROWS, COLS, 1, 1);
    for (int64_t e = 0; e < COUNT; e++) {
        double b = 0;
        for (int64_t c = 0; c < f->k; c++) {
            b += f->w[e / COLS * f->k + c] * f->h[c * COLS + e % COLS];
        }
        filled.values[e] = hidden_at(e) ? b : p->values[e];
    }
    problem_lay_out(&filled);
    return filled;
}

/* One iteration of the plain problem, begun at the factors, leaves them. */
static void expect_stays(folder *in, const problem *filled, const factors *f, nmf_options *options) {
    nmf_matrix *w = factor_matrix(in, f->w, ROWS, f->k), *h = factor_matrix(in, f->h, f->k, COLS);
    options->start_w = w;
    options->start_h = h;
    options->init = NULL;
    options->rank = 0;
    options->order = "start";
    options->mask = NULL;
    options->max_iter = 1;
    nmf_result *plain = fit_of(in, filled, BY_ROW, options);
    factors after = factors_of(plain);
    if (!(nmf_result_summary(plain)->kkt_residual < 1e-6)) {
        fail_msg("%s: KKT residual %g", options->loss, nmf_result_summary(plain)->kkt_residual);
    }
    for (int64_t e = 0; e < ROWS * f->k; e++) {
        assert_true(fabs(after.w[e] - f->w[e]) < 1e-5);
    }
    for (int64_t e = 0; e < COLS * f->k; e++) {
        assert_true(fabs(after.h[e] - f->h[e]) < 1e-5);
    }
    factors_free(&after);
    nmf_result_free(plain);
    nmf_matrix_free(w);
    nmf_matrix_free(h);
}

/*
 * Where a hidden entry is what W·H says of it, it pulls at nothing: a stationary point of the masked problem is one of
 * the plain problem on the filled matrix. (Of kl rank 1, since zeros of its start would be filled.)
 */
static void a_masked_fit_is_a_fixed_point_of_imputation(void **state) {
    folder *in = *state;
    problem p = problem_low_rank(ROWS, COLS, RANK, 0.3, 6), hidden = numbers_new(hides, &p);
    nmf_matrix *mask = problem_matrix(in->context, &hidden, SPARSE, NMF_F64);
    for (int l = 0; l < 2; l++) {
        nmf_options options = options_of(losses_here[l]);
        options.mask = mask;
        options.max_iter = 5000;
        options.rank = l ? 1 : RANK;
        options.stop = "kkt";
        options.tol = 1e-10;
        nmf_result *masked = fit_of(in, &p, BY_ROW, &options);
        assert_true(nmf_result_summary(masked)->kkt_residual < 1e-7);
        factors f = factors_of(masked);
        problem filled = imputed(&p, &f);
        expect_stays(in, &filled, &f, &options);
        problem_free(&filled);
        factors_free(&f);
        nmf_result_free(masked);
    }
    nmf_matrix_free(mask);
    problem_free(&p);
    problem_free(&hidden);
}

/* Row 2 and column 5 of W and H are 0; all others have something. */
static void expect_empty_line(const nmf_result *result) {
    factors f = factors_of(result);
    expect_factors_sound(&f);
    for (int64_t i = 0; i < ROWS; i++) {
        double sum = 0;
        for (int64_t c = 0; c < f.k; c++) {
            sum += f.w[i * f.k + c];
        }
        assert_true((sum == 0) == (i == 2));
    }
    for (int64_t j = 0; j < COLS; j++) {
        double sum = 0;
        for (int64_t c = 0; c < f.k; c++) {
            sum += f.h[c * COLS + j];
        }
        assert_true((sum == 0) == (j == 5));
    }
    assert_true(isfinite(nmf_result_summary(result)->error) && isfinite(nmf_result_summary(result)->kkt_residual));
    factors_free(&f);
}

static double hides_a_cross(const problem *a, int64_t e) {
    (void)a;
    return e / COLS == 2 || e % COLS == 5;
}

static double empties_a_cross(const problem *a, int64_t e) {
    return hides_a_cross(a, e) != 0 ? 0 : a->values[e];
}

static void lines_of_which_nothing_counts_are_zero(void **state) {
    folder *in = *state;
    static const char *const all[] = {"frobenius", "kl", "is", "huber", "mae"};
    static const char *const solvers[] = {"hals", "bpp", "mu"};
    problem p = problem_low_rank(ROWS, COLS, RANK, 0.3, 7), hidden = numbers_new(hides_a_cross, &p);
    nmf_matrix *mask = problem_matrix(in->context, &hidden, SPARSE, NMF_F64);
    for (int c = 0; c < 5 * 3 * SHAPES; c++) {
        nmf_options options = options_of(all[c % 5]);
        options.loss_parameter = strcmp(options.loss, "huber") == 0 ? 0.1 : 0;
        options.solver = solvers[c / 5 % 3];
        options.mask = mask;
        in->warnings = 0;
        nmf_result *result = fit_of(in, &p, (shape)(c / 15), &options);
        assert_int_equal(in->warnings, 1);
        assert_non_null(strstr(in->warning, "1 rows and 1 columns"));
        expect_empty_line(result);
        nmf_result_free(result);
    }
    nmf_matrix_free(mask);
    problem_free(&p);
    problem_free(&hidden);
}

static void kl_gives_lines_of_zeros_nothing(void **state) {
    folder *in = *state;
    static const char *const solvers[] = {"hals", "bpp", "mu"};
    problem p = problem_low_rank(ROWS, COLS, RANK, 0.3, 8), crossed = numbers_new(empties_a_cross, &p);
    for (int c = 0; c < 3 * SHAPES * 2; c++) {
        nmf_options options = options_of("kl");
        options.solver = solvers[c % 3];
        options.dtype = (nmf_dtype)(c / 9);
        nmf_result *result = fit_of(in, &crossed, (shape)(c / 3 % SHAPES), &options);
        expect_empty_line(result);
        nmf_result_free(result);
    }
    problem_free(&p);
    problem_free(&crossed);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, folder_setup, folder_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_FOLDER(weights_of_one_change_nothing),
        IN_FOLDER(a_mask_is_weights_of_zero_and_one),
        IN_FOLDER(hidden_entries_do_not_matter),
        IN_FOLDER(missing_entries_are_masked_ones),
        IN_FOLDER(stored_entries_are_the_complement_of_a_mask),
        IN_FOLDER(implicit_is_weights_on_ones),
        IN_FOLDER(what_sparse_weights_do_not_store_weighs_nothing),
        IN_FOLDER(a_masked_fit_is_a_fixed_point_of_imputation),
        IN_FOLDER(lines_of_which_nothing_counts_are_zero),
        IN_FOLDER(kl_gives_lines_of_zeros_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
