/* Sparse matrices from entries in any order, and from rows. */
#include "matrix/compressed.h"

#include <float.h>
#include <math.h>
#include <string.h>

/*
 * Sum neighbours with the same index, then drop zeros unless they are kept, in place; returns how many entries were
 * given again.
 */
static int64_t merge(compressed *lines, int64_t count, nmf_dtype dtype, bool keep_zeros) {
    int64_t to = 0, repeated = 0, begin = 0;
    for (int64_t i = 0; i < count; i++) {
        int64_t end = lines->start[i + 1];
        for (int64_t e = begin; e < end;) {
            uint32_t index = lines->index[e];
            double sum = dtype_get(dtype, lines->value, e++);
            for (; e < end && lines->index[e] == index; e++, repeated++) {
                sum += dtype_get(dtype, lines->value, e);
            }
            if (sum != 0 || keep_zeros) {
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
static nmf_status fill(nmf_matrix *matrix, triplet **entries, int64_t count, int64_t *repeated) {
    nmf_context *context = matrix->context;
    int64_t rows = matrix->info.rows, cols = matrix->info.cols;
    nmf_dtype dtype = matrix->info.dtype;
    sparse_data *sparse = &matrix->as.sparse;
    nmf_status status = compressed_new(context, rows, count, dtype, &sparse->by_row);
    if (status == NMF_OK) {
        compressed_from_rows(*entries, count, rows, dtype, &sparse->by_row);
        buffer_free(context, *entries);
        *entries = NULL;
        status = compressed_new(context, cols, count, dtype, &sparse->by_col);
    }
    if (status != NMF_OK) {
        return status;
    }
    compressed_transpose(&sparse->by_row, rows, cols, dtype, &sparse->by_col);
    int64_t again = merge(&sparse->by_col, cols, dtype, matrix->allowed & NMF_KEEP_ZEROS);
    compressed_transpose(&sparse->by_col, cols, rows, dtype, &sparse->by_row);
    if (repeated) {
        *repeated = again;
    }
    matrix->info.stored = sparse->by_row.start[rows];
    matrix->info.bytes = compressed_bytes(rows, count, dtype) + compressed_bytes(cols, count, dtype);
    return NMF_OK;
}

/* Infinities below zero are refused as well: one above it at the same place would make a missing entry of both. */
static nmf_status check_entries(const nmf_matrix *matrix, const char *where, const triplet *entries, int64_t count) {
    nmf_context *context = matrix->context;
    bool narrow = matrix->info.dtype == NMF_F32;
    double least = matrix->allowed & NMF_ALLOW_NEGATIVE ? -DBL_MAX : 0;
    int64_t lost = 0;
    for (int64_t e = 0; e < count; e++) {
        double value = entries[e].value;
        if (value < least) {
            return matrix_refuse(context, where, entries[e].row, NULL, entries[e].col, NULL, value,
                                 matrix_wanted(matrix->allowed, false));
        }
        if (narrow && fabs(value) > FLT_MAX && fabs(value) <= DBL_MAX) {
            return matrix_refuse(context, where, entries[e].row, NULL, entries[e].col, NULL, value,
                                 "that is more than a number of f32 can be; use f64");
        }
        lost += narrow && value != 0 && (float)value == 0;
    }
    if (lost > 0) {
        caution(context, "%s: %lld entries are so small that they are 0 in f32; f64 keeps them", where,
                (long long)lost);
    }
    return NMF_OK;
}

static nmf_status make(nmf_context *context, const char *where, int64_t rows, int64_t cols, nmf_dtype dtype,
                       unsigned allowed, triplet **entries, int64_t count, int64_t *repeated, nmf_matrix **out) {
    nmf_status status = matrix_new(context, &matrix_sparse, rows, cols, dtype, allowed, out);
    if (status == NMF_OK) {
        (*out)->info.sparse = true;
        status = check_entries(*out, where, *entries, count);
    }
    return status == NMF_OK ? fill(*out, entries, count, repeated) : status;
}

nmf_status matrix_new_sparse(nmf_context *context, const char *where, int64_t rows, int64_t cols, nmf_dtype dtype,
                             unsigned allowed, triplet **entries, int64_t count, int64_t *repeated, nmf_matrix **out) {
    *out = NULL;
    nmf_status status = make(context, where, rows, cols, dtype, allowed, entries, count, repeated, out);
    buffer_free(context, *entries);
    *entries = NULL;
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
                          const int64_t *col_index, const void *values, unsigned allowed, nmf_matrix **matrix) {
    *matrix = NULL;
    if (!dtype_known(dtype) || rows < 1 || cols < 1 || rows > UINT32_MAX || cols > UINT32_MAX || row_start[0] != 0) {
        return fail(context, NMF_ERROR_USAGE,
                    "a sparse matrix of %lld × %lld whose row_start[0] is %lld cannot be; sizes go from 1 to %u and "
                    "row_start[0] is 0",
                    (long long)rows, (long long)cols, rows < 1 ? 0LL : (long long)row_start[0], UINT32_MAX);
    }
    triplet *entries = NULL;
    int64_t room = 0;
    nmf_status status = matrix_check_allowed(context, allowed);
    if (status == NMF_OK) {
        status = check_row_start(context, rows, row_start);
    }
    if (status == NMF_OK) {
        status = buffer_reserve(context, (void **)&entries, &room, row_start[rows], sizeof *entries, "a sparse matrix");
    }
    if (status == NMF_OK) {
        status = triplets_from_csr(context, rows, cols, dtype, row_start, col_index, values, entries);
    }
    if (status == NMF_OK) {
        status = matrix_new_sparse(context, "the matrix", rows, cols, dtype, allowed, &entries, row_start[rows], NULL,
                                   matrix);
    }
    buffer_free(context, entries);
    if (status == NMF_OK) {
        status = matrix_check(*matrix, "the matrix");
    }
    if (status != NMF_OK) {
        nmf_matrix_free(*matrix);
        *matrix = NULL;
    }
    return status;
}
