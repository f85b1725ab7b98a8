/* Updates at their contract: ½·tr(XGXᵀ) − tr(PXᵀ) falls, and the exact ones solve it. */
#include "support/expect.h"
#include "support/halfsteps.h"

#include <math.h>
#include <string.h>

/* A copy of the start, moved on by `times` updates. */
static items updated(const half_step *s, const update *how, int times) {
    items x = updated_within(s, how, &KERNEL_PLAIN, times);
    expect_rules_kept(&x, &x, &KERNEL_PLAIN);
    return x;
}

/* Where x is above 0 the slope is 0, elsewhere it does not fall; both to `tolerance` of the slope's terms. */
static void expect_kkt(const half_step *s, const items *x, long double tolerance) {
    for (int64_t e = 0; e < COUNT * x->k; e++) {
        int64_t i = e / x->k, c = e % x->k;
        summed slope = gram_slope(&s->g, &s->p, x, i, c);
        assert_true(slope.value >= -tolerance * slope.size);
        assert_true(items_get(x, i, c) == 0 || slope.value <= tolerance * slope.size);
    }
}

/* Solve G_FF·x_F = p_F by elimination. */
static void solve_on(const half_step *s, int64_t item, unsigned set, long double x[6]) {
    long double m[6][7];
    int64_t at[6], n = 0;
    for (int64_t c = 0; c < s->g.k; c++) {
        x[c] = 0;
        if (set >> c & 1) {
            at[n++] = c;
        }
    }
    for (int64_t r = 0; r < n; r++) {
        for (int64_t c = 0; c < n; c++) {
            m[r][c] = (long double)items_get(&s->g, at[r], at[c]);
        }
        m[r][n] = (long double)items_get(&s->p, item, at[r]);
    }
    for (int64_t d = 0; d < n; d++) {
        for (int64_t r = 0; r < n; r++) {
            long double by = r == d ? 0 : m[r][d] / m[d][d];
            for (int64_t c = d; c <= n; c++) {
                m[r][c] -= by * m[d][c];
            }
        }
    }
    for (int64_t r = 0; r < n; r++) {
        x[at[r]] = m[r][n] / m[r][r];
    }
}

/* The best of the solutions on every set of entries that come out non-negative. */
static void brute_force(const half_step *s, items *best) {
    for (int64_t i = 0; i < COUNT; i++) {
        long double least = INFINITY;
        for (unsigned set = 0; set < 1u << s->g.k; set++) {
            long double x[6], value = 0, lowest = 0;
            solve_on(s, i, set, x);
            for (int64_t c = 0; c < s->g.k; c++) {
                lowest = x[c] < lowest ? x[c] : lowest;
                value -= (long double)items_get(&s->p, i, c) * x[c] / 2;
            }
            for (int64_t c = 0; lowest >= 0 && value < least && c < s->g.k; c++) {
                items_set(best, i, c, (double)x[c]);
            }
            least = lowest >= 0 && value < least ? value : least;
        }
    }
}

static void bpp_equals_brute_force(void **state) {
    folder *f = *state;
    for (int64_t k = 1; k <= 6; k++) {
        half_step s = half_step_new(f->context, NMF_F64, k, false, false);
        items x = updated(&s, &update_bpp, 1), best = guarded_new(f->context, NMF_F64, COUNT, k);
        brute_force(&s, &best);
        expect_items(&x, &best, 1e-10);
        items_free(f->context, &x);
        items_free(f->context, &best);
        half_step_free(&s);
    }
}

static void bpp_satisfies_kkt(void **state) {
    folder *f = *state;
    static const int64_t ks[] = {1, 2, 7, 16, 33, 64};
    for (int i = 0; i < 6; i++) {
        for (int dtype = NMF_F64; dtype <= NMF_F32; dtype++) {
            half_step s = half_step_new(f->context, (nmf_dtype)dtype, ks[i], false, false);
            items x = updated(&s, &update_bpp, 1);
            expect_kkt(&s, &x, dtype == NMF_F64 ? 1e-10L : 1e-5L);
            items_free(f->context, &x);
            half_step_free(&s);
        }
    }
}

static void bpp_starts_from_anywhere(void **state) {
    folder *f = *state;
    half_step s = half_step_new(f->context, NMF_F64, 24, false, false);
    items x = updated(&s, &update_bpp, 1);
    items_zero(&s.x);
    items again = updated(&s, &update_bpp, 1);
    expect_items(&again, &x, 1e-10);
    items_free(f->context, &x);
    items_free(f->context, &again);
    half_step_free(&s);
}

static void hals_converges_to_bpp(void **state) {
    folder *f = *state;
    static const int64_t ks[] = {1, 3, 9, 17};
    for (int i = 0; i < 4; i++) {
        half_step s = half_step_new(f->context, NMF_F64, ks[i], false, false);
        items exact = updated(&s, &update_bpp, 1), swept = updated(&s, &update_hals, 3000);
        expect_items(&swept, &exact, 1e-8);
        items_free(f->context, &exact);
        items_free(f->context, &swept);
        half_step_free(&s);
    }
}

/* X·G − P is 0 in every direction in which G is not flat. */
static void als_is_least_squares_clipped(void **state) {
    folder *f = *state;
    half_step s = half_step_new(f->context, NMF_F64, 6, false, false);
    items x = updated(&s, &update_als, 1);
    for (int64_t i = 0; i < COUNT; i++) {
        long double free[6];
        solve_on(&s, i, 63, free);
        for (int64_t c = 0; c < 6; c++) {
            assert_true(fabs(items_get(&x, i, c) - fmax(0, (double)free[c])) < 1e-9);
        }
    }
    items_free(f->context, &x);
    half_step_free(&s);
}

/* Of all solutions for two equal components, the shortest splits evenly. */
static void als_takes_the_shortest_solution(void **state) {
    folder *f = *state;
    for (int64_t k = 2; k < 20; k++) {
        half_step s = half_step_new(f->context, NMF_F64, k, true, false);
        items x = updated(&s, &update_als, 1);
        for (int64_t i = 0; i < COUNT; i++) {
            double each = items_get(&s.p, i, 0) / s.gram[0] / 2, first = items_get(&x, i, 0);
            assert_true(fabs(items_get(&x, i, k - 1) - first) < 1e-9);
            assert_true(k > 2 || fabs(first - each) < 1e-12);
        }
        items_free(f->context, &x);
        half_step_free(&s);
    }
}

static void singular_models_stay_finite(void **state) {
    folder *f = *state;
    for (int i = 0; updates[i]; i++) {
        for (int kind = 1; kind < 4; kind++) {
            for (int dtype = NMF_F64; dtype <= NMF_F32; dtype++) {
                half_step s = half_step_new(f->context, (nmf_dtype)dtype, 8, kind & 1, kind & 2);
                items x = updated(&s, updates[i], 5);
                if (updates[i] == &update_bpp) {
                    expect_kkt(&s, &x, dtype == NMF_F64 ? 1e-9L : 1e-5L);
                }
                items_free(f->context, &x);
                half_step_free(&s);
            }
        }
    }
}

static void monotone_updates_never_rise(void **state) {
    folder *f = *state;
    static const int64_t ks[] = {1, 5, 16, 40};
    for (int i = 0; updates[i]; i++) {
        for (int n = 0; n < 8 && updates[i]->monotone; n++) {
            half_step s = half_step_new(f->context, n & 1 ? NMF_F32 : NMF_F64, ks[n / 2], false, n == 4);
            for (int pass = 0; pass < 5; pass++) {
                items x = updated(&s, updates[i], 1);
                for (int64_t t = 0; t < COUNT; t++) {
                    summed old = gram_objective(&s.g, &s.p, &s.x, t), now = gram_objective(&s.g, &s.p, &x, t);
                    long double noise = 30 * (long double)epsilon_of(x.dtype) * (now.size + old.size);
                    assert_true(now.value <= old.value + noise);
                }
                items_copy(&x, &s.x);
                items_free(f->context, &x);
            }
            half_step_free(&s);
        }
    }
}

static void items_do_not_see_each_other(void **state) {
    folder *f = *state;
    for (int i = 0; updates[i]; i++) {
        half_step s = half_step_new(f->context, NMF_F64, 9, false, false);
        items all = updated(&s, updates[i], 1), one = items_range(&all, 0, 1);
        for (int64_t t = 1; t < COUNT; t++) {
            for (int64_t c = 0; c < 9; c++) {
                items_set(&s.x, t, c, 0);
                items_set(&s.p, t, c, 0);
            }
        }
        items alone = updated(&s, updates[i], 1), first = items_range(&alone, 0, 1);
        /* When to end the passes of hals, a tile decides together. */
        if (updates[i] != &update_hals) {
            expect_same_bits(&first, &one);
        }
        for (int64_t c = 0; c < 9; c++) {
            assert_true(items_get(&alone, 5, c) == 0);
        }
        items_free(f->context, &all);
        items_free(f->context, &alone);
        half_step_free(&s);
    }
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(bpp_equals_brute_force),       TEST(bpp_satisfies_kkt),
        TEST(bpp_starts_from_anywhere),     TEST(hals_converges_to_bpp),
        TEST(als_is_least_squares_clipped), TEST(als_takes_the_shortest_solution),
        TEST(singular_models_stay_finite),  TEST(monotone_updates_never_rise),
        TEST(items_do_not_see_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
