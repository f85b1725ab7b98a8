/*
 * Items of one factor, met by the entries of one line of A: their products with an item of the other factor, and sums
 * of them, of which items with a model of their own are made.
 */
#include "kernel/variant/variant.h"

#include <string.h>

enum {
    TILE = 256, /* items summed in `real` before they go into doubles */
    AHEAD = 8,
    ROWS = 8, /* of G that are summed at a time where an item is one vector */
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

/* Of C components: one by one, which is less than adding up the lanes of a vector. */
INLINE void dots_narrow(const real *y, const uint32_t *index, int64_t count, const real *x, int64_t stride, double *b,
                        const int C) {
    for (int64_t e = 0; e < count; e++) {
        const real *item = item_at(y, index, e, stride);
        __builtin_prefetch(item_at(y, index, e + AHEAD < count ? e + AHEAD : e, stride));
        real sum = item[0] * x[0];
#pragma GCC unroll 8
        for (int c = 1; c < C; c++) {
            sum += item[c] * x[c];
        }
        b[e] = (double)sum;
    }
}

static void dots_wide(const real *y, const uint32_t *index, int64_t count, const real *x, int64_t k, int64_t stride,
                      double *b) {
    int64_t width = (k + LANES - 1) / LANES * LANES;
    for (int64_t e = 0; e < count; e++) {
        const real *item = item_at(y, index, e, stride);
        __builtin_prefetch(item_at(y, index, e + AHEAD < count ? e + AHEAD : e, stride));
        vec sum = load(item) * load(x);
        for (int64_t t = LANES; t < width; t += LANES) {
            sum += load(item + t) * load(x + t);
        }
        b[e] = lanes_sum(sum);
    }
}

void NAME(dots)(const void *y, const uint32_t *index, int64_t count, const void *x, int64_t k, int64_t stride,
                double *b) {
    switch (k) {
    case 1:
        dots_narrow(y, index, count, x, stride, b, 1);
        break;
    case 2:
        dots_narrow(y, index, count, x, stride, b, 2);
        break;
    case 3:
        dots_narrow(y, index, count, x, stride, b, 3);
        break;
    case 4:
        dots_narrow(y, index, count, x, stride, b, 4);
        break;
    case 5:
        dots_narrow(y, index, count, x, stride, b, 5);
        break;
    case 6:
        dots_narrow(y, index, count, x, stride, b, 6);
        break;
    default:
        dots_wide(y, index, count, x, k, stride, b);
        break;
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

/* g[c][d] += Σ_e coefficient[e]·y_ec·y_ed for C rows c from `row` on and all d of an item of one vector. */
INLINE void outer_rows(const real *y, const uint32_t *index, int64_t first, int64_t end, const double *coefficient,
                       int64_t k, int64_t stride, int64_t row, double *g, const int C) {
    vec sum[ROWS];
#pragma GCC unroll 8
    for (int c = 0; c < C; c++) {
        sum[c] = (vec){0};
    }
    for (int64_t e = first; e < end; e++) {
        if (coefficient[e] == 0) {
            continue;
        }
        const real *item = item_at(y, index, e, stride);
        __builtin_prefetch(item_at(y, index, e + AHEAD < end ? e + AHEAD : e, stride));
        vec numbers = load(item);
        real by = (real)coefficient[e];
#pragma GCC unroll 8
        for (int c = 0; c < C; c++) {
            sum[c] += by * item[row + c] * numbers;
        }
    }
#pragma GCC unroll 8
    for (int c = 0; c < C; c++) {
        for (int64_t d = 0; d < k; d++) {
            g[(row + c) * k + d] += (double)sum[c][d];
        }
    }
}

/* Behind the next TILE items that have a coefficient. */
INLINE int64_t past_tile(const double *coefficient, int64_t e, int64_t count) {
    for (int tiled = 0; e < count && tiled < TILE; e++) {
        tiled += coefficient[e] != 0;
    }
    return e;
}

/* The same for all rows. */
static void outer_tile(const real *y, const uint32_t *index, int64_t first, int64_t end, const double *coefficient,
                       int64_t k, int64_t stride, double *g) {
    for (int64_t row = 0; row < k; row += ROWS) {
        switch (k - row) {
        case 1:
            outer_rows(y, index, first, end, coefficient, k, stride, row, g, 1);
            break;
        case 2:
            outer_rows(y, index, first, end, coefficient, k, stride, row, g, 2);
            break;
        case 3:
            outer_rows(y, index, first, end, coefficient, k, stride, row, g, 3);
            break;
        case 4:
            outer_rows(y, index, first, end, coefficient, k, stride, row, g, 4);
            break;
        case 5:
            outer_rows(y, index, first, end, coefficient, k, stride, row, g, 5);
            break;
        case 6:
            outer_rows(y, index, first, end, coefficient, k, stride, row, g, 6);
            break;
        case 7:
            outer_rows(y, index, first, end, coefficient, k, stride, row, g, 7);
            break;
        default:
            outer_rows(y, index, first, end, coefficient, k, stride, row, g, ROWS);
            break;
        }
    }
}

void NAME(outer)(const void *y, const uint32_t *index, int64_t count, const double *coefficient, int64_t k,
                 int64_t stride, double *g, void *scratch) {
    for (int64_t e = 0, end; e < count && k <= LANES; e = end) {
        end = past_tile(coefficient, e, count);
        outer_tile(y, index, e, end, coefficient, k, stride, g);
    }
    real *plain = scratch, *scaled = plain + TILE * stride, *tile = scaled + TILE * stride;
    for (int64_t e = 0; e < count && k > LANES;) {
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
