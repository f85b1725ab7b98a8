#include "factors.h"

#include "folder.h"
#include "say.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { COMPONENT_LENGTH = 32 };

static const char *row_name(const void *matrix, int64_t i) {
    return nmf_matrix_row_name(matrix, i);
}

static const char *col_name(const void *matrix, int64_t j) {
    return nmf_matrix_col_name(matrix, j);
}

static const char *component_name(const void *names, int64_t i) {
    return (const char *)names + i * COMPONENT_LENGTH;
}

static char *component_names(int64_t count) {
    char *names = room_for((size_t)count, COMPONENT_LENGTH);
    for (int64_t i = 0; i < count; i++) {
        snprintf(names + i * COMPONENT_LENGTH, COMPONENT_LENGTH, "component_%" PRId64, i + 1);
    }
    return names;
}

static size_t number_size(nmf_dtype dtype) {
    return dtype == NMF_F32 ? sizeof(float) : sizeof(double);
}

nmf_status factors_write_w(nmf_context *context, const factor_files *factors) {
    const nmf_summary *summary = nmf_result_summary(factors->result);
    void *values = room_for((size_t)summary->rows, (size_t)summary->rank * number_size(summary->dtype));
    nmf_result_w(factors->result, summary->dtype, values);
    nmf_table table = {.rows = summary->rows, .cols = summary->rank, .dtype = summary->dtype, .values = values};
    char *components = component_names(summary->rank);
    if (nmf_matrix_row_name(factors->matrix, 0)) {
        table.row_name = row_name;
        table.row_names = factors->matrix;
        table.col_name = component_name;
        table.col_names = components;
    }
    nmf_status status = folder_write(context, factors->path, "W", factors->format, &table);
    free(components);
    free(values);
    return status;
}

nmf_status factors_write_h(nmf_context *context, const factor_files *factors) {
    const nmf_summary *summary = nmf_result_summary(factors->result);
    void *values = room_for((size_t)summary->rank, (size_t)summary->cols * number_size(summary->dtype));
    nmf_result_h(factors->result, summary->dtype, values);
    nmf_table table = {.rows = summary->rank, .cols = summary->cols, .dtype = summary->dtype, .values = values};
    char *components = component_names(summary->rank);
    if (nmf_matrix_col_name(factors->matrix, 0)) {
        table.row_name = component_name;
        table.row_names = components;
        table.col_name = col_name;
        table.col_names = factors->matrix;
    }
    nmf_status status = folder_write(context, factors->path, "H", factors->format, &table);
    free(components);
    free(values);
    return status;
}
