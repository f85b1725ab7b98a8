/* Kernels on the items that the entries of a line meet, of every table this processor can run. */
#include "support/expect.h"
#include "support/kernels.h"

#include <math.h>
#include <string.h>

enum { POOL = 640 };
static const double guard = 7;

/* Entries of a line: the items they meet, what each counts, and the item of the other factor. */
typedef struct line {
    nmf_context *context;
    items y, x;
    int64_t count;
    uint32_t *index; /* NULL: the first ones of y */
    double *coefficient;
} line;

/* No item is met twice; every third entry counts nothing. */
static line line_new(nmf_context *context, nmf_dtype dtype, int64_t k, int64_t count, bool indexed) {
    uint64_t seed = (uint64_t)(1000 * k + 2 * count + indexed);
    line l = {.context = context,
              .y = guarded_new(context, dtype, POOL, k),
              .x = guarded_new(context, dtype, 1, k),
              .count = count,
              .index = indexed ? scratch_new(context, POOL * sizeof *l.index) : NULL,
              .coefficient = scratch_new(context, POOL * sizeof *l.coefficient)};
    items_draw(&l.y, &seed, -1, 1);
    items_draw(&l.x, &seed, -1, 1);
    for (int64_t e = 0; e < count; e++) {
        l.coefficient[e] = e % 3 == 1 ? 0 : draw(&seed, -1, 1);
        if (indexed) {
            l.index[e] = (uint32_t)((7 * e + 3) % POOL);
        }
    }
    return l;
}

static void line_free(line *l) {
    items_free(l->context, &l->y);
    items_free(l->context, &l->x);
    array_free(l->context, l->index);
    array_free(l->context, l->coefficient);
}

static int64_t met(const line *l, int64_t e) {
    return l->index ? (int64_t)l->index[e] : e;
}

/* Lines of every number of entries a tile can meet, fewer where k is large. */
static void each_line(nmf_context *context, nmf_dtype dtype, int64_t k, void (*check)(line *l)) {
    static const int64_t counts[] = {300, 2, 0, 1, 255, 256, 257, 639};
    for (size_t n = 0; n < (k < 64 ? 8 : 2); n++) {
        for (int indexed = 0; indexed < 2; indexed++) {
            line l = line_new(context, dtype, k, counts[n], indexed);
            check(&l);
            expect_guarded(&l.y);
            line_free(&l);
        }
    }
}

/* Results that a kernel adds to: numbers of its own, and a guard behind them. */
static double *results_new(nmf_context *context, int64_t count) {
    double *results = scratch_new(context, (size_t)(count + 1) * sizeof *results);
    uint64_t seed = 11;
    for (int64_t r = 0; r < count; r++) {
        results[r] = draw(&seed, -1, 1);
    }
    results[count] = guard;
    return results;
}

static void expect_results(nmf_context *context, double *results, const summed *sums, int64_t count, nmf_dtype dtype,
                           int64_t terms) {
    for (int64_t r = 0; r < count; r++) {
        expect_near(results[r], sums[r].value, dtype, terms, sums[r].size);
    }
    assert_true(results[count] == guard);
    array_free(context, results);
}

/* What results_new begins with. */
static summed *sums_new(nmf_context *context, int64_t count) {
    double *start = results_new(context, count);
    summed *sums = scratch_new(context, (size_t)(count + 1) * sizeof *sums);
    for (int64_t r = 0; r < count; r++) {
        sum_term(&sums[r], (long double)start[r]);
    }
    array_free(context, start);
    return sums;
}

/* Scratch full of NaN with a guard behind it, so that what was there before, or lies beside, shows. */
static char *outer_scratch(nmf_context *context, const kernel *simd, int64_t k) {
    size_t bytes = simd->outer_scratch(k);
    char *scratch = scratch_new(context, bytes + 64);
    memset(scratch, 0xff, bytes);
    memset(scratch + bytes, 0x55, 64);
    return scratch;
}

static void outer_scratch_free(nmf_context *context, const kernel *simd, int64_t k, char *scratch) {
    for (int t = 0; t < 64; t++) {
        assert_int_equal(scratch[simd->outer_scratch(k) + (size_t)t], 0x55);
    }
    array_free(context, scratch);
}

static void run_dots(const kernel *simd, const line *l, double *b) {
    simd->dots(l->y.data, l->index, l->count, l->x.data, l->y.k, l->y.stride, b);
}

static void run_blend(const kernel *simd, const line *l, double *sum) {
    simd->blend(l->y.data, l->index, l->count, l->coefficient, l->y.k, l->y.stride, sum);
}

static void run_outer(const kernel *simd, const line *l, double *g) {
    char *scratch = outer_scratch(l->context, simd, l->y.k);
    simd->outer(l->y.data, l->index, l->count, l->coefficient, l->y.k, l->y.stride, g, scratch);
    outer_scratch_free(l->context, simd, l->y.k, scratch);
}

static void dots_are_near(line *l) {
    summed *sums = scratch_new(l->context, (size_t)(l->count + 1) * sizeof *sums);
    for (int64_t e = 0; e < l->count; e++) {
        for (int64_t c = 0; c < l->y.k; c++) {
            sum_term(&sums[e], (long double)items_get(&l->y, met(l, e), c) * (long double)items_get(&l->x, 0, c));
        }
    }
    for (int64_t t = 0; kernel_at(l->y.dtype, t); t++) {
        double *b = results_new(l->context, l->count);
        run_dots(kernel_at(l->y.dtype, t), l, b);
        expect_results(l->context, b, sums, l->count, l->y.dtype, l->y.k);
    }
    array_free(l->context, sums);
}

static void blends_are_near(line *l) {
    int64_t k = l->y.k;
    summed *sums = sums_new(l->context, k);
    for (int64_t e = 0; e < l->count; e++) {
        for (int64_t c = 0; c < k; c++) {
            sum_term(&sums[c], (long double)l->coefficient[e] * (long double)items_get(&l->y, met(l, e), c));
        }
    }
    for (int64_t t = 0; kernel_at(l->y.dtype, t); t++) {
        double *sum = results_new(l->context, k);
        run_blend(kernel_at(l->y.dtype, t), l, sum);
        expect_results(l->context, sum, sums, k, l->y.dtype, l->count + 1);
    }
    array_free(l->context, sums);
}

static void add_square(const line *l, int64_t e, summed *sums) {
    int64_t k = l->y.k;
    for (int64_t c = 0; c < k; c++) {
        long double by = (long double)l->coefficient[e] * (long double)items_get(&l->y, met(l, e), c);
        for (int64_t d = 0; d < k; d++) {
            sum_term(&sums[c * k + d], by * (long double)items_get(&l->y, met(l, e), d));
        }
    }
}

/* Items of entries that count nothing are not looked at. */
static void outers_are_near(line *l) {
    int64_t k = l->y.k;
    summed *sums = sums_new(l->context, k * k);
    for (int64_t e = 0; e < l->count; e++) {
        if (l->coefficient[e] != 0) {
            add_square(l, e, sums);
        } else {
            items_set(&l->y, met(l, e), e % k, (double)NAN);
        }
    }
    for (int64_t t = 0; kernel_at(l->y.dtype, t); t++) {
        double *g = results_new(l->context, k * k);
        run_outer(kernel_at(l->y.dtype, t), l, g);
        expect_results(l->context, g, sums, k * k, l->y.dtype, l->count + 1);
    }
    array_free(l->context, sums);
}

static void dots_check(nmf_context *context, nmf_dtype dtype, int64_t k) {
    each_line(context, dtype, k, dots_are_near);
}

static void dots_are_products_with_one_item(void **state) {
    (void)state;
    each_shape(dots_check);
}

static void blend_check(nmf_context *context, nmf_dtype dtype, int64_t k) {
    each_line(context, dtype, k, blends_are_near);
}

static void blends_add_items(void **state) {
    (void)state;
    each_shape(blend_check);
}

static void outer_check(nmf_context *context, nmf_dtype dtype, int64_t k) {
    each_line(context, dtype, k, outers_are_near);
}

static void outers_add_squares_of_what_counts(void **state) {
    (void)state;
    each_shape(outer_check);
}

/* All three results of a line, one after the other. */
static double *all_results(const kernel *simd, const line *l) {
    int64_t k = l->y.k;
    double *all = results_new(l->context, l->count + k + k * k);
    run_dots(simd, l, all);
    run_blend(simd, l, all + l->count);
    run_outer(simd, l, all + l->count + k);
    return all;
}

/* The same entries, their items laid side by side. */
static line side_by_side(const line *l) {
    line out = line_new(l->context, l->y.dtype, l->y.k, l->count, false);
    items_copy(&l->x, &out.x);
    for (int64_t e = 0; e < l->count; e++) {
        out.coefficient[e] = l->coefficient[e];
        for (int64_t c = 0; c < l->y.k; c++) {
            items_set(&out.y, e, c, items_get(&l->y, met(l, e), c));
        }
    }
    return out;
}

/* The entries from `first` on. */
static line part_of(const line *l, int64_t first, int64_t count) {
    line part = *l;
    part.count = count;
    part.index = l->index + first;
    part.coefficient = l->coefficient + first;
    return part;
}

static void places_check(nmf_context *context, nmf_dtype dtype, int64_t k) {
    line l = line_new(context, dtype, k, 301, true), beside = side_by_side(&l);
    line head = part_of(&l, 0, 256), tail = part_of(&l, 256, 45);
    size_t bytes = (size_t)(l.count + k + k * k) * sizeof(double);
    for (int64_t t = 0; kernel_at(dtype, t); t++) {
        const kernel *simd = kernel_at(dtype, t);
        double *all = all_results(simd, &l), *same = all_results(simd, &beside);
        assert_memory_equal(all, same, bytes);
        double *parts = results_new(context, l.count + k);
        run_dots(simd, &head, parts);
        run_dots(simd, &tail, parts + 256);
        run_blend(simd, &head, parts + l.count);
        run_blend(simd, &tail, parts + l.count);
        assert_memory_equal(all, parts, (size_t)(l.count + k) * sizeof(double));
        array_free(context, all);
        array_free(context, same);
        array_free(context, parts);
    }
    line_free(&l);
    line_free(&beside);
}

static void where_items_lie_changes_no_bit(void **state) {
    (void)state;
    each_shape(places_check);
}

/* Without the entries that count nothing, of which tiles are not full, the sums are the same ones. */
static void skipped_check(nmf_context *context, nmf_dtype dtype, int64_t k) {
    line l = line_new(context, dtype, k, 601, true), kept = line_new(context, dtype, k, 601, true);
    items_copy(&l.y, &kept.y);
    kept.count = 0;
    for (int64_t e = 0; e < l.count; e++) {
        kept.index[kept.count] = l.index[e];
        kept.coefficient[kept.count] = l.coefficient[e];
        kept.count += l.coefficient[e] != 0;
    }
    for (int64_t t = 0; kernel_at(dtype, t); t++) {
        double *all = results_new(context, k * k), *some = results_new(context, k * k);
        run_outer(kernel_at(dtype, t), &l, all);
        run_outer(kernel_at(dtype, t), &kept, some);
        assert_memory_equal(all, some, (size_t)(k * k) * sizeof *all);
        array_free(context, all);
        array_free(context, some);
    }
    line_free(&l);
    line_free(&kept);
}

static void what_counts_nothing_changes_no_bit(void **state) {
    (void)state;
    each_shape(skipped_check);
}

#if defined __x86_64__
static void denormals_check(nmf_context *context, nmf_dtype dtype, int64_t k) {
    volatile double tiny = dtype == NMF_F64 ? 1e-310 : 1e-40;
    line l = line_new(context, dtype, k, 5, false);
    for (int64_t e = 0; e < 5 * k; e++) {
        items_set(&l.y, e / k, e % k, tiny);
        items_set(&l.x, 0, e % k, 1);
        l.coefficient[e / k] = 1;
    }
    for (int64_t t = 0; kernel_at(dtype, t); t++) {
        double *all = scratch_new(context, (size_t)(5 + k + k * k) * sizeof *all);
        run_dots(kernel_at(dtype, t), &l, all);
        run_blend(kernel_at(dtype, t), &l, all + 5);
        run_outer(kernel_at(dtype, t), &l, all + 5 + k);
        for (int64_t r = 0; r < 5 + k + k * k; r++) {
            assert_true(all[r] == 0);
        }
        volatile double least = 1e-310;
        assert_true(least * 1.5 > least);
        array_free(context, all);
    }
    line_free(&l);
}

/* Denormals are zeros inside, and only there. */
static void denormals_count_as_zero(void **state) {
    (void)state;
    each_shape(denormals_check);
}
#endif

int main(void) {
    const struct CMUnitTest tests[] = {
#if defined __x86_64__
        cmocka_unit_test(denormals_count_as_zero),
#endif
        cmocka_unit_test(dots_are_products_with_one_item),
        cmocka_unit_test(blends_add_items),
        cmocka_unit_test(outers_add_squares_of_what_counts),
        cmocka_unit_test(where_items_lie_changes_no_bit),
        cmocka_unit_test(what_counts_nothing_changes_no_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
