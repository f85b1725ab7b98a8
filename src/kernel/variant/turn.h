/* Items turned around, so that components lie one after the other and items in the lanes. */
#ifndef NMF_KERNEL_VARIANT_TURN_H
#define NMF_KERNEL_VARIANT_TURN_H

#include "kernel/variant/variant.h"

/* ZIP of the lower halves of a and b is a0 b0 a1 b1 …; the number is that of the lanes. */
#define ZIP_2(first) first, first + 2
#define ZIP_4(first) first, first + 4, first + 1, first + 5
#define ZIP_8(first) first, first + 8, first + 1, first + 9, first + 2, first + 10, first + 3, first + 11
#define ZIP_16(first)                                                                                                  \
    first, first + 16, first + 1, first + 17, first + 2, first + 18, first + 3, first + 19, first + 4, first + 20,     \
        first + 5, first + 21, first + 6, first + 22, first + 7, first + 23

INLINE vec zip_low(vec a, vec b) {
    return __builtin_shufflevector(a, b, ZIP(0));
}

INLINE vec zip_high(vec a, vec b) {
    return __builtin_shufflevector(a, b, ZIP(LANES / 2));
}

/* Turn LANES×LANES numbers in place: zipping the halves of the rows once for every bit of LANES. */
INLINE void turn_square(vec row[LANES]) {
#pragma GCC unroll 4
    for (int stage = 1; stage < LANES; stage *= 2) {
        vec zipped[LANES];
#pragma GCC unroll 8
        for (int i = 0; i < LANES / 2; i++) {
            zipped[2 * i] = zip_low(row[i], row[i + LANES / 2]);
            zipped[2 * i + 1] = zip_high(row[i], row[i + LANES / 2]);
        }
#pragma GCC unroll 16
        for (int i = 0; i < LANES; i++) {
            row[i] = zipped[i];
        }
    }
}

/* k in whole squares of LANES. */
INLINE int64_t turned_components(int64_t k) {
    return (k + LANES - 1) / LANES * LANES;
}

/* turned[c·width + i] = from[i][c] for whole squares that cover `fill` items; items past `count` are zero. */
INLINE void turn_in(const real *from, int64_t count, int64_t fill, int64_t k, int64_t stride, real *turned,
                    const int width) {
    for (int64_t i = 0; i < fill; i += LANES) {
        for (int64_t c = 0; c < k; c += LANES) {
            vec square[LANES];
#pragma GCC unroll 16
            for (int t = 0; t < LANES; t++) {
                square[t] = i + t < count ? load(from + (i + t) * stride + c) : (vec){0};
            }
            turn_square(square);
#pragma GCC unroll 16
            for (int t = 0; t < LANES; t++) {
                store(turned + (c + t) * width + i, square[t]);
            }
        }
    }
}

/* The way back. */
INLINE void turn_out(const real *turned, int64_t count, int64_t k, int64_t stride, real *to, const int width) {
    for (int64_t i = 0; i < count; i += LANES) {
        for (int64_t c = 0; c < k; c += LANES) {
            vec square[LANES];
#pragma GCC unroll 16
            for (int t = 0; t < LANES; t++) {
                square[t] = load(turned + (c + t) * width + i);
            }
            turn_square(square);
#pragma GCC unroll 16
            for (int t = 0; t < LANES; t++) {
                if (i + t < count) {
                    store(to + (i + t) * stride + c, square[t]);
                }
            }
        }
    }
}

#endif
