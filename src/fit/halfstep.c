#include "fit/fit.h"

#include <math.h>
#include <omp.h>
#include <string.h>

/* The loss of (w, h) from a pass's products where those have the digits, else entry by entry. */
static double loss_of(fit *f, double cross, const items *w, const items *h) {
    const loss *by = f->plan.loss;
    double own = reduce_add(0, f->own_part, reduce_blocks(h->count));
    by->share(&f->room, w, f->gram_w);
    double value = by->from_products(f->matrix, own, cross, f->gram_w, f->gram_h, f->plan.k);
    return value >= 0 ? value : by->direct(&f->room, f->matrix, w, h, f->gram_w, f->gram_h);
}

/* The thread's own scratch of the update. */
static void *scratch_of(const fit *f) {
    return f->update.scratch + (size_t)omp_get_thread_num() * f->update.scratch_bytes;
}

/* The thread's own block of products. */
static items products_of(const fit *f, int64_t count) {
    return items_range(&f->p, omp_get_thread_num() * KERNEL_GRID, count);
}

/* Rows of the panel that begins at row `first`. */
static int64_t panel_at(const fit *f, int64_t first) {
    return matrix_panel(f->matrix, first, f->plan.threads);
}

/* n += the panel's share of the products of the columns; called by every thread of a team, which does not wait. */
static void accumulate_panel(fit *f, int64_t first, const items *w, const items *h, items *n) {
    int64_t blocks = reduce_blocks(n->count);
#pragma omp for schedule(dynamic, f->columns_at_once) nowait
    for (int64_t b = 0; b < blocks; b++) {
        items to = reduce_block(n, b), y = reduce_block(h, b);
        f->own_part[b] += f->plan.loss->accumulate(&f->room, f->matrix, first, w, b * KERNEL_GRID, &y, &to);
    }
}

/* Before the columns are accumulated: no products yet, nothing added to the loss. */
static void clear_columns(fit *f, items *n) {
    items_zero(n);
    memset(f->own_part, 0, (size_t)reduce_blocks(n->count) * sizeof *f->own_part);
}

void fit_accumulate(fit *f, const items *w, const items *h, items *n) {
    clear_columns(f, n);
#pragma omp parallel num_threads(f->plan.threads)
    for (int64_t first = 0; first < w->count; first += panel_at(f, first)) {
        items rows = items_range(w, first, panel_at(f, first));
        accumulate_panel(f, first, &rows, h, n);
#pragma omp barrier
    }
}

nmf_status fit_half_step_h(fit *f, double beta) {
    const update *how = f->plan.update;
    f->plan.loss->share(&f->room, &f->w_hat, f->gram_w);
    nmf_status status = how->prepare(&f->update, f->gram_w);
    if (status != NMF_OK) {
        return status;
    }
    int64_t blocks = reduce_blocks(f->h.count);
#pragma omp parallel for schedule(dynamic, f->items_at_once) num_threads(f->plan.threads)
    for (int64_t b = 0; b < blocks; b++) {
        items from = reduce_block(&f->h, b), to = reduce_block(&f->h_next, b), p = reduce_block(&f->n, b);
        items last = reduce_block(&f->h_last, b), hat = reduce_block(&f->h_hat, b);
        items_copy(&from, &to);
        how->apply(&f->update, &p, &to, scratch_of(f));
        f->simd->extrapolate(to.data, last.data, beta, hat.data, to.count, to.stride);
    }
    return NMF_OK;
}

/* A block of W's items, from its products to where H will look from. Leaves P∘W in the block's part. */
static void update_block(fit *f, int64_t b, double beta) {
    items to = reduce_block(&f->w_next, b), from = reduce_block(&f->w_hat, b), last = reduce_block(&f->w, b);
    items p = products_of(f, to.count);
    f->plan.loss->times(&f->room, f->matrix, b * KERNEL_GRID, &from, &f->h_hat, &p);
    items_copy(&from, &to);
    f->plan.update->apply(&f->update, &p, &to, scratch_of(f));
    f->room.reduce.part[b] = f->simd->dot(p.data, to.data, to.count, to.stride);
    f->simd->extrapolate(to.data, last.data, beta, from.data, to.count, to.stride);
}

/*
 * One pass over A, called by every thread of a team: the rows of a panel, all of them before its columns, which may
 * still be under way when the next panel's rows begin.
 */
static void update_panels(fit *f, double beta) {
    for (int64_t first = 0; first < f->w.count; first += panel_at(f, first)) {
        items hat = items_range(&f->w_hat, first, panel_at(f, first));
        int64_t from = first / KERNEL_GRID, to = from + reduce_blocks(hat.count);
#pragma omp for schedule(dynamic, f->rows_at_once)
        for (int64_t b = from; b < to; b++) {
            update_block(f, b, beta);
        }
        accumulate_panel(f, first, &hat, &f->h_hat, &f->n);
    }
}

nmf_status fit_half_step_w(fit *f, double beta, double *loss) {
    const struct loss *by = f->plan.loss;
    by->share(&f->room, &f->h_hat, f->gram_h);
    nmf_status status = f->plan.update->prepare(&f->update, f->gram_h);
    if (status != NMF_OK) {
        return status;
    }
    clear_columns(f, &f->n);
#pragma omp parallel num_threads(f->plan.threads)
    update_panels(f, beta);
    double cross = reduce_add(0, f->room.reduce.part, reduce_blocks(f->w.count));
    *loss = loss_of(f, cross, &f->w_next, &f->h_hat);
    return NMF_OK;
}

/* Σ G_cc·d² over a block of items, d their exact coordinate steps. */
static double stationarity(const fit *f, const items *p, const items *x) {
    return f->simd->stationarity(f->update.gram.data, p->data, x->data, x->count, x->k, x->stride, scratch_of(f));
}

/* Σ G_cc·d² over W, and *cross = Σ P∘W. */
static double residual_of_w(fit *f, double *cross) {
    double *products = f->room.reduce.part, *steps = f->steps_part;
    int64_t blocks = reduce_blocks(f->w.count);
    update_prepare_gram(&f->update, f->gram_h);
#pragma omp parallel for schedule(dynamic, f->rows_at_once) num_threads(f->plan.threads)
    for (int64_t b = 0; b < blocks; b++) {
        items w = reduce_block(&f->w, b), p = products_of(f, w.count);
        f->plan.loss->times(&f->room, f->matrix, b * KERNEL_GRID, &w, &f->h, &p);
        products[b] = f->simd->dot(p.data, w.data, w.count, w.stride);
        steps[b] = stationarity(f, &p, &w);
    }
    *cross = reduce_add(0, products, blocks);
    return reduce_add(0, steps, blocks);
}

/* Σ G_cc·d² over H, its products in h_next. */
static double residual_of_h(fit *f) {
    int64_t blocks = reduce_blocks(f->h.count);
    update_prepare_gram(&f->update, f->gram_w);
#pragma omp parallel for schedule(dynamic, f->items_at_once) num_threads(f->plan.threads)
    for (int64_t b = 0; b < blocks; b++) {
        items h = reduce_block(&f->h, b), p = reduce_block(&f->h_next, b);
        f->steps_part[b] = stationarity(f, &p, &h);
    }
    return reduce_add(0, f->steps_part, blocks);
}

double fit_residual(fit *f, bool w_fixed, double *loss) {
    double cross;
    f->plan.loss->share(&f->room, &f->h, f->gram_h);
    f->plan.loss->share(&f->room, &f->w, f->gram_w);
    double of_w = residual_of_w(f, &cross);
    fit_accumulate(f, &f->w, &f->h, &f->h_next);
    double sum = (w_fixed ? 0 : of_w) + residual_of_h(f);
    *loss = loss_of(f, cross, &f->w, &f->h);
    return f->matrix->info.norm > 0 ? sqrt(sum) / f->matrix->info.norm : 0;
}
