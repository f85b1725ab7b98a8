/* A sparse matrix in memory, kept by rows and by columns, so that both products are gathers without shared writes. */
#include "matrix/matrix.h"
#include "matrix/scan.h"

#include <float.h>
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
    const compressed *lines = column ? &matrix->as.sparse.by_col : &matrix->as.sparse.by_row;
    int64_t begin = lines->start[i];
    const char *values = (const char *)lines->value + (size_t)begin * dtype_size(matrix->info.dtype);
    return (entry_line){lines->start[i + 1] - begin, lines->index + begin, values, 1};
}

static void sparse_scan(const nmf_matrix *matrix, double scale, scan *out, unsigned char *rows, unsigned char *cols) {
    const compressed *by_row = &matrix->as.sparse.by_row;
    for (int64_t i = 0; i < matrix->info.rows && out->bad_row < 0; i++) {
        int64_t begin = by_row->start[i], length = by_row->start[i + 1] - begin;
        const void *values = (const char *)by_row->value + (size_t)begin * dtype_size(matrix->info.dtype);
        int64_t bad = scan_run(matrix->info.dtype, values, by_row->index + begin, length, scale, out, rows + i, cols);
        if (bad >= 0) {
            out->bad_row = i;
            out->bad_col = by_row->index[begin + bad];
            out->bad_value = dtype_get(matrix->info.dtype, values, bad);
        }
    }
}

static void compressed_free(nmf_context *context, compressed *lines) {
    array_free(context, lines->start);
    array_free(context, lines->index);
    array_free(context, lines->value);
    *lines = (compressed){0};
}

static void sparse_release(nmf_matrix *matrix) {
    compressed_free(matrix->context, &matrix->as.sparse.by_row);
    compressed_free(matrix->context, &matrix->as.sparse.by_col);
}

static nmf_status compressed_new(nmf_context *context, int64_t lines, int64_t entries, nmf_dtype dtype,
                                 compressed *out) {
    nmf_status status = array_new(context, lines + 1, sizeof *out->start, "a sparse matrix", (void **)&out->start);
    if (status == NMF_OK) {
        status = array_new(context, entries, sizeof *out->index, "a sparse matrix", (void **)&out->index);
    }
    if (status == NMF_OK) {
        status = array_new(context, entries, dtype_size(dtype), "a sparse matrix", &out->value);
    }
    return status;
}

static nmf_status compressed_convert(nmf_context *context, const compressed *from, int64_t lines, nmf_dtype from_dtype,
                                     nmf_dtype dtype, double scale, compressed *to) {
    int64_t entries = from->start[lines];
    nmf_status status = compressed_new(context, lines, entries, dtype, to);
    if (status == NMF_OK) {
        memcpy(to->start, from->start, (size_t)(lines + 1) * sizeof *to->start);
        memcpy(to->index, from->index, (size_t)entries * sizeof *to->index);
        for (int64_t e = 0; e < entries; e++) {
            dtype_set(dtype, to->value, e, dtype_get(from_dtype, from->value, e) * scale);
        }
    }
    return status;
}

static nmf_status sparse_convert(const nmf_matrix *matrix, nmf_dtype dtype, double scale, nmf_matrix **copy) {
    const nmf_matrix_info *info = &matrix->info;
    nmf_status status = matrix_new(matrix->context, &matrix_sparse, info->rows, info->cols, dtype, copy);
    if (status != NMF_OK) {
        return status;
    }
    const sparse_data *from = &matrix->as.sparse;
    sparse_data *to = &(*copy)->as.sparse;
    (*copy)->info.sparse = true;
    status = compressed_convert(matrix->context, &from->by_row, info->rows, info->dtype, dtype, scale, &to->by_row);
    if (status == NMF_OK) {
        status = compressed_convert(matrix->context, &from->by_col, info->cols, info->dtype, dtype, scale, &to->by_col);
    }
    if (status != NMF_OK) {
        nmf_matrix_free(*copy);
        *copy = NULL;
    }
    return status;
}

/* Turn counts kept at start[i + 1] into starts; place() then moves start[i] to the end of line i, unshift() puts it
 * back. */
static void counts_to_starts(compressed *out, int64_t lines) {
    for (int64_t i = 0; i < lines; i++) {
        out->start[i + 1] += out->start[i];
    }
}

static void place(compressed *out, nmf_dtype dtype, int64_t line, int64_t index, double value) {
    int64_t to = out->start[line]++;
    out->index[to] = (uint32_t)index;
    dtype_set(dtype, out->value, to, value);
}

static void unshift(compressed *out, int64_t lines) {
    memmove(out->start + 1, out->start, (size_t)lines * sizeof *out->start);
    out->start[0] = 0;
}

/* Lines in the order of `entries`, each line's own entries in the order in which they come. */
static void compress_rows(const triplet *entries, int64_t count, int64_t rows, nmf_dtype dtype, compressed *out) {
    for (int64_t e = 0; e < count; e++) {
        out->start[(int64_t)entries[e].row + 1]++;
    }
    counts_to_starts(out, rows);
    for (int64_t e = 0; e < count; e++) {
        place(out, dtype, entries[e].row, entries[e].col, entries[e].value);
    }
    unshift(out, rows);
}

/* The transpose: `to` gets a line for every index of `from`, its indices ascending. */
static void transpose(const compressed *from, int64_t from_lines, int64_t to_lines, nmf_dtype dtype, compressed *to) {
    memset(to->start, 0, (size_t)(to_lines + 1) * sizeof *to->start);
    for (int64_t e = 0; e < from->start[from_lines]; e++) {
        to->start[(int64_t)from->index[e] + 1]++;
    }
    counts_to_starts(to, to_lines);
    for (int64_t i = 0; i < from_lines; i++) {
        for (int64_t e = from->start[i]; e < from->start[i + 1]; e++) {
            place(to, dtype, from->index[e], i, dtype_get(dtype, from->value, e));
        }
    }
    unshift(to, to_lines);
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
    nmf_status status = matrix_new(matrix->context, &matrix_sparse, columns ? across : count, columns ? count : across,
                                   info->dtype, copy);
    if (status != NMF_OK) {
        return status;
    }
    sparse_data *to = &(*copy)->as.sparse;
    compressed *picked = columns ? &to->by_col : &to->by_row, *turned = columns ? &to->by_row : &to->by_col;
    (*copy)->info.sparse = true;
    status = compressed_new(matrix->context, count, entries, info->dtype, picked);
    if (status == NMF_OK) {
        status = compressed_new(matrix->context, across, entries, info->dtype, turned);
    }
    if (status == NMF_OK) {
        pick_lines(from, list, count, info->dtype, picked);
        transpose(picked, count, across, info->dtype, turned);
    } else {
        nmf_matrix_free(*copy);
        *copy = NULL;
    }
    return status;
}

const matrix_kind matrix_sparse = {
    .times = sparse_times,
    .accumulate = sparse_accumulate,
    .line = sparse_line,
    .scan = sparse_scan,
    .convert = sparse_convert,
    .pick = sparse_pick,
    .release = sparse_release,
};

/* Sum neighbours with the same index, then drop zeros, in place; returns how many entries were given again. */
static int64_t merge(compressed *lines, int64_t count, nmf_dtype dtype) {
    int64_t to = 0, repeated = 0, begin = 0;
    for (int64_t i = 0; i < count; i++) {
        int64_t end = lines->start[i + 1];
        for (int64_t e = begin; e < end;) {
            uint32_t index = lines->index[e];
            double sum = dtype_get(dtype, lines->value, e++);
            for (; e < end && lines->index[e] == index; e++, repeated++) {
                sum += dtype_get(dtype, lines->value, e);
            }
            if (sum != 0) {
                lines->index[to] = index;
                dtype_set(dtype, lines->value, to++, sum);
            }
        }
        begin = end;
        lines->start[i + 1] = to;
    }
    return repeated;
}

/* Two transpositions sort both ways; between them, entries given twice lie side by side. */
static nmf_status fill(nmf_matrix *matrix, const triplet *entries, int64_t count, int64_t *repeated) {
    nmf_context *context = matrix->context;
    int64_t rows = matrix->info.rows, cols = matrix->info.cols;
    nmf_dtype dtype = matrix->info.dtype;
    sparse_data *sparse = &matrix->as.sparse;
    nmf_status status = compressed_new(context, rows, count, dtype, &sparse->by_row);
    if (status == NMF_OK) {
        status = compressed_new(context, cols, count, dtype, &sparse->by_col);
    }
    if (status != NMF_OK) {
        return status;
    }
    compress_rows(entries, count, rows, dtype, &sparse->by_row);
    transpose(&sparse->by_row, rows, cols, dtype, &sparse->by_col);
    int64_t again = merge(&sparse->by_col, cols, dtype);
    transpose(&sparse->by_col, cols, rows, dtype, &sparse->by_row);
    if (repeated) {
        *repeated = again;
    }
    matrix->info.bytes =
        (size_t)(rows + cols + 2) * sizeof(int64_t) + 2 * (size_t)count * (sizeof(uint32_t) + dtype_size(dtype));
    return NMF_OK;
}

static nmf_status check_entries(nmf_context *context, const char *where, nmf_dtype dtype, const triplet *entries,
                                int64_t count) {
    int64_t lost = 0;
    for (int64_t e = 0; e < count; e++) {
        double value = entries[e].value;
        long long row = (long long)entries[e].row + 1, col = (long long)entries[e].col + 1;
        if (value < 0) {
            return fail(context, NMF_ERROR_INPUT,
                        "%s: row %lld, column %lld is %g; every entry must be a finite number, 0 or above", where, row,
                        col, value);
        }
        if (dtype == NMF_F32 && value > FLT_MAX && value <= DBL_MAX) {
            return fail(context, NMF_ERROR_INPUT,
                        "%s: row %lld, column %lld is %g, more than a number of f32 can be; use f64", where, row, col,
                        value);
        }
        lost += dtype == NMF_F32 && value > 0 && (float)value == 0;
    }
    if (lost > 0) {
        caution(context, "%s: %lld entries are so small that they are 0 in f32; f64 keeps them", where,
                (long long)lost);
    }
    return NMF_OK;
}

nmf_status matrix_new_sparse(nmf_context *context, const char *where, int64_t rows, int64_t cols, nmf_dtype dtype,
                             const triplet *entries, int64_t count, int64_t *repeated, nmf_matrix **out) {
    *out = NULL;
    nmf_status status = check_entries(context, where, dtype, entries, count);
    if (status == NMF_OK) {
        status = matrix_new(context, &matrix_sparse, rows, cols, dtype, out);
    }
    if (status != NMF_OK) {
        return status;
    }
    (*out)->info.sparse = true;
    status = fill(*out, entries, count, repeated);
    if (status != NMF_OK) {
        nmf_matrix_free(*out);
        *out = NULL;
    }
    return status;
}

/* Before anything is made of row_start: where it rises all the way, its last number counts all entries. */
static nmf_status check_row_start(nmf_context *context, int64_t rows, const int64_t *row_start) {
    for (int64_t i = 0; i < rows; i++) {
        if (row_start[i] > row_start[i + 1]) {
            return fail(context, NMF_ERROR_INPUT, "row_start[%lld] is %lld and row_start[%lld] %lld; it must not fall",
                        (long long)i, (long long)row_start[i], (long long)i + 1, (long long)row_start[i + 1]);
        }
    }
    return NMF_OK;
}

static nmf_status triplets_from_csr(nmf_context *context, int64_t rows, int64_t cols, nmf_dtype dtype,
                                    const int64_t *row_start, const int64_t *col_index, const void *values,
                                    triplet *entries) {
    for (int64_t i = 0; i < rows; i++) {
        for (int64_t e = row_start[i]; e < row_start[i + 1]; e++) {
            if (col_index[e] < 0 || col_index[e] >= cols) {
                return fail(context, NMF_ERROR_INPUT, "col_index[%lld] is %lld; it must be from 0 to %lld",
                            (long long)e, (long long)col_index[e], (long long)cols - 1);
            }
            entries[e] = (triplet){(uint32_t)i, (uint32_t)col_index[e], dtype_get(dtype, values, e)};
        }
    }
    return NMF_OK;
}

nmf_status nmf_matrix_csr(nmf_context *context, int64_t rows, int64_t cols, nmf_dtype dtype, const int64_t *row_start,
                          const int64_t *col_index, const void *values, nmf_matrix **matrix) {
    *matrix = NULL;
    if (!dtype_known(dtype) || rows < 1 || cols < 1 || rows > UINT32_MAX || cols > UINT32_MAX || row_start[0] != 0) {
        return fail(context, NMF_ERROR_USAGE,
                    "a sparse matrix of %lld × %lld whose row_start[0] is %lld cannot be; sizes go from 1 to %u and "
                    "row_start[0] is 0",
                    (long long)rows, (long long)cols, rows < 1 ? 0LL : (long long)row_start[0], UINT32_MAX);
    }
    triplet *entries = NULL;
    nmf_status status = check_row_start(context, rows, row_start);
    if (status == NMF_OK) {
        status = array_new(context, row_start[rows], sizeof *entries, "a sparse matrix", (void **)&entries);
    }
    if (status == NMF_OK) {
        status = triplets_from_csr(context, rows, cols, dtype, row_start, col_index, values, entries);
    }
    if (status == NMF_OK) {
        status = matrix_new_sparse(context, "the matrix", rows, cols, dtype, entries, row_start[rows], NULL, matrix);
    }
    array_free(context, entries);
    if (status == NMF_OK) {
        status = matrix_check(*matrix, "the matrix");
    }
    if (status != NMF_OK) {
        nmf_matrix_free(*matrix);
        *matrix = NULL;
    }
    return status;
}
