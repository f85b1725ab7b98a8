#include "fit/fit.h"

#include <math.h>
#include <omp.h>

/* The loss of (w, h) from a pass's products where those have the digits, else entry by entry. */
static double loss_of(fit *f, double own, double cross, const items *w, const items *h) {
    const loss *by = f->plan.loss;
    by->share(&f->room, w, f->gram_w);
    double value = by->from_products(f->matrix, own, cross, f->gram_w, f->gram_h, f->plan.k);
    return value >= 0 ? value : by->direct(&f->room, f->matrix, w, h);
}

void fit_accumulate(fit *f, const items *w, const items *h, items *n) {
    const nmf_matrix *matrix = f->matrix;
    items_zero(n);
    for (int64_t first = 0; first < matrix->info.rows; first += matrix->panel_rows) {
        items rows = items_range(w, first, matrix_panel(matrix, first));
        f->plan.loss->accumulate(&f->room, matrix, first, &rows, h, n);
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
#pragma omp parallel for schedule(static) num_threads(f->plan.threads)
    for (int64_t b = 0; b < blocks; b++) {
        items from = reduce_block(&f->h, b), to = reduce_block(&f->h_next, b), p = reduce_block(&f->n, b);
        items last = reduce_block(&f->h_last, b), hat = reduce_block(&f->h_hat, b);
        items_copy(&from, &to);
        how->apply(&f->update, &p, &to, f->update.scratch + (size_t)omp_get_thread_num() * f->update.scratch_bytes);
        f->simd->extrapolate(to.data, last.data, beta, hat.data, to.count, to.stride);
    }
    return NMF_OK;
}

/* The items of W in a panel, its products at hand. Leaves P∘W of every block in the parts. */
static void update_panel(fit *f, const items *p, int64_t first, double beta) {
    const update *how = f->plan.update;
    items w = items_range(&f->w, first, p->count), next = items_range(&f->w_next, first, p->count);
    items hat = items_range(&f->w_hat, first, p->count);
    int64_t blocks = reduce_blocks(p->count);
#pragma omp parallel for schedule(static) num_threads(f->plan.threads)
    for (int64_t b = 0; b < blocks; b++) {
        items to = reduce_block(&next, b), from = reduce_block(&hat, b), last = reduce_block(&w, b);
        items products = reduce_block(p, b);
        items_copy(&from, &to);
        how->apply(&f->update, &products, &to,
                   f->update.scratch + (size_t)omp_get_thread_num() * f->update.scratch_bytes);
        f->room.reduce.part[b] = f->simd->dot(products.data, to.data, to.count, to.stride);
        f->simd->extrapolate(to.data, last.data, beta, from.data, to.count, to.stride);
    }
}

nmf_status fit_half_step_w(fit *f, double beta, double *loss) {
    const nmf_matrix *matrix = f->matrix;
    const struct loss *by = f->plan.loss;
    by->share(&f->room, &f->h_hat, f->gram_h);
    nmf_status status = f->plan.update->prepare(&f->update, f->gram_h);
    if (status != NMF_OK) {
        return status;
    }
    double cross = 0, own = 0;
    items_zero(&f->n);
    for (int64_t first = 0; first < matrix->info.rows; first += matrix->panel_rows) {
        items p = items_range(&f->p, 0, matrix_panel(matrix, first)), hat = items_range(&f->w_hat, first, p.count);
        by->times(&f->room, matrix, first, &hat, &f->h_hat, &p);
        update_panel(f, &p, first, beta);
        cross = reduce_add(cross, f->room.reduce.part, reduce_blocks(p.count));
        own += by->accumulate(&f->room, matrix, first, &hat, &f->h_hat, &f->n);
    }
    *loss = loss_of(f, own, cross, &f->w_next, &f->h_hat);
    return NMF_OK;
}

/* Σ G_cc·d² over items, d their exact coordinate steps; the sums of the blocks are added to `sum`. */
static double stationarity(fit *f, double sum, const double *gram, const items *p, const items *x) {
    int64_t blocks = reduce_blocks(x->count);
    update_prepare_gram(&f->update, gram);
#pragma omp parallel for schedule(static) num_threads(f->plan.threads)
    for (int64_t b = 0; b < blocks; b++) {
        items at = reduce_block(x, b), products = reduce_block(p, b);
        f->room.reduce.part[b] =
            f->simd->stationarity(f->update.gram.data, products.data, at.data, at.count, at.k, at.stride,
                                  f->update.scratch + (size_t)omp_get_thread_num() * f->update.scratch_bytes);
    }
    return reduce_add(sum, f->room.reduce.part, blocks);
}

double fit_residual(fit *f, bool w_fixed, double *loss) {
    const nmf_matrix *matrix = f->matrix;
    double own = 0, cross = 0, sum = 0;
    f->plan.loss->share(&f->room, &f->h, f->gram_h);
    f->plan.loss->share(&f->room, &f->w, f->gram_w);
    items_zero(&f->h_next);
    for (int64_t first = 0; first < matrix->info.rows; first += matrix->panel_rows) {
        items p = items_range(&f->p, 0, matrix_panel(matrix, first)), w = items_range(&f->w, first, p.count);
        f->plan.loss->times(&f->room, matrix, first, &w, &f->h, &p);
        cross += reduce_dot(&f->room.reduce, &p, &w);
        sum = w_fixed ? 0 : stationarity(f, sum, f->gram_h, &p, &w);
        own += f->plan.loss->accumulate(&f->room, matrix, first, &w, &f->h, &f->h_next);
    }
    sum = stationarity(f, sum, f->gram_w, &f->h_next, &f->h);
    *loss = loss_of(f, own, cross, &f->w, &f->h);
    return matrix->info.norm > 0 ? sqrt(sum) / matrix->info.norm : 0;
}
