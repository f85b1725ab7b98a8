/*
 * Learning by batches is no half-step of its own: a pass over A is what the loop calls instead (fit/batches.c). What is
 * updated there, and here, is by hals.
 */
#include "update/update.h"

static size_t online_scratch(const kernel *simd, int64_t k) {
    return update_hals.scratch_bytes(simd, k);
}

static void online_apply(const update_room *room, const items *p, const items *x, void *scratch) {
    update_hals.apply(room, p, x, scratch);
}

const update update_online = {
    .name = "online",
    .summary = "learns from a batch of columns (or rows) of A at a time; an iteration is a pass over all",
    .by_batches = true,
    .bounds = true,
    .holds = true,
    .max_iter = 1,
    .tol = 1e-3,
    .stop = "change",
    .init = "nndsvd",
    .order = "weight",
    .scratch_bytes = online_scratch,
    .prepare = update_prepare_gram,
    .apply = online_apply,
};
