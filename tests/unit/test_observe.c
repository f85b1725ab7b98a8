/* Lists of what counts in a line, spread out and held against every entry's own value and weight. */
#include "support/expect.h"
#include "support/numbers.h"
#include "support/problems.h"

#include "observe/observe.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* No multiples of how many lines are fetched at once. */
enum { ROWS = 19, COLS = 13, MOST = 19, NONE = SHAPES };

/* What may be said of a matrix, entry by entry; hidden and weights are not there where their shape is NONE. */
typedef struct scene {
    problem a, hidden, weights;
    shape a_as;
    int hidden_as, weights_as;
    nmf_dtype dtype;
    bool missing;
    observation what;
} scene;

/* Rows and columns without entries, of zeros alone in the weights, and hidden from end to end. */
static void scene_draw(scene *s) {
    s->a = problem_random(ROWS, COLS, 0.4, 1);
    s->hidden = problem_random(ROWS, COLS, 0.3, 2);
    s->weights = problem_random(ROWS, COLS, 0.6, 3);
    for (int64_t e = 0; e < ROWS * COLS; e++) {
        int64_t i = e / COLS, j = e % COLS;
        s->a.values[e] = i == 2 || j == 5 ? 0 : s->a.values[e];
        s->hidden.values[e] = i == 4 ? 1 : i == 7 || j == 3 ? 0 : s->hidden.values[e];
        s->weights.values[e] = i == 9 ? 0 : e % 3 == 1 && s->weights.values[e] > 0 ? 1 : 4 * s->weights.values[e];
    }
    problem_lay_out(&s->a);
    problem_lay_out(&s->hidden);
    problem_lay_out(&s->weights);
}

/* NaN for every seventh entry and for all of row 11 and column 8, past the checks that public ways in have. */
static void lose_entries(scene *s) {
    for (int64_t e = 0; e < ROWS * COLS; e++) {
        if (e % 7 == 2 || e / COLS == 11 || e % COLS == 8) {
            s->a.values[e] = (double)NAN;
        }
    }
    problem_lay_out(&s->a);
}

static nmf_matrix *missing_matrix(nmf_context *context, const scene *s) {
    bool by_row = s->a_as == BY_ROW;
    dense_data data = {
        .values = s->a.memory[s->a_as][s->dtype], .row_stride = by_row ? COLS : 1, .col_stride = by_row ? 1 : ROWS};
    nmf_matrix *matrix;
    assert_int_equal(matrix_new_dense(context, ROWS, COLS, data, s->dtype, NMF_ALLOW_MISSING, &matrix), NMF_OK);
    for (int64_t e = 0; e < ROWS * COLS; e++) {
        matrix->info.missing += isnan(s->a.values[e]) != 0;
    }
    return matrix;
}

static void scene_open(nmf_context *context, scene *s) {
    s->what.matrix = s->missing ? missing_matrix(context, s) : problem_matrix(context, &s->a, s->a_as, s->dtype);
    s->what.mask = s->hidden_as == NONE ? NULL : problem_matrix(context, &s->hidden, (shape)s->hidden_as, NMF_F64);
    s->what.weights =
        s->weights_as == NONE ? NULL : problem_matrix(context, &s->weights, (shape)s->weights_as, NMF_F32);
}

static void scene_close(scene *s) {
    nmf_matrix_free((nmf_matrix *)s->what.matrix);
    nmf_matrix_free((nmf_matrix *)s->what.mask);
    nmf_matrix_free((nmf_matrix *)s->what.weights);
}

typedef struct weighted {
    double value, weight;
} weighted;

/* Entry e of all, by what the header says. */
static weighted expected(const scene *s, int64_t e) {
    double a = s->a.values[e], weight = s->weights_as == NONE ? 1 : (double)(float)s->weights.values[e];
    bool stored = s->a_as != SPARSE || a != 0;
    a = s->dtype == NMF_F32 ? (double)(float)a : a;
    if (isnan(a) || (s->hidden_as != NONE && s->hidden.values[e] != 0) || (s->what.stored && !stored)) {
        return (weighted){0, 0};
    }
    if (s->what.implicit > 0) {
        weight *= 1 + s->what.implicit * a;
        a = a > 0 ? 1 : a;
    }
    return (weighted){weight == 0 ? 0 : a, weight};
}

/* A list spread over its line, which it must fit into. */
static void spread(const entry_list *list, int64_t length, weighted *line, bool *listed) {
    assert_true(list->base == 0 || list->base == 1);
    assert_true(list->index ? list->count <= length : list->count == length);
    assert_int_equal(observe_unlisted(list, length), length - list->count);
    for (int64_t t = 0; t < length; t++) {
        line[t] = (weighted){0, list->base};
        listed[t] = false;
    }
    for (int64_t e = 0; e < list->count; e++) {
        int64_t at = list->index ? (int64_t)list->index[e] : e;
        assert_true(at < length && (e == 0 || !list->index || list->index[e - 1] < list->index[e]));
        line[at] = (weighted){list->value[e], list->weight[e]};
        listed[at] = true;
    }
}

static void expect_line(const scene *s, observe_room *room, bool column, int64_t i) {
    int64_t length = column ? ROWS : COLS;
    entry_list list;
    weighted line[MOST];
    bool listed[MOST];
    observe_line(&s->what, room, column, i, &list);
    spread(&list, length, line, listed);
    for (int64_t t = 0; t < length; t++) {
        weighted at = expected(s, column ? t * COLS + i : i * COLS + t);
        if (line[t].value != at.value || line[t].weight != at.weight) {
            fail_msg("%s %lld, place %lld: %g weighs %g, expected %g and %g", column ? "column" : "row", (long long)i,
                     (long long)t, line[t].value, line[t].weight, at.value, at.weight);
        }
        assert_true(listed[t] || !s->what.every || at.weight == 0);
    }
}

/* All rows and columns, not in their order and in turns, as threads may ask for them. */
static void expect_lines(nmf_context *context, scene *s) {
    observe_room room;
    scene_open(context, s);
    assert_int_equal(observe_room_new(context, &s->what, &room), NMF_OK);
    for (int64_t t = 0; t < ROWS * COLS; t++) {
        expect_line(s, &room, t % 2, t % 2 ? 3 * t % COLS : 4 * t % ROWS);
    }
    for (int64_t i = 0; i < ROWS; i++) {
        expect_line(s, &room, false, i);
    }
    for (int64_t j = 0; j < COLS; j++) {
        expect_line(s, &room, true, j);
    }
    observe_room_free(&room);
    scene_close(s);
}

/* With every mask and all weights, and every way of saying what counts. */
static void every_way(nmf_context *context, scene *s) {
    for (int which = 0; which < (NONE + 1) * (NONE + 1) * 8; which++) {
        s->hidden_as = which / 8 % (NONE + 1);
        s->weights_as = which / 8 / (NONE + 1);
        s->what = (observation){.stored = which & 1, .every = which >> 1 & 1, .implicit = which >> 2 & 1 ? 2.5 : 0};
        expect_lines(context, s);
    }
}

static void lists_say_what_counts(void **state) {
    folder *f = *state;
    scene s = {0};
    scene_draw(&s);
    for (int which = 0; which < 2 * SHAPES; which++) {
        s.a_as = (shape)(which / 2);
        s.dtype = which % 2 ? NMF_F32 : NMF_F64;
        every_way(f->context, &s);
    }
    problem_free(&s.a);
    problem_free(&s.hidden);
    problem_free(&s.weights);
}

static void missing_entries_weigh_nothing(void **state) {
    folder *f = *state;
    scene s = {.missing = true};
    scene_draw(&s);
    lose_entries(&s);
    for (int which = 0; which < 4; which++) {
        s.a_as = which / 2 ? BY_COLUMN : BY_ROW;
        s.dtype = which % 2 ? NMF_F32 : NMF_F64;
        every_way(f->context, &s);
    }
    problem_free(&s.a);
    problem_free(&s.hidden);
    problem_free(&s.weights);
}

/* A list leaves zeros out where it may: those of a sparse A, where nothing is said of them. */
static void zeros_of_a_sparse_matrix_are_not_listed(void **state) {
    folder *f = *state;
    scene s = {.a_as = SPARSE, .hidden_as = NONE, .weights_as = NONE};
    observe_room room;
    entry_list list;
    scene_draw(&s);
    scene_open(f->context, &s);
    assert_int_equal(observe_room_new(f->context, &s.what, &room), NMF_OK);
    int64_t entries = 0;
    for (int64_t i = 0; i < ROWS; i++) {
        observe_line(&s.what, &room, false, i, &list);
        entries += list.count;
        assert_true(list.base == 1);
    }
    assert_int_equal(entries, s.what.matrix->info.nnz);
    observe_room_free(&room);
    scene_close(&s);
    problem_free(&s.a);
    problem_free(&s.hidden);
    problem_free(&s.weights);
}

static void plain_is_where_all_counts_the_same(void **state) {
    folder *f = *state;
    problem a = problem_random(3, 4, 0.5, 1);
    nmf_matrix *matrix = problem_matrix(f->context, &a, BY_ROW, NMF_F64);
    assert_true(observe_is_plain(&(observation){.matrix = matrix}));
    assert_true(observe_is_plain(&(observation){.matrix = matrix, .every = true}));
    assert_false(observe_is_plain(&(observation){.matrix = matrix, .mask = matrix}));
    assert_false(observe_is_plain(&(observation){.matrix = matrix, .weights = matrix}));
    assert_false(observe_is_plain(&(observation){.matrix = matrix, .stored = true}));
    assert_false(observe_is_plain(&(observation){.matrix = matrix, .implicit = 1}));
    matrix->info.missing = 1;
    assert_false(observe_is_plain(&(observation){.matrix = matrix}));
    nmf_matrix_free(matrix);
    problem_free(&a);
}

/* The room takes what observe_bytes says, but for what arrays are padded by. */
static void expect_room(scarce *memory, nmf_context *context, const observation *what, nmf_status status) {
    int64_t live = memory->live, before = memory->bytes;
    observe_room room;
    assert_int_equal(observe_room_new(context, what, &room), status);
    if (status == NMF_OK) {
        double taken = (double)(memory->bytes - before), told = observe_bytes(what);
        assert_true(taken >= told && taken <= told + 6 * 256);
    }
    observe_room_free(&room);
    assert_int_equal(memory->live, live);
}

static void rooms_take_what_they_say_and_survive_failures(void **state) {
    (void)state;
    scarce memory = {0};
    nmf_allocator allocator = scarce_allocator(&memory);
    nmf_context *context;
    problem a = problem_random(300, 200, 0.5, 1);
    assert_int_equal(nmf_context_new(&allocator, &context), NMF_OK);
    for (int as = BY_ROW; as <= SPARSE; as++) {
        nmf_matrix *matrix = problem_matrix(context, &a, (shape)as, NMF_F32);
        observation what = {.matrix = matrix, .mask = matrix, .weights = matrix};
        expect_room(&memory, context, &(observation){.matrix = matrix}, NMF_OK);
        expect_room(&memory, context, &what, NMF_OK);
        int arrays = as == SPARSE ? 3 : 6;
        for (int at = 1; at <= arrays; at++) {
            memory.fail_at = memory.calls + at;
            expect_room(&memory, context, &what, NMF_ERROR_MEMORY);
        }
        nmf_matrix_free(matrix);
    }
    nmf_context_free(context);
    assert_int_equal(memory.live, 0);
    problem_free(&a);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(lists_say_what_counts),
        TEST(missing_entries_weigh_nothing),
        TEST(zeros_of_a_sparse_matrix_are_not_listed),
        TEST(plain_is_where_all_counts_the_same),
        cmocka_unit_test(rooms_take_what_they_say_and_survive_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
