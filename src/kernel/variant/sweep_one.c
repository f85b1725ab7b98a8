/*
 * Coordinate descent on one item, as those with a G of their own are: nothing is turned, components are in the lanes,
 * and none of those is empty.
 */
#include "kernel/variant/variant.h"

#include <string.h>

/* The slope p − l1 − Gx of one item in all components, which then follows every step: G is symmetric. */
static void slopes(const real *g, const real *p, const real *x, int64_t k, int64_t stride, real l1, real *s) {
    for (int64_t t = 0; t < stride; t += LANES) {
        vec sum = load(p + t) - l1;
        for (int64_t d = 0; d < k; d++) {
            sum -= x[d] * load(g + d * stride + t);
        }
        store(s + t, sum);
    }
}

/* One pass over one item, components in the lanes; returns Σ G_cc·(step)². */
static double descend_one(const real *g, real *x, int64_t k, int64_t stride, const kernel_rules *rules,
                          const real *inverse, real *s) {
    real lower = (real)rules->lower, upper = (real)rules->upper;
    double moved = 0;
    for (int64_t c = rules->held; c < k; c++) {
        real now = x[c] + s[c] * inverse[c];
        now = now > lower ? now : lower;
        now = now < upper ? now : upper;
        /* Without curvature there is no step, and even an x that is out of bounds stays. */
        now = inverse[c] > 0 ? now : x[c];
        real step = now - x[c];
        x[c] = now; /* x + step may round to beyond a bound */
        for (int64_t t = 0; t < stride; t += LANES) {
            store(s + t, load(s + t) - step * load(g + c * stride + t));
        }
        moved += (double)g[c * stride + c] * (double)step * (double)step;
    }
    return moved;
}

void NAME(sweep_one)(const void *g, const void *p, void *x, int64_t k, int64_t stride, const kernel_rules *rules,
                     int64_t sweeps, double enough, void *scratch) {
    const real *gram = g, *products = p;
    real *s = scratch, *inverse = s + stride, *to = x;
    bool empty = rules->held == 0;
    for (int64_t c = 0; c < k; c++) {
        inverse[c] = moves(gram[c * stride + c]) ? 1 / gram[c * stride + c] : 0;
        empty = empty && products[c] == 0;
    }
    if (empty) {
        memset(to, 0, (size_t)k * sizeof *to);
    }
    slopes(gram, products, to, k, stride, (real)rules->l1, s);
    double first = descend_one(gram, to, k, stride, rules, inverse, s);
    for (int64_t t = 1; t < sweeps; t++) {
        if (descend_one(gram, to, k, stride, rules, inverse, s) <= enough * enough * first) {
            break;
        }
    }
}
