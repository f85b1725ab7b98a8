/*
 * One source, many builds: KERNEL_ISA and KERNEL_REAL come from the build, and everything here follows from them.
 * Vectors are GCC's, of the width that the instruction set has.
 */
#ifndef NMF_KERNEL_VARIANT_VARIANT_H
#define NMF_KERNEL_VARIANT_VARIANT_H

#include "kernel/kernel.h"

#define VARIANT_JOIN(name, isa, real) name##_##isa##_##real
#define VARIANT_EXPAND(name, isa, real) VARIANT_JOIN(name, isa, real)
/* NAME(panel) is panel_avx512_double. */
#define NAME(name) VARIANT_EXPAND(name, KERNEL_ISA, KERNEL_REAL)

typedef KERNEL_REAL real;

#if defined KERNEL_IS_avx512
enum { VECTOR_BYTES = 64, REGISTERS = 32 };
#if defined KERNEL_IS_double
#define ZIP ZIP_8
#else
#define ZIP ZIP_16
#endif
#elif defined KERNEL_IS_avx2
enum { VECTOR_BYTES = 32, REGISTERS = 16 };
#if defined KERNEL_IS_double
#define ZIP ZIP_4
#else
#define ZIP ZIP_8
#endif
#else
enum { VECTOR_BYTES = 16, REGISTERS = 16 };
#if defined KERNEL_IS_double
#define ZIP ZIP_2
#else
#define ZIP ZIP_4
#endif
#endif
enum { LANES = VECTOR_BYTES / (int)sizeof(real) };

typedef real vec __attribute__((vector_size(VECTOR_BYTES), may_alias));

#define INLINE static inline __attribute__((always_inline))

INLINE vec load(const real *from) {
    return *(const vec *)from;
}

INLINE void store(real *to, vec value) {
    *(vec *)to = value;
}

/* A comparison of vectors: all bits set in the lanes where it holds. */
typedef __typeof__((vec){0} > (vec){0}) mask;

/* v where the mask is set, else 0. */
INLINE vec where(mask set, vec v) {
    return (vec)(set & (mask)v);
}

/* max(0, v) in every lane; NaN becomes 0. */
INLINE vec positive(vec v) {
    return where(v > 0, v);
}

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

void NAME(panel)(const void *a, int64_t outer, int64_t outer_stride, int64_t inner, int64_t inner_stride, const void *b,
                 void *c, int64_t k, int64_t stride);
void NAME(gather)(const int64_t *start, const uint32_t *index, const void *value, int64_t outer, const void *b, void *c,
                  int64_t k, int64_t stride);
void NAME(gram)(const void *x, int64_t count, int64_t k, int64_t stride, double *g, void *scratch);
double NAME(dot)(const void *x, const void *y, int64_t count, int64_t stride);
void NAME(extrapolate)(const void *x, const void *z, double beta, void *y, int64_t count, int64_t stride);
void NAME(sweep)(const void *g, const void *p, void *x, int64_t count, int64_t k, int64_t stride, int64_t sweeps,
                 double enough, void *scratch);
size_t NAME(sweep_scratch)(int64_t k);
double NAME(stationarity)(const void *g, const void *p, const void *x, int64_t count, int64_t k, int64_t stride,
                          void *scratch);
void NAME(project)(const void *m, const void *p, void *x, int64_t count, int64_t k, int64_t stride);
void NAME(multiply)(const void *g, const void *p, void *x, int64_t count, int64_t k, int64_t stride, void *scratch);

#endif
