/*
 * C[o] += Σ_t A[o, t]·B[t]: R outer numbers by V vectors of C stay in registers while t runs; every A[o, t] is
 * broadcast and every vector of B is used R times. The inner dimension goes in tiles whose share of B stays in the
 * second-level cache.
 */
#include "kernel/variant/across.h"

#include <string.h>

enum {
    TILE_BYTES = 64 << 10, /* of B */
    AHEAD = 16,            /* steps of the inner dimension */
    FEW = 4,
    MOST_VECTORS = REGISTERS == 32 ? 4 : 3,
};

INLINE void block(const real *a, int64_t outer_stride, int64_t inner, int64_t inner_stride, const real *b, real *c,
                  int64_t stride, const int R, const int V) {
    vec sum[16][4];
#pragma GCC unroll 16
    for (int r = 0; r < R; r++) {
#pragma GCC unroll 4
        for (int v = 0; v < V; v++) {
            sum[r][v] = load(c + r * stride + v * LANES);
        }
    }
    for (int64_t t = 0; t < inner; t++) {
        vec row[4];
        if (inner_stride != 1) {
            /* Too long a stride for the processor to see. */
            __builtin_prefetch(a + (t + AHEAD) * inner_stride);
        }
#pragma GCC unroll 4
        for (int v = 0; v < V; v++) {
            row[v] = load(b + t * stride + v * LANES);
        }
#pragma GCC unroll 16
        for (int r = 0; r < R; r++) {
            real entry = a[r * outer_stride + t * inner_stride];
#pragma GCC unroll 4
            for (int v = 0; v < V; v++) {
                sum[r][v] += entry * row[v];
            }
        }
    }
#pragma GCC unroll 16
    for (int r = 0; r < R; r++) {
#pragma GCC unroll 4
        for (int v = 0; v < V; v++) {
            store(c + r * stride + v * LANES, sum[r][v]);
        }
    }
}

/* One tile of the inner dimension: blocks of R, then what is left over a few at a time, and one by one. */
INLINE void strip(const real *a, int64_t outer, int64_t outer_stride, int64_t inner, int64_t inner_stride,
                  const real *b, real *c, int64_t stride, const int R, const int V) {
    int64_t o = 0;
    for (; o + R <= outer; o += R) {
        block(a + o * outer_stride, outer_stride, inner, inner_stride, b, c + o * stride, stride, R, V);
    }
    for (; o + FEW <= outer; o += FEW) {
        block(a + o * outer_stride, outer_stride, inner, inner_stride, b, c + o * stride, stride, FEW, V);
    }
    for (; o < outer; o++) {
        block(a + o * outer_stride, outer_stride, inner, inner_stride, b, c + o * stride, stride, 1, V);
    }
}

/* Blocks that leave registers for B and the broadcast. `one` says which stride of A is 1, so that it is a constant. */
INLINE void strip_of(int vectors, const real *a, int64_t outer, int64_t outer_stride, int64_t inner,
                     int64_t inner_stride, const real *b, real *c, int64_t stride) {
    switch (vectors) {
    case 1:
        strip(a, outer, outer_stride, inner, inner_stride, b, c, stride, REGISTERS == 32 ? 16 : 8, 1);
        break;
    case 2:
        strip(a, outer, outer_stride, inner, inner_stride, b, c, stride, REGISTERS == 32 ? 12 : 6, 2);
        break;
    case 3:
        strip(a, outer, outer_stride, inner, inner_stride, b, c, stride, REGISTERS == 32 ? 8 : 4, 3);
        break;
    default:
        strip(a, outer, outer_stride, inner, inner_stride, b, c, stride, 6, MOST_VECTORS);
        break;
    }
}

/* All of the inner dimension, a tile at a time, for `vectors` vectors of B and C. */
static void columns(int vectors, const real *a, int64_t outer, int64_t outer_stride, int64_t inner,
                    int64_t inner_stride, const real *b, real *c, int64_t stride) {
    int64_t tile = TILE_BYTES / (vectors * VECTOR_BYTES);
    for (int64_t t = 0; t < inner; t += tile) {
        int64_t length = inner - t < tile ? inner - t : tile;
        const real *from = a + t * inner_stride;
        if (inner_stride == 1) {
            strip_of(vectors, from, outer, outer_stride, length, 1, b + t * stride, c, stride);
        } else {
            strip_of(vectors, from, outer, 1, length, inner_stride, b + t * stride, c, stride);
        }
    }
}

void NAME(panel)(const void *a, int64_t outer, int64_t outer_stride, int64_t inner, int64_t inner_stride, const void *b,
                 void *c, int64_t k, int64_t stride) {
    if (inner_stride != 1 && across_pays(k)) {
        NAME(across_outer)(a, outer, inner, inner_stride, b, c, k, stride);
        return;
    }
    int64_t vectors = (k + LANES - 1) / LANES;
    int64_t chunks = (vectors + MOST_VECTORS - 1) / MOST_VECTORS;
    for (int64_t chunk = 0; chunk < chunks; chunk++) {
        int64_t first = vectors * chunk / chunks, width = vectors * (chunk + 1) / chunks - first;
        columns((int)width, a, outer, outer_stride, inner, inner_stride, (const real *)b + first * LANES,
                (real *)c + first * LANES, stride);
    }
}

void NAME(times)(const void *a, int64_t outer, int64_t outer_stride, int64_t inner, int64_t inner_stride, const void *b,
                 void *c, int64_t k, int64_t stride) {
    memset(c, 0, (size_t)(outer * stride) * sizeof(real));
    if (inner_stride == 1 && inner >= ACROSS_LEAST_ROW && across_pays(k)) {
        NAME(across_inner)(a, outer, outer_stride, inner, b, c, k, stride);
    } else {
        NAME(panel)(a, outer, outer_stride, inner, inner_stride, b, c, k, stride);
    }
}
