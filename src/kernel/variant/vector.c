/* Sums and element-wise steps on whole items. */
#include "kernel/variant/variant.h"

#include <string.h>

enum {
    GRAM_TILE = 256, /* items summed in `real` before they go into doubles */
    DOUBLES = 8,     /* partial sums side by side */
    MULTIPLY_TILE = 16,
};

void NAME(gram)(const void *x, int64_t count, int64_t k, int64_t stride, double *g, void *scratch) {
    real *tile = scratch;
    for (int64_t i = 0; i < count; i += GRAM_TILE) {
        const real *from = (const real *)x + i * stride;
        memset(tile, 0, (size_t)(k * stride) * sizeof *tile);
        NAME(panel)(from, k, 1, count - i < GRAM_TILE ? count - i : GRAM_TILE, stride, from, tile, k, stride);
        for (int64_t c = 0; c < k; c++) {
            for (int64_t d = 0; d < k; d++) {
                g[c * k + d] += (double)tile[c * stride + d];
            }
        }
    }
}

double NAME(dot)(const void *x, const void *y, int64_t count, int64_t stride) {
    const real *a = x, *b = y;
    double sum[DOUBLES] = {0}, total = 0;
    for (int64_t i = 0; i < count * stride; i += DOUBLES) {
        for (int t = 0; t < DOUBLES; t++) {
            sum[t] += (double)a[i + t] * (double)b[i + t];
        }
    }
    for (int t = 0; t < DOUBLES; t++) {
        total += sum[t];
    }
    return total;
}

void NAME(extrapolate)(const void *x, const void *z, double beta, const kernel_rules *rules, void *y, int64_t count,
                       int64_t stride) {
    const real *now = x, *before = z;
    real *to = y, step = (real)beta, lower = (real)rules->lower, upper = (real)rules->upper;
    for (int64_t i = 0; i < count * stride; i += LANES) {
        vec from = load(now + i);
        store(to + i, between(from + step * (from - load(before + i)), lower, upper));
    }
}

void NAME(project)(const void *m, const void *p, void *x, int64_t count, int64_t k, int64_t stride,
                   const kernel_rules *rules) {
    real *to = x, lower = (real)rules->lower, upper = (real)rules->upper;
    NAME(times)(p, count, stride, k, 1, m, to, k, stride);
    for (int64_t i = 0; i < count * stride; i += LANES) {
        store(to + i, between(load(to + i), lower, upper));
    }
}

void NAME(multiply)(const void *g, const void *p, void *x, int64_t count, int64_t k, int64_t stride,
                    const kernel_rules *rules, void *scratch) {
    real *below = scratch, *before = below + MULTIPLY_TILE * stride;
    real l1 = (real)rules->l1, upper = (real)rules->upper;
    for (int64_t i = 0; i < count; i += MULTIPLY_TILE) {
        int64_t items = count - i < MULTIPLY_TILE ? count - i : MULTIPLY_TILE;
        real *to = (real *)x + i * stride;
        const real *above = (const real *)p + i * stride;
        memcpy(before, to, (size_t)(items * stride) * sizeof *to);
        NAME(times)(to, items, stride, k, 1, g, below, k, stride);
        for (int64_t t = 0; t < items * stride; t += LANES) {
            vec by = load(below + t) + l1;
            store(to + t, between(where(by > 0, load(to + t) * load(above + t) / by), 0, upper));
        }
        for (int64_t t = 0; t < items && rules->held > 0; t++) {
            memcpy(to + t * stride, before + t * stride, (size_t)rules->held * sizeof *to);
        }
    }
}
