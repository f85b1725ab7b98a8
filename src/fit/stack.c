#include "fit/panels.h"

#include <string.h>

/* Vectors of 64 bytes in an item of a stack; docs/performance.md has the measurement. */
enum { WIDTH = 5 };

int64_t stack_most(const plan *plan) {
    int64_t width = WIDTH * ARRAY_ALIGNMENT / (int64_t)dtype_size(plan->dtype);
    return plan->k < width ? width / plan->k : 1;
}

/* The items of a stack, and how many each has. */
enum { STACK_ITEMS = 4 };

static void list_items(stack *s, const plan *plan, const nmf_matrix_info *info, items *each[STACK_ITEMS],
                       int64_t count[STACK_ITEMS]) {
    items *const all[STACK_ITEMS] = {&s->w, &s->h, &s->n, &s->p};
    const int64_t counts[STACK_ITEMS] = {info->rows, info->cols, info->cols, (int64_t)plan->threads * KERNEL_GRID};
    memcpy(each, all, sizeof all);
    memcpy(count, counts, sizeof counts);
}

double stack_bytes(const plan *plan, const nmf_matrix *matrix, int64_t fits) {
    stack none = {0};
    items *each[STACK_ITEMS];
    int64_t counts[STACK_ITEMS];
    double bytes = sizeof(stack);
    list_items(&none, plan, &matrix->info, each, counts);
    for (int t = 0; t < STACK_ITEMS; t++) {
        bytes += items_bytes(plan->dtype, counts[t], fits * plan->k);
    }
    return fits > 1 ? bytes : 0;
}

nmf_status stack_new(team *all) {
    const fit *f = all->fits[0];
    items *each[STACK_ITEMS];
    int64_t counts[STACK_ITEMS];
    if (all->count < 2) {
        return NMF_OK;
    }
    nmf_status status = array_new(f->context, 1, sizeof *all->stack, "the stacked factors", (void **)&all->stack);
    if (status != NMF_OK) {
        return status;
    }
    list_items(all->stack, &f->plan, &f->matrix->info, each, counts);
    for (int t = 0; t < STACK_ITEMS && status == NMF_OK; t++) {
        status =
            items_new(f->context, f->plan.dtype, counts[t], all->count * f->plan.k, "the stacked factors", each[t]);
    }
    return status;
}

void stack_free(team *all) {
    nmf_context *context = all->context;
    if (all->stack) {
        items_free(context, &all->stack->w);
        items_free(context, &all->stack->h);
        items_free(context, &all->stack->n);
        items_free(context, &all->stack->p);
        array_free(context, all->stack);
        all->stack = NULL;
    }
}

/* Made as wide as `k`, with zeros in what pads them. */
static void widen(items *room, int64_t k) {
    if (room->k != k) {
        room->k = k;
        room->stride = items_stride(room->dtype, k);
        items_zero(room);
    }
}

stack stack_of(const team *all) {
    const fit *f = all->fits[0];
    if (all->count == 1) {
        return (stack){.w = f->w_hat, .h = f->h_hat, .n = f->panels->n, .p = f->panels->p};
    }
    widen(&all->stack->w, all->count * f->plan.k);
    widen(&all->stack->h, all->count * f->plan.k);
    widen(&all->stack->n, all->count * f->plan.k);
    widen(&all->stack->p, all->count * f->plan.k);
    return *all->stack;
}

static char *at(const items *all, int64_t item, int64_t component) {
    return (char *)all->data + (size_t)(item * all->stride + component) * dtype_size(all->dtype);
}

void stack_put(const items *narrow, int64_t t, items *wide) {
    size_t bytes = (size_t)narrow->k * dtype_size(narrow->dtype);
    for (int64_t i = 0; i < narrow->count; i++) {
        memcpy(at(wide, i, t * narrow->k), at(narrow, i, 0), bytes);
    }
}

void stack_take(const items *wide, int64_t t, items *narrow) {
    size_t bytes = (size_t)narrow->k * dtype_size(narrow->dtype);
    for (int64_t i = 0; i < narrow->count; i++) {
        memcpy(at(narrow, i, 0), at(wide, i, t * narrow->k), bytes);
    }
}
