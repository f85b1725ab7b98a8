/* Penalties: what is lowered is the loss and what they say, by their definitions, and their units go with A's. */
#include "support/expect.h"
#include "support/prepared.h"
#include "support/problems.h"

#include <math.h>
#include <string.h>

enum { ROWS = 15, COLS = 10, RANK = 3 };

static nmf_options options_for(int64_t max_iter) {
    nmf_options options;
    nmf_options_init(&options);
    options.rank = RANK;
    options.solver = "hals";
    options.init = "random";
    options.stop = "change";
    options.tol = 1e-15;
    options.max_iter = max_iter;
    options.threads = 1;
    return options;
}

/* A chain of columns, the first of which is also next to the last. */
static problem problem_graph(double weight) {
    double links[COLS * COLS] = {0};
    for (int j = 0; j < COLS; j++) {
        int next = (j + 1) % COLS;
        links[j * COLS + next] = links[next * COLS + j] = weight * (1 + j % 2);
    }
    return problem_of(COLS, COLS, links);
}

/* What brute force needs: the entries, which of them are hidden (or NULL), and the links. */
typedef struct setting {
    const problem *a, *mask, *graph;
    bool kl;
} setting;

static bool counts(const setting *s, int64_t i, int64_t j) {
    return !s->mask || s->mask->values[i * COLS + j] == 0;
}

static double product_at(const factors *f, int64_t i, int64_t j) {
    double sum = 0;
    for (int64_t c = 0; c < f->k; c++) {
        sum += f->w[i * f->k + c] * f->h[c * f->cols + j];
    }
    return sum;
}

static double loss_of(const setting *s, const factors *f) {
    double sum = 0;
    for (int64_t i = 0; i < ROWS; i++) {
        for (int64_t j = 0; j < COLS; j++) {
            double a = s->a->values[i * COLS + j], b = product_at(f, i, j);
            double term = !s->kl ? (a - b) * (a - b) / 2 : (a > 0 ? a * log(a / b) : 0) - a + b;
            sum += counts(s, i, j) ? term : 0;
        }
    }
    return sum;
}

/* Numbers of the items of one factor: item t of W is a row, of H a column. */
static double entry_of(const factors *f, bool of_h, int64_t t, int64_t c) {
    return of_h ? f->h[c * f->cols + t] : f->w[t * f->k + c];
}

static double entries_in_line(const setting *s, bool column, int64_t t) {
    double count = 0;
    for (int64_t u = 0; u < (column ? ROWS : COLS); u++) {
        count += column ? counts(s, u, t) : counts(s, t, u);
    }
    return count;
}

/* Of one item: n·alpha·(ratio·Σx + ½(1 − ratio)·Σx²) + l1·Σx + ½·l2·Σx² + ½·ortho·Σ_{c≠d} x_c·x_d. */
static double item_penalty(const setting *s, const factors *f, const nmf_options *o, bool of_h, int64_t t) {
    double sums = 0, squares = 0, alpha = of_h && o->alpha_h != NMF_SAME ? o->alpha_h : o->alpha_w;
    double n = entries_in_line(s, of_h, t), overlap = 0;
    for (int64_t c = 0; c < f->k; c++) {
        double x = entry_of(f, of_h, t, c);
        sums += x;
        squares += x * x;
        for (int64_t d = 0; d < f->k; d++) {
            overlap += d == c ? 0 : x * entry_of(f, of_h, t, d);
        }
    }
    return n * alpha * (o->l1_ratio * sums + (1 - o->l1_ratio) / 2 * squares) + (of_h ? o->l1_h : o->l1_w) * sums +
           (of_h ? o->l2_h : o->l2_w) / 2 * squares + (of_h ? o->ortho_h : o->ortho_w) / 2 * overlap;
}

/* ¼·Σ s_jl·‖h_j − h_l‖² */
static double roughness(const problem *graph, const factors *f) {
    double sum = 0;
    for (int64_t j = 0; j < COLS; j++) {
        for (int64_t l = 0; l < COLS; l++) {
            for (int64_t c = 0; c < f->k; c++) {
                double gap = f->h[c * COLS + j] - f->h[c * COLS + l];
                sum += graph->values[j * COLS + l] * gap * gap / 4;
            }
        }
    }
    return sum;
}

static double penalty_of(const setting *s, const factors *f, const nmf_options *o) {
    double sum = o->graph_h ? (o->graph_weight > 0 ? o->graph_weight : 1) * roughness(s->graph, f) : 0;
    for (int64_t i = 0; i < ROWS; i++) {
        sum += item_penalty(s, f, o, false, i);
    }
    for (int64_t j = 0; j < COLS; j++) {
        sum += item_penalty(s, f, o, true, j);
    }
    return sum;
}

/* One penalty of a given size: of W or of H, of both (alpha-w), or of the graph. */
enum { PENALTIES = 9 };

static void penalize(int which, double by, const nmf_matrix *graph, nmf_options *o) {
    double *const fields[] = {&o->l1_w, &o->l1_h, &o->l2_w, &o->l2_h, &o->ortho_w, &o->ortho_h, &o->alpha_w};
    o->graph_h = which == 7 ? graph : NULL;
    o->graph_weight = which == 7 ? by : 0;
    o->l1_ratio = which == 6 || which == 8 ? 0.25 : 0;
    o->alpha_h = which == 8 ? by / 10 : which == 6 ? NMF_SAME : 0;
    if (which < 7) {
        *fields[which] = which == 6 ? by / 10 : by;
    }
}

/* Every row has three and every column four or five numbers that are hidden. */
static problem problem_mask(void) {
    double hidden[ROWS * COLS];
    for (int e = 0; e < ROWS * COLS; e++) {
        hidden[e] = (e / COLS + 3 * (e % COLS)) % 10 < 2 + (e / COLS) % 3;
    }
    return problem_of(ROWS, COLS, hidden);
}

static void the_objective_is_the_loss_and_the_penalty(void **state) {
    folder *f = *state;
    problem p = problem_random(ROWS, COLS, 0.8, 1), links = problem_graph(1), hidden = problem_mask();
    nmf_matrix *graph = problem_matrix(f->context, &links, SPARSE, NMF_F64);
    nmf_matrix *mask = problem_matrix(f->context, &hidden, BY_ROW, NMF_F64);
    for (int c = 0; c < PENALTIES * 4 * SHAPES; c++) {
        setting s = {&p, c / PENALTIES % 2 ? &hidden : NULL, &links, c / PENALTIES / 2 % 2 == 1};
        nmf_matrix *matrix = problem_matrix(f->context, &p, (shape)(c / PENALTIES / 4), NMF_F64);
        nmf_options options = options_for(20);
        options.loss = s.kl ? "kl" : "frobenius";
        options.mask = s.mask ? mask : NULL;
        penalize(c % PENALTIES, 0.3, graph, &options);
        nmf_result *result = fitted(f->context, matrix, &options, NMF_OK);
        const nmf_summary *summary = nmf_result_summary(result);
        factors found = factors_of(result);
        double penalty = penalty_of(&s, &found, &options), value = loss_of(&s, &found) + penalty;
        assert_true(summary->penalized && penalty > 1e-3);
        if (!(fabs(summary->objective - value) < 1e-10 * value)) {
            fail_msg("penalty %d, kl %d: %.17g, by brute force %.17g", c % PENALTIES, s.kl, summary->objective, value);
        }
        assert_true(fabs(summary->history[summary->iterations - 1].objective - value) < 1e-10 * value);
        factors_free(&found);
        nmf_result_free(result);
        nmf_matrix_free(matrix);
    }
    nmf_matrix_free(graph);
    nmf_matrix_free(mask);
    problem *const all[] = {&p, &links, &hidden};
    for (int t = 0; t < 3; t++) {
        problem_free(all[t]);
    }
}

static void expect_near_factors(const nmf_result *got, const nmf_result *expected, double near) {
    factors left = factors_of(got), right = factors_of(expected);
    for (int64_t e = 0; e < ROWS * RANK; e++) {
        assert_true(fabs(left.w[e] - right.w[e]) < near);
    }
    for (int64_t e = 0; e < RANK * COLS; e++) {
        assert_true(fabs(left.h[e] - right.h[e]) < near);
    }
    factors_free(&left);
    factors_free(&right);
}

/* Without masks n and m count; where as many entries are hidden in all rows, and in all columns, those that are left.
 */
static void alpha_is_scaled_by_the_entries_that_count(void **state) {
    folder *f = *state;
    problem p = problem_random(ROWS, COLS, 0.8, 2), hidden = problem_random(ROWS, COLS, 0, 3);
    for (int e = 0; e < ROWS * COLS; e++) {
        hidden.values[e] = (e / COLS + e % COLS) % 5 == 0;
    }
    problem_lay_out(&hidden);
    nmf_matrix *mask = problem_matrix(f->context, &hidden, SPARSE, NMF_F64);
    for (int c = 0; c < 8 * SHAPES; c++) {
        double n = c % 2 ? COLS * 4 / 5 : COLS, m = c % 2 ? ROWS * 4 / 5 : ROWS, alpha_h = c / 4 % 2 ? 0.02 : 0.05;
        nmf_matrix *matrix = problem_matrix(f->context, &p, (shape)(c / 8), NMF_F64);
        nmf_options options = options_for(15);
        options.loss = c / 2 % 2 ? "kl" : "frobenius";
        options.mask = c % 2 ? mask : NULL;
        options.alpha_w = 0.05;
        options.alpha_h = c / 4 % 2 ? alpha_h : NMF_SAME;
        options.l1_ratio = 0.3;
        nmf_result *result = fitted(f->context, matrix, &options, NMF_OK);
        options.alpha_w = options.alpha_h = options.l1_ratio = 0;
        options.l1_w = n * 0.05 * 0.3;
        options.l2_w = n * 0.05 * 0.7;
        options.l1_h = m * alpha_h * 0.3;
        options.l2_h = m * alpha_h * 0.7;
        nmf_result *expected = fitted(f->context, matrix, &options, NMF_OK);
        expect_near_factors(result, expected, 1e-9);
        nmf_result_free(result);
        nmf_result_free(expected);
        nmf_matrix_free(matrix);
    }
    nmf_matrix_free(mask);
    problem_free(&p);
    problem_free(&hidden);
}

/* With the other factor fixed the problem is convex (but for ortho): the more a term costs, the less there is of it. */
static void what_costs_more_is_less(void **state) {
    folder *f = *state;
    problem p = problem_random(ROWS, COLS, 0.8, 4), links = problem_graph(1);
    problem w = problem_random(ROWS, RANK, 1, 5), h = problem_random(RANK, COLS, 1, 6);
    nmf_matrix *graph = problem_matrix(f->context, &links, SPARSE, NMF_F64);
    nmf_matrix *matrix = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    nmf_matrix *all_w = problem_matrix(f->context, &w, BY_ROW, NMF_F64);
    nmf_matrix *all_h = problem_matrix(f->context, &h, BY_ROW, NMF_F64);
    for (int c = 0; c < 2 * 7; c++) {
        setting s = {&p, NULL, &links, c % 2 == 1};
        double before = INFINITY, first = 0;
        int which = c / 2 < 6 ? c / 2 : 7;
        for (double by = 0.05; by < 2; by *= 4) {
            nmf_options options = options_for(1000), one;
            options.loss = s.kl ? "kl" : "frobenius";
            *(which % 2 ? &options.fix_w : &options.fix_h) = which % 2 ? all_w : all_h;
            penalize(which, by, graph, &options);
            nmf_result *result = fitted(f->context, matrix, &options, NMF_OK);
            factors found = factors_of(result);
            one = options;
            penalize(which, 1, graph, &one);
            double term = penalty_of(&s, &found, &one);
            assert_true(term <= before * (1 + 1e-9));
            first = before == INFINITY ? term : first;
            before = term;
            factors_free(&found);
            nmf_result_free(result);
        }
        assert_true(before < 0.95 * first);
    }
    nmf_matrix *const matrices[] = {graph, matrix, all_w, all_h};
    problem *const problems[] = {&p, &links, &w, &h};
    for (int t = 0; t < 4; t++) {
        nmf_matrix_free(matrices[t]);
        problem_free(problems[t]);
    }
}

/* The slope of what is lowered in H(c, j): Wᵀ(WH − A) or Wᵀ(1 − A/WH), and weight·Σ_l s_jl·(h_j − h_l). */
static double slope_of_h(const setting *s, const factors *f, double weight, int64_t c, int64_t j) {
    double slope = 0;
    for (int64_t i = 0; i < ROWS; i++) {
        double a = s->a->values[i * COLS + j], b = product_at(f, i, j);
        slope += f->w[i * f->k + c] * (!s->kl ? b - a : 1 - (a > 0 ? a / b : 0));
    }
    for (int64_t l = 0; l < COLS; l++) {
        slope += weight * s->graph->values[j * COLS + l] * (f->h[c * COLS + j] - f->h[c * COLS + l]);
    }
    return slope;
}

static void a_graph_is_at_rest_at_the_end(void **state) {
    folder *f = *state;
    problem p = problem_low_rank(ROWS, COLS, RANK, 0.3, 7), links = problem_graph(0.5);
    nmf_matrix *graph = problem_matrix(f->context, &links, BY_ROW, NMF_F64);
    for (int c = 0; c < 2 * SHAPES; c++) {
        setting s = {&p, NULL, &links, c % 2 == 1};
        nmf_matrix *matrix = problem_matrix(f->context, &p, (shape)(c / 2), NMF_F64);
        nmf_options options = options_for(20000);
        options.loss = s.kl ? "kl" : "frobenius";
        options.graph_h = graph;
        options.graph_weight = 0.7;
        options.l2_w = 0.1;
        nmf_result *result = fitted(f->context, matrix, &options, NMF_OK);
        factors found = factors_of(result);
        assert_true(nmf_result_summary(result)->kkt_residual < 1e-5);
        for (int64_t e = 0; e < RANK * COLS; e++) {
            double slope = slope_of_h(&s, &found, 0.7, e / COLS, e % COLS);
            if (!(slope > -1e-4 && slope * found.h[e] < 1e-4)) {
                fail_msg("kl %d: H(%d, %d) is %g, its slope %g", s.kl, (int)e / COLS, (int)e % COLS, found.h[e], slope);
            }
        }
        factors_free(&found);
        nmf_result_free(result);
        nmf_matrix_free(matrix);
    }
    nmf_matrix_free(graph);
    problem_free(&p);
    problem_free(&links);
}

/* Two columns that must not differ become what each would be, were both the mean of the two. */
static void a_heavy_edge_makes_columns_equal(void **state) {
    folder *f = *state;
    problem p = problem_random(ROWS, COLS, 1, 8), w = problem_random(ROWS, RANK, 1, 9);
    double edge[COLS * COLS] = {0};
    edge[2 * COLS + 7] = edge[7 * COLS + 2] = 1000;
    problem links = problem_of(COLS, COLS, edge), means = problem_of(ROWS, COLS, p.values);
    for (int64_t i = 0; i < ROWS; i++) {
        double *row = means.values + i * COLS;
        row[2] = row[7] = (row[2] + row[7]) / 2;
    }
    problem_lay_out(&means);
    nmf_matrix *graph = problem_matrix(f->context, &links, SPARSE, NMF_F64);
    nmf_matrix *fixed = problem_matrix(f->context, &w, BY_ROW, NMF_F64);
    nmf_matrix *matrix = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    nmf_matrix *mean = problem_matrix(f->context, &means, BY_ROW, NMF_F64);
    nmf_options options = options_for(20000);
    options.fix_w = fixed;
    nmf_result *expected = fitted(f->context, mean, &options, NMF_OK);
    options.graph_h = graph;
    nmf_result *result = fitted(f->context, matrix, &options, NMF_OK);
    factors found = factors_of(result);
    for (int64_t c = 0; c < RANK; c++) {
        assert_true(fabs(found.h[c * COLS + 2] - found.h[c * COLS + 7]) < 2e-3);
    }
    expect_near_factors(result, expected, 5e-3);
    factors_free(&found);
    nmf_result *const results[] = {expected, result};
    nmf_matrix *const matrices[] = {graph, fixed, matrix, mean};
    problem *const problems[] = {&p, &w, &links, &means};
    for (int t = 0; t < 4; t++) {
        nmf_result_free(t < 2 ? results[t] : NULL);
        nmf_matrix_free(matrices[t]);
        problem_free(problems[t]);
    }
}

static void expect_graph_refused(folder *f, const nmf_matrix *matrix, const problem *links, const char *part) {
    for (int as = 0; as < SHAPES; as++) {
        nmf_matrix *graph = problem_matrix(f->context, links, (shape)as, NMF_F64);
        nmf_options options = options_for(5);
        options.graph_h = graph;
        expect_fit_refused(f->context, matrix, &options, NMF_ERROR_INPUT, part);
        nmf_matrix_free(graph);
    }
}

static void what_is_no_penalty_is_refused(void **state) {
    folder *f = *state;
    problem p = problem_random(ROWS, COLS, 1, 10), links = problem_graph(1);
    nmf_matrix *matrix = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    problem small = problem_random(COLS - 1, COLS - 1, 0.5, 11);
    expect_graph_refused(f, matrix, &small, "the graph has 9 rows and 9 columns; it must have 10 and 10");
    links.values[1 * COLS + 2] = 5;
    problem_lay_out(&links);
    expect_graph_refused(f, matrix, &links, "the graph is not symmetric: row 2, column 3 is 5");
    links.values[1 * COLS + 2] = links.values[2 * COLS + 1] = -1;
    links.allowed = NMF_ALLOW_NEGATIVE;
    problem_lay_out(&links);
    expect_graph_refused(f, matrix, &links, "the graph has negative entries");
    nmf_options options = options_for(5);
    options.graph_weight = 2;
    expect_fit_refused(f->context, matrix, &options, NMF_ERROR_USAGE, "graph-h");
    options.graph_weight = 0;
    options.l2_h = -1;
    expect_fit_refused(f->context, matrix, &options, NMF_ERROR_USAGE, "l2-h is -1");
    options.l2_h = 0;
    options.alpha_w = 0.1;
    options.l1_ratio = 1.5;
    expect_fit_refused(f->context, matrix, &options, NMF_ERROR_USAGE, "l1-ratio is 1.5");
    nmf_matrix_free(matrix);
    problem *const problems[] = {&p, &links, &small};
    for (int t = 0; t < 3; t++) {
        problem_free(problems[t]);
    }
}

/*
 * A·2^s with W·2^(s/2) and H·2^(s/2) has the loss times 2^(degree·s), and so have penalties on X^power that are times
 * 2^(degree·s − power·s/2). Where the matrix is moved inside, all of it is moved.
 */
static void penalties_scale_with_the_matrix(void **state) {
    folder *f = *state;
    static const int exponents[] = {400, 700, -400, -700};
    problem p = problem_random(ROWS, COLS, 0.8, 12), links = problem_graph(1);
    nmf_matrix *graph = problem_matrix(f->context, &links, SPARSE, NMF_F64);
    nmf_matrix *matrix = problem_matrix(f->context, &p, BY_ROW, NMF_F64);
    for (int c = 0; c < PENALTIES * 2 * 4; c++) {
        int which = c % PENALTIES, s = exponents[c / PENALTIES / 2], power = which < 2 ? 1 : 2;
        bool kl = c / PENALTIES % 2 == 1;
        /* Sums beside squares of such entries must be small for their penalty to be a number. */
        double by = which < 2 && s > 400 ? ldexp(1, -40) : 0.25;
        problem scaled = problem_scaled(&p, s);
        nmf_matrix *large = problem_matrix(f->context, &scaled, BY_ROW, NMF_F64);
        nmf_options options = options_for(400);
        options.loss = kl ? "kl" : "frobenius";
        options.tol = 1e-6;
        penalize(which, by, graph, &options);
        options.l1_ratio = 0;
        nmf_result *expected = fitted(f->context, matrix, &options, NMF_OK);
        penalize(which, ldexp(by, (kl ? 1 : 2) * s - power * s / 2), graph, &options);
        options.l1_ratio = 0;
        nmf_result *result = fitted(f->context, large, &options, NMF_OK);
        const nmf_summary *got = nmf_result_summary(result), *wanted = nmf_result_summary(expected);
        if (!(fabs(got->relative_error - wanted->relative_error) < 1e-7) || got->iterations != wanted->iterations ||
            strcmp(got->stop_reason, wanted->stop_reason) != 0) {
            fail_msg("penalty %d, kl %d, 2^%d: %s after %lld, error %.17g; %s after %lld, error %.17g", which, kl, s,
                     got->stop_reason, (long long)got->iterations, got->relative_error, wanted->stop_reason,
                     (long long)wanted->iterations, wanted->relative_error);
        }
        assert_true(fabs(got->kkt_residual - wanted->kkt_residual) < 1e-7);
        nmf_result_free(result);
        nmf_result_free(expected);
        nmf_matrix_free(large);
        problem_free(&scaled);
    }
    nmf_matrix_free(graph);
    nmf_matrix_free(matrix);
    problem_free(&p);
    problem_free(&links);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_objective_is_the_loss_and_the_penalty, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(alpha_is_scaled_by_the_entries_that_count, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(what_costs_more_is_less, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(a_graph_is_at_rest_at_the_end, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(a_heavy_edge_makes_columns_equal, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(what_is_no_penalty_is_refused, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(penalties_scale_with_the_matrix, folder_setup, folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
