/*
 * Least squares without bounds, X = P·G⁺: for a factor whose numbers may have any sign (semi-NMF: Ding, Li & Jordan
 * 2010).
 */
#include "update/update.h"

static void free_apply(const update_room *room, const items *p, const items *x, void *scratch) {
    (void)scratch;
    room->simd->project(room->gram.data, p->data, x->data, x->count, x->k, x->stride, &room->rules);
}

const update update_free = {
    .name = "free",
    .summary = "least squares",
    .monotone = true,
    .needs_eigen = true,
    .scratch_bytes = update_no_scratch,
    .prepare = update_prepare_inverse,
    .apply = free_apply,
};
