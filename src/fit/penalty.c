/* What is lowered besides the loss: l1·ΣX + ½·l2·‖X‖² + ½·ortho·Σ_{c≠d} ⟨x_c, x_d⟩ of both factors, and what ties
 * items. */
#include "fit/fit.h"
#include "fit/ties.h"

static double of_block(const side_rules *rules, const items *x) {
    double sum = 0, squares = 0, totals = 0;
    for (int64_t i = 0; i < x->count; i++) {
        double total = 0;
        for (int64_t c = 0; c < x->k; c++) {
            double value = items_get(x, i, c);
            total += value;
            squares += value * value;
        }
        sum += total;
        totals += total * total;
    }
    return rules->bounds.l1 * sum + rules->l2 / 2 * squares + rules->ortho / 2 * (totals - squares);
}

static double of_side(const reduce_room *room, const side_rules *rules, const items *x) {
    if (rules->bounds.l1 == 0 && rules->l2 == 0 && rules->ortho == 0) {
        return 0;
    }
    int64_t blocks = reduce_blocks(x->count);
#pragma omp parallel for schedule(static) num_threads(room->threads)
    for (int64_t b = 0; b < blocks; b++) {
        items block = reduce_block(x, b);
        room->part[b] = of_block(rules, &block);
    }
    return reduce_add(0, room->part, blocks);
}

double fit_penalty(fit *f, const items *w, const items *h) {
    return of_side(&f->room.reduce, &f->rules[SIDE_W], w) + of_side(&f->room.reduce, &f->rules[SIDE_H], h) +
           ties_penalty(f, w, h);
}
