#include "io/table.h"

#include <string.h>

static nmf_status matrix_line(const table *t, bool column, int64_t i, entry_line *line) {
    const nmf_matrix *matrix = t->of;
    *line = matrix->kind->line(matrix, column, i);
    return NMF_OK;
}

static const char *matrix_name(const table *t, bool column, int64_t i) {
    const nmf_matrix *matrix = t->of;
    return names_at(column ? &matrix->col_names : &matrix->row_names, i);
}

table table_of_matrix(const nmf_matrix *matrix) {
    const nmf_matrix_info *info = &matrix->info;
    return (table){.rows = info->rows,
                   .cols = info->cols,
                   .entries = info->sparse ? info->stored : info->nnz + info->missing,
                   .dtype = info->dtype,
                   .sparse = info->sparse,
                   .source = info->source,
                   .row_names = matrix->row_names.count > 0,
                   .col_names = matrix->col_names.count > 0,
                   .line = matrix_line,
                   .name = matrix_name,
                   .of = matrix};
}

static nmf_status numbers_line(const table *t, bool column, int64_t i, entry_line *line) {
    const nmf_table *numbers = t->of;
    int64_t first = column ? i : i * t->cols;
    *line = (entry_line){.count = column ? t->rows : t->cols,
                         .value = (const char *)numbers->values + first * (int64_t)dtype_size(t->dtype),
                         .stride = column ? t->cols : 1};
    return NMF_OK;
}

static const char *numbers_name(const table *t, bool column, int64_t i) {
    const nmf_table *numbers = t->of;
    const char *name = column ? numbers->col_name(numbers->col_names, i) : numbers->row_name(numbers->row_names, i);
    return name ? name : "";
}

table table_of_numbers(const nmf_table *numbers) {
    return (table){.rows = numbers->rows,
                   .cols = numbers->cols,
                   .dtype = numbers->dtype,
                   .row_names = numbers->row_name != NULL,
                   .col_names = numbers->col_name != NULL,
                   .line = numbers_line,
                   .name = numbers_name,
                   .of = numbers};
}

size_t table_line_bytes(const table *t, bool column) {
    return (size_t)(column ? t->rows : t->cols) * dtype_size(t->dtype);
}

nmf_status table_numbers(const table *t, bool column, int64_t i, void *room, const void **numbers) {
    entry_line line;
    nmf_status status = t->line(t, column, i, &line);
    if (status != NMF_OK) {
        return status;
    }
    if (!line.value || (!line.index && line.stride == 1)) {
        *numbers = line.value;
        return NMF_OK;
    }
    memset(room, 0, table_line_bytes(t, column));
    for (int64_t e = 0; e < line.count; e++) {
        dtype_set(t->dtype, room, entry_place(&line, e), entry_value(t->dtype, &line, e));
    }
    *numbers = room;
    return NMF_OK;
}

nmf_status table_next(const table *t, int64_t i, void *room, const void **numbers) {
    *numbers = NULL;
    return t->rows == TABLE_OPEN || i < t->rows ? table_numbers(t, false, i, room, numbers) : NMF_OK;
}
