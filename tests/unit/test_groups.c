/* Items of the same weights end up side by side, and every item somewhere. */
#include "support/expect.h"
#include "support/numbers.h"
#include "support/problems.h"

#include "fit/groups.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS = 400, COLS = 11, PATTERNS = 9 };

/* Row i has the weights of pattern `of[i]`; only the last pattern is met once. */
typedef struct patterns {
    problem weights;
    int of[ROWS];
} patterns;

/* 2 differs from 1 in a place, 3 in a number, 4 has nothing, 5 everything, 6 and 7 much, each another entry. */
static double weight_of(int pattern, int64_t j) {
    switch (pattern) {
    case 1:
        return j == 3 ? 2 : 0;
    case 2:
        return j == 4 ? 2 : 0;
    case 3:
        return j == 3 ? 2.5 : 0;
    case 4:
        return 0;
    case 5:
        return 1;
    case 6:
        return j == 0 ? 0 : 1;
    case 7:
        return j == COLS - 1 ? 0 : 1;
    default:
        return (double)(pattern + j % 3);
    }
}

static patterns patterns_new(void) {
    patterns p = {.weights = problem_random(ROWS, COLS, 0, 1)};
    uint64_t seed = 4;
    for (int64_t i = 0; i < ROWS; i++) {
        p.of[i] = i == 123 ? PATTERNS - 1 : (int)draw(&seed, 0, PATTERNS - 1);
        for (int64_t j = 0; j < COLS; j++) {
            p.weights.values[i * COLS + j] = weight_of(p.of[i], j);
        }
    }
    problem_lay_out(&p.weights);
    return p;
}

/* Every item is in one chunk, those of a chunk come one after the other, and shared ones are of one pattern. */
static void expect_chunks(const groups *all, int64_t count, int64_t at_once, const int *of) {
    unsigned char *met = calloc((size_t)count, 1);
    int64_t next = 0;
    assert_non_null(met);
    for (int64_t c = 0; c < all->chunks; c++) {
        const chunk *here = &all->list[c];
        assert_int_equal(here->begin, next);
        assert_true(here->count > (here->shared ? 1 : 0));
        assert_true(here->count <= (here->shared ? KERNEL_GRID : at_once));
        for (int64_t i = 1; here->shared && i < here->count; i++) {
            assert_int_equal(of[all->order[next + i]], of[all->order[next]]);
        }
        next += here->count;
    }
    assert_int_equal(next, count);
    for (int64_t i = 0; i < count; i++) {
        assert_true(all->order[i] >= 0 && all->order[i] < count && !met[all->order[i]]);
        met[all->order[i]] = 1;
    }
    free(met);
}

/* A pattern of n rows takes no more chunks than n rows need. */
static void expect_few(const groups *all, const int *of) {
    int64_t rows[PATTERNS] = {0}, chunks[PATTERNS] = {0};
    for (int64_t i = 0; i < ROWS; i++) {
        rows[of[i]]++;
    }
    for (int64_t c = 0; c < all->chunks; c++) {
        for (int64_t i = 0; i < all->list[c].count; i++) {
            chunks[of[all->order[all->list[c].begin + i]]] += i == 0 || !all->list[c].shared;
        }
    }
    for (int p = 0; p < PATTERNS; p++) {
        assert_int_equal(chunks[p], (rows[p] + KERNEL_GRID - 1) / KERNEL_GRID);
    }
}

/* Rows, and the same as columns of the transpose. */
static void expect_grouped(nmf_context *context, const observation *what, bool column, const int *of) {
    static const int64_t at_once[] = {1, 8};
    for (int t = 0; t < 2; t++) {
        groups all;
        assert_int_equal(groups_by_weights(context, what, column, &(chunking){at_once[t], false}, &all), NMF_OK);
        expect_chunks(&all, ROWS, at_once[t], of);
        expect_few(&all, of);
        groups_free(&all);
    }
}

static problem transposed(const problem *from) {
    problem out = problem_random(from->cols, from->rows, 0, 1);
    for (int64_t e = 0; e < from->rows * from->cols; e++) {
        out.values[e % from->cols * from->rows + e / from->cols] = from->values[e];
    }
    problem_lay_out(&out);
    return out;
}

static void items_of_the_same_weights_share_a_chunk(void **state) {
    folder *f = *state;
    patterns p = patterns_new();
    problem a = problem_random(ROWS, COLS, 0.5, 2), turned = transposed(&p.weights), other = transposed(&a);
    for (int as = 0; as < SHAPES * SHAPES; as++) {
        nmf_matrix *matrix = problem_matrix(f->context, &a, (shape)(as / SHAPES), NMF_F64);
        nmf_matrix *weights = problem_matrix(f->context, &p.weights, (shape)(as % SHAPES), NMF_F32);
        expect_grouped(f->context, &(observation){.matrix = matrix, .weights = weights}, false, p.of);
        nmf_matrix_free(matrix);
        nmf_matrix_free(weights);
        matrix = problem_matrix(f->context, &other, (shape)(as / SHAPES), NMF_F32);
        weights = problem_matrix(f->context, &turned, (shape)(as % SHAPES), NMF_F64);
        expect_grouped(f->context, &(observation){.matrix = matrix, .weights = weights}, true, p.of);
        nmf_matrix_free(matrix);
        nmf_matrix_free(weights);
    }
    problem_free(&p.weights);
    problem_free(&a);
    problem_free(&turned);
    problem_free(&other);
}

/* Masks hide what is not 0: of the patterns, 4 hides nothing, 5 and the ones past 7 all, and 3 what 1 does. */
static void items_of_the_same_mask_share_a_chunk(void **state) {
    folder *f = *state;
    patterns p = patterns_new();
    problem a = problem_random(ROWS, COLS, 0.5, 2);
    int hidden[ROWS];
    for (int64_t i = 0; i < ROWS; i++) {
        hidden[i] = p.of[i] == 3 ? 1 : p.of[i];
        hidden[i] = hidden[i] == 0 ? 0 : hidden[i] > 7 ? 5 : hidden[i];
    }
    for (int as = 0; as < SHAPES * SHAPES; as++) {
        nmf_matrix *matrix = problem_matrix(f->context, &a, (shape)(as / SHAPES), NMF_F64);
        nmf_matrix *mask = problem_matrix(f->context, &p.weights, (shape)(as % SHAPES), NMF_F32);
        expect_grouped(f->context, &(observation){.matrix = matrix, .mask = mask}, false, hidden);
        nmf_matrix_free(matrix);
        nmf_matrix_free(mask);
    }
    problem_free(&p.weights);
    problem_free(&a);
}

/* Groups follow their first items, and items each other, so that neighbours in memory stay neighbours. */
static void groups_come_in_the_order_of_their_first_items(void **state) {
    folder *f = *state;
    patterns p = patterns_new();
    nmf_matrix *weights = problem_matrix(f->context, &p.weights, BY_ROW, NMF_F64);
    const observation what = {.matrix = weights, .weights = weights};
    int64_t first[PATTERNS];
    groups all;
    for (int64_t i = ROWS - 1; i >= 0; i--) {
        first[p.of[i]] = i;
    }
    assert_int_equal(groups_by_weights(f->context, &what, false, &(chunking){8, false}, &all), NMF_OK);
    for (int64_t e = 1; e < ROWS; e++) {
        int64_t before = all.order[e - 1], here = all.order[e];
        bool same = p.of[before] == p.of[here];
        assert_true(same ? before < here : first[p.of[before]] < first[p.of[here]]);
    }
    groups_free(&all);
    nmf_matrix_free(weights);
    problem_free(&p.weights);
}

static void items_apart_keep_their_order(void **state) {
    folder *f = *state;
    static const int64_t sizes[][2] = {{1, 1}, {17, 1}, {17, 8}, {16, 8}, {3, 8}};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
        groups all;
        assert_int_equal(groups_apart(f->context, sizes[s][0], &(chunking){sizes[s][1], false}, &all), NMF_OK);
        expect_chunks(&all, sizes[s][0], sizes[s][1], NULL);
        assert_int_equal(all.chunks, (sizes[s][0] + sizes[s][1] - 1) / sizes[s][1]);
        for (int64_t i = 0; i < sizes[s][0]; i++) {
            assert_int_equal(all.order[i], i);
            assert_false(all.list[i / sizes[s][1]].shared);
        }
        groups_free(&all);
    }
}

static void memory_that_runs_out_is_a_failure(void **state) {
    (void)state;
    patterns p = patterns_new();
    for (int64_t at = 1;; at++) {
        scarce memory = {0};
        nmf_allocator allocator = scarce_allocator(&memory);
        nmf_context *context;
        groups all;
        assert_int_equal(nmf_context_new(&allocator, &context), NMF_OK);
        nmf_matrix *weights = problem_matrix(context, &p.weights, SPARSE, NMF_F64);
        int64_t live = memory.live;
        memory.fail_at = memory.calls + at;
        nmf_status status = groups_by_weights(context, &(observation){.matrix = weights, .weights = weights}, false,
                                              &(chunking){8, false}, &all);
        assert_int_equal(status, memory.calls < memory.fail_at ? NMF_OK : NMF_ERROR_MEMORY);
        groups_free(&all);
        assert_int_equal(memory.live, live);
        nmf_matrix_free(weights);
        nmf_context_free(context);
        assert_int_equal(memory.live, 0);
        if (status == NMF_OK) {
            assert_true(at > 3);
            break;
        }
    }
    problem_free(&p.weights);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(items_of_the_same_weights_share_a_chunk),       TEST(items_of_the_same_mask_share_a_chunk),
        TEST(groups_come_in_the_order_of_their_first_items), TEST(items_apart_keep_their_order),
        cmocka_unit_test(memory_that_runs_out_is_a_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
