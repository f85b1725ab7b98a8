/* The two products of a whole matrix, panel after panel: what is done outside the loop of a fit. */
#ifndef NMF_MATRIX_PRODUCTS_H
#define NMF_MATRIX_PRODUCTS_H

#include "matrix/matrix.h"

/* P ← A·Y */
void matrix_times(const nmf_matrix *matrix, const items *y, items *p, int threads);

/* N ← Aᵀ·X */
void matrix_transposed_times(const nmf_matrix *matrix, const items *x, items *n, int threads);

/* Rows of the panel that begins at row `first`. */
static inline int64_t matrix_panel(const nmf_matrix *matrix, int64_t first) {
    int64_t left = matrix->info.rows - first;
    return left < matrix->panel_rows ? left : matrix->panel_rows;
}

#endif
