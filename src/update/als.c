/*
 * Clipped alternating least squares: the minimum-norm least squares solution of X·G = P, then negatives set to 0 (Berry
 * et al. 2007, section 3.3). Need not converge; the loop keeps the best iterate beside the last.
 */
#include "update/update.h"

static void als_apply(const update_room *room, const items *p, const items *x, void *scratch) {
    (void)scratch;
    room->simd->project(room->gram.data, p->data, x->data, x->count, x->k, x->stride, &room->rules);
}

const update update_als = {
    .name = "als",
    .summary =
        "least squares with negatives set to 0, the classic, which need not converge: its error can rise and its last "
        "iterate need not be its best (see --keep)",
    .max_iter = 100,
    .tol = 1e-4,
    .stop = "error",
    .init = "random",
    .order = "start",
    .needs_eigen = true,
    .scratch_bytes = update_no_scratch,
    .prepare = update_prepare_inverse,
    .apply = als_apply,
};
