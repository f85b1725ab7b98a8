/* Updates under constraints: items that sum to 1, items of any sign, held components, penalties and upper bounds. */
#include "support/expect.h"
#include "support/halfsteps.h"

#include <math.h>
#include <string.h>

static const int64_t ks[] = {1, 2, 3, 7, 16, 33};
enum { KS = sizeof ks / sizeof *ks };

/* Call for every k, both precisions, and every way in which G is singular or not. */
static void each_half_step(void **state, bool singular, void (*check)(half_step *s)) {
    folder *f = *state;
    for (int i = 0; i < KS; i++) {
        for (int kind = 0; kind < (singular && ks[i] > 2 ? 4 : 1); kind++) {
            for (int dtype = NMF_F64; dtype <= NMF_F32; dtype++) {
                half_step s = half_step_new(f->context, (nmf_dtype)dtype, ks[i], kind & 1, kind & 2);
                check(&s);
                half_step_free(&s);
            }
        }
    }
}

static void expect_simplex(const items *x) {
    for (int64_t i = 0; i < x->count; i++) {
        long double sum = 0;
        for (int64_t c = 0; c < x->k; c++) {
            assert_true(items_get(x, i, c) >= 0);
            sum += (long double)items_get(x, i, c);
        }
        assert_true(fabsl(sum - 1) <= (long double)epsilon_of(x->dtype) * (long double)(x->k + 2));
        assert_true(x->k > 1 || items_get(x, i, 0) == 1);
    }
}

/* No entry would gain more by growing than those above 0 lose by shrinking; to `tolerance` of the slopes' terms. */
static void expect_simplex_kkt(const half_step *s, const items *x, long double tolerance) {
    for (int64_t i = 0; i < x->count; i++) {
        long double least = INFINITY, most = -INFINITY, size = 0;
        for (int64_t c = 0; c < x->k; c++) {
            summed slope = gram_slope(&s->g, &s->p, x, i, c);
            least = slope.value < least ? slope.value : least;
            most = items_get(x, i, c) > 0 && slope.value > most ? slope.value : most;
            size = slope.size > size ? slope.size : size;
        }
        if (!(most - least <= tolerance * size)) {
            fail_msg("slopes differ by %.3Lg of %.3Lg, k = %lld", most - least, size, (long long)x->k);
        }
    }
}

static void expect_simplex_solved(half_step *s) {
    items x = updated_within(s, &update_simplex, &KERNEL_PLAIN, 1);
    expect_simplex(&x);
    expect_simplex_kkt(s, &x, s->x.dtype == NMF_F64 ? 1e-9L : 1e-5L);
    items_free(s->context, &x);
}

static void simplex_solves_from_its_start(void **state) {
    each_half_step(state, true, expect_simplex_solved);
}

/* Items of zeros, of numbers near the ends of the range, and with a single one. */
static void expect_simplex_entered(half_step *s) {
    double huge = s->x.dtype == NMF_F64 ? 1e308 : 1e38, tiny = s->x.dtype == NMF_F64 ? 1e-310 : 1e-40;
    items usual = updated_within(s, &update_simplex, &KERNEL_PLAIN, 1);
    for (int64_t c = 0; c < s->x.k; c++) {
        items_set(&s->x, 0, c, 0);
        items_set(&s->x, 1, c, huge);
        items_set(&s->x, 2, c, tiny);
        items_set(&s->x, 3, c, c == 0);
    }
    items x = updated_within(s, &update_simplex, &KERNEL_PLAIN, 1);
    expect_simplex(&x);
    expect_items(&x, &usual, s->x.dtype == NMF_F64 ? 1e-7 : 1e-3);
    items_free(s->context, &x);
    items_free(s->context, &usual);
}

static void simplex_is_entered_from_anywhere(void **state) {
    each_half_step(state, false, expect_simplex_entered);
}

/* What room for moves there is, it is not used to rise. */
static void expect_not_above(const half_step *s, const items *x, const kernel_rules *rules) {
    for (int64_t i = 0; i < x->count; i++) {
        summed old = gram_objective(&s->g, &s->p, &s->x, i), now = gram_objective(&s->g, &s->p, x, i);
        for (int64_t c = 0; c < x->k; c++) {
            sum_term(&old, (long double)rules->l1 * (long double)items_get(&s->x, i, c));
            sum_term(&now, (long double)rules->l1 * (long double)items_get(x, i, c));
        }
        assert_true(now.value <= old.value + 30 * (long double)epsilon_of(x->dtype) * (now.size + old.size));
    }
}

static void expect_simplex_falls(half_step *s) {
    for (int64_t i = 0; i < COUNT; i++) {
        double sum = 0;
        for (int64_t c = 0; c < s->x.k; c++) {
            sum += items_get(&s->x, i, c);
        }
        for (int64_t c = 0; c < s->x.k; c++) {
            items_set(&s->x, i, c, sum > 0 ? items_get(&s->x, i, c) / sum : c == i % s->x.k);
        }
    }
    for (int pass = 0; pass < 3; pass++) {
        items x = updated_within(s, &update_simplex, &KERNEL_PLAIN, 1);
        expect_not_above(s, &x, &KERNEL_PLAIN);
        expect_simplex(&x);
        items_copy(&x, &s->x);
        items_free(s->context, &x);
    }
}

static void simplex_never_rises(void **state) {
    each_half_step(state, true, expect_simplex_falls);
}

/* With a G of 0 the largest product takes all. */
static void simplex_of_nothing_takes_the_largest(void **state) {
    folder *f = *state;
    half_step s = half_step_new(f->context, NMF_F64, 5, false, false);
    memset(s.gram, 0, 25 * sizeof *s.gram);
    items x = updated_within(&s, &update_simplex, &KERNEL_PLAIN, 1);
    for (int64_t i = 0; i < COUNT; i++) {
        int64_t most = 0;
        for (int64_t c = 1; c < 5; c++) {
            most = items_get(&s.p, i, c) > items_get(&s.p, i, most) ? c : most;
        }
        assert_true(fabs(items_get(&x, i, most) - 1) < 1e-12);
    }
    expect_simplex(&x);
    items_free(f->context, &x);
    half_step_free(&s);
}

static const kernel_rules of_any_sign = {.lower = -INFINITY, .upper = INFINITY};

/* X·G = P, which P = A·Y lets be solved even where G = YᵀY is singular. */
static void expect_free_solved(half_step *s) {
    items x = updated_within(s, &update_free, &of_any_sign, 1);
    bool below = s->x.k <= 3;
    for (int64_t e = 0; e < COUNT * x.k; e++) {
        summed slope = gram_slope(&s->g, &s->p, &x, e / x.k, e % x.k);
        assert_true(fabsl(slope.value) <= (x.dtype == NMF_F64 ? 1e-11L : 1e-3L) * slope.size);
        below = below || items_get(&x, e / x.k, e % x.k) < 0;
    }
    assert_true(below);
    expect_not_above(s, &x, &of_any_sign);
    items_free(s->context, &x);
}

static void free_solves_for_any_sign(void **state) {
    each_half_step(state, true, expect_free_solved);
}

/* The start takes its held numbers from where it likes and its others from within the rules. */
static void keep_start_within(half_step *s, const kernel_rules *rules) {
    uint64_t seed = 21;
    items_draw_within(&s->x, rules, &seed);
}

/* Coordinate descent in long double until it stands, item after item. */
static void expected_solution(const half_step *s, const kernel_rules *rules, items *best) {
    items_copy(&s->x, best);
    for (int64_t i = 0; i < COUNT; i++) {
        long double x[16], moved = 1;
        for (int64_t c = 0; c < best->k; c++) {
            x[c] = (long double)items_get(best, i, c);
        }
        for (int pass = 0; pass < 20000 && moved > 1e-15L; pass++) {
            moved = 0;
            for (int64_t c = rules->held; c < best->k; c++) {
                long double slope = (long double)items_get(&s->p, i, c) - (long double)rules->l1;
                for (int64_t d = 0; d < best->k; d++) {
                    slope -= (long double)items_get(&s->g, c, d) * x[d];
                }
                long double to = within(rules, x[c] + slope / (long double)items_get(&s->g, c, c));
                moved = fmaxl(moved, fabsl(to - x[c]));
                x[c] = to;
            }
        }
        for (int64_t c = rules->held; c < best->k; c++) {
            items_set(best, i, c, (double)x[c]);
        }
    }
}

/* Of every number of components held, none and all included, with a penalty and without. */
static void bpp_solves_with_what_is_held(void **state) {
    folder *f = *state;
    for (int64_t k = 1; k <= 9; k += k == 1 ? 1 : k == 2 ? 3 : 4) {
        for (int64_t which = 0; which < 2 * (k + 1); which++) {
            half_step s = half_step_new(f->context, NMF_F64, k, false, false);
            kernel_rules rules = {.l1 = which % 2 ? 0.1 * (double)k : 0, .upper = INFINITY, .held = which / 2};
            keep_start_within(&s, &rules);
            items x = updated_within(&s, &update_bpp, &rules, 1), best = guarded_new(f->context, NMF_F64, COUNT, k);
            expected_solution(&s, &rules, &best);
            expect_items(&x, &best, 1e-9);
            expect_rules_kept(&x, &s.x, &rules);
            items_free(f->context, &x);
            items_free(f->context, &best);
            half_step_free(&s);
        }
    }
}

/* Where x is above 0 the slope is 0, elsewhere it does not fall. */
static void expect_bpp_kkt(half_step *s) {
    long double tolerance = s->x.dtype == NMF_F64 ? 1e-9L : 1e-5L;
    for (int which = 0; which < RULES; which++) {
        kernel_rules rules = rules_case(s->x.k, which);
        if (isfinite(rules.upper) || !isfinite(rules.lower)) {
            continue;
        }
        keep_start_within(s, &rules);
        items x = updated_within(s, &update_bpp, &rules, 1);
        for (int64_t e = 0; e < COUNT * x.k; e++) {
            summed slope = gram_slope(&s->g, &s->p, &x, e / x.k, e % x.k);
            sum_term(&slope, (long double)rules.l1);
            bool held = e % x.k < rules.held, at_zero = items_get(&x, e / x.k, e % x.k) == 0;
            assert_true(held || slope.value >= -tolerance * slope.size);
            assert_true(held || at_zero || slope.value <= tolerance * slope.size);
        }
        expect_not_above(s, &x, &rules);
        expect_rules_kept(&x, &s->x, &rules);
        items_free(s->context, &x);
    }
}

static void bpp_satisfies_kkt_with_what_is_held(void **state) {
    each_half_step(state, true, expect_bpp_kkt);
}

/* By tiles, and by items that come alone. */
static void expect_hals_converges(const half_step *s, const kernel_rules *rules) {
    items best = guarded_new(s->context, NMF_F64, COUNT, s->x.k);
    items tiles = updated_within(s, &update_hals, rules, 2000), alone = guarded_copy(s->context, &s->x);
    update_room room;
    expected_solution(s, rules, &best);
    expect_items(&tiles, &best, 1e-8);
    expect_rules_kept(&tiles, &s->x, rules);
    assert_int_equal(update_room_new(s->context, &update_hals, &update_mu, kernel_for(NMF_F64), s->x.k, 1, &room),
                     NMF_OK);
    room.rules = *rules;
    room.iteration = 40;
    assert_int_equal(update_hals.prepare(&room, s->gram), NMF_OK);
    for (int64_t i = 0; i < COUNT; i++) {
        items x = items_range(&alone, i, 1), p = items_range(&s->p, i, 1);
        for (int t = 0; t < 200; t++) {
            update_hals.apply(&room, &p, &x, room.scratch);
        }
    }
    expect_items(&alone, &best, 1e-8);
    expect_rules_kept(&alone, &s->x, rules);
    update_room_free(&room);
    items_free(s->context, &best);
    items_free(s->context, &tiles);
    items_free(s->context, &alone);
}

static void hals_converges_within_the_rules(void **state) {
    folder *f = *state;
    static const int64_t few[] = {1, 3, 9, 16};
    for (int i = 0; i < 4; i++) {
        for (int which = 0; which < RULES; which++) {
            half_step s = half_step_new(f->context, NMF_F64, few[i], false, false);
            kernel_rules rules = rules_case(few[i], which);
            keep_start_within(&s, &rules);
            expect_hals_converges(&s, &rules);
            half_step_free(&s);
        }
    }
}

/* What an update says it takes it keeps to, and does not rise. */
static void expect_rules_taken(half_step *s) {
    for (int i = 0; updates[i]; i++) {
        for (int which = 0; which < RULES; which++) {
            kernel_rules rules = rules_case(s->x.k, which);
            bool takes = (updates[i]->holds || (rules.held == 0 && rules.l1 == 0)) &&
                         (updates[i]->bounds || !isfinite(rules.upper)) && isfinite(rules.lower);
            keep_start_within(s, &rules);
            for (int pass = 0; pass < 3 && takes && updates[i]->monotone; pass++) {
                items x = updated_within(s, updates[i], &rules, 1);
                expect_rules_kept(&x, &s->x, &rules);
                expect_not_above(s, &x, &rules);
                items_copy(&x, &s->x);
                items_free(s->context, &x);
            }
        }
    }
}

static void updates_keep_to_the_rules_they_take(void **state) {
    each_half_step(state, true, expect_rules_taken);
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(simplex_solves_from_its_start),
        TEST(simplex_is_entered_from_anywhere),
        TEST(simplex_never_rises),
        TEST(simplex_of_nothing_takes_the_largest),
        TEST(free_solves_for_any_sign),
        TEST(bpp_solves_with_what_is_held),
        TEST(bpp_satisfies_kkt_with_what_is_held),
        TEST(hals_converges_within_the_rules),
        TEST(updates_keep_to_the_rules_they_take),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
