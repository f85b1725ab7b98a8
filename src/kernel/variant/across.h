/* Products whose lanes lie along A instead of over k: what panel.c turns to for a k that would leave many lanes empty.
 */
#ifndef NMF_KERNEL_VARIANT_ACROSS_H
#define NMF_KERNEL_VARIANT_ACROSS_H

#include "kernel/variant/variant.h"

/* The most components: a tile of B or C is turned around on the stack. */
enum { ACROSS_MOST = 32 };

/* A vector that need not be aligned. */
typedef real loose __attribute__((vector_size(VECTOR_BYTES), may_alias, aligned(sizeof(real))));

/* Where two fifths of the lanes or more would be empty; not with shorter vectors, which lose less to that than to
 * turning. */
INLINE bool across_pays(int64_t k) {
    int64_t padded = (k + LANES - 1) / LANES * LANES;
    return REGISTERS == 32 && k <= ACROSS_MOST && 5 * (padded - k) >= 2 * padded;
}

/* Numbers of a row from which adding up the lanes in its end is small change. */
enum { ACROSS_LEAST_ROW = 16 * LANES };

/* Row o of A, `inner` numbers, begins at a + o·row. Not to be cut along t: sums are made lane by lane. */
void NAME(across_inner)(const real *a, int64_t outer, int64_t row, int64_t inner, const real *b, real *c, int64_t k,
                        int64_t stride);

/* Column t of A, `outer` numbers, begins at a + t·column. Sums are made as in panel.c, wherever they are cut. */
void NAME(across_outer)(const real *a, int64_t outer, int64_t inner, int64_t column, const real *b, real *c, int64_t k,
                        int64_t stride);

#endif
