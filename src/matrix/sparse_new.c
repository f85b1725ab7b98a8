/* Sparse matrices from entries in any order, and from compressed lines. */
#include "matrix/compressed.h"
#include "matrix/triplets.h"

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

static compressed *lines_of(nmf_matrix *matrix, bool by_col) {
    return by_col ? &matrix->as.sparse.by_col : &matrix->as.sparse.by_row;
}

static int64_t count_of(const nmf_matrix *matrix, bool by_col) {
    return by_col ? matrix->info.cols : matrix->info.rows;
}

/* Room for `entries` in the rows, or the columns. */
static nmf_status reserve(nmf_matrix *matrix, bool by_col, int64_t entries) {
    int64_t count = count_of(matrix, by_col);
    matrix->info.bytes += compressed_bytes(count, entries, matrix->info.dtype);
    return compressed_new(matrix->context, count, entries, matrix->info.dtype, lines_of(matrix, by_col));
}

/*
 * The other direction of the one that is filled. Where that is not ascending yet, a second transposition sorts it too;
 * between the two, entries given twice lie side by side, and `repeated` (may be NULL) counts them.
 */
static nmf_status fill(nmf_matrix *matrix, bool by_col, bool ascending, int64_t *repeated) {
    int64_t count = count_of(matrix, by_col), across = count_of(matrix, !by_col);
    compressed *given = lines_of(matrix, by_col), *turned = lines_of(matrix, !by_col);
    nmf_dtype dtype = matrix->info.dtype;
    nmf_status status = reserve(matrix, !by_col, given->start[count]);
    if (status != NMF_OK) {
        return status;
    }
    compressed_transpose(given, count, across, dtype, turned);
    if (!ascending) {
        int64_t again = merge(turned, across, dtype, matrix->allowed & NMF_KEEP_ZEROS);
        if (repeated) {
            *repeated = again;
        }
        compressed_transpose(turned, across, count, dtype, given);
    }
    matrix->info.stored = given->start[count];
    return NMF_OK;
}

static nmf_status check_entries(const nmf_matrix *matrix, const char *where, const triplet *entries, int64_t count) {
    triplets_seen seen = {.dtype = matrix->info.dtype, .allowed = matrix->allowed};
    triplets_look(&seen, entries, count);
    return triplets_tell(matrix->context, where, &seen);
}

static nmf_status shell(nmf_context *context, int64_t rows, int64_t cols, nmf_dtype dtype, unsigned allowed,
                        nmf_matrix **out) {
    nmf_status status = matrix_new(context, &matrix_sparse, rows, cols, dtype, allowed, out);
    if (status == NMF_OK) {
        (*out)->info.sparse = true;
    }
    return status;
}

/* The status; on failure, what there is of the matrix is freed. */
static nmf_status or_nothing(nmf_status status, nmf_matrix **out) {
    if (status != NMF_OK) {
        nmf_matrix_free(*out);
        *out = NULL;
    }
    return status;
}

nmf_status matrix_new_sparse(nmf_context *context, const char *where, int64_t rows, int64_t cols, nmf_dtype dtype,
                             unsigned allowed, triplet **entries, int64_t count, int64_t *repeated, nmf_matrix **out) {
    *out = NULL;
    nmf_status status = shell(context, rows, cols, dtype, allowed, out);
    if (status == NMF_OK) {
        status = check_entries(*out, where, *entries, count);
    }
    if (status == NMF_OK) {
        status = reserve(*out, false, count);
    }
    if (status == NMF_OK) {
        compressed_from_rows(*entries, count, rows, dtype, lines_of(*out, false));
    }
    buffer_free(context, *entries);
    *entries = NULL;
    if (status == NMF_OK) {
        status = fill(*out, false, false, repeated);
    }
    return or_nothing(status, out);
}

/* Number i of `start` or `index`. */
static int64_t integer(const nmf_compressed *lines, const void *array, int64_t i) {
    return lines->index_bytes == sizeof(int32_t) ? ((const int32_t *)array)[i] : ((const int64_t *)array)[i];
}

static nmf_status check_shape(nmf_context *context, const nmf_compressed *lines) {
    if (!dtype_known(lines->dtype)) {
        return fail(context, NMF_ERROR_USAGE, "dtype is %d; it must be NMF_F64 or NMF_F32", (int)lines->dtype);
    }
    if (lines->index_bytes != sizeof(int32_t) && lines->index_bytes != sizeof(int64_t)) {
        return fail(context, NMF_ERROR_USAGE, "index_bytes is %zu; it must be 4 or 8", lines->index_bytes);
    }
    if (lines->rows < 1 || lines->cols < 1 || lines->rows > UINT32_MAX || lines->cols > UINT32_MAX) {
        return fail(context, NMF_ERROR_USAGE, "a sparse matrix of %lld × %lld cannot be; sizes go from 1 to %u",
                    (long long)lines->rows, (long long)lines->cols, UINT32_MAX);
    }
    return NMF_OK;
}

/* Before anything is made of `start`: where it rises all the way, its last number counts all entries. */
static nmf_status check_start(nmf_context *context, const nmf_compressed *lines) {
    int64_t count = lines->by_col ? lines->cols : lines->rows, before = integer(lines, lines->start, 0);
    if (before != 0) {
        return fail(context, NMF_ERROR_USAGE, "start[0] is %lld; it must be 0", (long long)before);
    }
    for (int64_t i = 1; i <= count; i++) {
        int64_t start = integer(lines, lines->start, i);
        if (start < before) {
            return fail(context, NMF_ERROR_INPUT,
                        "start[%lld] is %lld; it must not be below start[%lld], which is %lld", (long long)i,
                        (long long)start, (long long)i - 1, (long long)before);
        }
        before = start;
    }
    return NMF_OK;
}

/* Entry e of line i stands at `index`. */
static nmf_status check_entry(const nmf_matrix *matrix, bool by_col, int64_t i, int64_t e, int64_t index,
                              double value) {
    int64_t across = count_of(matrix, !by_col);
    if (index < 0 || index >= across) {
        return fail(matrix->context, NMF_ERROR_INPUT, "index[%lld] is %lld; it must be from 0 to %lld", (long long)e,
                    (long long)index, (long long)across - 1);
    }
    if (value < triplets_least(matrix->allowed)) {
        return matrix_refuse(matrix->context, "the matrix", by_col ? index : i, NULL, by_col ? i : index, NULL, value,
                             matrix_wanted(matrix->allowed, false));
    }
    return NMF_OK;
}

/* Line i, all but zeros that are not kept, behind the lines before; `ascending` is cleared where it is not. */
static nmf_status copy_line(nmf_matrix *matrix, const nmf_compressed *from, int64_t i, compressed *to,
                            bool *ascending) {
    int64_t at = to->start[i], before = -1, stop = integer(from, from->start, i + 1);
    bool keep_zeros = matrix->allowed & NMF_KEEP_ZEROS;
    for (int64_t e = integer(from, from->start, i); e < stop; e++) {
        int64_t index = integer(from, from->index, e);
        double value = dtype_get(from->dtype, from->values, e);
        nmf_status status = check_entry(matrix, from->by_col, i, e, index, value);
        if (status != NMF_OK) {
            return status;
        }
        if (value != 0 || keep_zeros) {
            *ascending &= index > before;
            before = index;
            to->index[at] = (uint32_t)index;
            dtype_set(from->dtype, to->value, at++, value);
        }
    }
    to->start[i + 1] = at;
    return NMF_OK;
}

static nmf_status copy_lines(nmf_matrix *matrix, const nmf_compressed *from) {
    int64_t count = count_of(matrix, from->by_col);
    bool ascending = true;
    nmf_status status = reserve(matrix, from->by_col, integer(from, from->start, count));
    for (int64_t i = 0; status == NMF_OK && i < count; i++) {
        status = copy_line(matrix, from, i, lines_of(matrix, from->by_col), &ascending);
    }
    return status == NMF_OK ? fill(matrix, from->by_col, ascending, NULL) : status;
}

nmf_status nmf_matrix_sparse(nmf_context *context, const nmf_compressed *lines, unsigned allowed, nmf_matrix **matrix) {
    *matrix = NULL;
    nmf_status status = check_shape(context, lines);
    if (status == NMF_OK) {
        status = matrix_check_allowed(context, allowed);
    }
    if (status == NMF_OK) {
        status = check_start(context, lines);
    }
    if (status == NMF_OK) {
        status = shell(context, lines->rows, lines->cols, lines->dtype, allowed, matrix);
    }
    if (status == NMF_OK) {
        status = copy_lines(*matrix, lines);
    }
    if (status == NMF_OK) {
        status = matrix_check(*matrix, "the matrix");
    }
    return or_nothing(status, matrix);
}
