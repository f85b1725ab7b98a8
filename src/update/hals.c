/*
 * Hierarchical alternating least squares (Cichocki & Phan 2009): exact minimisation over one entry of an item after the
 * other, several sweeps a half-step (Gillis & Glineur 2012), since a sweep costs less than the products it works on.
 */
#include "update/update.h"

/*
 * Sweeps of a half-step: one at first, one more every fourth iteration, at most ten; fewer where a sweep moves less
 * than `enough` of what the first moved. Measured in docs/performance.md: against three throughout, ten save a quarter
 * of the passes over A; beginning with one ends in better minima.
 */
enum { MOST_SWEEPS = 10, ITERATIONS_A_SWEEP = 4 };
static const double enough = 0.1;

static int64_t sweeps_of(int64_t iteration) {
    int64_t sweeps = 1 + iteration / ITERATIONS_A_SWEEP;
    return sweeps < MOST_SWEEPS ? sweeps : MOST_SWEEPS;
}

static size_t hals_scratch(const kernel *simd, int64_t k) {
    size_t together = simd->sweep_scratch(k), apart = simd->apart_scratch(k);
    return together > apart ? together : apart;
}

static void hals_apply(const update_room *room, const items *p, const items *x, void *scratch) {
    if (x->count == 1) {
        room->simd->sweep_one(room->gram.data, p->data, x->data, x->k, x->stride, &room->rules,
                              sweeps_of(room->iteration), enough, scratch);
        return;
    }
    room->simd->sweep(room->gram.data, p->data, x->data, x->count, x->k, x->stride, &room->rules,
                      sweeps_of(room->iteration), enough, scratch);
}

static void hals_apply_apart(const update_room *room, const items *grams, const items *p, const items *x,
                             void *scratch) {
    room->simd->sweep_apart(grams->data, p->data, x->data, x->count, x->k, x->stride, &room->rules,
                            sweeps_of(room->iteration), enough, scratch);
}

const update update_hals = {
    .name = "hals",
    .summary = "coordinate descent, extrapolated",
    .monotone = true,
    .extrapolates = true,
    .bounds = true,
    .holds = true,
    .max_iter = 500,
    .tol = 1e-5,
    .stop = "change",
    .init = "nndsvd",
    .order = "weight",
    .scratch_bytes = hals_scratch,
    .prepare = update_prepare_gram,
    .apply = hals_apply,
    .apply_apart = hals_apply_apart,
};
