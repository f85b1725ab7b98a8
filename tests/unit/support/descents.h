/* Problems with rules, and the kernels that descend on them. */
#ifndef SUPPORT_DESCENTS_H
#define SUPPORT_DESCENTS_H

#include "support/kernels.h"

/* G, products and rules; the start keeps to them. */
typedef struct model {
    nmf_context *context;
    items g, p, start;
    kernel_rules rules;
    void *scratch; /* as any table asks */
} model;

/* Without a start, and without rules. */
model model_new(nmf_context *context, nmf_dtype dtype, int64_t k, int64_t count);
void model_free(model *m);

/* Check a model of this shape under every rule; `count` items where k is small. */
void each_model(nmf_context *context, nmf_dtype dtype, int64_t k, int64_t count, void (*check)(model *m));

/* The kernels that descend. */
typedef enum descent { TILES, SINGLE, APART } descent;

/* Up to `sweeps` passes over the items x. */
void descend(const kernel *simd, const model *m, descent how, items *x, int64_t sweeps, double enough);

/* Call for every table, with every kernel that takes this k. */
void each_descent(model *m, void (*check)(const kernel *simd, const model *m, descent how));

#endif
