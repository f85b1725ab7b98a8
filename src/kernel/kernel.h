/*
 * SIMD kernels on plain arrays: one table for every instruction set and precision, all built from one source. Kernels
 * are single-threaded, know no structs of ours, and sum every number in an order that does not depend on how callers
 * split the work. "Items" are rows of k numbers, `stride` apart, zero-padded to whole vectors of 64 bytes and aligned
 * to them. Numbers below the normal range count as zero in them (on x86-64), and the thread's own mode is left as it
 * was.
 */
#ifndef NMF_KERNEL_KERNEL_H
#define NMF_KERNEL_KERNEL_H

#include "nmf/nmf.h"

/*
 * Items are handed out in multiples of this, counted from the first of all, so that the tiles in which a kernel takes
 * them are always the same ones.
 */
enum { KERNEL_GRID = 48 };

typedef struct kernel {
    const char *isa; /* "avx512" */
    nmf_dtype dtype;

    /*
     * C[o] += Σ_t A[o·outer_stride + t·inner_stride]·B[t], o < outer, t < inner, ascending in t.
     * One of A's strides is 1. B and C are items of k.
     */
    void (*panel)(const void *a, int64_t outer, int64_t outer_stride, int64_t inner, int64_t inner_stride,
                  const void *b, void *c, int64_t k, int64_t stride);

    /* C[o] = the same sums, each in an order of its own: not to be cut along t. */
    void (*times)(const void *a, int64_t outer, int64_t outer_stride, int64_t inner, int64_t inner_stride,
                  const void *b, void *c, int64_t k, int64_t stride);

    /* C[o] += Σ_e value[e]·B[index[e]], e from start[o] to start[o+1]-1, ascending. */
    void (*gather)(const int64_t *start, const uint32_t *index, const void *value, int64_t outer, const void *b,
                   void *c, int64_t k, int64_t stride);

    /*
     * G (k×k doubles) += XᵀX over `count` items; sums of up to 256 items are made in the kernel's own precision.
     * `scratch`: k items.
     */
    void (*gram)(const void *x, int64_t count, int64_t k, int64_t stride, double *g, void *scratch);

    /* Σ x·y over `count` items, in double. */
    double (*dot)(const void *x, const void *y, int64_t count, int64_t stride);

    /* Y = max(0, X + beta·(X − Z)) */
    void (*extrapolate)(const void *x, const void *z, double beta, void *y, int64_t count, int64_t stride);

    /*
     * Coordinate descent on `count` items of ½xᵀGx − pᵀx, x ≥ 0: up to `sweeps` passes over the k entries, fewer once a
     * pass moves less than `enough` of what the first moved. An item whose p is all zero becomes zero. G: k rows of
     * `stride`. `scratch`: sweep_scratch(k) bytes, aligned to 64.
     */
    void (*sweep)(const void *g, const void *p, void *x, int64_t count, int64_t k, int64_t stride, int64_t sweeps,
                  double enough, void *scratch);
    size_t (*sweep_scratch)(int64_t k);

    /* Σ G_cc·d², d = max(0, x_c − (Gx − p)_c / G_cc) − x_c over the entries of `count` items; scratch as for sweep. */
    double (*stationarity)(const void *g, const void *p, const void *x, int64_t count, int64_t k, int64_t stride,
                           void *scratch);

    /* X = max(0, P·M), M: k rows of `stride`. */
    void (*project)(const void *m, const void *p, void *x, int64_t count, int64_t k, int64_t stride);

    /* X = X∘P ⊘ (X·G); `scratch`: 16 items. Entries whose denominator is zero become zero. */
    void (*multiply)(const void *g, const void *p, void *x, int64_t count, int64_t k, int64_t stride, void *scratch);
} kernel;

/* The best table for this processor; NMF_ISA in the environment, read once a call, names another for tests. */
const kernel *kernel_for(nmf_dtype dtype);

/* Table `index` that this processor can run, best first; NULL past the last. */
const kernel *kernel_at(nmf_dtype dtype, int64_t index);

#endif
