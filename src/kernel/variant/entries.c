/*
 * Items of one factor, met by the entries of one line of A: their products with an item of the other factor, and sums
 * of them, of which items with a model of their own are made.
 */
#include "kernel/variant/variant.h"

#include <string.h>

enum {
    TILE = 256, /* items summed in `real` before they go into doubles */
    AHEAD = 8,
};

INLINE const real *item_at(const real *y, const uint32_t *index, int64_t e, int64_t stride) {
    return y + (index ? (int64_t)index[e] : e) * stride;
}

INLINE double lanes_sum(vec v) {
    double sum = 0;
#pragma GCC unroll 16
    for (int t = 0; t < LANES; t++) {
        sum += (double)v[t];
    }
    return sum;
}

void NAME(dots)(const void *y, const uint32_t *index, int64_t count, const void *x, int64_t k, int64_t stride,
                double *b) {
    const real *from = y, *with = x;
    int64_t width = (k + LANES - 1) / LANES * LANES;
    for (int64_t e = 0; e < count; e++) {
        const real *item = item_at(from, index, e, stride);
        __builtin_prefetch(item_at(from, index, e + AHEAD < count ? e + AHEAD : e, stride));
        vec sum = load(item) * load(with);
        for (int64_t t = LANES; t < width; t += LANES) {
            sum += load(item + t) * load(with + t);
        }
        b[e] = lanes_sum(sum);
    }
}

/* `count` items, at most TILE. */
INLINE void blend_tile(const real *y, const uint32_t *index, int64_t first, int64_t count, const double *coefficient,
                       int64_t k, int64_t stride, double *sum) {
    for (int64_t t = 0; t < k; t += LANES) {
        vec even = {0}, odd = {0};
        int64_t e = 0;
        for (; e + 2 <= count; e += 2) {
            even += (real)coefficient[first + e] * load(item_at(y, index, first + e, stride) + t);
            odd += (real)coefficient[first + e + 1] * load(item_at(y, index, first + e + 1, stride) + t);
        }
        if (e < count) {
            even += (real)coefficient[first + e] * load(item_at(y, index, first + e, stride) + t);
        }
        vec both = even + odd;
        for (int64_t c = t; c < k && c < t + LANES; c++) {
            sum[c] += (double)both[c - t];
        }
    }
}

void NAME(blend)(const void *y, const uint32_t *index, int64_t count, const double *coefficient, int64_t k,
                 int64_t stride, double *sum) {
    for (int64_t e = 0; e < count; e += TILE) {
        blend_tile(y, index, e, count - e < TILE ? count - e : TILE, coefficient, k, stride, sum);
    }
}

size_t NAME(outer_scratch)(int64_t k) {
    int64_t stride = (k + 64 / (int64_t)sizeof(real) - 1) / (64 / (int64_t)sizeof(real)) * (64 / (int64_t)sizeof(real));
    return (size_t)((2 * TILE + k) * stride) * sizeof(real);
}

/* The next items with a coefficient, and the same times it; returns how many, and moves *e past them. */
static int64_t pack(const real *y, const uint32_t *index, int64_t count, const double *coefficient, int64_t stride,
                    int64_t *e, real *plain, real *scaled) {
    int64_t packed = 0;
    for (; *e < count && packed < TILE; ++*e) {
        if (coefficient[*e] == 0) {
            continue;
        }
        const real *item = item_at(y, index, *e, stride);
        real by = (real)coefficient[*e];
        for (int64_t t = 0; t < stride; t += LANES) {
            vec numbers = load(item + t);
            store(plain + packed * stride + t, numbers);
            store(scaled + packed * stride + t, by * numbers);
        }
        packed++;
    }
    return packed;
}

void NAME(outer)(const void *y, const uint32_t *index, int64_t count, const double *coefficient, int64_t k,
                 int64_t stride, double *g, void *scratch) {
    real *plain = scratch, *scaled = plain + TILE * stride, *tile = scaled + TILE * stride;
    for (int64_t e = 0; e < count;) {
        int64_t packed = pack(y, index, count, coefficient, stride, &e, plain, scaled);
        memset(tile, 0, (size_t)(k * stride) * sizeof *tile);
        NAME(panel)(plain, k, 1, packed, stride, scaled, tile, k, stride);
        for (int64_t c = 0; c < k; c++) {
            for (int64_t d = 0; d < k; d++) {
                g[c * k + d] += (double)tile[c * stride + d];
            }
        }
    }
}
