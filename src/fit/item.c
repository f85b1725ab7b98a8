#include "fit/forces.h"
#include "fit/ties.h"

#include <math.h>
#include <string.h>

static const loss *loss_of(const item_model *model) {
    return model->f->plan.loss;
}

void item_list(const item_model *model, item_room *room, int64_t item) {
    observe_line(&model->seen, &room->seen, model->step->which == SIDE_H, item, &room->list);
}

side_rules item_rules(const item_model *model, int64_t item) {
    const double *entries = model->f->entries[model->step->which];
    return rules_of_item(model->step->rules, entries ? entries[item] : 0);
}

void item_dots(const item_model *model, const item_room *room, const items *x, double *b) {
    const items *y = model->step->fixed;
    model->f->simd->dots(y->data, room->list.index, room->list.count, x->data, y->k, y->stride, b);
}

void item_blend(const item_model *model, const item_room *room, const double *coefficient, double *sum) {
    const items *y = model->step->fixed;
    model->f->simd->blend(y->data, room->list.index, room->list.count, coefficient, y->k, y->stride, sum);
}

/* gram += Σ coefficient·y·yᵀ over the list. */
static void add_outer(const item_model *model, const item_room *room, const double *coefficient) {
    const items *y = model->step->fixed;
    model->f->simd->outer(y->data, room->list.index, room->list.count, coefficient, y->k, y->stride, room->gram,
                          room->outer);
}

/* What of b's squares, or sums, entries add by being listed with another weight than the base. */
static void weigh_against_base(const item_room *room, double *coefficient) {
    for (int64_t e = 0; e < room->list.count; e++) {
        coefficient[e] = room->list.weight[e] - room->list.base;
    }
}

static double quadratic_form(const double *gram, const items *x) {
    double sum = 0;
    for (int64_t c = 0; c < x->k; c++) {
        double row = 0;
        for (int64_t d = 0; d < x->k; d++) {
            row += gram[c * x->k + d] * items_get(x, 0, d);
        }
        sum += row * items_get(x, 0, c);
    }
    return sum;
}

/* What all zeros would add, listed or not, were they not listed. */
static double loss_of_base(const item_model *model, const items *x) {
    if (loss_of(model)->zeros == ZEROS_SQUARES) {
        return quadratic_form(model->base_gram, x) / 2;
    }
    double sum = 0;
    for (int64_t c = 0; c < x->k; c++) {
        sum += model->base_sum[c] * items_get(x, 0, c);
    }
    return sum;
}

/* The loss of the list at b, and of what is not listed: all zeros without those that are. */
static double loss_at(const item_model *model, const item_room *room, const items *x, const double *b) {
    const entry_list *list = &room->list;
    double sum = loss_of(model)->value(&model->f->form, list, b);
    if (!list->index || list->base == 0) {
        return sum;
    }
    bool squares = loss_of(model)->zeros == ZEROS_SQUARES;
    double listed = 0;
    for (int64_t e = 0; e < list->count; e++) {
        listed += squares ? b[e] * b[e] / 2 : b[e];
    }
    return sum + fmax(0, loss_of_base(model, x) - listed);
}

double item_loss(const item_model *model, item_room *room, const items *x) {
    item_dots(model, room, x, room->b);
    return loss_at(model, room, x, room->b);
}

void item_sums(const item_model *model, item_room *room, const items *x, double *of_a, double *of_b) {
    const entry_list *list = &room->list;
    bool squares = loss_of(model)->quadratic;
    double base = list->index ? list->base : 0;
    item_dots(model, room, x, room->b);
    for (int64_t e = 0; e < list->count; e++) {
        double by = squares ? room->b[e] : 1;
        *of_a += list->weight[e] * list->value[e] * by;
        *of_b += (list->weight[e] - base) * room->b[e] * by;
    }
    if (base > 0 && squares) {
        *of_b += quadratic_form(model->base_gram, x);
    }
    for (int64_t c = 0; c < x->k && base > 0 && !squares; c++) {
        *of_b += model->base_sum[c] * items_get(x, 0, c);
    }
}

bool item_covers(const item_model *model, item_room *room, const items *x) {
    const entry_list *list = &room->list;
    bool covers = true;
    item_dots(model, room, x, room->b);
    for (int64_t e = 0; e < list->count; e++) {
        covers = covers && (room->b[e] > 0 || list->value[e] <= 0 || list->weight[e] == 0);
    }
    return covers;
}

/* The G of a quadratic loss. */
static void make_gram(const item_model *model, item_room *room) {
    int64_t k = model->step->from->k;
    for (int64_t e = 0; e < k * k; e++) {
        room->gram[e] = room->list.base * model->base_gram[e];
    }
    weigh_against_base(room, room->curve);
    add_outer(model, room, room->curve);
}

/* The P of a quadratic loss, Σ ω·a·y, with what the ties pull. Returns their ridge. */
static double make_products(const item_model *model, item_room *room, int64_t item, items *p) {
    int64_t k = p->k;
    double ridge = 0;
    for (int64_t e = 0; e < room->list.count; e++) {
        room->pull[e] = room->list.weight[e] * room->list.value[e];
    }
    memset(room->first, 0, (size_t)k * sizeof *room->first);
    item_blend(model, room, room->pull, room->first);
    if (ties_bind(model->f, model->step->which)) {
        ridge = ties_of(model->f, model->step, item, room->first);
    }
    for (int64_t c = 0; c < k; c++) {
        items_set(p, 0, c, room->first[c]);
    }
    return ridge;
}

nmf_status item_step_shared(const item_model *model, item_room *room, const int64_t *which, int64_t count) {
    const half *step = model->step;
    double ridge = 0;
    for (int64_t i = 0; i < count; i++) {
        items p = items_range(&room->p, i, 1), x = items_range(&room->x, i, 1);
        items from = items_range(step->from, which[i], 1);
        item_list(model, room, which[i]);
        if (i == 0) {
            make_gram(model, room);
        }
        ridge = make_products(model, room, which[i], &p);
        items_copy(&from, &x);
    }
    const side_rules rules = item_rules(model, which[0]);
    rules_add(&rules, step->from->k, ridge, room->gram);
    nmf_status status = rules_prepare(&room->update, &rules, room->gram);
    if (status != NMF_OK) {
        return status;
    }
    items p = items_range(&room->p, 0, count), x = items_range(&room->x, 0, count);
    step->rules->update->apply(&room->update, &p, &x, room->update.scratch);
    for (int64_t i = 0; i < count; i++) {
        items made = items_range(&room->x, i, 1), to = items_range(step->next, which[i], 1);
        items_copy(&made, &to);
    }
    return NMF_OK;
}

/*
 * The model of a loss at x: G with penalties and ridge in room->gram, P in *p; room->first is the slope of what is
 * lowered but for l1, room->second the pull of the ties. Returns the ridge.
 */
static double make_model(const item_model *model, item_room *room, int64_t item, const items *x, items *p) {
    const side_rules rules = item_rules(model, item);
    int64_t k = x->k;
    entry_list *list = &room->list;
    double *slope = room->first, *ties = room->second, ridge = 0;
    item_dots(model, room, x, room->b);
    loss_of(model)->terms(&model->f->form, list, room->b, room->pull, room->push, room->curve);
    memset(room->gram, 0, (size_t)(k * k) * sizeof *room->gram);
    add_outer(model, room, room->curve);
    memset(ties, 0, (size_t)k * sizeof *ties);
    if (ties_bind(model->f, model->step->which)) {
        ridge = ties_of(model->f, model->step, item, ties);
    }
    bool sums = loss_of(model)->zeros == ZEROS_SUM;
    for (int64_t e = 0; e < list->count; e++) {
        room->push[e] -= room->pull[e] + (sums ? list->base : 0);
    }
    for (int64_t c = 0; c < k; c++) {
        slope[c] = sums ? list->base * model->base_sum[c] : 0;
    }
    item_blend(model, room, room->push, slope);
    for (int64_t c = 0; c < k; c++) {
        double product = ties[c] - slope[c];
        for (int64_t d = 0; d < k; d++) {
            product += room->gram[c * k + d] * items_get(x, 0, d);
        }
        items_set(p, 0, c, product);
    }
    rules_add(&rules, k, ridge, room->gram);
    return ridge;
}

/* Along x + t·d: linear + t·square is the slope of everything but the loss of the list. */
typedef struct way {
    double linear, square;
} way;

static way find_way(const item_model *model, const item_room *room, const side_rules *rules, const items *x,
                    double ridge) {
    const double *ties = room->second;
    const double *d = room->third;
    double total_x = 0, total_d = 0;
    bool sums = loss_of(model)->zeros == ZEROS_SUM;
    way along = {0, 0};
    for (int64_t c = 0; c < x->k; c++) {
        total_x += items_get(x, 0, c);
        total_d += d[c];
    }
    for (int64_t c = 0; c < x->k; c++) {
        double at = items_get(x, 0, c), diagonal = rules->l2 + ridge - rules->ortho;
        double slope = rules->bounds.l1 + diagonal * at + rules->ortho * total_x - ties[c];
        slope += sums ? room->list.base * model->base_sum[c] : 0;
        along.linear += slope * d[c];
        along.square += (diagonal * d[c] + rules->ortho * total_d) * d[c];
    }
    for (int64_t e = 0; e < room->list.count && sums && room->list.base != 0; e++) {
        along.linear -= room->moved[e];
    }
    return along;
}

enum { MOST_TRIES = 12 };

/* How far to go, at most 1: never past where what is lowered, or its convex bound, begins to rise. */
static double find_length(const item_model *model, const item_room *room, way along) {
    const loss *by = loss_of(model);
    double t = 1, at_0 = along.linear + by->slope(&model->f->form, &room->list, room->b, room->moved, 0);
    if (!(at_0 <= 0)) {
        return 0;
    }
    for (int i = 0; i < MOST_TRIES; i++) {
        double slope =
            along.linear + t * along.square + by->slope(&model->f->form, &room->list, room->b, room->moved, t);
        if (slope <= 0) {
            return t;
        }
        /* Where the slope's chord meets 0; no less than a tenth, where it is nearly a step. */
        double chord = at_0 / (at_0 - slope);
        t *= chord > 0.1 ? chord : 0.1;
    }
    return 0;
}

/* x moved from where it was, in room->before, as far towards where the update put it as does not overshoot. */
static void search(const item_model *model, item_room *room, const side_rules *rules, double ridge, items *x) {
    items before = items_range(&room->before, 0, 1);
    items step = items_range(&room->before, 1, 1);
    for (int64_t c = 0; c < x->k; c++) {
        room->third[c] = items_get(x, 0, c) - items_get(&before, 0, c);
        items_set(&step, 0, c, room->third[c]);
    }
    item_dots(model, room, &step, room->moved);
    double t = find_length(model, room, find_way(model, room, rules, &before, ridge));
    for (int64_t c = 0; c < x->k && t < 1; c++) {
        items_set(x, 0, c, items_get(&before, 0, c) + t * room->third[c]);
    }
}

/* Where nothing bends what is lowered, and nothing pulls, an entry goes to 0: of kl, say, for rows of zeros. */
static void settle_flat(const half *step, const item_room *room, const items *p, items *x) {
    for (int64_t c = step->rules->bounds.held; c < x->k; c++) {
        if (room->gram[c * x->k + c] == 0 && items_get(p, 0, c) <= 0) {
            items_set(x, 0, c, 0);
        }
    }
}

int64_t item_at_once(const plan *plan, side which) {
    bool apart = plan->loss->bounded && plan_update(plan, which)->apply_apart;
    return apart ? kernel_for(plan->dtype)->apart_items(plan->k) : 1;
}

/* The model of an item in its place among those taken at once. */
static void place_model(const item_model *model, item_room *room, int64_t item, int64_t place) {
    items x = items_range(&room->x, place, 1), p = items_range(&room->p, place, 1), from;
    items gram = items_range(&room->grams, place * x.k, x.k);
    const side_rules rules = item_rules(model, item);
    from = items_range(model->step->from, item, 1);
    items_copy(&from, &x);
    item_list(model, room, item);
    if (loss_of(model)->quadratic) {
        make_gram(model, room);
        rules_add(&rules, x.k, make_products(model, room, item, &p), room->gram);
    } else {
        make_model(model, room, item, &from, &p);
        settle_flat(model->step, room, &p, &x);
    }
    for (int64_t c = 0; c < x.k; c++) {
        items_set(&p, 0, c, items_get(&p, 0, c) - rules.bounds.l1);
    }
    items_from_square(room->gram, &gram);
}

void item_step_apart(const item_model *model, item_room *room, const int64_t *which, int64_t count) {
    const half *step = model->step;
    for (int64_t i = 0; i < count; i++) {
        place_model(model, room, which[i], i);
    }
    items p = items_range(&room->p, 0, count), x = items_range(&room->x, 0, count);
    room->update.rules = step->rules->bounds;
    step->rules->update->apply_apart(&room->update, &room->grams, &p, &x, room->update.scratch);
    for (int64_t i = 0; i < count; i++) {
        items made = items_range(&room->x, i, 1), to = items_range(step->next, which[i], 1);
        items_copy(&made, &to);
    }
}

nmf_status item_step(const item_model *model, item_room *room, int64_t item) {
    const half *step = model->step;
    items from = items_range(step->from, item, 1), to = items_range(step->next, item, 1);
    items x = items_range(&room->x, 0, 1), p = items_range(&room->p, 0, 1), before = items_range(&room->before, 0, 1);
    item_list(model, room, item);
    items_copy(&from, &x);
    if (step->rules->update == &update_mu) {
        item_multiply(model, room, item, &x);
        items_copy(&x, &to);
        return NMF_OK;
    }
    items_copy(&from, &before);
    double ridge = make_model(model, room, item, &before, &p);
    settle_flat(step, room, &p, &x);
    const side_rules rules = item_rules(model, item);
    nmf_status status = rules_prepare(&room->update, &rules, room->gram);
    if (status == NMF_OK) {
        step->rules->update->apply(&room->update, &p, &x, room->update.scratch);
        if (!loss_of(model)->bounded) {
            search(model, room, &rules, ridge, &x);
        }
        items_copy(&x, &to);
    }
    return status;
}

double item_stationarity(const item_model *model, item_room *room, int64_t item) {
    items x = items_range(model->step->from, item, 1), p = items_range(&room->p, 0, 1);
    const side_rules rules = item_rules(model, item);
    if (loss_of(model)->quadratic) {
        make_gram(model, room);
        rules_add(&rules, x.k, make_products(model, room, item, &p), room->gram);
    } else {
        make_model(model, room, item, &x, &p);
    }
    update_prepare_gram(&room->update, room->gram);
    return rules_stationarity(&room->update, &rules, room->gram, &p, &x, room->update.scratch);
}
