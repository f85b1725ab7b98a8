#include "matrix/products.h"

/* Multiplications that make taking a block small change: some ten microseconds' worth. */
static const double worth_taking = 2e5;

int matrix_blocks_at_once(const nmf_matrix *matrix, bool columns, int64_t k) {
    const nmf_matrix_info *info = &matrix->info;
    double rows = (double)(matrix->panel_rows < info->rows ? matrix->panel_rows : info->rows);
    double entries = info->sparse ? (double)info->stored : (columns ? rows : (double)info->rows) * (double)info->cols;
    double lines = columns ? (double)info->cols : (double)info->rows;
    double block = KERNEL_GRID * (double)k * (entries / lines + (double)k);
    return block < worth_taking ? (int)(worth_taking / block) + 1 : 1;
}

void matrix_times(const nmf_matrix *matrix, const items *y, items *p, int threads) {
    int64_t blocks = reduce_blocks(p->count);
#pragma omp parallel for schedule(dynamic, matrix_blocks_at_once(matrix, false, p->k)) num_threads(threads)
    for (int64_t b = 0; b < blocks; b++) {
        items rows = reduce_block(p, b);
        matrix->kind->times(matrix, b * KERNEL_GRID, y, &rows);
    }
}

void matrix_transposed_times(const nmf_matrix *matrix, const items *x, items *n, int threads) {
    int64_t blocks = reduce_blocks(n->count);
#pragma omp parallel for schedule(dynamic, matrix_blocks_at_once(matrix, true, n->k)) num_threads(threads)
    for (int64_t b = 0; b < blocks; b++) {
        items columns = reduce_block(n, b);
        items_zero(&columns);
        for (int64_t first = 0; first < x->count; first += matrix_panel(matrix, first, 1)) {
            items rows = items_range(x, first, matrix_panel(matrix, first, 1));
            matrix->kind->accumulate(matrix, first, &rows, b * KERNEL_GRID, &columns);
        }
    }
}

void matrix_line_sums(const nmf_matrix *matrix, bool columns, bool squares, int threads, double *sum) {
    int64_t lines = columns ? matrix->info.cols : matrix->info.rows;
#pragma omp parallel for schedule(static) num_threads(threads)
    for (int64_t i = 0; i < lines; i++) {
        entry_line line = matrix->kind->line(matrix, columns, i);
        sum[i] = 0;
        for (int64_t e = 0; e < line.count; e++) {
            double value = entry_value(matrix->info.dtype, &line, e);
            sum[i] += squares ? value * value : value;
        }
    }
}
