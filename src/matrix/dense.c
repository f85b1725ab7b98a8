/* A dense matrix in memory, row-major or column-major, read in panels of rows small enough to stay in cache. */
#include "matrix/matrix.h"
#include "matrix/scan.h"

#include <string.h>

/* Bytes of A that a core's own cache holds between the two products. */
static const int64_t panel_bytes = 1 << 20;

static const void *at(const nmf_matrix *matrix, int64_t i, int64_t j) {
    const dense_data *dense = &matrix->as.dense;
    size_t offset = (size_t)(i * dense->row_stride + j * dense->col_stride);
    return (const char *)dense->values + offset * dtype_size(matrix->info.dtype);
}

static double value_at(const nmf_matrix *matrix, int64_t i, int64_t j) {
    const dense_data *dense = &matrix->as.dense;
    return dtype_get(matrix->info.dtype, dense->values, i * dense->row_stride + j * dense->col_stride);
}

static void dense_times(const nmf_matrix *matrix, int64_t first, const items *y, items *p) {
    const dense_data *dense = &matrix->as.dense;
    matrix->simd->times(at(matrix, first, 0), p->count, dense->row_stride, matrix->info.cols, dense->col_stride,
                        y->data, p->data, p->k, p->stride);
}

static void dense_accumulate(const nmf_matrix *matrix, int64_t first, const items *x, int64_t column, items *n) {
    const dense_data *dense = &matrix->as.dense;
    matrix->simd->panel(at(matrix, first, column), n->count, dense->col_stride, x->count, dense->row_stride, x->data,
                        n->data, n->k, n->stride);
}

static entry_line dense_line(const nmf_matrix *matrix, bool column, int64_t i) {
    const dense_data *dense = &matrix->as.dense;
    return column ? (entry_line){matrix->info.rows, NULL, at(matrix, 0, i), dense->row_stride}
                  : (entry_line){matrix->info.cols, NULL, at(matrix, i, 0), dense->col_stride};
}

/* Lines are rows, or columns where those lie side by side in memory. */
static void dense_scan(const nmf_matrix *matrix, double scale, scan *out, unsigned char *rows, unsigned char *cols) {
    bool by_row = matrix->as.dense.col_stride == 1;
    int64_t lines = by_row ? matrix->info.rows : matrix->info.cols;
    int64_t length = by_row ? matrix->info.cols : matrix->info.rows;
    for (int64_t line = 0; line < lines; line++) {
        const void *values = by_row ? at(matrix, line, 0) : at(matrix, 0, line);
        int64_t bad = scan_run(matrix->info.dtype, values, NULL, length, scale, out, (by_row ? rows : cols) + line,
                               by_row ? cols : rows);
        int64_t row = by_row ? line : bad, col = by_row ? bad : line;
        if (bad >= 0 && (out->bad_row < 0 || row < out->bad_row)) {
            out->bad_row = row;
            out->bad_col = col;
            out->bad_value = value_at(matrix, row, col);
        }
        if (bad >= 0 && by_row) {
            return;
        }
    }
}

static void dense_release(nmf_matrix *matrix) {
    dense_data *dense = &matrix->as.dense;
    if (dense->release) {
        dense->release(matrix->context, dense->owned, dense->owned_bytes);
    }
}

static void release_array(nmf_context *context, void *owned, size_t bytes) {
    (void)bytes;
    array_free(context, owned);
}

nmf_status matrix_new_own(nmf_context *context, int64_t rows, int64_t cols, nmf_dtype dtype, unsigned allowed,
                          nmf_matrix **out) {
    size_t bytes = 0;
    void *values;
    if (!checked_product(rows, cols, (int64_t)dtype_size(dtype), &bytes)) {
        return fail_memory(context, "a matrix", SIZE_MAX);
    }
    nmf_status status = array_new(context, rows * cols, dtype_size(dtype), "a matrix", &values);
    if (status != NMF_OK) {
        return status;
    }
    dense_data data = {.values = values,
                       .row_stride = cols,
                       .col_stride = 1,
                       .release = release_array,
                       .owned = values,
                       .owned_bytes = bytes};
    return matrix_new_dense(context, rows, cols, data, dtype, allowed, out);
}

static nmf_status dense_convert(const nmf_matrix *matrix, nmf_dtype dtype, double scale, nmf_matrix **copy) {
    int64_t rows = matrix->info.rows, cols = matrix->info.cols;
    nmf_status status = matrix_new_own(matrix->context, rows, cols, dtype, matrix->allowed, copy);
    for (int64_t i = 0; i < rows && status == NMF_OK; i++) {
        for (int64_t j = 0; j < cols; j++) {
            dtype_set(dtype, (*copy)->as.dense.owned, i * cols + j, value_at(matrix, i, j) * scale);
        }
    }
    return status;
}

static nmf_status dense_pick(const nmf_matrix *matrix, bool columns, const int64_t *list, int64_t count,
                             nmf_matrix **copy) {
    int64_t rows = columns ? matrix->info.rows : count, cols = columns ? count : matrix->info.cols;
    size_t size = dtype_size(matrix->info.dtype);
    nmf_status status = matrix_new_own(matrix->context, rows, cols, matrix->info.dtype, matrix->allowed, copy);
    for (int64_t i = 0; i < rows && status == NMF_OK; i++) {
        char *row = (char *)(*copy)->as.dense.owned + (size_t)(i * cols) * size;
        if (!columns && matrix->as.dense.col_stride == 1) {
            memcpy(row, at(matrix, list[i], 0), (size_t)cols * size);
            continue;
        }
        for (int64_t j = 0; j < cols; j++) {
            memcpy(row + (size_t)j * size, columns ? at(matrix, i, list[j]) : at(matrix, list[i], j), size);
        }
    }
    return status;
}

static int64_t dense_map(nmf_matrix *own, entry_change change, const void *user) {
    const dense_data *dense = &own->as.dense;
    int64_t lost = 0;
    for (int64_t i = 0; i < own->info.rows; i++) {
        for (int64_t j = 0; j < own->info.cols; j++) {
            int64_t at = i * dense->row_stride + j * dense->col_stride;
            double value = dtype_get(own->info.dtype, dense->owned, at);
            if (value < 0 || value > 0) {
                value = change(user, i, j, value);
                dtype_set(own->info.dtype, dense->owned, at, value);
                lost += value != 0 && dtype_get(own->info.dtype, dense->owned, at) == 0;
            }
        }
    }
    return lost;
}

/* A multiple of KERNEL_GRID rows of `cols` numbers. */
static int64_t panel_rows_of(int64_t cols, nmf_dtype dtype) {
    int64_t row_bytes = cols * (int64_t)dtype_size(dtype);
    int64_t blocks = row_bytes > 0 ? panel_bytes / row_bytes / KERNEL_GRID : 1;
    return blocks < 1 ? KERNEL_GRID : blocks * KERNEL_GRID;
}

static void dense_transpose(nmf_matrix *matrix) {
    dense_data *dense = &matrix->as.dense;
    int64_t row_stride = dense->row_stride;
    dense->row_stride = dense->col_stride;
    dense->col_stride = row_stride;
    matrix->panel_rows = panel_rows_of(matrix->info.cols, matrix->info.dtype);
}

const matrix_kind matrix_dense = {
    .times = dense_times,
    .accumulate = dense_accumulate,
    .line = dense_line,
    .scan = dense_scan,
    .convert = dense_convert,
    .pick = dense_pick,
    .map = dense_map,
    .transpose = dense_transpose,
    .release = dense_release,
};

nmf_status matrix_new_dense(nmf_context *context, int64_t rows, int64_t cols, dense_data data, nmf_dtype dtype,
                            unsigned allowed, nmf_matrix **out) {
    nmf_status status = matrix_new(context, &matrix_dense, rows, cols, dtype, allowed, out);
    if (status != NMF_OK) {
        if (data.release) {
            data.release(context, data.owned, data.owned_bytes);
        }
        return status;
    }
    (*out)->panel_rows = panel_rows_of(cols, dtype);
    (*out)->as.dense = data;
    (*out)->info.bytes = data.owned_bytes;
    (*out)->info.stored = rows * cols;
    return NMF_OK;
}

nmf_status nmf_matrix_dense(nmf_context *context, int64_t rows, int64_t cols, nmf_dtype dtype, const void *values,
                            int64_t row_stride, int64_t col_stride, unsigned allowed, nmf_matrix **matrix) {
    *matrix = NULL;
    int64_t size = (int64_t)dtype_size(dtype);
    size_t bytes;
    if (row_stride != 1 && col_stride != 1) {
        return fail(context, NMF_ERROR_USAGE, "row_stride is %lld and col_stride %lld; one of them must be 1",
                    (long long)row_stride, (long long)col_stride);
    }
    if (!dtype_known(dtype) || row_stride < 1 || col_stride < 1 || !checked_product(rows, cols, size, &bytes) ||
        !checked_product(rows, row_stride, size, &bytes) || !checked_product(cols, col_stride, size, &bytes)) {
        return fail(context, NMF_ERROR_USAGE,
                    "a matrix of %lld × %lld with strides %lld and %lld cannot be; sizes and strides must be positive",
                    (long long)rows, (long long)cols, (long long)row_stride, (long long)col_stride);
    }
    dense_data data = {.values = values, .row_stride = row_stride, .col_stride = col_stride};
    nmf_status status = matrix_check_allowed(context, allowed);
    if (status == NMF_OK) {
        status = matrix_new_dense(context, rows, cols, data, dtype, allowed, matrix);
    }
    if (status == NMF_OK) {
        status = matrix_check(*matrix, "the matrix");
    }
    if (status != NMF_OK) {
        nmf_matrix_free(*matrix);
        *matrix = NULL;
    }
    return status;
}
