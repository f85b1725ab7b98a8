/* Kernels that multiply and add, of every table this processor can run, against long double references. */
#include "support/expect.h"
#include "support/kernels.h"

#include <stdlib.h>
#include <string.h>

/* The references of count×k results. */
static summed *references_new(const items *start) {
    summed *sums = calloc((size_t)(start->count * start->k), sizeof *sums);
    assert_non_null(sums);
    for (int64_t i = 0; i < start->count; i++) {
        for (int64_t c = 0; c < start->k; c++) {
            sum_term(&sums[i * start->k + c], (long double)items_get(start, i, c));
        }
    }
    return sums;
}

/* c += a·item, by its terms. */
static void add_item(summed *sums, double a, const items *b, int64_t item) {
    for (int64_t c = 0; c < b->k; c++) {
        sum_term(&sums[c], (long double)a * (long double)items_get(b, item, c));
    }
}

static void expect_all_near(const items *got, const summed *sums, int64_t terms) {
    for (int64_t i = 0; i < got->count; i++) {
        for (int64_t c = 0; c < got->k; c++) {
            const summed *to = &sums[i * got->k + c];
            expect_near(items_get(got, i, c), to->value, got->dtype, terms, to->size);
        }
    }
    expect_guarded(got);
}

/* One product of A and B, and how a kernel is called for it. A has its lines along the outer or along the inner
 * dimension. */
typedef struct product {
    items a, b, start;
    int64_t outer, inner;
    bool across;
} product;

static product product_new(nmf_context *context, nmf_dtype dtype, int64_t k, int64_t outer, int64_t inner,
                           bool across) {
    uint64_t seed = (uint64_t)(1000 * k + 10 * outer + inner);
    product of = {.a = guarded_new(context, dtype, across ? inner : outer, across ? outer : inner),
                  .b = guarded_new(context, dtype, inner, k),
                  .start = guarded_new(context, dtype, outer, k),
                  .outer = outer,
                  .inner = inner,
                  .across = across};
    items_draw(&of.a, &seed, -1, 1);
    items_draw(&of.b, &seed, -1, 1);
    items_draw(&of.start, &seed, -1, 1);
    return of;
}

static void product_free(nmf_context *context, product *of) {
    items_free(context, &of->a);
    items_free(context, &of->b);
    items_free(context, &of->start);
}

/* C += the part of the product from `first` on along the inner dimension, or C = all of it by the other kernel. */
static void product_make(const product *of, const kernel *simd, bool adds, int64_t first, int64_t count, items *c) {
    int64_t inner_stride = of->across ? of->a.stride : 1;
    const char *a = (const char *)of->a.data + (size_t)(first * inner_stride) * dtype_size(c->dtype);
    items b = items_range(&of->b, first, count);
    (adds ? simd->panel : simd->times)(a, of->outer, of->across ? 1 : of->a.stride, count, inner_stride, b.data,
                                       c->data, c->k, c->stride);
}

static void panel_case(nmf_context *context, nmf_dtype dtype, int64_t k, int64_t outer, int64_t inner, bool across,
                       bool adds) {
    product of = product_new(context, dtype, k, outer, inner, across);
    items zero = guarded_new(context, dtype, outer, k);
    summed *sums = references_new(adds ? &of.start : &zero);
    for (int64_t o = 0; o < outer; o++) {
        for (int64_t t = 0; t < inner; t++) {
            add_item(sums + o * k, across ? items_get(&of.a, t, o) : items_get(&of.a, o, t), &of.b, t);
        }
    }
    for (int64_t t = 0; kernel_at(dtype, t); t++) {
        items c = guarded_copy(context, &of.start);
        product_make(&of, kernel_at(dtype, t), adds, 0, inner, &c);
        expect_all_near(&c, sums, inner + 1);
        items_free(context, &c);
    }
    free(sums);
    items_free(context, &zero);
    product_free(context, &of);
}

static void panel_check(nmf_context *context, nmf_dtype dtype, int64_t k) {
    static const int64_t sizes[][2] = {{1, 1}, {5, 97}, {17, 3}, {49, 130}, {33, 0}, {13, 1600}};
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes - (k > 9); s++) {
        for (int how = 0; how < 4; how++) {
            panel_case(context, dtype, k, sizes[s][0], sizes[s][1], how & 1, how & 2);
        }
    }
}

static void panels_multiply_and_add(void **state) {
    (void)state;
    each_shape(panel_check);
}

static void cut_check(nmf_context *context, nmf_dtype dtype, int64_t k) {
    enum { OUTER = 53, INNER = 97, CUT = 48 };
    for (int across = 0; across < 2; across++) {
        product of = product_new(context, dtype, k, OUTER, INNER, across);
        for (int64_t t = 0; kernel_at(dtype, t); t++) {
            items whole = guarded_copy(context, &of.start), parts = guarded_copy(context, &of.start);
            product_make(&of, kernel_at(dtype, t), true, 0, INNER, &whole);
            product_make(&of, kernel_at(dtype, t), true, 0, CUT, &parts);
            product_make(&of, kernel_at(dtype, t), true, CUT, INNER - CUT, &parts);
            assert_memory_equal(whole.data, parts.data, (size_t)(OUTER * whole.stride) * dtype_size(dtype));
            items_free(context, &whole);
            items_free(context, &parts);
        }
        product_free(context, &of);
    }
}

static void panels_are_the_same_wherever_they_are_cut(void **state) {
    (void)state;
    each_shape(cut_check);
}

#if defined __x86_64__
/* Denormals are zeros inside, and only there. */
static void denormals_count_as_zero(void **state) {
    (void)state;
    for (int dtype = NMF_F64; dtype <= NMF_F32; dtype++) {
        nmf_context *context;
        assert_int_equal(nmf_context_new(NULL, &context), NMF_OK);
        for (int64_t t = 0; kernel_at((nmf_dtype)dtype, t); t++) {
            volatile double tiny = 1e-310, narrow_tiny = 1e-40;
            items a = guarded_new(context, (nmf_dtype)dtype, 1, 1), c = guarded_new(context, (nmf_dtype)dtype, 1, 1);
            items_set(&a, 0, 0, dtype == NMF_F64 ? tiny : narrow_tiny);
            assert_true(items_get(&a, 0, 0) > 0);
            items b = guarded_new(context, (nmf_dtype)dtype, 1, 1);
            items_set(&b, 0, 0, 1);
            kernel_at((nmf_dtype)dtype, t)->panel(a.data, 1, a.stride, 1, 1, b.data, c.data, 1, c.stride);
            assert_true(items_get(&c, 0, 0) == 0);
            assert_true(tiny * 1.5 > tiny);
            items_free(context, &a);
            items_free(context, &b);
            items_free(context, &c);
        }
        nmf_context_free(context);
    }
}
#endif

/* Line o has o mod 5 entries, none in every fifth; the first two of a longer one are the same. */
enum { LINES = 61, ENTRIES = LINES * 2 };

static void entries_draw(int64_t start[LINES + 1], uint32_t index[ENTRIES], double value[ENTRIES], int64_t count) {
    uint64_t seed = 3;
    start[0] = 0;
    for (int64_t o = 0; o < LINES; o++) {
        start[o + 1] = start[o] + o % 5;
        for (int64_t e = start[o]; e < start[o + 1]; e++) {
            bool again = e == start[o] + 1;
            index[e] = again ? index[e - 1] : (uint32_t)draw(&seed, 0, (double)count);
            value[e] = (double)(float)draw(&seed, -1, 1);
        }
    }
}

static void gather_check(nmf_context *context, nmf_dtype dtype, int64_t k) {
    int64_t start[LINES + 1];
    uint32_t index[ENTRIES];
    double wide[ENTRIES];
    float narrow[ENTRIES];
    uint64_t seed = (uint64_t)k;
    items b = guarded_new(context, dtype, 40, k), before = guarded_new(context, dtype, LINES, k);
    entries_draw(start, index, wide, b.count);
    items_draw(&b, &seed, -1, 1);
    items_draw(&before, &seed, -1, 1);
    summed *sums = references_new(&before);
    for (int64_t o = 0; o < LINES; o++) {
        for (int64_t e = start[o]; e < start[o + 1]; e++) {
            add_item(sums + o * k, wide[e], &b, index[e]);
        }
    }
    for (int64_t e = 0; e < start[LINES]; e++) {
        narrow[e] = (float)wide[e];
    }
    const void *value = dtype == NMF_F64 ? (const void *)wide : narrow;
    for (int64_t t = 0; kernel_at(dtype, t); t++) {
        items c = guarded_copy(context, &before);
        kernel_at(dtype, t)->gather(start, index, value, LINES, b.data, c.data, k, c.stride);
        expect_all_near(&c, sums, 5);
        items_free(context, &c);
    }
    free(sums);
    items_free(context, &b);
    items_free(context, &before);
}

static void gathers_add_the_entries_of_lines(void **state) {
    (void)state;
    each_shape(gather_check);
}

static void scatter_check(nmf_context *context, nmf_dtype dtype, int64_t k) {
    int64_t start[LINES + 1];
    uint32_t index[ENTRIES], from[LINES], to[LINES];
    double wide[ENTRIES];
    float narrow[ENTRIES];
    uint64_t seed = (uint64_t)k;
    items b = guarded_new(context, dtype, LINES, k), before = guarded_new(context, dtype, 40, k);
    entries_draw(start, index, wide, before.count);
    items_draw(&b, &seed, -1, 1);
    items_draw(&before, &seed, -1, 1);
    summed *sums = references_new(&before);
    for (int64_t o = 0; o < LINES; o++) {
        uint32_t length = (uint32_t)(start[o + 1] - start[o]);
        from[o] = length > 2;
        to[o] = length > 3 ? length - 1 : length;
        for (int64_t e = start[o] + from[o]; e < start[o] + to[o]; e++) {
            add_item(sums + index[e] * k, wide[e], &b, o);
        }
    }
    for (int64_t e = 0; e < start[LINES]; e++) {
        narrow[e] = (float)wide[e];
    }
    const scatter_lines at = {start, from, to, index};
    for (int64_t t = 0; kernel_at(dtype, t); t++) {
        items c = guarded_copy(context, &before);
        kernel_at(dtype, t)->scatter(&at, dtype == NMF_F64 ? (const void *)wide : narrow, LINES, b.data, c.data, k,
                                     c.stride);
        expect_all_near(&c, sums, LINES);
        items_free(context, &c);
    }
    free(sums);
    items_free(context, &b);
    items_free(context, &before);
}

static void scatters_add_to_where_the_entries_stand(void **state) {
    (void)state;
    each_shape(scatter_check);
}

static void gram_case(nmf_context *context, nmf_dtype dtype, int64_t k, int64_t count) {
    uint64_t seed = (uint64_t)(k + count);
    items x = guarded_new(context, dtype, count, k), before = guarded_new(context, NMF_F64, k, k);
    void *scratch = scratch_new(context, (size_t)(k * x.stride) * dtype_size(dtype));
    items_draw(&x, &seed, -1, 1);
    items_draw(&before, &seed, -1, 1);
    summed *sums = references_new(&before);
    for (int64_t i = 0; i < count; i++) {
        for (int64_t c = 0; c < k; c++) {
            add_item(sums + c * k, items_get(&x, i, c), &x, i);
        }
    }
    for (int64_t t = 0; kernel_at(dtype, t); t++) {
        double *g = scratch_new(context, (size_t)(k * k) * sizeof *g);
        for (int64_t e = 0; e < k * k; e++) {
            g[e] = items_get(&before, e / k, e % k);
        }
        kernel_at(dtype, t)->gram(x.data, count, k, x.stride, g, scratch);
        for (int64_t e = 0; e < k * k; e++) {
            expect_near(g[e], sums[e].value, dtype, count + 1, sums[e].size);
        }
        array_free(context, g);
    }
    free(sums);
    array_free(context, scratch);
    items_free(context, &x);
    items_free(context, &before);
}

static void gram_check(nmf_context *context, nmf_dtype dtype, int64_t k) {
    static const int64_t counts[] = {1, 257, 17, 256, 600};
    for (size_t i = 0; i < (k < 100 ? 5 : 2); i++) {
        gram_case(context, dtype, k, counts[i]);
    }
}

static void grams_add_products_of_components(void **state) {
    (void)state;
    each_shape(gram_check);
}

static void dot_check(nmf_context *context, nmf_dtype dtype, int64_t k) {
    for (int64_t count = 0; count < 60; count += 7) {
        uint64_t seed = (uint64_t)(k + count);
        items x = guarded_new(context, dtype, count, k), y = guarded_new(context, dtype, count, k);
        summed sum = {0};
        items_draw(&x, &seed, -1, 1);
        items_draw(&y, &seed, -1, 1);
        for (int64_t e = 0; e < count * k; e++) {
            sum_term(&sum, (long double)items_get(&x, e / k, e % k) * (long double)items_get(&y, e / k, e % k));
        }
        for (int64_t t = 0; kernel_at(dtype, t); t++) {
            double got = kernel_at(dtype, t)->dot(x.data, y.data, count, x.stride);
            expect_near(got, sum.value, NMF_F64, count * k, sum.size);
        }
        items_free(context, &x);
        items_free(context, &y);
    }
}

static void dots_are_sums_in_double(void **state) {
    (void)state;
    each_shape(dot_check);
}

static void extrapolate_check(nmf_context *context, nmf_dtype dtype, int64_t k) {
    uint64_t seed = (uint64_t)k;
    items x = guarded_new(context, dtype, 19, k), z = guarded_new(context, dtype, 19, k);
    items_draw(&x, &seed, 0, 1);
    items_draw(&z, &seed, 0, 2);
    for (int64_t t = 0; kernel_at(dtype, t); t++) {
        items y = guarded_new(context, dtype, 19, k);
        kernel_at(dtype, t)->extrapolate(x.data, z.data, 0.75, &KERNEL_PLAIN, y.data, y.count, y.stride);
        for (int64_t e = 0; e < y.count * k; e++) {
            long double now = (long double)items_get(&x, e / k, e % k),
                        before = (long double)items_get(&z, e / k, e % k);
            long double moved = now + 0.75L * (now - before);
            expect_near(items_get(&y, e / k, e % k), moved > 0 ? moved : 0, dtype, 1, now + before);
        }
        expect_guarded(&y);
        items_free(context, &y);
    }
    items_free(context, &x);
    items_free(context, &z);
}

static void extrapolation_stops_at_zero(void **state) {
    (void)state;
    each_shape(extrapolate_check);
}

static void project_check(nmf_context *context, nmf_dtype dtype, int64_t k) {
    uint64_t seed = (uint64_t)k;
    items m = guarded_new(context, dtype, k, k), p = guarded_new(context, dtype, 37, k);
    items zero = guarded_new(context, dtype, 37, k);
    items_draw(&m, &seed, -1, 1);
    items_draw(&p, &seed, -1, 1);
    summed *sums = references_new(&zero);
    for (int64_t e = 0; e < p.count * k; e++) {
        add_item(sums + e / k * k, items_get(&p, e / k, e % k), &m, e % k);
    }
    for (int64_t e = 0; e < p.count * k; e++) {
        sums[e].value = sums[e].value > 0 ? sums[e].value : 0;
    }
    for (int64_t t = 0; kernel_at(dtype, t); t++) {
        items x = guarded_copy(context, &p);
        kernel_at(dtype, t)->project(m.data, p.data, x.data, x.count, k, x.stride, &KERNEL_PLAIN);
        expect_all_near(&x, sums, k);
        items_free(context, &x);
    }
    free(sums);
    items_free(context, &m);
    items_free(context, &p);
    items_free(context, &zero);
}

static void projections_cut_negatives(void **state) {
    (void)state;
    each_shape(project_check);
}

/* Every kernel on some of the items, as callers hand them out. */
static void run_range(const kernel *simd, const items *g, const items *p, const items *all, int which, int64_t first,
                      int64_t count, void *scratch) {
    items x = items_range(all, first, count), products = items_range(p, first, count);
    int64_t start[200];
    uint32_t index[400];
    for (int64_t i = 0; i <= count; i++) {
        start[i] = 2 * i;
    }
    for (int64_t e = 0; e < 2 * count; e++) {
        index[e] = (uint32_t)((2 * first + e) % g->count);
    }
    switch (which) {
    case 0:
        simd->panel(products.data, count, p->stride, g->count, 1, g->data, x.data, g->k, g->stride);
        break;
    case 1:
        simd->gather(start, index, (const char *)p->data + (size_t)(2 * first) * dtype_size(p->dtype), count, g->data,
                     x.data, g->k, g->stride);
        break;
    case 2:
        simd->sweep(g->data, products.data, x.data, count, g->k, g->stride, &KERNEL_PLAIN, 3, 0.5, scratch);
        break;
    case 3:
        simd->project(g->data, products.data, x.data, count, g->k, g->stride, &KERNEL_PLAIN);
        break;
    case 4:
        simd->times(products.data, count, p->stride, g->count, 1, g->data, x.data, g->k, g->stride);
        break;
    case 5:
        simd->multiply(g->data, products.data, x.data, count, g->k, g->stride, &KERNEL_PLAIN, scratch);
        break;
    default:
        simd->extrapolate(products.data, x.data, 0.3, &KERNEL_PLAIN, x.data, count, x.stride);
    }
}

static void split_check(nmf_context *context, nmf_dtype dtype, int64_t k) {
    enum { WHOLE = 3 * KERNEL_GRID + 5 };
    uint64_t seed = (uint64_t)k;
    items g = gram_new(context, dtype, k, &seed), p = guarded_new(context, dtype, WHOLE, k > 2 ? k : 2);
    items start = guarded_new(context, dtype, WHOLE, k);
    items_draw(&p, &seed, 0, (double)k);
    items_draw(&start, &seed, 0, 1);
    p.k = k;
    for (int64_t e = 0; e < WHOLE && k == 1; e++) {
        items_set(&p, e, 1, 0);
    }
    for (int64_t t = 0; kernel_at(dtype, t); t++) {
        const kernel *simd = kernel_at(dtype, t);
        size_t most = simd->sweep_scratch(k), least = 32 * (size_t)g.stride * dtype_size(dtype);
        void *scratch = scratch_new(context, most > least ? most : least);
        for (int which = 0; which < 7; which++) {
            items whole = guarded_copy(context, &start), parts = guarded_copy(context, &start);
            run_range(simd, &g, &p, &whole, which, 0, WHOLE, scratch);
            run_range(simd, &g, &p, &parts, which, 2 * KERNEL_GRID, WHOLE - 2 * KERNEL_GRID, scratch);
            run_range(simd, &g, &p, &parts, which, KERNEL_GRID, KERNEL_GRID, scratch);
            run_range(simd, &g, &p, &parts, which, 0, KERNEL_GRID, scratch);
            expect_same_bits(&parts, &whole);
            expect_guarded(&parts);
            items_free(context, &whole);
            items_free(context, &parts);
        }
        array_free(context, scratch);
    }
    items_free(context, &g);
    items_free(context, &p);
    items_free(context, &start);
}

static void splitting_on_the_grid_changes_no_bit(void **state) {
    (void)state;
    each_shape(split_check);
}

static void tables_are_found_by_name(void **state) {
    (void)state;
    for (int dtype = NMF_F64; dtype <= NMF_F32; dtype++) {
        int64_t count = 0;
        for (; kernel_at((nmf_dtype)dtype, count); count++) {
            const kernel *simd = kernel_at((nmf_dtype)dtype, count);
            assert_int_equal(simd->dtype, dtype);
            assert_int_equal(setenv("NMF_ISA", simd->isa, 1), 0);
            assert_ptr_equal(kernel_for((nmf_dtype)dtype), simd);
        }
        assert_true(count >= 1);
        assert_string_equal(kernel_at((nmf_dtype)dtype, count - 1)->isa, "baseline");
        assert_int_equal(setenv("NMF_ISA", "none such", 1), 0);
        assert_ptr_equal(kernel_for((nmf_dtype)dtype), kernel_at((nmf_dtype)dtype, 0));
        assert_int_equal(unsetenv("NMF_ISA"), 0);
        assert_ptr_equal(kernel_for((nmf_dtype)dtype), kernel_at((nmf_dtype)dtype, 0));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
#if defined __x86_64__
        cmocka_unit_test(denormals_count_as_zero),
#endif
        cmocka_unit_test(panels_multiply_and_add),
        cmocka_unit_test(panels_are_the_same_wherever_they_are_cut),
        cmocka_unit_test(gathers_add_the_entries_of_lines),
        cmocka_unit_test(scatters_add_to_where_the_entries_stand),
        cmocka_unit_test(grams_add_products_of_components),
        cmocka_unit_test(dots_are_sums_in_double),
        cmocka_unit_test(extrapolation_stops_at_zero),
        cmocka_unit_test(projections_cut_negatives),
        cmocka_unit_test(splitting_on_the_grid_changes_no_bit),
        cmocka_unit_test(tables_are_found_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
