#include "fit/pass.h"

#include <omp.h>

pass pass_of(const team *all) {
    const fit *f = all->fits[0];
    return (pass){
        .all = all, .of = f, .matrix = matrix_block(f->matrix), .threads = f->plan.threads, .stack = stack_of(all)};
}

pass pass_with(const fit *f, const items *w, const items *h, const items *n) {
    return (pass){
        .of = f, .matrix = matrix_block(f->matrix), .threads = f->plan.threads, .stack = {.w = *w, .h = *h, .n = *n}};
}

items pass_met(const fit *f, bool columns, const items *own) {
    spread *over = matrix_spread_of(f->matrix);
    const spread_room *room = &f->panels->others;
    if (!spread_apart(over, columns)) {
        return *own;
    }
    items all = columns ? room->h : room->w;
    spread_meet_begin(over, room, columns, own, &all);
    return all;
}

void pass_wait(const pass *p) {
    spread *over = matrix_spread_of(p->of->matrix);
    if (over) {
        spread_wait(over);
    }
}

void pass_accumulate_panel(const pass *p, const block *at, int64_t first, int64_t rows) {
    items x = items_range(&p->stack.w, at->first + first, rows);
    int64_t parts = matrix_parts(at->rows);
#pragma omp for schedule(dynamic, matrix_blocks_at_once(at->rows, true, x.k)) nowait
    for (int64_t i = 0; i < parts; i++) {
        int64_t column;
        items to = matrix_part(at->rows, &p->stack.n, i, &column);
        at->rows->kind->accumulate(at->rows, first, &x, column, &to);
    }
}

/* The same of all panels of the block. */
static void accumulate_block(const pass *p, const block *at) {
    int64_t rows = at->rows->info.rows;
    for (int64_t first = 0; first < rows; first += matrix_panel(at->rows, first, p->threads)) {
        pass_accumulate_panel(p, at, first, matrix_panel(at->rows, first, p->threads));
#pragma omp barrier
    }
}

/* n = the products of the block's columns with w. */
static void accumulate(const pass *p) {
    items_zero(&p->stack.n);
#pragma omp parallel num_threads(p->threads)
    for (block b = {0}; matrix_next(p->matrix, &b);) {
        accumulate_block(p, &b);
    }
}

/* The items that the products for the columns go to before the processes add them up. */
static items summands(const fit *f, const items *n) {
    return spread_apart(matrix_spread_of(f->matrix), true) ? f->panels->others.n : *n;
}

void pass_add_up(const pass *near, const pass *p) {
    spread *over = matrix_spread_of(p->of->matrix);
    if (spread_apart(over, true)) {
        items own = p->stack.n;
        spread_add_begin(over, &p->of->panels->others, true, &near->stack.n, &own);
    }
}

void pass_accumulate(const pass *p) {
    spread *over = matrix_spread_of(p->of->matrix);
    pass near = *p;
    if (matrix_in_order(p->of->matrix)) {
        near.matrix = over->columns;
        near.stack.w = *spread_meet_all(over, &p->of->panels->others, false, &p->stack.w);
        accumulate(&near);
        return;
    }
    near.stack.w = pass_met(p->of, false, &p->stack.w);
    near.stack.n = summands(p->of, &p->stack.n);
    pass_wait(p);
    accumulate(&near);
    pass_add_up(&near, p);
}

void pass_fill(const pass *p, side which) {
    items wide = which == SIDE_W ? p->stack.w : p->stack.h;
    int64_t blocks = p->all->count > 1 ? reduce_blocks(wide.count) : 0;
#pragma omp parallel for schedule(static) num_threads(p->threads)
    for (int64_t b = 0; b < blocks; b++) {
        items to = reduce_block(&wide, b);
        for (int64_t t = 0; t < p->all->count; t++) {
            const fit *f = p->all->fits[t];
            items from = reduce_block(which == SIDE_W ? &f->w_hat : &f->h_hat, b);
            stack_put(&from, t, &to);
        }
    }
}

void pass_empty(const pass *p) {
    int64_t blocks = p->all->count > 1 ? reduce_blocks(p->stack.n.count) : 0;
#pragma omp parallel for schedule(static) num_threads(p->threads)
    for (int64_t b = 0; b < blocks; b++) {
        items from = reduce_block(&p->stack.n, b);
        for (int64_t t = 0; t < p->all->count; t++) {
            items to = reduce_block(&p->all->fits[t]->panels->n, b);
            stack_take(&from, t, &to);
        }
    }
}

pass pass_meet(const pass *p) {
    const nmf_matrix *matrix = p->of->matrix;
    const spread_room *room = &p->of->panels->others;
    pass near = *p;
    near.apart = spread_apart(matrix_spread_of(matrix), false) || matrix_in_order(matrix);
    if (near.apart) {
        near.whole_p = room->own_p;
        matrix_times(matrix, room, &p->stack.h, &near.whole_p, p->threads);
        return near;
    }
    near.stack.h = pass_met(p->of, true, &p->stack.h);
    near.stack.n = summands(p->of, &p->stack.n);
    return near;
}

items pass_products(const pass *p, const block *at, int64_t b, items *room) {
    if (p->apart) {
        return reduce_block(&p->whole_p, b);
    }
    at->rows->kind->times(at->rows, b * KERNEL_GRID - at->first, &p->stack.h, room);
    return *room;
}
