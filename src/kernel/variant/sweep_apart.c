/*
 * Coordinate descent on as many items as a vector has lanes, each with a G of its own: items and the numbers of their G
 * lie in the lanes, so that what an item alone would wait for, step after step, is waited for once.
 */
#include "kernel/variant/turn.h"

int64_t NAME(apart_items)(int64_t k) {
    /* Beyond, the matrices leave the cache, and an item alone has vectors enough. */
    enum { MOST_COMPONENTS = 64 };
    return k <= MOST_COMPONENTS ? LANES : 1;
}

size_t NAME(apart_scratch)(int64_t k) {
    int64_t whole = turned_components(k);
    return NAME(apart_items)(k) > 1 ? (size_t)((k + 2) * whole * LANES) * sizeof(real) : 0;
}

/* 1/G_cc, or 0 where component c cannot move. */
INLINE vec inverse_of(vec curvature) {
    vec inverse = 1 / curvature;
    mask moves = (curvature > 0) & (inverse <= LARGEST);
    return where(moves, inverse);
}

/* One pass over the components, of the items whose lane is set in `open`; returns G_cc·(step)² of every item. */
static vec descend(const real *g, const real *p, real *x, int64_t k, const kernel_rules *rules, mask open) {
    int64_t whole = turned_components(k);
    real lower = (real)rules->lower, upper = (real)rules->upper;
    vec moved = {0};
    for (int64_t c = rules->held; c < k; c++) {
        const real *row = g + c * whole * LANES;
        vec even = load(p + c * LANES), odd = {0}, old = load(x + c * LANES);
        int64_t d = 0;
        for (; d + 2 <= k; d += 2) {
            even -= load(row + d * LANES) * load(x + d * LANES);
            odd -= load(row + (d + 1) * LANES) * load(x + (d + 1) * LANES);
        }
        if (d < k) {
            even -= load(row + d * LANES) * load(x + d * LANES);
        }
        vec curvature = load(row + c * LANES), inverse = inverse_of(curvature);
        vec now = between(old + (even + odd) * inverse, lower, upper);
        now = either(open & (inverse > 0), now, old);
        store(x + c * LANES, now);
        moved += curvature * (now - old) * (now - old);
    }
    return moved;
}

static bool any(mask set) {
    vec ones = where(set, 1 - (vec){0});
    bool found = false;
    for (int t = 0; t < LANES; t++) {
        found = found || ones[t] != 0;
    }
    return found;
}

/* Items without products have their minimum at zero. */
static void clear_empty(const real *p, real *x, int64_t k) {
    mask some = load(p) != 0;
    for (int64_t c = 1; c < k; c++) {
        some |= load(p + c * LANES) != 0;
    }
    for (int64_t c = 0; c < k; c++) {
        store(x + c * LANES, where(some, load(x + c * LANES)));
    }
}

void NAME(sweep_apart)(const void *g, const void *p, void *x, int64_t count, int64_t k, int64_t stride,
                       const kernel_rules *rules, int64_t sweeps, double enough, void *scratch) {
    int64_t whole = turned_components(k);
    real *turned_g = scratch, *turned_p = turned_g + k * whole * LANES, *turned_x = turned_p + whole * LANES;
    for (int64_t c = 0; c < k; c++) {
        turn_in((const real *)g + c * stride, count, LANES, k, k * stride, turned_g + c * whole * LANES, LANES);
    }
    turn_in(p, count, LANES, k, stride, turned_p, LANES);
    turn_in(x, count, LANES, k, stride, turned_x, LANES);
    if (rules->held == 0) {
        clear_empty(turned_p, turned_x, k);
    }
    mask open = (vec){0} == 0;
    vec first = descend(turned_g, turned_p, turned_x, k, rules, open), left = (real)(enough * enough) * first;
    for (int64_t s = 1; s < sweeps; s++) {
        vec moved = descend(turned_g, turned_p, turned_x, k, rules, open);
        open &= moved > left;
        if (!any(open)) {
            break;
        }
    }
    turn_out(turned_x, count, k, stride, x, LANES);
}
