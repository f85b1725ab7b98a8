/* What the factors are held to, in the units computed with. */
#include "fit/fit.h"

#include <math.h>
#include <omp.h>

double fit_in_units(const fit *f, double penalty, int power, int exponent) {
    return fit_times_power(penalty, f->degree * f->exponent - (double)(power * exponent));
}

static side_rules rules_of(const fit *f, side which) {
    const side_plan *asked = &f->plan.side[which];
    int exponent = which == SIDE_W ? f->w_exponent : f->h_exponent;
    return (side_rules){.update = plan_update(&f->plan, which),
                        .bounds = {.l1 = fit_in_units(f, asked->l1, 1, exponent),
                                   .lower = asked->free ? -INFINITY : 0,
                                   .upper = ldexp(asked->most, exponent),
                                   .held = asked->held},
                        .l2 = fit_in_units(f, asked->l2, 2, exponent),
                        .l1_each = fit_in_units(f, asked->alpha * f->plan.l1_ratio, 1, exponent),
                        .l2_each = fit_in_units(f, asked->alpha * (1 - f->plan.l1_ratio), 2, exponent),
                        .ortho = fit_in_units(f, asked->ortho, 2, exponent),
                        .moves = !asked->simplex,
                        .simplex = asked->simplex};
}

void fit_make_rules(fit *f) {
    f->rules[SIDE_W] = rules_of(f, SIDE_W);
    f->rules[SIDE_H] = rules_of(f, SIDE_H);
}

side_rules rules_of_item(const side_rules *rules, double entries) {
    side_rules item = *rules;
    item.bounds.l1 += entries * rules->l1_each;
    item.l2 += entries * rules->l2_each;
    return item;
}

void rules_add(const side_rules *rules, int64_t k, double ridge, double *gram) {
    for (int64_t c = 0; c < k; c++) {
        gram[c * k + c] += rules->l2 + ridge;
        for (int64_t d = 0; d < k && rules->ortho > 0; d++) {
            gram[c * k + d] += d == c ? 0 : rules->ortho;
        }
    }
}

nmf_status rules_prepare(update_room *room, const side_rules *rules, const double *gram) {
    room->rules = rules->bounds;
    return rules->update->prepare(room, gram);
}

/* p ← p − x·(p − Gx): at the minimum over the simplex the slopes of all entries above 0 are the same, x·(p − Gx). */
static void shift_slopes(const double *gram, const items *p, const items *x) {
    items to = *p;
    int64_t k = x->k;
    for (int64_t i = 0; i < x->count; i++) {
        double common = 0;
        for (int64_t c = 0; c < k; c++) {
            double slope = items_get(p, i, c);
            for (int64_t d = 0; d < k; d++) {
                slope -= gram[c * k + d] * items_get(x, i, d);
            }
            common += slope * items_get(x, i, c);
        }
        for (int64_t c = 0; c < k; c++) {
            items_set(&to, i, c, items_get(p, i, c) - common);
        }
    }
}

double rules_stationarity(const update_room *room, const side_rules *rules, const double *gram, const items *p,
                          const items *x, void *scratch) {
    if (rules->simplex) {
        shift_slopes(gram, p, x);
    }
    return room->simd->stationarity(room->gram.data, p->data, x->data, x->count, x->k, x->stride, &rules->bounds,
                                    scratch);
}
