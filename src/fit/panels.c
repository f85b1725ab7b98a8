/*
 * The engine for the plain sum of squares: all items of a half-step share G = Yᵀ·Y, and A is read a panel of rows at a
 * time, once an iteration.
 */
#include "fit/memory.h"
#include "fit/pass.h"

#include <math.h>
#include <omp.h>
#include <string.h>

static double panels_bytes(const plan *plan, const nmf_matrix *matrix) {
    const nmf_matrix_info *info = &matrix->info;
    int64_t k = plan->k, lanes = ARRAY_ALIGNMENT / (int64_t)dtype_size(plan->dtype);
    int64_t wide = matrix_block(matrix)->info.cols;
    return items_bytes(plan->dtype, info->cols, k) + items_bytes(plan->dtype, plan->threads * KERNEL_GRID, k) +
           items_bytes(plan->dtype, plan->threads * squares_tile_items(wide, k), lanes) +
           spread_room_bytes(matrix, plan->dtype, k) + 2 * (double)k * (double)k * sizeof(double) +
           (plan->memory ? items_bytes(plan->dtype, info->rows, k) + (double)k * (double)k * sizeof(double) : 0);
}

/* k² of the items' updates that make taking a block of them small change. */
enum { UPDATE_WORTH_TAKING = 2000 };

static nmf_status open_room(fit *f, panels *own) {
    const nmf_matrix_info *info = &f->matrix->info;
    nmf_dtype dtype = f->plan.dtype;
    int64_t k = f->plan.k, lanes = ARRAY_ALIGNMENT / (int64_t)dtype_size(dtype);
    int64_t longer = matrix_longer(f->matrix), wide = matrix_block(f->matrix)->info.cols;
    nmf_status status = items_new(f->context, dtype, info->cols, k, "the factors", &own->n);
    if (status == NMF_OK) {
        status = items_new(f->context, dtype, f->plan.threads * KERNEL_GRID, k, "the factors", &own->p);
    }
    if (status == NMF_OK) {
        status = items_new(f->context, dtype, f->plan.threads * squares_tile_items(wide, k), lanes, "the factors",
                           &f->room.tile);
    }
    if (status == NMF_OK) {
        status = spread_room_new(f->context, f->matrix, dtype, k, &own->others);
    }
    if (status == NMF_OK) {
        status = array_new(f->context, k * k, sizeof(double), "the Gram matrices", (void **)&own->gram_w);
    }
    if (status == NMF_OK) {
        status = array_new(f->context, k * k, sizeof(double), "the Gram matrices", (void **)&own->gram_h);
    }
    if (status == NMF_OK) {
        status =
            array_new(f->context, reduce_blocks(longer), sizeof(double), "partial sums", (void **)&own->steps_part);
    }
    own->items_at_once = (int)(UPDATE_WORTH_TAKING / (k * k)) + 1;
    return status;
}

/* Room for what is remembered, filled. */
static nmf_status open_memory(fit *f, panels *own) {
    int64_t k = f->plan.k;
    if (!f->plan.memory) {
        return NMF_OK;
    }
    nmf_status status =
        items_new(f->context, f->plan.dtype, f->matrix->info.rows, k, "a memory of columns", &own->past);
    if (status == NMF_OK) {
        status = array_new(f->context, k * k, sizeof(double), "a memory of columns", (void **)&own->past_gram);
    }
    if (status == NMF_OK) {
        memory_recall(f->plan.memory, f, own->past_gram, &own->past);
    }
    return status;
}

static nmf_status panels_open(fit *f) {
    nmf_status status = array_new(f->context, 1, sizeof *f->panels, "the panels", (void **)&f->panels);
    if (status != NMF_OK) {
        return status;
    }
    int64_t rows = matrix_all(f->matrix, false), cols = matrix_all(f->matrix, true);
    f->rules[SIDE_W] = rules_of_item(&f->rules[SIDE_W], (double)cols);
    f->rules[SIDE_H] = rules_of_item(&f->rules[SIDE_H], (double)rows);
    f->size = f->matrix->info.norm * f->matrix->info.norm;
    f->null_error = f->matrix->info.norm;
    f->observed = rows * cols;
    status = open_room(f, f->panels);
    return status == NMF_OK ? open_memory(f, f->panels) : status;
}

static void panels_close(fit *f) {
    panels *own = f->panels;
    if (own) {
        items_free(f->context, &own->n);
        items_free(f->context, &own->p);
        items_free(f->context, &own->past);
        spread_room_free(f->context, &own->others);
        array_free(f->context, own->past_gram);
        array_free(f->context, own->gram_w);
        array_free(f->context, own->gram_h);
        array_free(f->context, own->steps_part);
        array_free(f->context, own);
        f->panels = NULL;
    }
}

/* The Gram matrix of a whole factor, of which these are one's own items. */
static void gram_of(const fit *f, side which, const items *own, double *gram) {
    matrix_gram(f->matrix, &f->panels->others, &f->room.reduce, which == SIDE_H, own, gram);
}

/* The loss of (w, h) from a pass's products where those have the digits, else entry by entry. */
static double loss_of(fit *f, double cross, const items *w, const items *h) {
    const double *gram_w = f->panels->gram_w, *gram_h = f->panels->gram_h;
    gram_of(f, SIDE_W, w, f->panels->gram_w);
    double value = squares_from_products(f->matrix, cross, gram_w, gram_h, f->plan.k);
    if (value < 0) {
        const pass p = pass_with(f, w, h, &f->panels->n);
        items all_w = pass_met(f, false, w), all_h = pass_met(f, true, h);
        pass_wait(&p);
        value = squares_direct(&f->room, f->matrix, &all_w, &all_h, gram_w, gram_h);
    }
    return value / 2;
}

/* The thread's own scratch of the update. */
static void *scratch_of(const fit *f) {
    return f->update.scratch + (size_t)omp_get_thread_num() * f->update.scratch_bytes;
}

/* The thread's own block of products. */
static items products_of(const fit *f, int64_t count) {
    return items_range(&f->panels->p, omp_get_thread_num() * KERNEL_GRID, count);
}

static void panels_prepare(const team *all) {
    const pass p = pass_of(all);
    pass_fill(&p, SIDE_W);
    pass_accumulate(&p);
    pass_wait(&p);
    pass_empty(&p);
}

static void panels_scale(fit *f) {
    panels *own = f->panels;
    double cross = reduce_dot(&f->room.reduce, &own->n, &f->h);
    gram_of(f, SIDE_W, &f->w, own->gram_w);
    gram_of(f, SIDE_H, &f->h, own->gram_h);
    double scale = squares_scale(cross, own->gram_w, own->gram_h, f->plan.k);
    /* 0 − scale·(0 − h), with h_next still zero: one rounding, so that the start scales with A exactly */
    f->simd->extrapolate(f->h_next.data, f->h.data, -scale, &KERNEL_PLAIN, f->h.data, f->h.count, f->h.stride);
}

/* The G of a factor's items, with what its rules and the memory add. */
static void make_model(fit *f, side which, const double *gram) {
    const double *past = which == SIDE_W ? f->panels->past_gram : NULL;
    memcpy(f->model, gram, (size_t)(f->plan.k * f->plan.k) * sizeof *gram);
    for (int64_t e = 0; past && e < f->plan.k * f->plan.k; e++) {
        f->model[e] += past[e];
    }
    rules_add(&f->rules[which], f->plan.k, 0, f->model);
}

/* Have the update work on items of this factor, whose G is `gram`. */
static nmf_status prepare_update(fit *f, side which, const double *gram) {
    make_model(f, which, gram);
    return rules_prepare(&f->update, &f->rules[which], f->model);
}

/* The products of a block of W's items, with those of the memory. */
static void add_past(const fit *f, int64_t b, items *p) {
    if (f->plan.memory) {
        items past = reduce_block(&f->panels->past, b);
        items_add(&past, p);
    }
}

/* P∘W of a block, P of A alone. */
static double cross_of(const fit *f, int64_t b, const items *p, const items *w) {
    double cross = f->simd->dot(p->data, w->data, w->count, w->stride);
    if (f->plan.memory) {
        items past = reduce_block(&f->panels->past, b);
        cross -= f->simd->dot(past.data, w->data, w->count, w->stride);
    }
    return cross;
}

/* How far extrapolation moves a factor in the iteration at hand. */
static double moved_by(const fit *f, const half *step) {
    return step->rules->moves ? f->beta : 0;
}

static nmf_status half_step_h(fit *f) {
    const half step = fit_half(f, SIDE_H);
    double by = moved_by(f, &step);
    gram_of(f, SIDE_W, step.fixed, f->panels->gram_w);
    nmf_status status = prepare_update(f, SIDE_H, f->panels->gram_w);
    if (status != NMF_OK) {
        return status;
    }
    int64_t blocks = reduce_blocks(step.from->count);
#pragma omp parallel for schedule(dynamic, f->panels->items_at_once) num_threads(f->plan.threads)
    for (int64_t b = 0; b < blocks; b++) {
        items from = reduce_block(step.from, b), to = reduce_block(step.next, b), p = reduce_block(&f->panels->n, b);
        items last = reduce_block(step.last, b), hat = reduce_block(step.hat, b);
        items_copy(&from, &to);
        step.rules->update->apply(&f->update, &p, &to, scratch_of(f));
        f->simd->extrapolate(to.data, last.data, by, &step.rules->bounds, hat.data, to.count, to.stride);
    }
    return NMF_OK;
}

static nmf_status panels_half_step_h(const team *all) {
    nmf_status status = NMF_OK;
    for (int64_t t = 0; t < all->count && status == NMF_OK; t++) {
        status = half_step_h(all->fits[t]);
    }
    return status;
}

/* A block of W's items, from its products to where H will look from. Leaves P∘W in the block's part. */
static void update_block(fit *f, items *p, int64_t b) {
    const half step = fit_half(f, SIDE_W);
    items to = reduce_block(step.next, b), from = reduce_block(step.from, b), last = reduce_block(step.last, b);
    items_copy(&from, &to);
    add_past(f, b, p);
    step.rules->update->apply(&f->update, p, &to, scratch_of(f));
    f->room.reduce.part[b] = cross_of(f, b, p, &to);
    f->simd->extrapolate(to.data, last.data, moved_by(f, &step), &step.rules->bounds, from.data, to.count, to.stride);
}

/* The same block of every fit. */
static void update_all(const pass *pass, const block *at, int64_t b) {
    items wide = reduce_block(&pass->stack.w, b);
    items room = items_range(&pass->stack.p, omp_get_thread_num() * KERNEL_GRID, wide.count);
    items p = pass_products(pass, at, b, &room);
    if (pass->all->count == 1) {
        update_block(pass->all->fits[0], &p, b);
        return;
    }
    for (int64_t t = 0; t < pass->all->count; t++) {
        fit *f = pass->all->fits[t];
        items own = products_of(f, wide.count), made = reduce_block(&f->w_hat, b);
        stack_take(&p, t, &own);
        update_block(f, &own, b);
        stack_put(&made, t, &wide);
    }
}

/*
 * The rows of a panel, all of them before its columns, which may still be under way when the next panel's rows begin;
 * called by every thread.
 */
static void update_panels(const pass *p, const block *at) {
    int64_t all_rows = at->rows->info.rows;
    for (int64_t first = 0; first < all_rows; first += matrix_panel(at->rows, first, p->threads)) {
        int64_t rows = matrix_panel(at->rows, first, p->threads);
        int64_t from = (at->first + first) / KERNEL_GRID, to = from + reduce_blocks(rows);
#pragma omp for schedule(dynamic, matrix_blocks_at_once(at->rows, false, p->stack.w.k))
        for (int64_t b = from; b < to; b++) {
            update_all(p, at, b);
        }
        pass_accumulate_panel(p, at, first, rows);
    }
}

static nmf_status prepare_w(fit *f) {
    const half step = fit_half(f, SIDE_W);
    gram_of(f, SIDE_H, step.fixed, f->panels->gram_h);
    return prepare_update(f, SIDE_W, f->panels->gram_h);
}

static void find_score(fit *f) {
    double cross = reduce_add(&f->room.reduce, f->room.reduce.part, reduce_blocks(f->w.count));
    f->found.loss = loss_of(f, cross, &f->w_next, &f->h_hat);
    f->found.penalty = fit_penalty(f, &f->w_next, &f->h_hat);
}

/* The rows that one owns, whose P is there. */
static void update_owned(const pass *p) {
    int64_t blocks = reduce_blocks(p->stack.w.count);
#pragma omp parallel for schedule(dynamic, p->all->fits[0]->panels->items_at_once) num_threads(p->threads)
    for (int64_t b = 0; b < blocks; b++) {
        update_all(p, NULL, b);
    }
}

/* All items of W, and n with what they became, which may be still on its way. */
static void sweep_rows(const pass *near, const pass *p) {
    if (near->apart) {
        update_owned(near);
        pass_accumulate(p);
        return;
    }
    items_zero(&near->stack.n);
#pragma omp parallel num_threads(p->threads)
    for (block b = {0}; matrix_next(p->matrix, &b);) {
        update_panels(near, &b);
    }
    pass_add_up(near, p);
}

/* While H, and then n, are on their way from other processes, the sums that need neither are made. */
static nmf_status panels_half_step_w(const team *all) {
    nmf_status status = NMF_OK;
    const pass p = pass_of(all);
    pass_fill(&p, SIDE_H);
    const pass near = pass_meet(&p);
    for (int64_t t = 0; t < all->count && status == NMF_OK; t++) {
        status = prepare_w(all->fits[t]);
    }
    pass_wait(&p);
    if (status != NMF_OK) {
        return status;
    }
    sweep_rows(&near, &p);
    pass_empty(&p);
    for (int64_t t = 0; t < all->count; t++) {
        find_score(all->fits[t]);
    }
    pass_wait(&p);
    return NMF_OK;
}

/* Let stationarity look at G, what is added included. */
static void look_at(fit *f, side which, const double *gram) {
    make_model(f, which, gram);
    update_prepare_gram(&f->update, f->model);
}

/* P∘W and Σ G_cc·d² of a block of W's items, in their parts. */
static void look_at_items(fit *f, const pass *pass, const block *at, int64_t b) {
    items w = reduce_block(&f->w, b), room = products_of(f, w.count), p = pass_products(pass, at, b, &room);
    add_past(f, b, &p);
    f->room.reduce.part[b] = cross_of(f, b, &p, &w);
    f->panels->steps_part[b] = rules_stationarity(&f->update, &f->rules[SIDE_W], f->model, &p, &w, scratch_of(f));
}

/* Those of the rows of a block; called by every thread. */
static void look_at_rows(fit *f, const pass *p, const block *at) {
    int64_t from = at->first / KERNEL_GRID, to = from + reduce_blocks(at->rows->info.rows);
#pragma omp for schedule(dynamic, matrix_blocks_at_once(at->rows, false, f->plan.k))
    for (int64_t b = from; b < to; b++) {
        look_at_items(f, p, at, b);
    }
}

static void look_at_owned(fit *f, const pass *p) {
    int64_t blocks = reduce_blocks(f->w.count);
#pragma omp parallel for schedule(dynamic, f->panels->items_at_once) num_threads(f->plan.threads)
    for (int64_t b = 0; b < blocks; b++) {
        look_at_items(f, p, NULL, b);
    }
}

/* Σ G_cc·d² over W, and *cross = Σ P∘W. */
static double residual_of_w(fit *f, const pass *p, double *cross) {
    int64_t blocks = reduce_blocks(f->w.count);
    const pass near = pass_meet(p);
    look_at(f, SIDE_W, f->panels->gram_h);
    pass_wait(p);
    if (near.apart) {
        look_at_owned(f, &near);
    } else {
#pragma omp parallel num_threads(f->plan.threads)
        for (block b = {0}; matrix_next(near.matrix, &b);) {
            look_at_rows(f, &near, &b);
        }
    }
    *cross = reduce_add(&f->room.reduce, f->room.reduce.part, blocks);
    return reduce_add(&f->room.reduce, f->panels->steps_part, blocks);
}

/* Σ G_cc·d² over H, its products in h_next. */
static double residual_of_h(fit *f) {
    double *steps = f->panels->steps_part;
    int64_t blocks = reduce_blocks(f->h.count);
    look_at(f, SIDE_H, f->panels->gram_w);
#pragma omp parallel for schedule(dynamic, f->panels->items_at_once) num_threads(f->plan.threads)
    for (int64_t b = 0; b < blocks; b++) {
        items h = reduce_block(&f->h, b), p = reduce_block(&f->h_next, b);
        steps[b] = rules_stationarity(&f->update, &f->rules[SIDE_H], f->model, &p, &h, scratch_of(f));
    }
    return reduce_add(&f->room.reduce, steps, blocks);
}

static double panels_residual(fit *f, bool w_fixed, double *loss) {
    double cross;
    gram_of(f, SIDE_H, &f->h, f->panels->gram_h);
    gram_of(f, SIDE_W, &f->w, f->panels->gram_w);
    const pass p = pass_with(f, &f->w, &f->h, &f->h_next);
    double of_w = residual_of_w(f, &p, &cross);
    pass_accumulate(&p);
    pass_wait(&p);
    double sum = (w_fixed ? 0 : of_w) + residual_of_h(f);
    *loss = loss_of(f, cross, &f->w, &f->h);
    return sum;
}

const engine engine_panels = {
    .bytes = panels_bytes,
    .open = panels_open,
    .close = panels_close,
    .most = stack_most,
    .team_bytes = stack_bytes,
    .join = stack_new,
    .part = stack_free,
    .scale = panels_scale,
    .prepare = panels_prepare,
    .half_step_h = panels_half_step_h,
    .half_step_w = panels_half_step_w,
    .residual = panels_residual,
};
