/*
 * Every loss with every kind of data, penalty, constraint and solver: docs/combinations.md says of each pair whether it
 * is taken. What is taken falls at every iteration and is the same for dense and sparse A; what is not has a sentence.
 */
#include "support/expect.h"
#include "support/markdown.h"
#include "support/problems.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { N = 12, K = 3 };

/* Matrices that every feature finds what it needs in: A is symmetric and above 0. */
typedef struct fixture {
    nmf_context *context;
    nmf_matrix *dense, *sparse, *holes, *missing, *mask, *weights, *graph, *w, *h;
    double a[N * N], nan[N * N], hidden[N * N], omega[N * N], links[N * N], wide[N * K], tall[K * N];
} fixture;

static double *numbers(double *values, int64_t count, uint64_t seed) {
    problem p = problem_random(1, count, 1, seed);
    memcpy(values, p.values, (size_t)count * sizeof *values);
    problem_free(&p);
    return values;
}

static nmf_matrix *dense_of(nmf_context *context, const double *values, int64_t rows, int64_t cols, unsigned allowed) {
    nmf_matrix *matrix;
    if (nmf_matrix_dense(context, rows, cols, NMF_F64, values, cols, 1, allowed, &matrix) != NMF_OK) {
        fail_msg("%s", nmf_context_message(context));
    }
    return matrix;
}

/* Entries for which `values` is not 0 and `skip`, where there is one, is. */
static nmf_matrix *sparse_of(nmf_context *context, const double *values, const double *skip) {
    int64_t start[N + 1] = {0}, index[N * N], count = 0;
    double entries[N * N];
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
            if (values[i * N + j] != 0 && !(skip && skip[i * N + j] != 0)) {
                index[count] = j;
                entries[count++] = values[i * N + j];
            }
        }
        start[i + 1] = count;
    }
    nmf_matrix *matrix;
    if (matrix_of_rows(context, N, N, NMF_F64, start, index, entries, 0, &matrix) != NMF_OK) {
        fail_msg("%s", nmf_context_message(context));
    }
    return matrix;
}

static void fixture_new(fixture *f, nmf_context *context) {
    problem p = problem_low_rank(N, K, K, 0.3, 5);
    *f = (fixture){.context = context};
    numbers(f->wide, N * K, 6);
    numbers(f->tall, K * N, 7);
    for (int i = 0; i < N; i++) {
        for (int j = 0; j < N; j++) {
            int e = i * N + j, apart = i > j ? i - j : j - i;
            for (int c = 0; c < K; c++) {
                f->a[e] += p.values[i * K + c] * p.values[j * K + c] + 0.05;
            }
            f->hidden[e] = (i + j) % 5 == 1;
            f->nan[e] = f->hidden[e] != 0 ? NAN : f->a[e];
            f->omega[e] = 1 + (i + j) % 3;
            f->links[e] = apart == 1 || apart == 4;
        }
    }
    f->dense = dense_of(context, f->a, N, N, 0);
    f->sparse = sparse_of(context, f->a, NULL);
    f->holes = sparse_of(context, f->a, f->hidden);
    f->missing = dense_of(context, f->nan, N, N, NMF_ALLOW_MISSING);
    f->mask = sparse_of(context, f->hidden, NULL);
    f->weights = dense_of(context, f->omega, N, N, 0);
    f->graph = sparse_of(context, f->links, NULL);
    f->w = dense_of(context, f->wide, N, K, 0);
    f->h = dense_of(context, f->tall, K, N, 0);
    problem_free(&p);
}

static void fixture_free(fixture *f) {
    nmf_matrix *const all[] = {f->dense, f->sparse, f->holes, f->missing, f->mask, f->weights, f->graph, f->w, f->h};
    for (size_t t = 0; t < sizeof all / sizeof *all; t++) {
        nmf_matrix_free(all[t]);
    }
}

static void frobenius(const fixture *f, nmf_options *o) {
    (void)f;
    o->loss = "frobenius";
}

static void kl(const fixture *f, nmf_options *o) {
    (void)f;
    o->loss = "kl";
}

static void is(const fixture *f, nmf_options *o) {
    (void)f;
    o->loss = "is";
}

static void beta(const fixture *f, nmf_options *o) {
    (void)f;
    o->loss = "beta";
    o->loss_parameter = 0.5;
}

static void huber(const fixture *f, nmf_options *o) {
    (void)f;
    o->loss = "huber";
    o->loss_parameter = 0.1;
}

static void mae(const fixture *f, nmf_options *o) {
    (void)f;
    o->loss = "mae";
}

static void nothing(const fixture *f, nmf_options *o) {
    (void)f, (void)o;
}

static void mask(const fixture *f, nmf_options *o) {
    o->mask = f->mask;
}

static void stored(const fixture *f, nmf_options *o) {
    (void)f;
    o->observed = "stored";
}

static void weights(const fixture *f, nmf_options *o) {
    o->weights = f->weights;
}

static void implicit(const fixture *f, nmf_options *o) {
    (void)f;
    o->implicit = 2;
}

static void l1(const fixture *f, nmf_options *o) {
    (void)f;
    o->l1_w = o->l1_h = 0.05;
}

static void l2(const fixture *f, nmf_options *o) {
    (void)f;
    o->l2_w = o->l2_h = 0.05;
}

static void alpha(const fixture *f, nmf_options *o) {
    (void)f;
    o->alpha_w = 0.01;
    o->l1_ratio = 0.5;
}

static void ortho(const fixture *f, nmf_options *o) {
    (void)f;
    o->ortho_w = o->ortho_h = 0.05;
}

static void graph(const fixture *f, nmf_options *o) {
    o->graph_h = f->graph;
    o->graph_weight = 0.1;
}

static void fix_w(const fixture *f, nmf_options *o) {
    o->fix_w = f->w;
    o->rank = K + 1;
}

static void fix_h(const fixture *f, nmf_options *o) {
    o->fix_h = f->h;
    o->rank = K + 1;
}

static void bounds(const fixture *f, nmf_options *o) {
    (void)f;
    o->max_w = o->max_h = 0.8;
}

static void simplex(const fixture *f, nmf_options *o) {
    (void)f;
    o->simplex = "h";
}

static void free_w(const fixture *f, nmf_options *o) {
    (void)f;
    o->free = "w";
}

static void symmetric(const fixture *f, nmf_options *o) {
    (void)f;
    o->symmetric = true;
}

static void start(const fixture *f, nmf_options *o) {
    o->start_w = f->w;
    o->start_h = f->h;
}

static void unit(const fixture *f, nmf_options *o) {
    (void)f;
    o->unit = "norm";
}

static void restarts(const fixture *f, nmf_options *o) {
    (void)f;
    o->restarts = 3;
}

static void hals(const fixture *f, nmf_options *o) {
    (void)f;
    o->solver = "hals";
}

static void bpp(const fixture *f, nmf_options *o) {
    (void)f;
    o->solver = "bpp";
}

static void mu(const fixture *f, nmf_options *o) {
    (void)f;
    o->solver = "mu";
}

static void als(const fixture *f, nmf_options *o) {
    (void)f;
    o->solver = "als";
}

static void online(const fixture *f, nmf_options *o) {
    (void)f;
    o->solver = "online";
    o->batch = 5;
}

/* A feature as the document calls it; those of one kind exclude each other. Of STARTS there are none in the runs of
 * all. */
typedef struct feature {
    const char *name;
    int kind;
    void (*set)(const fixture *f, nmf_options *o);
} feature;

enum { LOSS, DATA, PENALTY, CONSTRAINT, SOLVER, KINDS, STARTS };

static const feature features[] = {
    {"frobenius", LOSS, frobenius},
    {"kl", LOSS, kl},
    {"is", LOSS, is},
    {"beta", LOSS, beta},
    {"huber", LOSS, huber},
    {"mae", LOSS, mae},
    {"all", DATA, nothing},
    {"missing", DATA, nothing},
    {"mask", DATA, mask},
    {"stored", DATA, stored},
    {"weights", DATA, weights},
    {"implicit", DATA, implicit},
    {"none", PENALTY, nothing},
    {"l1", PENALTY, l1},
    {"l2", PENALTY, l2},
    {"alpha", PENALTY, alpha},
    {"ortho", PENALTY, ortho},
    {"graph-h", PENALTY, graph},
    {"none", CONSTRAINT, nothing},
    {"fix-w", CONSTRAINT, fix_w},
    {"fix-h", CONSTRAINT, fix_h},
    {"max", CONSTRAINT, bounds},
    {"simplex", CONSTRAINT, simplex},
    {"free", CONSTRAINT, free_w},
    {"symmetric", CONSTRAINT, symmetric},
    {"start", CONSTRAINT, start},
    {"unit", CONSTRAINT, unit},
    {"hals", SOLVER, hals},
    {"bpp", SOLVER, bpp},
    {"mu", SOLVER, mu},
    {"als", SOLVER, als},
    {"online", SOLVER, online},
    {"restarts", STARTS, restarts},
};
enum { FEATURES = sizeof features / sizeof *features };

/* What the document says: refused[a][b], and which features it names at all. */
typedef struct document {
    bool refused[FEATURES][FEATURES], known[FEATURES];
} document;

static int feature_named(const char *name) {
    for (int t = 0; t < FEATURES; t++) {
        if (strcmp(features[t].name, name) == 0 && features[t].set != nothing) {
            return t;
        }
    }
    return strcmp(name, "missing") == 0 ? 7 : strcmp(name, "frobenius") == 0 ? 0 : -1;
}

/* + where the two go together, a letter of its reason where not. */
static void take_cell(void *document_, const char *row, const char *column, const char *cell) {
    document *d = document_;
    int down = feature_named(row), across = feature_named(column);
    if (down >= 0) {
        assert_true(across >= 0);
        d->known[down] = d->known[across] = true;
        d->refused[down][across] = d->refused[across][down] = islower((unsigned char)cell[0]) != 0;
    }
}

static void read_document(document *d) {
    assert_true(markdown_tables("docs/combinations.md", take_cell, d));
}

/* The one rule of three: mu's steps for divergences take no penalty that ties entries to each other. */
static bool refused_of_three(const int chosen[KINDS]) {
    const char *loss = features[chosen[LOSS]].name, *penalty = features[chosen[PENALTY]].name;
    bool divergence = strcmp(loss, "kl") == 0 || strcmp(loss, "is") == 0 || strcmp(loss, "beta") == 0;
    bool ties = strcmp(penalty, "ortho") == 0 || strcmp(penalty, "graph-h") == 0;
    return strcmp(features[chosen[SOLVER]].name, "mu") == 0 && divergence && ties;
}

static bool is_refused(const document *d, const int chosen[KINDS]) {
    bool refused = refused_of_three(chosen);
    for (int a = 0; a < KINDS; a++) {
        for (int b = 0; b < a; b++) {
            refused = refused || d->refused[chosen[a]][chosen[b]];
        }
    }
    return refused;
}

static const nmf_matrix *matrix_for(const fixture *f, const int chosen[KINDS], bool sparse) {
    const char *data = features[chosen[DATA]].name;
    return strcmp(data, "missing") == 0  ? f->missing
           : strcmp(data, "stored") == 0 ? f->holes
           : sparse                      ? f->sparse
                                         : f->dense;
}

static void describe(const int chosen[KINDS], char *text, size_t room) {
    snprintf(text, room, "%s, %s, %s, %s, %s", features[chosen[LOSS]].name, features[chosen[DATA]].name,
             features[chosen[PENALTY]].name, features[chosen[CONSTRAINT]].name, features[chosen[SOLVER]].name);
}

static nmf_options options_for(const fixture *f, const int chosen[KINDS]) {
    nmf_options options;
    nmf_options_init(&options);
    options.rank = K;
    options.max_iter = 6;
    options.tol = 1e-14;
    options.stop = "change";
    options.threads = 1;
    options.init = strcmp(features[chosen[CONSTRAINT]].name, "start") == 0 ? NULL : "random";
    for (int a = 0; a < KINDS; a++) {
        features[chosen[a]].set(f, &options);
    }
    return options;
}

/* The objective, where there are penalties, else the error; als may rise, and what is learned from batches. */
static void expect_falling(const nmf_summary *s, const char *what) {
    bool may_rise = strcmp(s->solver, "als") == 0 || strcmp(s->solver, "online") == 0;
    for (int64_t t = 1; t < s->iterations && !may_rise; t++) {
        double before = s->penalized ? s->history[t - 1].objective : s->history[t - 1].error;
        double now = s->penalized ? s->history[t].objective : s->history[t].error;
        if (!(now <= before)) {
            fail_msg("%s: %.17g after %.17g in iteration %lld", what, now, before, (long long)t + 1);
        }
    }
    if (!isfinite(s->error) || !isfinite(s->kkt_residual) || s->error < 0) {
        fail_msg("%s: error %g, KKT residual %g", what, s->error, s->kkt_residual);
    }
}

static double fit_one(const fixture *f, const int chosen[KINDS], bool sparse, bool refused) {
    char what[160];
    nmf_options options = options_for(f, chosen);
    nmf_result *result;
    double first = -1;
    describe(chosen, what, sizeof what);
    nmf_status status = nmf_fit(f->context, matrix_for(f, chosen, sparse), &options, &result);
    if (refused ? status != NMF_ERROR_USAGE || strlen(nmf_context_message(f->context)) < 20 : status != NMF_OK) {
        fail_msg("%s: status %d, but the document %s it: %s", what, (int)status, refused ? "refuses" : "takes",
                 nmf_context_message(f->context));
    }
    if (!refused) {
        const nmf_summary *summary = nmf_result_summary(result);
        expect_falling(summary, what);
        first = summary->history[0].error;
    }
    nmf_result_free(result);
    return first;
}

/*
 * Rounding must not tell dense from sparse in the first iteration: but for the square root of it, in a fit that is
 * exact. What is learned begins with a whole fit of a few columns, and may part.
 */
static void fit_both(const fixture *f, const int chosen[KINDS], bool refused) {
    double dense = fit_one(f, chosen, false, refused), sparse = fit_one(f, chosen, true, refused);
    bool may_part = strcmp(features[chosen[SOLVER]].name, "online") == 0;
    if (!may_part && fabs(dense - sparse) > 1e-8 * fabs(dense) + 1e-6) {
        char what[160];
        describe(chosen, what, sizeof what);
        fail_msg("%s: %.17g dense, %.17g sparse", what, dense, sparse);
    }
}

static bool next_of_kind(int *chosen, int kind) {
    for (int t = *chosen + 1; t < FEATURES; t++) {
        if (features[t].kind == kind) {
            *chosen = t;
            return true;
        }
    }
    return false;
}

static void each_of(const fixture *f, const document *d, int chosen[KINDS], int kind, int64_t counts[2]) {
    if (kind == KINDS) {
        bool refused = is_refused(d, chosen);
        fit_both(f, chosen, refused);
        counts[refused]++;
        return;
    }
    chosen[kind] = -1;
    while (next_of_kind(&chosen[kind], kind)) {
        each_of(f, d, chosen, kind + 1, counts);
    }
}

static void every_combination_is_as_the_document_says(void **state) {
    folder *in = *state;
    static fixture f;
    static document d;
    int chosen[KINDS];
    int64_t counts[2] = {0, 0};
    read_document(&d);
    fixture_new(&f, in->context);
    each_of(&f, &d, chosen, 0, counts);
    assert_int_equal(counts[0] + counts[1], 6 * 6 * 6 * 9 * 5);
    assert_true(counts[0] > 1500 && counts[1] > 1500);
    fixture_free(&f);
}

static void the_document_names_every_feature(void **state) {
    (void)state;
    static document d;
    read_document(&d);
    for (int t = 0; t < FEATURES; t++) {
        assert_true(d.known[t] || features[t].set == nothing);
    }
}

/* Two at a time, those of one kind too. */
static void fit_pair(const fixture *f, const document *d, int a, int b) {
    int chosen[KINDS] = {0, 6, 12, 18, 27};
    nmf_options options = options_for(f, chosen);
    bool holes = strcmp(features[a].name, "stored") == 0 || strcmp(features[b].name, "stored") == 0;
    bool missing = strcmp(features[a].name, "missing") == 0 || strcmp(features[b].name, "missing") == 0;
    features[a].set(f, &options);
    features[b].set(f, &options);
    options.rank = options.start_w ? 0 : options.rank;
    options.init = options.start_w ? NULL : options.init;
    char what[80];
    snprintf(what, sizeof what, "%s with %s", features[a].name, features[b].name);
    nmf_result *result;
    nmf_status status = nmf_fit(f->context, holes ? f->holes : missing ? f->missing : f->dense, &options, &result);
    if (status != (d->refused[a][b] ? NMF_ERROR_USAGE : NMF_OK)) {
        fail_msg("%s: status %d, but the document %s it: %s", what, (int)status, d->refused[a][b] ? "refuses" : "takes",
                 nmf_context_message(f->context));
    }
    if (status == NMF_OK) {
        expect_falling(nmf_result_summary(result), what);
    }
    nmf_result_free(result);
}

static void every_pair_is_as_the_document_says(void **state) {
    folder *in = *state;
    static fixture f;
    static document d;
    read_document(&d);
    fixture_new(&f, in->context);
    for (int a = 0; a < FEATURES; a++) {
        for (int b = 0; b < a; b++) {
            bool in_the_runs_of_all = features[b].kind == LOSS || features[a].kind == SOLVER;
            if (d.known[a] && d.known[b] && (features[a].kind == STARTS || !in_the_runs_of_all)) {
                fit_pair(&f, &d, a, b);
            }
        }
    }
    fixture_free(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_document_names_every_feature),
        cmocka_unit_test_setup_teardown(every_pair_is_as_the_document_says, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(every_combination_is_as_the_document_says, folder_setup, folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
