/* C[o] += Σ_e value[e]·B[index[e]]: the sum of an item stays in registers while its entries run. */
#include "kernel/variant/variant.h"

enum { MOST_VECTORS = REGISTERS / 4, AHEAD = 32 };

INLINE void lines(const int64_t *start, const uint32_t *index, const real *value, int64_t outer, const real *b, real *c,
                  int64_t stride, const int V) {
    int64_t last = start[outer];
    for (int64_t o = 0; o < outer; o++) {
        vec sum[MOST_VECTORS];
#pragma GCC unroll 8
        for (int v = 0; v < V; v++) {
            sum[v] = load(c + o * stride + v * LANES);
        }
        for (int64_t e = start[o]; e < start[o + 1]; e++) {
            const real *item = b + index[e] * stride;
            const real *later = b + index[e + AHEAD < last ? e + AHEAD : e] * stride;
#pragma GCC unroll 8
            for (int v = 0; v < V; v++) {
                if (v * VECTOR_BYTES % 64 == 0) {
                    __builtin_prefetch(later + v * LANES);
                }
                sum[v] += value[e] * load(item + v * LANES);
            }
        }
#pragma GCC unroll 8
        for (int v = 0; v < V; v++) {
            store(c + o * stride + v * LANES, sum[v]);
        }
    }
}

static void columns(int vectors, const int64_t *start, const uint32_t *index, const real *value, int64_t outer,
                    const real *b, real *c, int64_t stride) {
    switch (vectors) {
    case 1:
        lines(start, index, value, outer, b, c, stride, 1);
        break;
    case 2:
        lines(start, index, value, outer, b, c, stride, 2);
        break;
    case 3:
        lines(start, index, value, outer, b, c, stride, 3);
        break;
    case 4:
        lines(start, index, value, outer, b, c, stride, 4);
        break;
#if defined KERNEL_IS_avx512
    case 5:
        lines(start, index, value, outer, b, c, stride, 5);
        break;
    case 6:
        lines(start, index, value, outer, b, c, stride, 6);
        break;
    case 7:
        lines(start, index, value, outer, b, c, stride, 7);
        break;
#endif
    default:
        lines(start, index, value, outer, b, c, stride, MOST_VECTORS);
        break;
    }
}

void NAME(gather)(const int64_t *start, const uint32_t *index, const void *value, int64_t outer, const void *b, void *c,
                  int64_t k, int64_t stride) {
    int64_t vectors = (k + LANES - 1) / LANES;
    int64_t chunks = (vectors + MOST_VECTORS - 1) / MOST_VECTORS;
    for (int64_t chunk = 0; chunk < chunks; chunk++) {
        int64_t first = vectors * chunk / chunks, width = vectors * (chunk + 1) / chunks - first;
        columns((int)width, start, index, value, outer, (const real *)b + first * LANES, (real *)c + first * LANES,
                stride);
    }
}
