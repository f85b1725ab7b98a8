/* What is lowered besides the loss: l1·ΣX + ½·l2·‖X‖² + ½·ortho·Σ_{c≠d} ⟨x_c, x_d⟩ of both factors, and what ties
 * items or remembers columns. */
#include "fit/memory.h"
#include "fit/ties.h"

/* Of one item, by its own rules. */
static double of_item(const side_rules *rules, const items *x, int64_t i) {
    double total = 0, squares = 0;
    for (int64_t c = 0; c < x->k; c++) {
        double value = items_get(x, i, c);
        total += value;
        squares += value * value;
    }
    return rules->bounds.l1 * total + rules->l2 / 2 * squares + rules->ortho / 2 * (total * total - squares);
}

/* `entries`: those that count in the lines of the block's items, or NULL. */
static double of_block(const side_rules *rules, const items *x, const double *entries) {
    double sum = 0;
    for (int64_t i = 0; i < x->count; i++) {
        side_rules own = entries ? rules_of_item(rules, entries[i]) : *rules;
        sum += of_item(&own, x, i);
    }
    return sum;
}

static double of_side(const fit *f, side which, const items *x) {
    const reduce_room *room = &f->room.reduce;
    const side_rules *rules = &f->rules[which];
    const double *entries = f->entries[which];
    bool each = entries && (rules->l1_each > 0 || rules->l2_each > 0);
    if (rules->bounds.l1 == 0 && rules->l2 == 0 && rules->ortho == 0 && !each) {
        return 0;
    }
    int64_t blocks = reduce_blocks(x->count);
#pragma omp parallel for schedule(static) num_threads(room->threads)
    for (int64_t b = 0; b < blocks; b++) {
        items block = reduce_block(x, b);
        room->part[b] = of_block(rules, &block, entries ? entries + b * KERNEL_GRID : NULL);
    }
    return reduce_add(room, room->part, blocks);
}

double fit_penalty(fit *f, const items *w, const items *h) {
    return of_side(f, SIDE_W, w) + of_side(f, SIDE_H, h) + ties_penalty(f, w, h) + memory_penalty(f, w);
}
