/* Predictions and recommendations: against W·H made entry by entry, for factors held in every way. */
#include "support/expect.h"
#include "support/numbers.h"
#include "support/problems.h"

#include <string.h>

enum { ROWS = 23, COLS = 11, RANK = 4, PAIRS = 200, WAYS = 2 * SHAPES };

typedef struct model {
    problem w, h, seen;
    double product[ROWS][COLS];
} model;

/* Every fifth row of W is the one before once more, so that predictions are equal; row 2 is zero. */
static model model_new(uint64_t seed) {
    model m = {.w = problem_random(ROWS, RANK, 0.6, seed),
               .h = problem_random(RANK, COLS, 0.6, seed + 1),
               .seen = problem_random(ROWS, COLS, 0.3, seed + 2)};
    for (int64_t i = 5; i < ROWS; i += 5) {
        memcpy(m.w.values + i * RANK, m.w.values + (i - 1) * RANK, RANK * sizeof(double));
    }
    memset(m.w.values + 2 * RANK, 0, RANK * sizeof(double));
    problem_lay_out(&m.w);
    for (int64_t i = 0; i < ROWS; i++) {
        for (int64_t j = 0; j < COLS; j++) {
            for (int64_t c = 0; c < RANK; c++) {
                m.product[i][j] += m.w.values[i * RANK + c] * m.h.values[c * COLS + j];
            }
        }
    }
    return m;
}

static void model_free(model *m) {
    problem_free(&m->w);
    problem_free(&m->h);
    problem_free(&m->seen);
}

/* The matrices in one of WAYS; W and H never in the same one. */
typedef struct held {
    nmf_matrix *w, *h, *seen;
} held;

static held held_new(nmf_context *context, const model *m, int way) {
    return (held){problem_matrix(context, &m->w, (shape)(way % SHAPES), (nmf_dtype)(way / SHAPES)),
                  problem_matrix(context, &m->h, (shape)((way + 1) % SHAPES), (nmf_dtype)(1 - way / SHAPES)),
                  problem_matrix(context, &m->seen, (shape)(way % SHAPES), NMF_F32)};
}

static void held_free(held *in) {
    nmf_matrix_free(in->w);
    nmf_matrix_free(in->h);
    nmf_matrix_free(in->seen);
}

static void predictions_are_entries_of_the_product(void **state) {
    folder *f = *state;
    model m = model_new(31);
    for (int way = 0; way < WAYS; way++) {
        held in = held_new(f->context, &m, way);
        int64_t rows[PAIRS], cols[PAIRS];
        double values[PAIRS];
        uint64_t seed = 32;
        for (int64_t p = 0; p < PAIRS; p++) {
            rows[p] = (int64_t)draw(&seed, 0, ROWS);
            cols[p] = p % 3 ? (int64_t)draw(&seed, 0, COLS) : (p > 0 ? cols[p - 1] : COLS - 1);
        }
        assert_int_equal(nmf_predict(f->context, in.w, in.h, PAIRS, rows, cols, values), NMF_OK);
        for (int64_t p = 0; p < PAIRS; p++) {
            double expected = m.product[rows[p]][cols[p]];
            expect_near(values[p], expected, NMF_F64, RANK, expected);
        }
        held_free(&in);
    }
    model_free(&m);
}

static void no_pairs_are_fine(void **state) {
    folder *f = *state;
    model m = model_new(33);
    held in = held_new(f->context, &m, 0);
    assert_int_equal(nmf_predict(f->context, in.w, in.h, 0, NULL, NULL, NULL), NMF_OK);
    held_free(&in);
    model_free(&m);
}

/* The best row that is neither seen nor taken yet, or -1. */
static int64_t next_best(const model *m, bool with_seen, int64_t col, const bool *taken) {
    int64_t best = -1;
    for (int64_t i = 0; i < ROWS; i++) {
        bool out = taken[i] || m->product[i][col] == 0 || (with_seen && m->seen.values[i * COLS + col] != 0);
        if (!out && (best < 0 || m->product[i][col] > m->product[best][col])) {
            best = i;
        }
    }
    return best;
}

static void expect_best(folder *f, const model *m, const held *in, bool with_seen, int64_t col, int64_t most) {
    int64_t rows[ROWS + 1], found = -1, expected = 0;
    double values[ROWS + 1];
    bool taken[ROWS] = {false};
    rows[most < ROWS ? most : ROWS] = -7;
    assert_int_equal(
        nmf_recommend(f->context, in->w, in->h, with_seen ? in->seen : NULL, col, most, rows, values, &found), NMF_OK);
    for (int64_t best; expected < most && (best = next_best(m, with_seen, col, taken)) >= 0; expected++) {
        assert_true(expected < found);
        assert_int_equal(rows[expected], best);
        expect_near(values[expected], m->product[best][col], NMF_F64, RANK, m->product[best][col]);
        taken[best] = true;
    }
    assert_int_equal(found, expected);
    assert_int_equal(rows[most < ROWS ? most : ROWS], -7);
}

static void recommendations_are_the_best_unseen_rows(void **state) {
    static const int64_t most[] = {1, 2, 3, 7, ROWS, 1000};
    folder *f = *state;
    model m = model_new(34);
    for (int way = 0; way < WAYS; way++) {
        held in = held_new(f->context, &m, way);
        for (int64_t col = 0; col < COLS; col++) {
            for (size_t i = 0; i < sizeof most / sizeof *most; i++) {
                expect_best(f, &m, &in, false, col, most[i]);
                expect_best(f, &m, &in, true, col, most[i]);
            }
        }
        held_free(&in);
    }
    model_free(&m);
}

static void equal_rows_come_by_their_number(void **state) {
    static const double ones[] = {1, 1, 2, 1, 1, 1}, one = 1;
    folder *f = *state;
    nmf_matrix *w, *h;
    int64_t rows[6], found;
    double values[6];
    assert_int_equal(nmf_matrix_dense(f->context, 6, 1, NMF_F64, ones, 1, 1, 0, &w), NMF_OK);
    assert_int_equal(nmf_matrix_dense(f->context, 1, 1, NMF_F64, &one, 1, 1, 0, &h), NMF_OK);
    assert_int_equal(nmf_recommend(f->context, w, h, NULL, 0, 4, rows, values, &found), NMF_OK);
    assert_int_equal(found, 4);
    assert_memory_equal(rows, ((int64_t[]){2, 0, 1, 3}), 4 * sizeof *rows);
    nmf_matrix_free(w);
    nmf_matrix_free(h);
}

static void expect_said(folder *f, nmf_status status, nmf_status expected, const char *part) {
    assert_int_equal(status, expected);
    if (!strstr(nmf_context_message(f->context), part)) {
        fail_msg("\"%s\" does not hold \"%s\"", nmf_context_message(f->context), part);
    }
}

static void pairs_outside_are_refused(void **state) {
    folder *f = *state;
    model m = model_new(35);
    held in = held_new(f->context, &m, 0);
    double values[2] = {-1, -1};
    for (int wrong = 0; wrong < 4; wrong++) {
        int64_t rows[] = {0, wrong == 0 ? ROWS : wrong == 1 ? -1 : 0};
        int64_t cols[] = {0, wrong == 2 ? COLS : wrong == 3 ? -1 : 0};
        nmf_status status = nmf_predict(f->context, in.w, in.h, 2, rows, cols, values);
        expect_said(f, status, NMF_ERROR_USAGE, "pair 2 is row");
        expect_said(f, status, NMF_ERROR_USAGE, "rows 1 to 23 and columns 1 to 11");
        assert_true(values[0] == -1);
    }
    expect_said(f, nmf_predict(f->context, in.w, in.h, -1, NULL, NULL, NULL), NMF_ERROR_USAGE, "-1 pairs");
    held_free(&in);
    model_free(&m);
}

static void factors_that_do_not_fit_are_refused(void **state) {
    folder *f = *state;
    model m = model_new(36);
    held in = held_new(f->context, &m, 1);
    int64_t zero = 0, rows[4], found = 5;
    double values[4];
    expect_said(f, nmf_predict(f->context, in.w, in.seen, 1, &zero, &zero, values), NMF_ERROR_INPUT,
                "W has 4 columns and H 23 rows");
    expect_said(f, nmf_recommend(f->context, in.w, in.seen, NULL, 0, 4, rows, values, &found), NMF_ERROR_INPUT,
                "W has 4 columns and H 23 rows");
    assert_int_equal(found, 0);
    expect_said(f, nmf_recommend(f->context, in.w, in.h, in.h, 0, 4, rows, values, &found), NMF_ERROR_INPUT,
                "4 × 11 and W·H 23 × 11");
    held_free(&in);
    model_free(&m);
}

static void wishes_that_cannot_be_are_refused(void **state) {
    folder *f = *state;
    model m = model_new(37);
    held in = held_new(f->context, &m, 2);
    int64_t rows[4], found = 5;
    double values[4];
    expect_said(f, nmf_recommend(f->context, in.w, in.h, NULL, COLS, 4, rows, values, &found), NMF_ERROR_USAGE,
                "column 12 is asked for; H has columns 1 to 11");
    assert_int_equal(found, 0);
    expect_said(f, nmf_recommend(f->context, in.w, in.h, NULL, -1, 4, rows, values, &found), NMF_ERROR_USAGE,
                "column 0 is asked for");
    expect_said(f, nmf_recommend(f->context, in.w, in.h, NULL, 0, 0, rows, values, &found), NMF_ERROR_USAGE,
                "0 recommendations");
    held_free(&in);
    model_free(&m);
}

/* Every allocation fails in turn: a status, nothing left, and the same objects good as before. */
static void expect_no_memory(scarce *memory, nmf_context *context, const held *in, bool recommend) {
    int64_t place = 1, rows[3], found = 5, live = memory->live;
    double values[3];
    for (int64_t at = 1;; at++) {
        memory->calls = 0;
        memory->fail_at = at;
        nmf_status status = recommend ? nmf_recommend(context, in->w, in->h, in->seen, 1, 3, rows, values, &found)
                                      : nmf_predict(context, in->w, in->h, 1, &place, &place, values);
        memory->fail_at = 0;
        assert_int_equal(memory->live, live);
        if (status == NMF_OK) {
            assert_int_equal(memory->calls, at - 1);
            assert_true(at > 1);
            return;
        }
        assert_int_equal(status, NMF_ERROR_MEMORY);
        assert_non_null(strstr(nmf_context_message(context), "memory"));
        assert_true(!recommend || found == 0);
    }
}

static void memory_runs_out_well(void **state) {
    (void)state;
    scarce memory = {0};
    nmf_allocator allocator = scarce_allocator(&memory);
    nmf_context *context;
    model m = model_new(38);
    assert_int_equal(nmf_context_new(&allocator, &context), NMF_OK);
    for (int way = 0; way < WAYS; way++) {
        held in = held_new(context, &m, way);
        expect_no_memory(&memory, context, &in, false);
        expect_no_memory(&memory, context, &in, true);
        held_free(&in);
    }
    nmf_context_free(context);
    model_free(&m);
    assert_int_equal(memory.live, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(predictions_are_entries_of_the_product),
        cmocka_unit_test(no_pairs_are_fine),
        cmocka_unit_test(recommendations_are_the_best_unseen_rows),
        cmocka_unit_test(equal_rows_come_by_their_number),
        cmocka_unit_test(pairs_outside_are_refused),
        cmocka_unit_test(factors_that_do_not_fit_are_refused),
        cmocka_unit_test(wishes_that_cannot_be_are_refused),
        cmocka_unit_test(memory_runs_out_well),
    };
    return cmocka_run_group_tests(tests, folder_setup, folder_teardown);
}
