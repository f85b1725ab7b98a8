/* A sparse matrix in memory, kept by rows and by columns, so that both products are gathers without shared writes. */
#include "matrix/compressed.h"

#include <string.h>

static void gather(const kernel *simd, const compressed *lines, int64_t first, const items *from, items *to) {
    simd->gather(lines->start + first, lines->index, lines->value, to->count, from->data, to->data, to->k, to->stride);
}

static void sparse_times(const nmf_matrix *matrix, int64_t first, const items *y, items *p) {
    items_zero(p);
    gather(matrix->simd, &matrix->as.sparse.by_row, first, y, p);
}

static void sparse_accumulate(const nmf_matrix *matrix, int64_t first, const items *x, int64_t column, items *n) {
    (void)first; /* the one panel is all rows */
    gather(matrix->simd, &matrix->as.sparse.by_col, column, x, n);
}

static entry_line sparse_line(const nmf_matrix *matrix, bool column, int64_t i) {
    const sparse_data *sparse = &matrix->as.sparse;
    return compressed_line(column ? &sparse->by_col : &sparse->by_row, matrix->info.dtype, i);
}

static void sparse_scan(const nmf_matrix *matrix, double scale, scan *out, unsigned char *rows, unsigned char *cols) {
    compressed_scan(&matrix->as.sparse.by_row, matrix->info.rows, matrix->info.dtype, scale, out, rows, cols);
}

static void sparse_release(nmf_matrix *matrix) {
    compressed_free(matrix->context, &matrix->as.sparse.by_row);
    compressed_free(matrix->context, &matrix->as.sparse.by_col);
}

nmf_status matrix_new_compressed(nmf_context *context, int64_t rows, int64_t cols, int64_t entries, nmf_dtype dtype,
                                 unsigned allowed, nmf_matrix **out) {
    nmf_status status = matrix_new(context, &matrix_sparse, rows, cols, dtype, allowed, out);
    if (status != NMF_OK) {
        return status;
    }
    sparse_data *sparse = &(*out)->as.sparse;
    (*out)->info.sparse = true;
    (*out)->info.stored = entries;
    (*out)->info.bytes = compressed_bytes(rows, entries, dtype) + compressed_bytes(cols, entries, dtype);
    status = compressed_new(context, rows, entries, dtype, &sparse->by_row);
    if (status == NMF_OK) {
        status = compressed_new(context, cols, entries, dtype, &sparse->by_col);
    }
    if (status != NMF_OK) {
        nmf_matrix_free(*out);
        *out = NULL;
    }
    return status;
}

static void compressed_convert(const compressed *from, int64_t lines, nmf_dtype from_dtype, nmf_dtype dtype,
                               double scale, compressed *to) {
    int64_t entries = from->start[lines];
    memcpy(to->start, from->start, (size_t)(lines + 1) * sizeof *to->start);
    memcpy(to->index, from->index, (size_t)entries * sizeof *to->index);
    for (int64_t e = 0; e < entries; e++) {
        dtype_set(dtype, to->value, e, dtype_get(from_dtype, from->value, e) * scale);
    }
}

static nmf_status sparse_convert(const nmf_matrix *matrix, nmf_dtype dtype, double scale, nmf_matrix **copy) {
    const nmf_matrix_info *info = &matrix->info;
    const sparse_data *from = &matrix->as.sparse;
    nmf_status status = matrix_new_compressed(matrix->context, info->rows, info->cols, from->by_row.start[info->rows],
                                              dtype, matrix->allowed, copy);
    if (status == NMF_OK) {
        sparse_data *to = &(*copy)->as.sparse;
        compressed_convert(&from->by_row, info->rows, info->dtype, dtype, scale, &to->by_row);
        compressed_convert(&from->by_col, info->cols, info->dtype, dtype, scale, &to->by_col);
    }
    return status;
}

/* The lines of `list`, one after the other. */
static void pick_lines(const compressed *from, const int64_t *list, int64_t count, nmf_dtype dtype, compressed *to) {
    size_t size = dtype_size(dtype);
    for (int64_t i = 0; i < count; i++) {
        int64_t begin = from->start[list[i]], length = from->start[list[i] + 1] - begin, at = to->start[i];
        memcpy(to->index + at, from->index + begin, (size_t)length * sizeof *to->index);
        memcpy((char *)to->value + (size_t)at * size, (const char *)from->value + (size_t)begin * size,
               (size_t)length * size);
        to->start[i + 1] = at + length;
    }
}

static nmf_status sparse_pick(const nmf_matrix *matrix, bool columns, const int64_t *list, int64_t count,
                              nmf_matrix **copy) {
    const nmf_matrix_info *info = &matrix->info;
    const compressed *from = columns ? &matrix->as.sparse.by_col : &matrix->as.sparse.by_row;
    int64_t across = columns ? info->rows : info->cols, entries = 0;
    for (int64_t i = 0; i < count; i++) {
        entries += from->start[list[i] + 1] - from->start[list[i]];
    }
    nmf_status status = matrix_new_compressed(matrix->context, columns ? across : count, columns ? count : across,
                                              entries, info->dtype, matrix->allowed, copy);
    if (status == NMF_OK) {
        sparse_data *to = &(*copy)->as.sparse;
        compressed *picked = columns ? &to->by_col : &to->by_row, *turned = columns ? &to->by_row : &to->by_col;
        pick_lines(from, list, count, info->dtype, picked);
        compressed_transpose(picked, count, across, info->dtype, turned);
    }
    return status;
}

static int64_t compressed_map(compressed *lines, int64_t count, nmf_dtype dtype, bool columns, entry_change change,
                              const void *user) {
    int64_t lost = 0;
    for (int64_t i = 0; i < count; i++) {
        for (int64_t e = lines->start[i]; e < lines->start[i + 1]; e++) {
            int64_t across = lines->index[e];
            double value = dtype_get(dtype, lines->value, e);
            if (value < 0 || value > 0) {
                value = change(user, columns ? across : i, columns ? i : across, value);
                dtype_set(dtype, lines->value, e, value);
                lost += value != 0 && dtype_get(dtype, lines->value, e) == 0;
            }
        }
    }
    return lost;
}

static int64_t sparse_map(nmf_matrix *own, entry_change change, const void *user) {
    sparse_data *sparse = &own->as.sparse;
    compressed_map(&sparse->by_col, own->info.cols, own->info.dtype, true, change, user);
    return compressed_map(&sparse->by_row, own->info.rows, own->info.dtype, false, change, user);
}

static void sparse_transpose(nmf_matrix *matrix) {
    sparse_data *sparse = &matrix->as.sparse;
    compressed by_row = sparse->by_row;
    sparse->by_row = sparse->by_col;
    sparse->by_col = by_row;
    matrix->panel_rows = matrix->info.rows;
}

const matrix_kind matrix_sparse = {
    .times = sparse_times,
    .accumulate = sparse_accumulate,
    .line = sparse_line,
    .scan = sparse_scan,
    .convert = sparse_convert,
    .pick = sparse_pick,
    .map = sparse_map,
    .transpose = sparse_transpose,
    .release = sparse_release,
};
