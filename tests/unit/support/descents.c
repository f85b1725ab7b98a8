#include "support/descents.h"
#include "support/expect.h"

static size_t scratch_bytes(nmf_dtype dtype, int64_t k) {
    size_t bytes = 0;
    for (int64_t t = 0; kernel_at(dtype, t); t++) {
        size_t sweep = kernel_at(dtype, t)->sweep_scratch(k);
        bytes = sweep > bytes ? sweep : bytes;
    }
    return bytes;
}

model model_new(nmf_context *context, nmf_dtype dtype, int64_t k, int64_t count) {
    uint64_t seed = (uint64_t)(100 * k + count);
    model m = {.context = context,
               .g = gram_new(context, dtype, k, &seed),
               .p = guarded_new(context, dtype, count, k),
               .start = guarded_new(context, dtype, count, k),
               .rules = KERNEL_PLAIN,
               .scratch = scratch_new(context, scratch_bytes(dtype, k))};
    items_draw(&m.p, &seed, -0.2 * (double)k, (double)k);
    return m;
}

void model_free(model *m) {
    items_free(m->context, &m->g);
    items_free(m->context, &m->p);
    items_free(m->context, &m->start);
    array_free(m->context, m->scratch);
}

void each_model(nmf_context *context, nmf_dtype dtype, int64_t k, int64_t count, void (*check)(model *m)) {
    model m = model_new(context, dtype, k, k < 64 ? count : 3);
    for (int which = 0; which < RULES; which += rules_step(k)) {
        uint64_t seed = (uint64_t)(which + 1);
        m.rules = rules_case(k, which);
        items_draw_within(&m.start, &m.rules, &seed);
        check(&m);
    }
    model_free(&m);
}

static void descend_single(const kernel *simd, const model *m, items *x, int64_t sweeps, double enough) {
    for (int64_t i = 0; i < x->count; i++) {
        items one = items_range(x, i, 1), p = items_range(&m->p, i, 1);
        simd->sweep_one(m->g.data, p.data, one.data, x->k, x->stride, &m->rules, sweeps, enough, m->scratch);
    }
}

/* As many as go at once, each with its G: as many copies as there are lanes. l1 is taken from p beforehand. */
static void descend_apart(const kernel *simd, const model *m, items *x, int64_t sweeps, double enough) {
    int64_t k = x->k, most = simd->apart_items(k);
    items grams = guarded_new(m->context, x->dtype, most * k, k), p = guarded_copy(m->context, &m->p);
    void *scratch = scratch_new(m->context, simd->apart_scratch(k));
    for (int64_t e = 0; e < most * k * k; e++) {
        items_set(&grams, e / k, e % k, items_get(&m->g, e / k % k, e % k));
    }
    for (int64_t e = 0; e < p.count * k; e++) {
        items_set(&p, e / k, e % k, items_get(&p, e / k, e % k) - m->rules.l1);
    }
    for (int64_t i = 0; i < x->count; i += most) {
        items some = items_range(x, i, x->count - i < most ? x->count - i : most), products = items_range(&p, i, 1);
        simd->sweep_apart(grams.data, products.data, some.data, some.count, k, x->stride, &m->rules, sweeps, enough,
                          scratch);
    }
    items_free(m->context, &grams);
    items_free(m->context, &p);
    array_free(m->context, scratch);
}

void descend(const kernel *simd, const model *m, descent how, items *x, int64_t sweeps, double enough) {
    if (how == SINGLE) {
        descend_single(simd, m, x, sweeps, enough);
    } else if (how == APART) {
        descend_apart(simd, m, x, sweeps, enough);
    } else {
        simd->sweep(m->g.data, m->p.data, x->data, x->count, x->k, x->stride, &m->rules, sweeps, enough, m->scratch);
    }
}

void each_descent(model *m, void (*check)(const kernel *simd, const model *m, descent how)) {
    for (int64_t t = 0; kernel_at(m->g.dtype, t); t++) {
        const kernel *simd = kernel_at(m->g.dtype, t);
        check(simd, m, TILES);
        check(simd, m, SINGLE);
        if (simd->apart_items(m->g.k) > 1) {
            check(simd, m, APART);
        }
    }
}
