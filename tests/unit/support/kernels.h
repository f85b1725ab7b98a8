/* The kernel tables of this processor, one case after the other. */
#ifndef SUPPORT_KERNELS_H
#define SUPPORT_KERNELS_H

#include "kernel/kernel.h"
#include "support/numbers.h"

/* Call for both precisions and every k worth a look. */
void each_shape(void (*check)(nmf_context *context, nmf_dtype dtype, int64_t k));

/* Scratch of `bytes` bytes, aligned as kernels want it. */
void *scratch_new(nmf_context *context, size_t bytes);

/* A symmetric positive definite G: k items of k. */
items gram_new(nmf_context *context, nmf_dtype dtype, int64_t k, uint64_t *seed);

/* (G·x)_c − p_c for an item, by its terms. */
summed gram_slope(const items *g, const items *p, const items *x, int64_t item, int64_t c);

/* Item i of ½xᵀGx − pᵀx. */
summed gram_objective(const items *g, const items *p, const items *x, int64_t item);

#endif
