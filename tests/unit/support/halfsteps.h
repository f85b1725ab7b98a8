/* The problem of a half-step, and updates at work on it. */
#ifndef SUPPORT_HALFSTEPS_H
#define SUPPORT_HALFSTEPS_H

#include "support/kernels.h"
#include "update/update.h"

enum { COUNT = KERNEL_GRID };

/* One half-step's problem: COUNT items with the Gram matrix of Y and products as those of a non-negative A. */
typedef struct half_step {
    nmf_context *context;
    double *gram;
    items g, p, x;
} half_step;

/* `parallel` makes component k-1 a copy of component 0, `empty` makes component 1 zero. */
half_step half_step_new(nmf_context *context, nmf_dtype dtype, int64_t k, bool parallel, bool empty);
void half_step_free(half_step *s);

/* A copy of the start, moved on by `times` updates under the rules; its numbers are finite. */
items updated_within(const half_step *s, const update *how, const kernel_rules *rules, int times);

/* Every number is near the expected one, by this part of it or of 1. */
void expect_items(const items *got, const items *expected, double tolerance);

#endif
