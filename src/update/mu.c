/* Multiplicative updates (Lee & Seung 2001): X ← X∘P ⊘ (X·G). */
#include "update/update.h"

static size_t mu_scratch(const kernel *simd, int64_t k) {
    return (size_t)(2 * 16 * items_stride(simd->dtype, k)) * dtype_size(simd->dtype);
}

static void mu_apply(const update_room *room, const items *p, const items *x, void *scratch) {
    room->simd->multiply(room->gram.data, p->data, x->data, x->count, x->k, x->stride, &room->rules, scratch);
}

const update update_mu = {
    .name = "mu",
    .summary = "multiplicative updates, slow",
    .monotone = true,
    .keeps_zeros = true,
    .bounds = true,
    .holds = true,
    .max_iter = 2000,
    .tol = 1e-6,
    .stop = "change",
    .init = "random",
    .order = "weight",
    .scratch_bytes = mu_scratch,
    .prepare = update_prepare_gram,
    .apply = mu_apply,
};
