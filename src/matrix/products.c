#include "matrix/products.h"

#include <string.h>

/* Multiplications that make taking a block small change: some ten microseconds' worth. */
static const double worth_taking = 2e5;

int matrix_blocks_at_once(const nmf_matrix *matrix, bool columns, int64_t k) {
    const nmf_matrix_info *info = &matrix->info;
    if (columns && matrix->kind->parts) {
        return 1;
    }
    double rows = (double)(matrix->panel_rows < info->rows ? matrix->panel_rows : info->rows);
    double entries = info->sparse ? (double)info->stored : (columns ? rows : (double)info->rows) * (double)info->cols;
    double lines = columns ? (double)info->cols : (double)info->rows;
    double block = KERNEL_GRID * (double)k * (entries / lines + (double)k);
    return block < worth_taking ? (int)(worth_taking / block) + 1 : 1;
}

/* P of the rows of a block; called by every thread. */
static void times_block(const block *at, const items *y, const items *p) {
    int64_t from = at->first / KERNEL_GRID, to = from + reduce_blocks(at->rows->info.rows);
#pragma omp for schedule(dynamic, matrix_blocks_at_once(at->rows, false, p->k))
    for (int64_t b = from; b < to; b++) {
        items rows = reduce_block(p, b);
        at->rows->kind->times(at->rows, b * KERNEL_GRID - at->first, y, &rows);
    }
}

void matrix_times(const nmf_matrix *matrix, const spread_room *room, const items *y, items *p, int threads) {
    spread *over = matrix_spread_of(matrix);
    const nmf_matrix *here = matrix_block(matrix);
    items of_cols = *y, of_rows = spread_apart(over, false) ? room->p : *p;
    if (spread_apart(over, true)) {
        of_cols = room->h;
        spread_meet(over, room, true, y, &of_cols);
    }
#pragma omp parallel num_threads(threads)
    for (block b = {0}; matrix_next(here, &b);) {
        times_block(&b, &of_cols, &of_rows);
    }
    if (spread_apart(over, false)) {
        spread_add(over, room, false, &of_rows, p);
    }
}

/* What the rows of a block add to N; called by every thread. */
static void accumulate_block(const block *at, const items *x, const items *n) {
    int64_t parts = matrix_parts(at->rows), rows = at->rows->info.rows;
#pragma omp for schedule(dynamic, matrix_blocks_at_once(at->rows, true, n->k))
    for (int64_t i = 0; i < parts; i++) {
        int64_t column;
        items columns = matrix_part(at->rows, n, i, &column);
        for (int64_t first = 0; first < rows; first += matrix_panel(at->rows, first, 1)) {
            items some = items_range(x, at->first + first, matrix_panel(at->rows, first, 1));
            at->rows->kind->accumulate(at->rows, first, &some, column, &columns);
        }
    }
}

/* N ← Aᵀ·X of a matrix, or a block, that is here. */
static void add_products(const nmf_matrix *here, const items *x, const items *n, int threads) {
    items_zero(n);
#pragma omp parallel num_threads(threads)
    for (block b = {0}; matrix_next(here, &b);) {
        accumulate_block(&b, x, n);
    }
}

void matrix_transposed_times(const nmf_matrix *matrix, const spread_room *room, const items *x, items *n, int threads) {
    spread *over = matrix_spread_of(matrix);
    if (matrix_in_order(matrix)) {
        add_products(over->columns, spread_meet_all(over, room, false, x), n, threads);
        return;
    }
    items of_rows = *x, of_cols = spread_apart(over, true) ? room->n : *n;
    if (spread_apart(over, false)) {
        of_rows = room->w;
        spread_meet(over, room, false, x, &of_rows);
    }
    add_products(matrix_block(matrix), &of_rows, &of_cols, threads);
    if (spread_apart(over, true)) {
        spread_add(over, room, true, &of_cols, n);
    }
}

void matrix_join(const nmf_matrix *matrix, reduce_room *sums) {
    sums->crowd = matrix_crowd(matrix);
    sums->in_order = matrix_in_order(matrix);
}

const items *matrix_summed(const nmf_matrix *matrix, const spread_room *room, bool columns, const items *own) {
    return matrix_in_order(matrix) ? spread_meet_all(matrix_spread_of(matrix), room, columns, own) : own;
}

void matrix_gram(const nmf_matrix *matrix, const spread_room *room, const reduce_room *sums, bool columns,
                 const items *own, double *gram) {
    reduce_gram(sums, matrix_summed(matrix, room, columns, own), gram);
}

/* The same in lines that are whole in the block, or that it has a part of; called by every thread. */
static void add_line_sums(const block *at, bool columns, bool squares, double *sum) {
    int64_t lines = columns ? at->rows->info.cols : at->rows->info.rows, first = columns ? 0 : at->first;
    nmf_dtype dtype = at->rows->info.dtype;
#pragma omp for schedule(static)
    for (int64_t i = 0; i < lines; i++) {
        entry_line line = at->rows->kind->line(at->rows, columns, i);
        for (int64_t e = 0; e < line.count; e++) {
            double value = entry_value(dtype, &line, e);
            sum[first + i] += squares ? value * value : value;
        }
    }
}

void matrix_line_sums(const nmf_matrix *matrix, bool columns, bool squares, int threads, double *sum) {
    int64_t lines = columns ? matrix->info.cols : matrix->info.rows;
    memset(sum, 0, (size_t)lines * sizeof *sum);
#pragma omp parallel num_threads(threads)
    for (block b = {0}; matrix_next(matrix, &b);) {
        add_line_sums(&b, columns, squares, sum);
    }
}
