/*
 * C[o] += Σ_t A[o, t]·B[t], the numbers of a row of A being neighbours, for a k that leaves lanes of whole vectors
 * empty: the lanes lie along the row instead, and k is counted one by one. B is turned around for that, a tile at a
 * time.
 */
#include "kernel/variant/across.h"
#include "kernel/variant/turn.h"

#include <string.h>

enum {
    TILE = 32 * LANES, /* numbers of a row that are used while they are in the first-level cache */
    ROWS = 4,          /* side by side */
    MOST = 6,          /* components side by side */
};

/* Of four vectors, from the first to the last, the sums of every fourth lane: their halves zipped until they are one.
 */
INLINE vec add_fourths(const vec v[ROWS]) {
    vec even = zip_low(v[0], v[2]) + zip_high(v[0], v[2]), odd = zip_low(v[1], v[3]) + zip_high(v[1], v[3]);
    return zip_low(even, odd) + zip_high(even, odd);
}

/* to[r·stride] += the sum of the lanes of v[r]. */
INLINE void add_lanes(const vec v[ROWS], real *to, int64_t stride, const int R) {
    vec all = add_fourths(v);
#pragma GCC unroll 4
    for (int r = 0; r < R; r++) {
        real sum = 0;
#pragma GCC unroll 4
        for (int lane = r; lane < LANES; lane += ROWS) {
            sum += all[lane];
        }
        to[r * stride] += sum;
    }
}

INLINE void inner_step(const real *a, int64_t row, const real *turned, vec sum[MOST][ROWS], const int R, const int C) {
    vec by[MOST];
#pragma GCC unroll 6
    for (int c = 0; c < C; c++) {
        by[c] = load(turned + c * TILE);
    }
#pragma GCC unroll 4
    for (int r = 0; r < R; r++) {
        vec entry = *(const loose *)(a + r * row);
#pragma GCC unroll 6
        for (int c = 0; c < C; c++) {
            sum[c][r] += entry * by[c];
        }
    }
}

/* Rows of A: `count` numbers each, and what is left of them, filled up to a vector each, in `tail`. */
typedef struct strip {
    const real *at;
    int64_t row, count;
    const real *tail;
} strip;

/* C[r][c] += Σ_t A[r][t]·turned[c][t] for R rows and C components. Bit r of `fetch`: fetch the row R after row r. */
INLINE void inner_block(const strip *a, const real *turned, real *to, int64_t stride, const int fetch, const int R,
                        const int C) {
    vec sum[MOST][ROWS] = {{{0}}};
    for (int64_t t = 0; t < a->count; t += LANES) {
#pragma GCC unroll 4
        for (int r = 0; r < R; r++) {
            if (fetch >> r & 1) {
                __builtin_prefetch(a->at + (r + R) * a->row + t, 0, 2);
            }
        }
        inner_step(a->at + t, a->row, turned + t, sum, R, C);
    }
    if (a->tail) {
        inner_step(a->tail, LANES, turned + a->count, sum, R, C);
    }
#pragma GCC unroll 6
    for (int c = 0; c < C; c++) {
        add_lanes(sum[c], to + c, stride, R);
    }
}

INLINE void inner_of(int width, const strip *a, const real *turned, real *to, int64_t stride, const int fetch,
                     const int R) {
    switch (width) {
    case 1:
        inner_block(a, turned, to, stride, fetch, R, 1);
        break;
    case 2:
        inner_block(a, turned, to, stride, fetch, R, 2);
        break;
    case 3:
        inner_block(a, turned, to, stride, fetch, R, 3);
        break;
    case 4:
        inner_block(a, turned, to, stride, fetch, R, 4);
        break;
    case 5:
        inner_block(a, turned, to, stride, fetch, R, 5);
        break;
    default:
        inner_block(a, turned, to, stride, fetch, R, MOST);
        break;
    }
}

/* R rows by all components, side by side as many as there are registers for; the first two turns fetch what comes next.
 */
INLINE void inner_rows(const strip *a, const real *turned, int64_t k, real *to, int64_t stride, const int R) {
    int64_t turns = (k + MOST - 1) / MOST;
    for (int64_t turn = 0; turn < turns; turn++) {
        int64_t first = k * turn / turns;
        int width = (int)(k * (turn + 1) / turns - first);
        const real *by = turned + first * TILE;
        if (R == 1 || turn > 1) {
            inner_of(width, a, by, to + first, stride, 0, R);
        } else if (turns == 1) {
            inner_of(width, a, by, to + first, stride, 0xf, R);
        } else {
            inner_of(width, a, by, to + first, stride, turn == 0 ? 0x3 : 0xc, R);
        }
    }
}

/* The last `left` numbers of R rows, filled up with zeros. */
INLINE void copy_tail(const real *from, int64_t row, int64_t left, real *tail, const int R) {
    memset(tail, 0, (size_t)(R * LANES) * sizeof *tail);
    for (int r = 0; r < R; r++) {
        memcpy(tail + r * LANES, from + r * row, (size_t)left * sizeof *tail);
    }
}

INLINE int64_t inner_strips(const real *a, int64_t from, int64_t outer, int64_t row, int64_t count, const real *turned,
                            int64_t k, real *c, int64_t stride, const int R) {
    real tail[ROWS * LANES] __attribute__((aligned(64)));
    int64_t left = count % LANES, o = from;
    for (; o + R <= outer; o += R) {
        strip rows = {a + o * row, row, count - left, left > 0 ? tail : NULL};
        if (left > 0) {
            copy_tail(rows.at + rows.count, row, left, tail, R);
        }
        inner_rows(&rows, turned, k, c + o * stride, stride, R);
    }
    return o;
}

void NAME(across_inner)(const real *a, int64_t outer, int64_t row, int64_t inner, const real *b, real *c, int64_t k,
                        int64_t stride) {
    real turned[ACROSS_MOST * TILE] __attribute__((aligned(64)));
    for (int64_t t = 0; t < inner; t += TILE) {
        int64_t count = inner - t < TILE ? inner - t : TILE;
        turn_in(b + t * stride, count, count, k, stride, turned, TILE);
        int64_t done = inner_strips(a + t, 0, outer, row, count, turned, k, c, stride, ROWS);
        inner_strips(a + t, done, outer, row, count, turned, k, c, stride, 1);
    }
}
