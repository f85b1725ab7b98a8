/*
 * C[o] += Σ_t A[o, t]·B[t], the numbers of a column of A (all o of one t) being neighbours, for a k that leaves lanes
 * of whole vectors empty: the lanes lie along the column instead, and k is counted one by one. C is turned around for
 * that.
 */
#include "kernel/variant/across.h"
#include "kernel/variant/turn.h"

#include <string.h>

enum {
    SIDE = KERNEL_GRID, /* items of C turned around at a time */
    WIDE = 3,           /* vectors of them side by side */
    AHEAD = 8,          /* columns */
    COPIED = 8,         /* columns whose ends are copied at a time */
    MOST = 8,           /* components side by side */
};

/* turned[c][o] += Σ_t A[t][o]·b[t][c] for O vectors of neighbours and C components. */
INLINE void outer_block(const real *a, int64_t column, int64_t inner, const real *b, int64_t stride, real *turned,
                        const int O, const int C) {
    vec sum[MOST][WIDE];
#pragma GCC unroll 8
    for (int c = 0; c < C; c++) {
#pragma GCC unroll 3
        for (int o = 0; o < O; o++) {
            sum[c][o] = load(turned + c * SIDE + o * LANES);
        }
    }
    for (int64_t t = 0; t < inner; t++) {
        vec entry[WIDE];
#pragma GCC unroll 3
        for (int o = 0; o < O; o++) {
            entry[o] = *(const loose *)(a + t * column + o * LANES);
            __builtin_prefetch(a + (t + AHEAD) * column + o * LANES);
        }
#pragma GCC unroll 8
        for (int c = 0; c < C; c++) {
            real by = b[t * stride + c];
#pragma GCC unroll 3
            for (int o = 0; o < O; o++) {
                sum[c][o] += by * entry[o];
            }
        }
    }
#pragma GCC unroll 8
    for (int c = 0; c < C; c++) {
#pragma GCC unroll 3
        for (int o = 0; o < O; o++) {
            store(turned + c * SIDE + o * LANES, sum[c][o]);
        }
    }
}

INLINE void outer_of(int width, const real *a, int64_t column, int64_t inner, const real *b, int64_t stride,
                     real *turned, const int O) {
    switch (width) {
    case 1:
        outer_block(a, column, inner, b, stride, turned, O, 1);
        break;
    case 2:
        outer_block(a, column, inner, b, stride, turned, O, 2);
        break;
    case 3:
        outer_block(a, column, inner, b, stride, turned, O, 3);
        break;
    case 4:
        outer_block(a, column, inner, b, stride, turned, O, 4);
        break;
    case 5:
        outer_block(a, column, inner, b, stride, turned, O, 5);
        break;
    case 6:
        outer_block(a, column, inner, b, stride, turned, O, 6);
        break;
    case 7:
        outer_block(a, column, inner, b, stride, turned, O, 7);
        break;
    default:
        outer_block(a, column, inner, b, stride, turned, O, MOST);
        break;
    }
}

/* O vectors of neighbours by all components. */
INLINE void outer_columns(const real *a, int64_t column, int64_t inner, const real *b, int64_t k, int64_t stride,
                          real *turned, const int O) {
    int64_t turns = (k + MOST - 1) / MOST;
    for (int64_t turn = 0; turn < turns; turn++) {
        int64_t first = k * turn / turns;
        outer_of((int)(k * (turn + 1) / turns - first), a, column, inner, b + first, stride, turned + first * SIDE, O);
    }
}

/* The last columns, fewer than a vector: copied a few rows at a time and filled up with zeros. */
static void outer_tail(const real *a, int64_t left, int64_t column, int64_t inner, const real *b, int64_t k,
                       int64_t stride, real *turned) {
    real tail[COPIED * LANES] __attribute__((aligned(64)));
    for (int64_t t = 0; t < inner; t += COPIED) {
        int64_t rows = inner - t < COPIED ? inner - t : COPIED;
        memset(tail, 0, sizeof tail);
        for (int64_t r = 0; r < rows; r++) {
            memcpy(tail + r * LANES, a + (t + r) * column, (size_t)left * sizeof *tail);
        }
        outer_columns(tail, LANES, rows, b + t * stride, k, stride, turned, 1);
    }
}

void NAME(across_outer)(const real *a, int64_t outer, int64_t inner, int64_t column, const real *b, real *c, int64_t k,
                        int64_t stride) {
    real turned[ACROSS_MOST * SIDE] __attribute__((aligned(64)));
    for (int64_t o = 0; o < outer; o += SIDE) {
        int64_t count = outer - o < SIDE ? outer - o : SIDE, done = 0;
        turn_in(c + o * stride, count, count, k, stride, turned, SIDE);
        for (; done + WIDE * LANES <= count; done += WIDE * LANES) {
            outer_columns(a + o + done, column, inner, b, k, stride, turned + done, WIDE);
        }
        for (; done + LANES <= count; done += LANES) {
            outer_columns(a + o + done, column, inner, b, k, stride, turned + done, 1);
        }
        if (done < count) {
            outer_tail(a + o + done, count - done, column, inner, b, k, stride, turned + done);
        }
        turn_out(turned, count, k, stride, c + o * stride, SIDE);
    }
}
