/* C[index[e]] += value[e]·B[o]: an item of B stays in registers while the entries of its line run. */
#include "kernel/variant/variant.h"

enum { MOST_VECTORS = REGISTERS / 4, AHEAD = 4 };

INLINE void lines(const scatter_lines *at, const real *value, int64_t outer, const real *b, real *c, int64_t stride,
                  const int V) {
    for (int64_t o = 0; o < outer; o++) {
        int64_t from = at->start[o] + at->from[o], to = at->start[o] + at->to[o];
        vec item[MOST_VECTORS];
        /* Parts of lines lie too far apart for the processor to see what comes next. */
        int64_t later = o + AHEAD < outer ? at->start[o + AHEAD] + at->from[o + AHEAD] : from;
        __builtin_prefetch(at->index + later);
        __builtin_prefetch(value + later);
#pragma GCC unroll 8
        for (int v = 0; v < V; v++) {
            item[v] = load(b + o * stride + v * LANES);
        }
        for (int64_t e = from; e < to; e++) {
            real *sum = c + at->index[e] * stride;
#pragma GCC unroll 8
            for (int v = 0; v < V; v++) {
                store(sum + v * LANES, load(sum + v * LANES) + value[e] * item[v]);
            }
        }
    }
}

static void columns(int vectors, const scatter_lines *at, const real *value, int64_t outer, const real *b, real *c,
                    int64_t stride) {
    switch (vectors) {
    case 1:
        lines(at, value, outer, b, c, stride, 1);
        break;
    case 2:
        lines(at, value, outer, b, c, stride, 2);
        break;
    case 3:
        lines(at, value, outer, b, c, stride, 3);
        break;
#if defined KERNEL_IS_avx512
    case 4:
        lines(at, value, outer, b, c, stride, 4);
        break;
    case 5:
        lines(at, value, outer, b, c, stride, 5);
        break;
    case 6:
        lines(at, value, outer, b, c, stride, 6);
        break;
    case 7:
        lines(at, value, outer, b, c, stride, 7);
        break;
#endif
    default:
        lines(at, value, outer, b, c, stride, MOST_VECTORS);
        break;
    }
}

void NAME(scatter)(const scatter_lines *at, const void *value, int64_t outer, const void *b, void *c, int64_t k,
                   int64_t stride) {
    int64_t vectors = (k + LANES - 1) / LANES;
    int64_t chunks = (vectors + MOST_VECTORS - 1) / MOST_VECTORS;
    for (int64_t chunk = 0; chunk < chunks; chunk++) {
        int64_t first = vectors * chunk / chunks, width = vectors * (chunk + 1) / chunks - first;
        columns((int)width, at, value, outer, (const real *)b + first * LANES, (real *)c + first * LANES, stride);
    }
}
