/*
 * One source, many builds: KERNEL_ISA and KERNEL_REAL come from the build, and everything here follows from them.
 * Vectors are GCC's, of the width that the instruction set has.
 */
#ifndef NMF_KERNEL_VARIANT_VARIANT_H
#define NMF_KERNEL_VARIANT_VARIANT_H

#include "kernel/kernel.h"

#include <float.h>

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

/* `yes` where the mask is set, else `no`. */
INLINE vec either(mask set, vec yes, vec no) {
    return (vec)((set & (mask)yes) | (~set & (mask)no));
}

/* v cut to [lower, upper] in every lane; NaN becomes `lower`. */
INLINE vec between(vec v, real lower, real upper) {
    vec least = lower - (vec){0}, most = upper - (vec){0};
    v = either(v > least, v, least);
    return either(v < most, v, most);
}

#define LARGEST ((real)(sizeof(real) == sizeof(double) ? DBL_MAX : (double)FLT_MAX))

/* Can component c move? Not where G_cc is zero, nor where it is so small that steps along it are past every number. */
INLINE bool moves(real curvature) {
    return curvature > 0 && 1 / curvature <= LARGEST;
}

void NAME(panel)(const void *a, int64_t outer, int64_t outer_stride, int64_t inner, int64_t inner_stride, const void *b,
                 void *c, int64_t k, int64_t stride);
void NAME(times)(const void *a, int64_t outer, int64_t outer_stride, int64_t inner, int64_t inner_stride, const void *b,
                 void *c, int64_t k, int64_t stride);
void NAME(gather)(const int64_t *start, const uint32_t *index, const void *value, int64_t outer, const void *b, void *c,
                  int64_t k, int64_t stride);
void NAME(scatter)(const scatter_lines *at, const void *value, int64_t outer, const void *b, void *c, int64_t k,
                   int64_t stride);
void NAME(gram)(const void *x, int64_t count, int64_t k, int64_t stride, double *g, void *scratch);
double NAME(dot)(const void *x, const void *y, int64_t count, int64_t stride);
void NAME(extrapolate)(const void *x, const void *z, double beta, const kernel_rules *rules, void *y, int64_t count,
                       int64_t stride);
void NAME(sweep)(const void *g, const void *p, void *x, int64_t count, int64_t k, int64_t stride,
                 const kernel_rules *rules, int64_t sweeps, double enough, void *scratch);
size_t NAME(sweep_scratch)(int64_t k);
void NAME(sweep_one)(const void *g, const void *p, void *x, int64_t k, int64_t stride, const kernel_rules *rules,
                     int64_t sweeps, double enough, void *scratch);
void NAME(sweep_apart)(const void *g, const void *p, void *x, int64_t count, int64_t k, int64_t stride,
                       const kernel_rules *rules, int64_t sweeps, double enough, void *scratch);
int64_t NAME(apart_items)(int64_t k);
size_t NAME(apart_scratch)(int64_t k);
double NAME(stationarity)(const void *g, const void *p, const void *x, int64_t count, int64_t k, int64_t stride,
                          const kernel_rules *rules, void *scratch);
void NAME(project)(const void *m, const void *p, void *x, int64_t count, int64_t k, int64_t stride,
                   const kernel_rules *rules);
void NAME(multiply)(const void *g, const void *p, void *x, int64_t count, int64_t k, int64_t stride,
                    const kernel_rules *rules, void *scratch);
void NAME(dots)(const void *y, const uint32_t *index, int64_t count, const void *x, int64_t k, int64_t stride,
                double *b);
void NAME(blend)(const void *y, const uint32_t *index, int64_t count, const double *coefficient, int64_t k,
                 int64_t stride, double *sum);
void NAME(outer)(const void *y, const uint32_t *index, int64_t count, const double *coefficient, int64_t k,
                 int64_t stride, double *g, void *scratch);
size_t NAME(outer_scratch)(int64_t k);

#endif
