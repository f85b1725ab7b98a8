#include "matrix/cut.h"
#include "matrix/compressed.h"

#include <string.h>

/* Entries of rows that are at hand at a time. */
enum { AT_HAND = 1 << 18 };

/* What takes the rows of a part, one after the other. */
typedef struct taker {
    nmf_matrix *out; /* NULL: they are only counted */
    int64_t rows, entries;
    int64_t *of_rows, *of_cols; /* counts of each, from the part's first row on; may be NULL */
} taker;

static nmf_status pick(const nmf_matrix *from, bool columns, range some, nmf_matrix **out) {
    int64_t *list, count = some.to - some.from;
    nmf_status status = array_new(from->context, count, sizeof *list, "a part of the matrix", (void **)&list);
    *out = NULL;
    for (int64_t i = 0; i < count && status == NMF_OK; i++) {
        list[i] = some.from + i;
    }
    if (status == NMF_OK) {
        status = from->kind->pick(from, columns, list, count, out);
    }
    array_free(from->context, list);
    return status;
}

/* Rows of the part, all of their columns that are in it. */
static nmf_status pick_both(const nmf_matrix *from, range rows, range cols, nmf_matrix **out) {
    nmf_matrix *wide;
    nmf_status status = pick(from, false, rows, &wide);
    if (status != NMF_OK || (cols.from == 0 && cols.to == from->info.cols)) {
        *out = wide;
        return status;
    }
    status = pick(wide, true, cols, out);
    nmf_matrix_free(wide);
    return status;
}

static void take_dense(taker *to, const nmf_matrix *some) {
    size_t row = (size_t)some->info.cols * dtype_size(some->info.dtype);
    memcpy((char *)to->out->as.dense.owned + (size_t)to->rows * row, some->as.dense.values,
           (size_t)some->info.rows * row);
}

static void take_sparse(taker *to, const nmf_matrix *some) {
    compressed *own = &to->out->as.sparse.by_row;
    size_t size = dtype_size(some->info.dtype);
    for (int64_t i = 0; i < some->info.rows; i++) {
        entry_line line = some->kind->line(some, false, i);
        own->start[to->rows + i] = to->entries;
        memcpy(own->index + to->entries, line.index, (size_t)line.count * sizeof *line.index);
        memcpy((char *)own->value + (size_t)to->entries * size, line.value, (size_t)line.count * size);
        to->entries += line.count;
    }
    own->start[to->rows + some->info.rows] = to->entries;
}

static void count_each(taker *to, const nmf_matrix *some) {
    for (int64_t i = 0; i < some->info.rows; i++) {
        entry_line line = some->kind->line(some, false, i);
        to->of_rows[to->rows + i] += line.count;
        for (int64_t e = 0; e < line.count; e++) {
            to->of_cols[entry_place(&line, e)]++;
        }
    }
}

static void take(taker *to, const nmf_matrix *some) {
    if (to->of_rows) {
        count_each(to, some);
    } else if (!to->out) {
        to->entries += some->info.stored;
    } else if (some->info.sparse) {
        take_sparse(to, some);
    } else {
        take_dense(to, some);
    }
    to->rows += some->info.rows;
}

static nmf_status take_all(const nmf_matrix *matrix, range rows, range cols, taker *to) {
    const nmf_matrix_info *info = &matrix->info;
    int64_t each = info->stored / info->rows + 1, at_once = AT_HAND / each + 1;
    nmf_status status = NMF_OK;
    for (int64_t i = rows.from; i < rows.to && status == NMF_OK; i += at_once) {
        range some = {i, i + at_once < rows.to ? i + at_once : rows.to};
        nmf_matrix *part;
        status = pick_both(matrix, some, cols, &part);
        if (status == NMF_OK) {
            take(to, part);
            nmf_matrix_free(part);
        }
    }
    return status;
}

nmf_status matrix_cut(const nmf_matrix *matrix, range rows, range cols, nmf_matrix **out) {
    const nmf_matrix_info *info = &matrix->info;
    int64_t high = rows.to - rows.from, wide = cols.to - cols.from;
    taker counted = {.out = NULL}, taken = {.out = NULL};
    *out = NULL;
    nmf_status status = info->sparse ? take_all(matrix, rows, cols, &counted) : NMF_OK;
    if (status == NMF_OK) {
        status = info->sparse ? matrix_new_compressed(matrix->context, high, wide, counted.entries, info->dtype,
                                                      matrix->allowed, &taken.out)
                              : matrix_new_own(matrix->context, high, wide, info->dtype, matrix->allowed, &taken.out);
    }
    if (status == NMF_OK) {
        status = take_all(matrix, rows, cols, &taken);
    }
    if (status != NMF_OK) {
        nmf_matrix_free(taken.out);
        return status;
    }
    if (info->sparse) {
        compressed_transpose(&taken.out->as.sparse.by_row, high, wide, info->dtype, &taken.out->as.sparse.by_col);
    }
    *out = taken.out;
    return NMF_OK;
}

nmf_status matrix_count(const nmf_matrix *matrix, range rows, int64_t *of_rows, int64_t *of_cols) {
    taker counted = {.of_rows = of_rows + rows.from, .of_cols = of_cols};
    return take_all(matrix, rows, (range){0, matrix->info.cols}, &counted);
}
