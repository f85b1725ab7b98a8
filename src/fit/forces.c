#include "fit/forces.h"
#include "fit/ties.h"

#include <float.h>
#include <math.h>

/* What all entries push, were they zeros that are not listed; of those that are it is taken from their own push. */
static void push_of_zeros(const item_model *model, const item_room *room, const items *x, double *below) {
    const loss *by = model->f->plan.loss;
    double base = room->list.base;
    for (int64_t e = 0; e < room->list.count && by->zeros != ZEROS_LISTED; e++) {
        room->push[e] -= by->zeros == ZEROS_SQUARES ? base * room->b[e] : base;
    }
    for (int64_t c = 0; c < x->k; c++) {
        below[c] = by->zeros == ZEROS_SUM ? base * model->base_sum[c] : 0;
        for (int64_t d = 0; d < x->k && by->zeros == ZEROS_SQUARES; d++) {
            below[c] += base * model->base_gram[c * x->k + d] * items_get(x, 0, d);
        }
    }
}

void item_forces(const item_model *model, item_room *room, int64_t item, const items *x, double *above, double *below) {
    const side_rules rules = item_rules(model, item);
    double total = 0, ridge = 0;
    model->f->plan.loss->terms(&model->f->form, &room->list, room->b, room->pull, room->push, room->curve);
    push_of_zeros(model, room, x, below);
    for (int64_t c = 0; c < x->k; c++) {
        above[c] = 0;
        total += items_get(x, 0, c);
    }
    item_blend(model, room, room->pull, above);
    item_blend(model, room, room->push, below);
    if (ties_bind(model->f, model->step->which)) {
        ridge = ties_of(model->f, model->step, item, above);
    }
    for (int64_t c = 0; c < x->k; c++) {
        below[c] += rules.bounds.l1 + (rules.l2 + ridge - rules.ortho) * items_get(x, 0, c) + rules.ortho * total;
    }
}

double forces_negligible(const fit *f) {
    double epsilon = f->plan.dtype == NMF_F64 ? DBL_EPSILON : FLT_EPSILON;
    return f->plan.loss->positive && f->form.parameter <= 1 ? epsilon : 0;
}

/* Would no b under an entry above 0 change by more than `part` of itself, were number c of the item 0, which is `at`?
 */
static bool is_spare(const item_model *model, const item_room *room, int64_t c, double at, double part) {
    const entry_list *list = &room->list;
    bool spare = true;
    for (int64_t e = 0; e < list->count && spare; e++) {
        int64_t place = list->index ? (int64_t)list->index[e] : e;
        bool counts = list->value[e] > 0 && list->weight[e] > 0;
        spare = !counts || at * items_get(model->step->fixed, place, c) < part * room->b[e];
    }
    return spare;
}

/*
 * Of kl, is and the like a number that only zeros of A ask for is halved, say, again and again, and would never be 0.
 * It becomes so where it shrinks and all that is to be fitted would be the same without it, up to rounding.
 */
void item_multiply(const item_model *model, item_room *room, int64_t item, items *x) {
    const side_rules rules = item_rules(model, item);
    double *above = room->first, *below = room->second, part = forces_negligible(model->f);
    item_dots(model, room, x, room->b);
    item_forces(model, room, item, x, above, below);
    double power = model->f->plan.loss->power(model->f->form.parameter);
    for (int64_t c = rules.bounds.held; c < x->k; c++) {
        double at = items_get(x, 0, c), ratio = below[c] > 0 ? above[c] / below[c] : 0;
        bool gone = part > 0 && ratio < 1 && is_spare(model, room, c, at, part);
        items_set(x, 0, c, gone ? 0 : fmin(at * (power == 1 ? ratio : pow(ratio, power)), rules.bounds.upper));
    }
}
