#include "matrix/products.h"

void matrix_times(const nmf_matrix *matrix, const items *y, items *p, int threads) {
    for (int64_t first = 0; first < matrix->info.rows; first += matrix->panel_rows) {
        items rows = items_range(p, first, matrix_panel(matrix, first));
        matrix->kind->times(matrix, first, rows.count, y, &rows, threads);
    }
}

void matrix_transposed_times(const nmf_matrix *matrix, const items *x, items *n, int threads) {
    items_zero(n);
    for (int64_t first = 0; first < matrix->info.rows; first += matrix->panel_rows) {
        items rows = items_range(x, first, matrix_panel(matrix, first));
        matrix->kind->accumulate(matrix, first, rows.count, &rows, n, threads);
    }
}
