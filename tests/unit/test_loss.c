/* What losses are: their values, scales and limits. */
#include "support/expect.h"
#include "support/sights.h"

#include <math.h>
#include <string.h>

/* mae rounds the tip of |r|: by half of D at most. */
static void value_is_the_definition(sight *s) {
    summed sum = {0};
    long double weights = 0;
    for (int i = 0; i < COUNT; i++) {
        if (s->weight[i] > 0) {
            summed d = definition(s->of, &s->form, (long double)s->value[i], (long double)s->b[i]);
            sum.value += (long double)s->weight[i] * d.value;
            sum.size += (long double)s->weight[i] * (d.size + (long double)(s->value[i] + s->b[i]));
            weights += (long double)s->weight[i];
        }
    }
    double got = value_at(s, 0);
    if (s->of->by == &loss_mae) {
        assert_true(fabsl((long double)got - sum.value) <= weights * (long double)s->form.parameter / 2 * 1.001L);
    } else {
        expect_near(got, sum.value, NMF_F64, COUNT, sum.size);
    }
}

static void values_are_the_definitions(void **state) {
    (void)state;
    each_sight(value_is_the_definition);
}

/* A loss by two names: the same values, terms and slopes. */
static void expect_same(const kind *one, const kind *other) {
    for (uint64_t seed = 1; seed < 20; seed++) {
        sight a, b;
        sight_draw(&a, one, seed);
        sight_draw(&b, one, seed);
        b.of = other;
        terms of_a = terms_at(&a, 0), of_b = terms_at(&b, 0);
        expect_close(value_at(&b, 0.7), value_at(&a, 0.7));
        expect_close(slope_at(&b, 0.7), slope_at(&a, 0.7));
        for (int i = 0; i < COUNT; i++) {
            expect_close(of_b.push[i] - of_b.pull[i], of_a.push[i] - of_a.pull[i]);
            expect_close(of_b.curve[i], of_a.curve[i]);
        }
        expect_close(other->by->degree(1), one->by->degree(1));
    }
}

static void beta_meets_the_losses_with_names(void **state) {
    (void)state;
    sight s;
    static const kind is = {&loss_is, 0}, kl = {&loss_kl, 1}, half_squares = {&loss_beta, 2};
    static const kind nothing = {&loss_beta, 0}, one = {&loss_beta, 1};
    expect_same(&is, &nothing);
    expect_same(&kl, &one);
    for (uint64_t seed = 1; seed < 20; seed++) {
        sight_draw(&s, &half_squares, seed);
        terms of_beta = terms_at(&s, 0);
        double beta = value_at(&s, 0.3);
        s.of = &kinds[0];
        terms of_squares = terms_at(&s, 0);
        expect_close(beta, value_at(&s, 0.3));
        for (int i = 0; i < COUNT; i++) {
            expect_close(of_beta.push[i] - of_beta.pull[i], of_squares.push[i] - of_squares.pull[i]);
            expect_close(of_beta.curve[i], of_squares.curve[i]);
        }
    }
}

/* Losses do not jump where the formula of beta has its limits. */
static void beta_is_continuous(void **state) {
    (void)state;
    for (int limit = 0; limit < 2; limit++) {
        for (double away = -1e-3; away < 2e-3; away += 2e-3) {
            kind at = {&loss_beta, limit}, near = {&loss_beta, limit + away},
                 nearer = {&loss_beta, limit + 1e-9 * away};
            for (uint64_t seed = 1; seed < 20; seed++) {
                sight s;
                sight_draw(&s, limit ? &at : &kinds[2], seed);
                s.form.parameter = at.parameter;
                double there = s.of->by->value(&s.form, &s.list, s.b);
                s.form.parameter = near.parameter;
                assert_true(fabs(loss_beta.value(&s.form, &s.list, s.b) - there) < 0.03 * there + 0.03);
                s.form.parameter = nearer.parameter;
                assert_true(fabs(loss_beta.value(&s.form, &s.list, s.b) - there) < 1e-10 * (there + COUNT));
            }
        }
    }
}

/* Entries above 0, which no floor lifts. */
static void loss_of_itself_is_nothing(sight *s) {
    for (int i = 0; i < COUNT; i++) {
        s->weight[i] = s->value[i] > 0 ? s->weight[i] : 0;
    }
    double least = s->of->by->value(&s->form, &s->list, s->value);
    assert_true(fabs(least) <= 1e-12 * fabs(s->of->by->size(&s->form, &s->list)));
}

static void entries_themselves_have_no_loss(void **state) {
    (void)state;
    each_sight(loss_of_itself_is_nothing);
}

/* Entries, models and the floor times 2^5; the parameter follows. */
static void scales_by_its_degree(sight *s) {
    sight big = *s;
    double mean = 0, degree = s->of->by->degree(s->of->parameter), by = exp2(5 * degree);
    for (int i = 0; i < COUNT; i++) {
        big.value[i] *= 32;
        big.b[i] *= 32;
        mean += big.value[i] / COUNT;
    }
    big.list.value = big.value;
    big.list.weight = big.weight;
    big.form = (loss_form){s->of->by->scaled(s->of->parameter, 5, mean), 32 * s->form.floor};
    double value = value_at(s, 0), size = s->of->by->size(&s->form, &s->list);
    double rounding = 1e-11 * by * (value + fabs(size));
    assert_true(fabs(s->of->by->value(&big.form, &big.list, big.b) - by * value) <= rounding);
    assert_true(fabs(s->of->by->size(&big.form, &big.list) - by * size) <= rounding);
}

static void losses_scale_by_their_degree(void **state) {
    (void)state;
    each_sight(scales_by_its_degree);
}

/* What is measured against: the loss of nothing, twice that of squares, or of all a^β. */
static void size_is_known(sight *s) {
    double none[COUNT] = {0}, nothing = s->of->by->value(&s->form, &s->list, none);
    double size = s->of->by->size(&s->form, &s->list);
    if (s->of->by->any_sign) {
        expect_close(size, s->of->by == &loss_frobenius ? 2 * nothing : nothing);
        return;
    }
    summed sum = {0};
    for (int i = 0; i < COUNT; i++) {
        long double beta = (long double)s->form.parameter;
        sum_term(&sum, s->weight[i] > 0 ? (long double)s->weight[i] * powl((long double)s->value[i], beta) : 0);
    }
    expect_near(size, sum.value, NMF_F64, COUNT, sum.size);
}

static void sizes_are_known(void **state) {
    (void)state;
    each_sight(size_is_known);
}

/* Of all models that are one number, the best; or 0, which is nobody's loss but squares' and such. */
static void null_is_best(sight *s) {
    double mean = 0, weights = 0, here[3];
    for (int i = 0; i < COUNT; i++) {
        mean += s->weight[i] * s->value[i];
        weights += s->weight[i];
    }
    double null = s->of->by->null(mean / weights);
    for (int t = 0; t < 3 && !s->of->by->any_sign; t++) {
        double b[COUNT];
        for (int i = 0; i < COUNT; i++) {
            b[i] = null * (0.99 + 0.01 * t);
        }
        here[t] = s->of->by->value(&s->form, &s->list, b);
    }
    assert_true(s->of->by->any_sign ? null == 0 : here[1] < here[0] && here[1] < here[2]);
}

static void nulls_are_the_best_constants(void **state) {
    (void)state;
    each_sight(null_is_best);
}

/* Models below the floor count as the floor; without a pull, entries of 0 may have the push of kl down to 0. */
static void floor_holds(sight *s) {
    sight low = *s;
    low.list.value = low.value;
    low.list.weight = low.weight;
    for (int i = 0; i < COUNT; i++) {
        s->b[i] = s->form.floor;
        low.b[i] = i % 2 ? 0 : s->form.floor / 3;
    }
    terms at = terms_at(s, 0), below = terms_at(&low, 0);
    double value = value_at(&low, 0);
    assert_true(isfinite(value) && fabs(value - value_at(s, 0)) <= 1e-9 * (1 + fabs(value)));
    for (int i = 0; i < COUNT && !s->of->by->any_sign; i++) {
        assert_true(isfinite(at.pull[i]) && isfinite(at.push[i]) && isfinite(at.curve[i]));
        assert_true(at.pull[i] == below.pull[i] && at.push[i] == below.push[i] && at.curve[i] == below.curve[i]);
    }
    memset(low.e, 0, sizeof low.e);
    assert_true(slope_at(&low, 1) == 0);
}

static void models_of_nothing_stay_finite(void **state) {
    (void)state;
    each_sight(floor_holds);
}

/* Where nothing is listed zeros have a sum in closed form. */
static void zeros_are_sums(void **state) {
    (void)state;
    double zero[2] = {0, 0}, one[2] = {1, 1}, b[2] = {0.25, 3};
    entry_list list = {.count = 2, .value = zero, .weight = one};
    for (int i = 0; i < KINDS; i++) {
        loss_form form = {kinds[i].by->scaled(kinds[i].parameter, 0, 1), 1e-12};
        if (kinds[i].by->zeros == ZEROS_SUM) {
            expect_close(kinds[i].by->value(&form, &list, b), 3.25);
        } else if (kinds[i].by->zeros == ZEROS_SQUARES) {
            expect_close(kinds[i].by->value(&form, &list, b), (0.0625 + 9) / 2);
        }
    }
    assert_int_equal(loss_kl.zeros, ZEROS_SUM);
    assert_int_equal(loss_frobenius.zeros, ZEROS_SQUARES);
}

/* Residuals are what counts: entries and models may lie on either side of 0. */
static void signs_do_not_matter(void **state) {
    (void)state;
    for (int i = 0; i < KINDS; i++) {
        sight s, moved;
        sight_draw(&s, &kinds[i], 3);
        moved = s;
        moved.list.value = moved.value;
        moved.list.weight = moved.weight;
        for (int t = 0; t < COUNT; t++) {
            moved.value[t] -= 2;
            moved.b[t] -= 2;
        }
        if (kinds[i].by->any_sign) {
            expect_close(value_at(&moved, 0), value_at(&s, 0));
            expect_close(slope_at(&moved, 0.5), slope_at(&s, 0.5));
            terms at = terms_at(&s, 0), there = terms_at(&moved, 0);
            expect_close((double)slope_of(&moved, &there).value, (double)slope_of(&s, &at).value);
        }
    }
}

static void errors_are_reported_in_their_units(void **state) {
    (void)state;
    for (int i = 0; losses[i]; i++) {
        double error = losses[i]->error(8);
        assert_true(error == (losses[i] == &loss_frobenius ? 4 : 8));
    }
    assert_true(loss_frobenius.error(-1e-20) == 0);
    assert_ptr_equal(losses[0], &loss_frobenius);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_the_definitions),
        cmocka_unit_test(beta_meets_the_losses_with_names),
        cmocka_unit_test(beta_is_continuous),
        cmocka_unit_test(entries_themselves_have_no_loss),
        cmocka_unit_test(losses_scale_by_their_degree),
        cmocka_unit_test(sizes_are_known),
        cmocka_unit_test(nulls_are_the_best_constants),
        cmocka_unit_test(models_of_nothing_stay_finite),
        cmocka_unit_test(zeros_are_sums),
        cmocka_unit_test(signs_do_not_matter),
        cmocka_unit_test(errors_are_reported_in_their_units),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
