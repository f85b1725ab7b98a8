/*
 * Coordinate descent across items: a tile of items is turned so that its items lie in the lanes and its components one
 * after the other; G is broadcast. x_c ← max(0, x_c + (p_c − Σ_d G_cd·x_d) / G_cc), c = 1 … k (HALS: Cichocki & Phan
 * 2009).
 */
#include "kernel/variant/turn.h"

#include <float.h>
#include <string.h>

#define LARGEST ((real)(sizeof(real) == sizeof(double) ? DBL_MAX : (double)FLT_MAX))

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

/* s = p_c − Σ_d G_cd·x_d for every item of the tile, in CHAINS sums of every CHAINS-th d that do not wait for each
 * other. */
INLINE void slope(const real *row, const real *p, const real *x, int64_t c, int64_t k, vec s[WIDE]) {
    vec part[CHAINS][WIDE] = {{{0}}};
    int64_t d = 0;
#pragma GCC unroll 4
    for (int w = 0; w < WIDE; w++) {
        part[0][w] = load(p + c * TILE + w * LANES);
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

INLINE double total(const vec sum[WIDE]) {
    double all = 0;
    for (int w = 0; w < WIDE; w++) {
        for (int t = 0; t < LANES; t++) {
            all += (double)sum[w][t];
        }
    }
    return all;
}

/* Can component c move? Not where G_cc is zero, nor where it is so small that steps along it are past every number. */
INLINE bool moves(real curvature) {
    return curvature > 0 && 1 / curvature <= LARGEST;
}

/* One pass over the components that can move; returns Σ G_cc·(step)². */
static double descend(const real *g, const real *p, real *x, int64_t k, int64_t stride) {
    vec moved[WIDE] = {{0}};
    for (int64_t c = 0; c < k; c++) {
        real curvature = g[c * stride + c];
        if (!moves(curvature)) {
            continue;
        }
        vec s[WIDE];
        slope(g + c * stride, p, x, c, k, s);
#pragma GCC unroll 4
        for (int w = 0; w < WIDE; w++) {
            real *at = x + c * TILE + w * LANES;
            vec old = load(at), now = positive(old + s[w] * (1 / curvature));
            store(at, now);
            moved[w] += curvature * (now - old) * (now - old);
        }
    }
    return total(moved);
}

void NAME(sweep)(const void *g, const void *p, void *x, int64_t count, int64_t k, int64_t stride, int64_t sweeps,
                 double enough, void *scratch) {
    real *turned_p = scratch, *turned_x = turned_p + turned_components(k) * TILE;
    for (int64_t i = 0; i < count; i += TILE) {
        int64_t items = count - i < TILE ? count - i : TILE;
        real *at = (real *)x + i * stride;
        turn_in((const real *)p + i * stride, items, TILE, k, stride, turned_p, TILE);
        turn_in(at, items, TILE, k, stride, turned_x, TILE);
        clear_empty(turned_p, turned_x, k);
        double first = descend(g, turned_p, turned_x, k, stride);
        for (int64_t s = 1; s < sweeps; s++) {
            if (descend(g, turned_p, turned_x, k, stride) <= enough * enough * first) {
                break;
            }
        }
        turn_out(turned_x, items, k, stride, at, TILE);
    }
}

double NAME(stationarity)(const void *g, const void *p, const void *x, int64_t count, int64_t k, int64_t stride,
                          void *scratch) {
    const real *gram = g;
    real *turned_p = scratch, *turned_x = turned_p + turned_components(k) * TILE;
    double sum = 0;
    for (int64_t i = 0; i < count; i += TILE) {
        int64_t items = count - i < TILE ? count - i : TILE;
        turn_in((const real *)p + i * stride, items, TILE, k, stride, turned_p, TILE);
        turn_in((const real *)x + i * stride, items, TILE, k, stride, turned_x, TILE);
        for (int64_t c = 0; c < k; c++) {
            real curvature = gram[c * stride + c];
            if (!moves(curvature)) {
                continue;
            }
            vec s[WIDE], away[WIDE];
            slope(gram + c * stride, turned_p, turned_x, c, k, s);
            for (int w = 0; w < WIDE; w++) {
                vec old = load(turned_x + c * TILE + w * LANES), step = positive(old + s[w] / curvature) - old;
                away[w] = curvature * step * step;
            }
            sum += total(away);
        }
    }
    return sum;
}
