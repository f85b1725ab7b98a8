/* The factors as they are handed back: components by weight, and of unit length where that is asked for. */
#include "fit/fit.h"

#include <math.h>
#include <stdlib.h>

/* A component and the product of the lengths of its column of W and its row of H. */
typedef struct weighed {
    int64_t component;
    double weight;
} weighed;

/* Σ|x_c|, or with `squares` its Euclidean norm. */
static double length_of(const fit *f, const items *x, int64_t c, bool squares) {
    double sum;
    reduce_begin(&f->room.reduce, &sum, 1);
    for (int64_t i = 0; i < x->count; i++) {
        double value = items_get(x, i, c);
        sum += squares ? value * value : fabs(value);
    }
    reduce_all(&f->room.reduce, &sum, 1);
    return squares ? sqrt(sum) : sum;
}

static int heavier_first(const void *left, const void *right) {
    const weighed *a = left, *b = right;
    if (a->weight != b->weight) {
        return a->weight > b->weight ? -1 : 1;
    }
    return (a->component > b->component) - (a->component < b->component);
}

static void permute(items *x, const weighed *order, double *row) {
    for (int64_t i = 0; i < x->count; i++) {
        for (int64_t c = 0; c < x->k; c++) {
            row[c] = items_get(x, i, order[c].component);
        }
        for (int64_t c = 0; c < x->k; c++) {
            items_set(x, i, c, row[c]);
        }
    }
}

/* Held components stay in front. */
static nmf_status sort(fit *f) {
    int64_t k = f->plan.k, held = f->summary.held;
    weighed *order;
    double *row = NULL;
    nmf_status status = array_new(f->context, k, sizeof *order, "the order of the components", (void **)&order);
    if (status == NMF_OK) {
        status = array_new(f->context, k, sizeof *row, "the order of the components", (void **)&row);
    }
    status = fit_agree(f, status);
    if (status == NMF_OK) {
        for (int64_t c = 0; c < k; c++) {
            order[c] = (weighed){c, length_of(f, &f->w, c, false) * length_of(f, &f->h, c, false)};
        }
        qsort(order + held, (size_t)(k - held), sizeof *order, heavier_first);
        permute(&f->w, order, row);
        permute(&f->h, order, row);
    }
    array_free(f->context, row);
    array_free(f->context, order);
    return status;
}

static void divide(items *x, int64_t c, double by) {
    for (int64_t i = 0; i < x->count && by > 0; i++) {
        items_set(x, i, c, items_get(x, i, c) / by);
    }
}

/* A ≈ W·diag(d)·H; d is in the caller's units, and so are then W and H. */
static void make_units(fit *f) {
    bool squares = f->plan.unit == UNIT_NORM;
    for (int64_t c = 0; c < f->plan.k; c++) {
        double of_w = length_of(f, &f->w, c, squares), of_h = length_of(f, &f->h, c, squares);
        f->d[c] = ldexp(of_w * of_h, -f->exponent);
        divide(&f->w, c, of_w);
        divide(&f->h, c, of_h);
    }
    f->w_exponent = f->h_exponent = 0;
    f->summary.d = f->d;
}

nmf_status fit_make_canonical(fit *f) {
    nmf_status status = f->plan.by_weight ? sort(f) : NMF_OK;
    if (status == NMF_OK && f->plan.unit != UNIT_NONE) {
        make_units(f);
    }
    return status;
}
