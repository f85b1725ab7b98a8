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

#include <math.h>

/*
 * Items are handed out in multiples of this, counted from the first of all, so that the tiles in which a kernel takes
 * them are always the same ones.
 */
enum { KERNEL_GRID = 48 };

/* What the items that a kernel makes are held to. */
typedef struct kernel_rules {
    double l1;           /* what is lowered has l1·Σx added to it */
    double lower, upper; /* of every number: lower is 0, or -INFINITY where it is free */
    int64_t held;        /* the first `held` numbers of an item stay as they are */
} kernel_rules;

/* Nothing but x ≥ 0. */
#define KERNEL_PLAIN ((kernel_rules){.upper = INFINITY})

/* Parts of lines: of line o the entries from start[o] + from[o] to start[o] + to[o] − 1. */
typedef struct scatter_lines {
    const int64_t *start;
    const uint32_t *from, *to, *index;
} scatter_lines;

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

    /* The transpose: C[index[e]] += value[e]·B[o] over the entries of o, o < outer, ascending. */
    void (*scatter)(const scatter_lines *at, const void *value, int64_t outer, const void *b, void *c, int64_t k,
                    int64_t stride);

    /*
     * G (k×k doubles) += XᵀX over `count` items; sums of up to 256 items are made in the kernel's own precision.
     * `scratch`: k items.
     */
    void (*gram)(const void *x, int64_t count, int64_t k, int64_t stride, double *g, void *scratch);

    /* Σ x·y over `count` items, in double. */
    double (*dot)(const void *x, const void *y, int64_t count, int64_t stride);

    /* Y = X + beta·(X − Z), cut to the bounds of `rules`. */
    void (*extrapolate)(const void *x, const void *z, double beta, const kernel_rules *rules, void *y, int64_t count,
                        int64_t stride);

    /*
     * Coordinate descent on `count` items of ½xᵀGx − pᵀx + l1·Σx within the rules: up to `sweeps` passes over the k
     * entries, fewer once a pass moves less than `enough` of what the first moved. An item whose p is all zero, and of
     * which nothing is held, becomes zero. G: k rows of `stride`. `scratch`: sweep_scratch(k) bytes, aligned to 64.
     */
    void (*sweep)(const void *g, const void *p, void *x, int64_t count, int64_t k, int64_t stride,
                  const kernel_rules *rules, int64_t sweeps, double enough, void *scratch);
    size_t (*sweep_scratch)(int64_t k);
    /* The same for one item, whose slopes are carried along; for a symmetric G. */
    void (*sweep_one)(const void *g, const void *p, void *x, int64_t k, int64_t stride, const kernel_rules *rules,
                      int64_t sweeps, double enough, void *scratch);
    /*
     * The same for up to apart_items(k) items, each with a G of its own, one k·stride after the other, and p from which
     * l1 is taken already; every item stops by itself. `scratch`: apart_scratch(k) bytes, aligned to 64.
     */
    void (*sweep_apart)(const void *g, const void *p, void *x, int64_t count, int64_t k, int64_t stride,
                        const kernel_rules *rules, int64_t sweeps, double enough, void *scratch);
    int64_t (*apart_items)(int64_t k);
    size_t (*apart_scratch)(int64_t k);

    /*
     * Σ G_cc·d² over the entries of `count` items, d the step to x_c − (Gx − p + l1)_c / G_cc cut to the bounds;
     * scratch as for sweep.
     */
    double (*stationarity)(const void *g, const void *p, const void *x, int64_t count, int64_t k, int64_t stride,
                           const kernel_rules *rules, void *scratch);

    /* X = P·M cut to the bounds, M: k rows of `stride`. */
    void (*project)(const void *m, const void *p, void *x, int64_t count, int64_t k, int64_t stride,
                    const kernel_rules *rules);

    /*
     * X = X∘P ⊘ (X·G + l1), none above the bound, held ones as they were; `scratch`: 32 items. Entries whose
     * denominator is zero become zero.
     */
    void (*multiply)(const void *g, const void *p, void *x, int64_t count, int64_t k, int64_t stride,
                     const kernel_rules *rules, void *scratch);

    /*
     * Of `count` items of Y, those at index[e], or the first ones where index is NULL; coefficients and sums are
     * doubles. b[e] = y_e·x
     */
    void (*dots)(const void *y, const uint32_t *index, int64_t count, const void *x, int64_t k, int64_t stride,
                 double *b);
    /* sum[c] += Σ_e coefficient[e]·y_ec, c < k. Up to 256 items are summed in the kernel's own precision. */
    void (*blend)(const void *y, const uint32_t *index, int64_t count, const double *coefficient, int64_t k,
                  int64_t stride, double *sum);
    /*
     * G (k×k doubles) += Σ_e coefficient[e]·y_e·y_eᵀ; items whose coefficient is 0 cost nothing. `scratch`:
     * outer_scratch(k) bytes, aligned to 64.
     */
    void (*outer)(const void *y, const uint32_t *index, int64_t count, const double *coefficient, int64_t k,
                  int64_t stride, double *g, void *scratch);
    size_t (*outer_scratch)(int64_t k);
} kernel;

/* The best table for this processor; NMF_ISA in the environment, read once a call, names another for tests. */
const kernel *kernel_for(nmf_dtype dtype);

/* Table `index` that this processor can run, best first; NULL past the last. */
const kernel *kernel_at(nmf_dtype dtype, int64_t index);

#endif
