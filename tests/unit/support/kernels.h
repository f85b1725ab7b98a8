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

/* Rules of every kind joined with every other; where k is large, some of them. */
enum { RULES = 16 };
static inline int rules_step(int64_t k) {
    return k > 17 ? 5 : 1;
}
kernel_rules rules_case(int64_t k, int which);

/* The number cut to the bounds. */
long double within(const kernel_rules *rules, long double value);

/* Numbers within the bounds; held ones lie where they like, from 0 or from where the others may. */
void items_draw_within(items *x, const kernel_rules *rules, uint64_t *seed);

/* Held numbers are the ones from before, to the bit, and the others are within the bounds. */
void expect_rules_kept(const items *x, const items *before, const kernel_rules *rules);

#endif
