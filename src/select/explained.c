#include "select/explained.h"

#include <math.h>

/* Σ b² over all of WH: tr(WᵀW·HHᵀ). */
static nmf_status sum_of_squares(const fit *f, double *sum) {
    int64_t k = f->w.k;
    double *gram;
    nmf_status status = array_new(f->context, 2 * k * k, sizeof *gram, "the Gram matrices", (void **)&gram);
    void *scratch = NULL;
    if (status == NMF_OK) {
        status = array_new(f->context, k * f->w.stride, dtype_size(f->plan.dtype), "the Gram matrices", &scratch);
    }
    *sum = 0;
    if (status == NMF_OK) {
        f->simd->gram(f->w.data, f->w.count, k, f->w.stride, gram, scratch);
        f->simd->gram(f->h.data, f->h.count, k, f->h.stride, gram + k * k, scratch);
    }
    for (int64_t e = 0; e < k * k && status == NMF_OK; e++) {
        *sum += gram[e] * gram[k * k + e];
    }
    array_free(f->context, scratch);
    array_free(f->context, gram);
    return status;
}

/* Σ ω·(a − b)² and Σ ω·a² over a list, and Σ b² over its entries, are added to the sums. */
static void add_list(const fit *f, const entry_list *list, int64_t row, double *b, double sums[3]) {
    items w = items_range(&f->w, row, 1);
    f->simd->dots(f->h.data, list->index, list->count, w.data, f->w.k, f->w.stride, b);
    for (int64_t e = 0; e < list->count; e++) {
        double a = ldexp(list->value[e], f->exponent);
        sums[0] += list->weight[e] * (a - b[e]) * (a - b[e]);
        sums[1] += list->weight[e] * a * a;
        sums[2] += list->base * b[e] * b[e];
    }
}

nmf_status explained_by(const nmf_matrix *matrix, const plan *plan, const fit *f, double *explained) {
    observation seen = plan_observation(plan, matrix);
    observe_room room = {0};
    double *b = NULL, sums[3] = {0, 0, 0}, whole = 0, base = 0;
    nmf_status status = observe_room_new(f->context, &seen, &room);
    if (status == NMF_OK) {
        status = array_new(f->context, matrix->info.cols, sizeof *b, "a row of the matrix", (void **)&b);
    }
    if (status == NMF_OK) {
        status = sum_of_squares(f, &whole);
    }
    for (int64_t i = 0; i < matrix->info.rows && status == NMF_OK; i++) {
        entry_list list;
        observe_line(&seen, &room, false, i, &list);
        add_list(f, &list, i, b, sums);
        base = list.base;
    }
    double left = sums[0] + (base > 0 ? fmax(whole - sums[2], 0) : 0);
    *explained = sums[1] > 0 ? 1 - left / sums[1] : 1;
    array_free(f->context, b);
    observe_room_free(&room);
    return status;
}
