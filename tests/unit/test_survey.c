/* What a survey says of matrices whose components are known, and what it refuses. */
#include "select/hold_out.h"
#include "select/together.h"
#include "support/expect.h"
#include "support/problems.h"

#include <math.h>
#include <string.h>

enum { M = 40, N = 24, BLOCKS = 3 };

/* Three blocks of rows and columns, of different sizes and heights, and a little of everything. */
static void fill_blocks(double *values) {
    for (int i = 0; i < M; i++) {
        for (int j = 0; j < N; j++) {
            bool inside = i * BLOCKS / M == j * BLOCKS / N;
            double shape = (1 + (i * 7 % 5)) * (1 + (j * 5 % 3));
            values[i * N + j] = inside ? shape : (double)((i * 7919 + j * 104729 + i * j * 613) % 97) / 500;
        }
    }
}

static void expect_close(double got, double expected, double within) {
    if (!(fabs(got - expected) <= within)) {
        fail_msg("%.17g is not %.17g", got, expected);
    }
}

static nmf_matrix *blocks(nmf_context *context, double values[M * N]) {
    nmf_matrix *matrix;
    fill_blocks(values);
    assert_int_equal(nmf_matrix_dense(context, M, N, NMF_F64, values, N, 1, 0, &matrix), NMF_OK);
    return matrix;
}

static nmf_matrix *sparse_blocks(nmf_context *context, const double values[M * N]) {
    nmf_matrix *matrix;
    int64_t start[M + 1], index[M * N];
    for (int i = 0; i <= M; i++) {
        start[i] = (int64_t)i * N;
    }
    for (int e = 0; e < M * N; e++) {
        index[e] = e % N;
    }
    assert_int_equal(matrix_of_rows(context, M, N, NMF_F64, start, index, values, 0, &matrix), NMF_OK);
    return matrix;
}

static nmf_rank_row survey_as(nmf_context *context, const nmf_matrix *matrix, int64_t rank, const char *loss,
                              int64_t threads) {
    nmf_options options;
    const nmf_survey_options how = {.restarts = 6, .masks = 3};
    nmf_rank_row row;
    nmf_options_init(&options);
    options.rank = rank;
    options.loss = loss;
    options.threads = threads;
    assert_int_equal(nmf_survey(context, matrix, &options, &how, &row), NMF_OK);
    return row;
}

static void blocks_are_found(void **state) {
    folder *f = *state;
    double values[M * N];
    nmf_matrix *matrix = blocks(f->context, values);
    nmf_rank_row rows[4];
    nmf_suggestion suggestion;
    for (int64_t k = 1; k <= 4; k++) {
        rows[k - 1] = survey_as(f->context, matrix, k, NULL, 1);
        assert_true(rows[k - 1].explained > 0 && rows[k - 1].explained <= 1);
        assert_true(rows[k - 1].median_error >= rows[k - 1].relative_error);
        assert_true(k == 1 || rows[k - 1].relative_error < rows[k - 2].relative_error);
        assert_int_equal(rows[k - 1].samples, N);
    }
    const nmf_rank_row *at = &rows[BLOCKS - 1];
    expect_close(at->cophenetic, 1, 1e-12);
    expect_close(at->dispersion, 1, 1e-12);
    expect_close(at->pac, 0, 1e-12);
    expect_close(at->silhouette_samples, 1, 1e-12);
    for (int r = 0; r < 4; r++) {
        assert_true(rows[r].stability_least <= rows[r].stability + 1e-12);
    }
    assert_true(rows[BLOCKS].stability_least < rows[BLOCKS].stability - 0.01);
    assert_true(at->silhouette_spectra > 0.95 && at->stability > 0.99 && at->stability_least > 0.99);
    expect_close(at->explained, 1 - at->relative_error * at->relative_error, 1e-9);
    assert_true(at->held_out < 0.5 * rows[BLOCKS - 2].held_out && at->held_out_error >= 0);
    assert_true(isnan(rows[0].cophenetic) && isnan(rows[0].pac) && isnan(rows[0].silhouette_spectra));
    expect_close(rows[0].stability, 1, 1e-3);
    nmf_suggest(rows, 4, &suggestion);
    assert_int_equal(suggestion.rank, BLOCKS);
    assert_true(suggestion.low <= BLOCKS && suggestion.high >= BLOCKS && suggestion.reason[0]);
    nmf_matrix_free(matrix);
}

static void expect_same(const nmf_rank_row *one, const nmf_rank_row *other, double within) {
    const double a[] = {one->error,     one->median_error,    one->explained, one->cophenetic, one->dispersion,
                        one->stability, one->stability_least, one->held_out,  one->pac,        one->held_out_error};
    const double b[] = {other->error,      other->median_error,  other->explained,       other->cophenetic,
                        other->dispersion, other->stability,     other->stability_least, other->held_out,
                        other->pac,        other->held_out_error};
    for (size_t t = 0; t < sizeof a / sizeof *a; t++) {
        assert_true(fabs(a[t] - b[t]) <= within * fabs(a[t]));
    }
}

static void threads_and_storage_make_no_difference(void **state) {
    folder *f = *state;
    double values[M * N];
    nmf_matrix *matrix = blocks(f->context, values), *sparse = sparse_blocks(f->context, values);
    const char *const losses[] = {NULL, "kl"};
    for (int l = 0; l < 2; l++) {
        nmf_rank_row one = survey_as(f->context, matrix, 3, losses[l], 1);
        nmf_rank_row three = survey_as(f->context, matrix, 3, losses[l], 3);
        nmf_rank_row stored = survey_as(f->context, sparse, 3, losses[l], 2);
        expect_same(&one, &three, 0);
        expect_same(&one, &stored, 1e-3);
    }
    nmf_matrix_free(matrix);
    nmf_matrix_free(sparse);
}

/* Six samples; two starts put them into {0 1 2}{3 4 5}, two into {0 1}{2 3 4 5}: 2 is with 0 and 1 in half of them. */
static void co_membership_is_as_counted(void **state) {
    folder *f = *state;
    int32_t label[] = {0, 0, 0, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0};
    gathered all = {.context = f->context, .k = 2, .starts = 4, .samples = 6, .label = label};
    together together;
    nmf_rank_row row = {0};
    assert_int_equal(together_new(&all, &together), NMF_OK);
    assert_int_equal(together_measure(&all, &together, &row), NMF_OK);
    /* 5 of the 15 pairs have C = ½: those of sample 2. */
    expect_close(together.distance[2], 0.5, 0);
    expect_close(together.distance[3], 1, 0);
    expect_close(together.distance[1], 0, 0);
    expect_close(row.pac, 5.0 / 15, 1e-12);
    expect_close(row.dispersion, (36 - 10.0) / 36, 1e-12);
    /* scipy.cluster.hierarchy: cophenet(average(d), d) */
    expect_close(row.cophenetic, 0.8913588210957503, 1e-12);
    together_free(&together);
}

static nmf_status plan_for(folder *f, const nmf_options *options, const nmf_matrix *matrix, plan *plan) {
    nmf_status status = plan_make(f->context, options, plan);
    return status == NMF_OK ? plan_meet(f->context, matrix, plan) : status;
}

/* Entries held out are hidden, are what A has there, and are none that was hidden already. */
static void what_is_held_out_is_hidden(void **state) {
    folder *f = *state;
    double values[M * N], hidden[M * N], mask[M * N] = {0};
    nmf_matrix *matrix = blocks(f->context, values), *own = NULL;
    nmf_options options;
    plan plan;
    hold_out held;
    for (int e = 0; e < M * N; e += 3) {
        mask[e] = 1;
    }
    assert_int_equal(nmf_matrix_dense(f->context, M, N, NMF_F64, mask, N, 1, 0, &own), NMF_OK);
    nmf_options_init(&options);
    options.rank = 2;
    options.mask = own;
    assert_int_equal(plan_for(f, &options, matrix, &plan), NMF_OK);
    assert_int_equal(hold_out_new(f->context, matrix, &plan, 0.25, 7, &held), NMF_OK);
    nmf_matrix_copy(held.mask, hidden);
    int64_t total = 0;
    for (int e = 0; e < M * N; e++) {
        total += hidden[e] != 0;
        assert_true(mask[e] == 0 || hidden[e] != 0);
    }
    assert_int_equal(total, held.count + M * N / 3);
    assert_true(held.count > 110 && held.count < 210);
    for (int64_t e = 0; e < held.count; e++) {
        int64_t at = (int64_t)held.entries[e].row * N + held.entries[e].col;
        assert_true(hidden[at] != 0 && mask[at] == 0);
        expect_close(held.entries[e].value, values[at], 0);
    }
    hold_out_free(&held);
    nmf_matrix_free(own);
    nmf_matrix_free(matrix);
}

static nmf_status survey_small(nmf_context *context) {
    const double values[] = {1, 2, 3, 4, 2, 4, 6, 1, 1, 0, 1, 3, 5, 1, 2, 2, 1, 1, 4, 2};
    nmf_matrix *matrix = NULL;
    nmf_options options;
    const nmf_survey_options how = {.restarts = 3, .masks = 2, .held_out = 0.2};
    nmf_rank_row row;
    nmf_options_init(&options);
    options.rank = 2;
    options.threads = 1;
    options.max_iter = 3;
    nmf_status status = nmf_matrix_dense(context, 5, 4, NMF_F64, values, 4, 1, 0, &matrix);
    if (status == NMF_OK) {
        status = nmf_survey(context, matrix, &options, &how, &row);
    }
    nmf_matrix_free(matrix);
    return status;
}

static void refused_memory_leaves_nothing(void **state) {
    (void)state;
    expect_memory_refused(survey_small);
}

static int stop_at(void *user, const nmf_progress *progress) {
    int *left = user;
    assert_true(progress->start >= 1 && progress->start <= progress->starts);
    return --*left == 0;
}

static void an_observer_stops_it(void **state) {
    folder *f = *state;
    double values[M * N];
    nmf_matrix *matrix = blocks(f->context, values);
    nmf_options options;
    const nmf_survey_options how = {.restarts = 4, .masks = 2};
    nmf_rank_row row;
    nmf_options_init(&options);
    options.rank = 3;
    options.observer = stop_at;
    for (int at = 1; at < 200; at += 23) {
        int left = at;
        options.observer_user = &left;
        nmf_status status = nmf_survey(f->context, matrix, &options, &how, &row);
        assert_int_equal(status, left <= 0 ? NMF_INTERRUPTED : NMF_OK);
    }
    nmf_matrix_free(matrix);
}

static void expect_survey_refused(folder *f, const nmf_matrix *matrix, int64_t rank, nmf_survey_options how,
                                  const char *part) {
    nmf_options options;
    nmf_rank_row row;
    nmf_options_init(&options);
    options.rank = rank;
    assert_int_equal(nmf_survey(f->context, matrix, &options, &how, &row), NMF_ERROR_USAGE);
    if (!strstr(nmf_context_message(f->context), part)) {
        fail_msg("\"%s\" does not say \"%s\"", nmf_context_message(f->context), part);
    }
}

static void what_makes_no_sense_is_refused(void **state) {
    folder *f = *state;
    double values[M * N];
    nmf_matrix *matrix = blocks(f->context, values);
    expect_survey_refused(f, matrix, N + 1, (nmf_survey_options){0}, "24");
    expect_survey_refused(f, matrix, 2, (nmf_survey_options){.restarts = 1}, "at least 2");
    expect_survey_refused(f, matrix, 2, (nmf_survey_options){.held_out = 1.5}, "below 1");
    expect_survey_refused(f, matrix, 2, (nmf_survey_options){.most_samples = -1}, "samples");
    expect_survey_refused(f, matrix, 2, (nmf_survey_options){.held_out = -0.1}, "above 0");
    nmf_matrix_free(matrix);
}

/* Masks that hold nothing out count for nothing: of a tiny matrix, or by a tiny share, none may. */
static void masks_may_hold_nothing_out(void **state) {
    folder *f = *state;
    double values[M * N];
    const double one = 2;
    nmf_matrix *matrix = blocks(f->context, values), *tiny;
    nmf_options options;
    nmf_rank_row row;
    nmf_options_init(&options);
    options.rank = 1;
    assert_int_equal(nmf_matrix_dense(f->context, 1, 1, NMF_F64, &one, 1, 1, 0, &tiny), NMF_OK);
    const nmf_survey_options how = {.restarts = 2, .held_out = 1e-9};
    const nmf_matrix *const of[] = {tiny, matrix};
    for (int t = 0; t < 2; t++) {
        assert_int_equal(nmf_survey(f->context, of[t], &options, &how, &row), NMF_OK);
        assert_true(isnan(row.held_out) && isnan(row.held_out_error) && row.masks == 0);
    }
    const nmf_survey_options few = {.restarts = 2, .masks = 20, .held_out = 1e-3};
    assert_int_equal(nmf_survey(f->context, matrix, &options, &few, &row), NMF_OK);
    assert_true(row.masks > 1 && row.masks < 20 && row.held_out > 0 && row.held_out_error >= 0);
    nmf_matrix_free(tiny);
    nmf_matrix_free(matrix);
}

/* Rows of ranks 2, 3, …: whether components are stable, and the held-out error, whose standard error is .01. */
static nmf_suggestion suggested(int count, const bool *stable, const double *held_out) {
    nmf_rank_row rows[5];
    nmf_suggestion suggestion;
    for (int r = 0; r < count; r++) {
        rows[count - 1 - r] = (nmf_rank_row){.rank = r + 2,
                                             .stability = stable[r] ? 0.95 : 0.5,
                                             .silhouette_spectra = 0.9,
                                             .held_out = held_out ? held_out[r] : NAN,
                                             .held_out_error = held_out ? 0.01 : NAN};
    }
    nmf_suggest(rows, count, &suggestion);
    return suggestion;
}

static void expect_suggested(nmf_suggestion s, int64_t rank, int64_t low, int64_t high, const char *reason,
                             const char *doubt) {
    assert_int_equal(s.rank, rank);
    assert_int_equal(s.low, low);
    assert_int_equal(s.high, high);
    assert_string_equal(s.reason, reason);
    assert_string_equal(s.doubt, doubt);
}

static void suggestions_keep_to_what_held_out_error_leaves_open(void **state) {
    (void)state;
    const double valley[] = {0.3, 0.115, 0.1, 0.115, 0.3}, falling[] = {0.3, 0.2, 0.1};
    const bool to_4[] = {true, true, true, false, false}, to_2[5] = {true}, none[5] = {false}, all[] = {1, 1, 1, 1, 1};
    expect_suggested(suggested(5, to_4, valley), 4, 3, 5,
                     "Held-out entries are foretold best at 4, and as well within two standard errors from 3 to 5. "
                     "The highest rank of these with the same components from every start is 4.",
                     "");
    expect_suggested(suggested(5, to_2, valley), 3, 3, 5,
                     "Held-out entries are foretold best at 4, and as well within two standard errors from 3 to 5.",
                     "Of the ranks that held-out error leaves open none has the same components from every start; 2 "
                     "has.");
    expect_suggested(suggested(5, none, valley), 3, 3, 5,
                     "Held-out entries are foretold best at 4, and as well within two standard errors from 3 to 5.",
                     "At no rank above 1 are the components the same from every start.");
    expect_suggested(suggested(5, all, valley), 5, 3, 5,
                     "Held-out entries are foretold best at 4, and as well within two standard errors from 3 to 5. "
                     "The highest rank of these with the same components from every start is 5.",
                     "Components are stable beyond what foretells held-out entries.");
    expect_suggested(suggested(3, all, falling), 4, 4, 4,
                     "Held-out entries are foretold best at 4. Components are the same from every start there.",
                     "Held-out error has no minimum before 4, the highest rank looked at. Components are stable up to "
                     "the highest rank looked at: higher ones may be too.");
}

static void suggestions_without_held_out_error(void **state) {
    (void)state;
    const bool to_3[] = {true, true, false}, none[3] = {false};
    static const char nothing[] = "Nothing here tells ranks from each other.";
    expect_suggested(suggested(3, to_3, NULL), 3, 3, 3,
                     "The highest rank with the same components from every start is 3.", "");
    expect_suggested(suggested(2, to_3, NULL), 3, 3, 3,
                     "The highest rank with the same components from every start is 3.",
                     "Components are stable up to the highest rank looked at: higher ones may be too.");
    expect_suggested(suggested(3, none, NULL), 0, 0, 0, nothing,
                     "At no rank above 1 are the components the same from every start.");
    expect_suggested(suggested(0, none, NULL), 0, 0, 0, nothing, "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(blocks_are_found, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(threads_and_storage_make_no_difference, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(co_membership_is_as_counted, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(what_is_held_out_is_hidden, folder_setup, folder_teardown),
        cmocka_unit_test(refused_memory_leaves_nothing),
        cmocka_unit_test_setup_teardown(an_observer_stops_it, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(what_makes_no_sense_is_refused, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(masks_may_hold_nothing_out, folder_setup, folder_teardown),
        cmocka_unit_test(suggestions_keep_to_what_held_out_error_leaves_open),
        cmocka_unit_test(suggestions_without_held_out_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
