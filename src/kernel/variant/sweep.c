/*
 * Coordinate descent across items: a tile of items is turned so that its items lie in the lanes and its components one
 * after the other; G is broadcast. x_c ← max(0, x_c + (p_c − Σ_d G_cd·x_d) / G_cc), c = 1 … k (HALS: Cichocki & Phan
 * 2009).
 */
#include "kernel/variant/turn.h"

#include <string.h>

enum {
    WIDE = 3, /* vectors side by side */
    CHAINS = 3,
    TILE = WIDE * LANES, /* items side by side; divides KERNEL_GRID */
};

size_t NAME(sweep_scratch)(int64_t k) {
    return (size_t)(2 * turned_components(k) * TILE) * sizeof(real);
}

/* Items without products have their minimum at zero. */
static void clear_empty(const real *p, real *x, int64_t k) {
    mask any[WIDE] = {{0}};
    for (int64_t c = 0; c < k; c++) {
        for (int w = 0; w < WIDE; w++) {
            any[w] |= load(p + c * TILE + w * LANES) != 0;
        }
    }
    for (int64_t c = 0; c < k; c++) {
        for (int w = 0; w < WIDE; w++) {
            real *at = x + c * TILE + w * LANES;
            store(at, where(any[w], load(at)));
        }
    }
}

/* s = p_c − l1 − Σ_d G_cd·x_d for every item of the tile, in CHAINS sums of every CHAINS-th d that do not wait for each
 * other. */
INLINE void slope(const real *row, const real *p, const real *x, int64_t c, int64_t k, real l1, vec s[WIDE]) {
    vec part[CHAINS][WIDE] = {{{0}}};
    int64_t d = 0;
#pragma GCC unroll 4
    for (int w = 0; w < WIDE; w++) {
        part[0][w] = load(p + c * TILE + w * LANES) - l1;
    }
    for (; d + CHAINS <= k; d += CHAINS) {
#pragma GCC unroll 4
        for (int e = 0; e < CHAINS; e++) {
#pragma GCC unroll 4
            for (int w = 0; w < WIDE; w++) {
                part[e][w] -= row[d + e] * load(x + (d + e) * TILE + w * LANES);
            }
        }
    }
    for (; d < k; d++) {
#pragma GCC unroll 4
        for (int w = 0; w < WIDE; w++) {
            part[0][w] -= row[d] * load(x + d * TILE + w * LANES);
        }
    }
#pragma GCC unroll 4
    for (int w = 0; w < WIDE; w++) {
        s[w] = part[0][w];
#pragma GCC unroll 4
        for (int e = 1; e < CHAINS; e++) {
            s[w] += part[e][w];
        }
    }
}

/* Over the items there are: the lanes past them move too where nothing bounds them. */
INLINE double total(const vec sum[WIDE], int64_t count) {
    double all = 0;
    for (int w = 0; w < WIDE; w++) {
        for (int t = 0; t < LANES && w * LANES + t < count; t++) {
            all += (double)sum[w][t];
        }
    }
    return all;
}

/* One pass over the components that can move; returns Σ G_cc·(step)². */
static double descend(const real *g, const real *p, real *x, int64_t count, int64_t k, int64_t stride,
                      const kernel_rules *rules) {
    real l1 = (real)rules->l1, lower = (real)rules->lower, upper = (real)rules->upper;
    vec moved[WIDE] = {{0}};
    for (int64_t c = rules->held; c < k; c++) {
        real curvature = g[c * stride + c];
        if (!moves(curvature)) {
            continue;
        }
        vec s[WIDE];
        slope(g + c * stride, p, x, c, k, l1, s);
#pragma GCC unroll 4
        for (int w = 0; w < WIDE; w++) {
            real *at = x + c * TILE + w * LANES;
            vec old = load(at), now = between(old + s[w] * (1 / curvature), lower, upper);
            store(at, now);
            moved[w] += curvature * (now - old) * (now - old);
        }
    }
    return total(moved, count);
}

static void sweep_tile(const real *g, const real *p, real *x, int64_t count, int64_t k, int64_t stride,
                       const kernel_rules *rules, int64_t sweeps, double enough, real *scratch) {
    real *turned_p = scratch, *turned_x = turned_p + turned_components(k) * TILE;
    turn_in(p, count, TILE, k, stride, turned_p, TILE);
    turn_in(x, count, TILE, k, stride, turned_x, TILE);
    if (rules->held == 0) {
        clear_empty(turned_p, turned_x, k);
    }
    double first = descend(g, turned_p, turned_x, count, k, stride, rules);
    for (int64_t s = 1; s < sweeps; s++) {
        if (descend(g, turned_p, turned_x, count, k, stride, rules) <= enough * enough * first) {
            break;
        }
    }
    turn_out(turned_x, count, k, stride, x, TILE);
}

void NAME(sweep)(const void *g, const void *p, void *x, int64_t count, int64_t k, int64_t stride,
                 const kernel_rules *rules, int64_t sweeps, double enough, void *scratch) {
    for (int64_t i = 0; i < count; i += TILE) {
        int64_t items = count - i < TILE ? count - i : TILE;
        real *to = (real *)x + i * stride;
        sweep_tile(g, (const real *)p + i * stride, to, items, k, stride, rules, sweeps, enough, scratch);
    }
}

double NAME(stationarity)(const void *g, const void *p, const void *x, int64_t count, int64_t k, int64_t stride,
                          const kernel_rules *rules, void *scratch) {
    const real *gram = g;
    real l1 = (real)rules->l1, lower = (real)rules->lower, upper = (real)rules->upper;
    real *turned_p = scratch, *turned_x = turned_p + turned_components(k) * TILE;
    double sum = 0;
    for (int64_t i = 0; i < count; i += TILE) {
        int64_t items = count - i < TILE ? count - i : TILE;
        turn_in((const real *)p + i * stride, items, TILE, k, stride, turned_p, TILE);
        turn_in((const real *)x + i * stride, items, TILE, k, stride, turned_x, TILE);
        for (int64_t c = rules->held; c < k; c++) {
            real curvature = gram[c * stride + c];
            if (!moves(curvature)) {
                continue;
            }
            vec s[WIDE], away[WIDE];
            slope(gram + c * stride, turned_p, turned_x, c, k, l1, s);
            for (int w = 0; w < WIDE; w++) {
                vec old = load(turned_x + c * TILE + w * LANES);
                vec step = between(old + s[w] / curvature, lower, upper) - old;
                away[w] = curvature * step * step;
            }
            sum += total(away, items);
        }
    }
    return sum;
}
