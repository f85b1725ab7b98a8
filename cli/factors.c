#include "factors.h"

#include "folder.h"
#include "say.h"
#include "sides.h"

#include <inttypes.h>
#include <stdlib.h>

static const char *row_name(const void *matrix, int64_t i) {
    return nmf_matrix_row_name(matrix, i);
}

static const char *col_name(const void *matrix, int64_t j) {
    return nmf_matrix_col_name(matrix, j);
}

static const char *component_name(const void *names, int64_t i) {
    return ((char *const *)names)[i];
}

/* Those that were given keep their names. */
static char **component_names(const factor_files *factors) {
    const nmf_summary *summary = nmf_result_summary(factors->result);
    char **names = room_for((size_t)summary->rank, sizeof *names);
    for (int64_t i = 0; i < summary->rank; i++) {
        const char *given = factors->sides && i < summary->held ? sides_component(factors->sides, i) : NULL;
        names[i] = given ? text_of("%s", given) : text_of("component_%" PRId64, i + 1);
    }
    return names;
}

static void free_names(char **names, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        free(names[i]);
    }
    free(names);
}

static size_t number_size(nmf_dtype dtype) {
    return dtype == NMF_F32 ? sizeof(float) : sizeof(double);
}

nmf_status factors_write_w(nmf_context *context, const factor_files *factors) {
    const nmf_summary *summary = nmf_result_summary(factors->result);
    void *values = room_for((size_t)summary->rows, (size_t)summary->rank * number_size(summary->dtype));
    nmf_result_w(factors->result, summary->dtype, values);
    nmf_table table = {.rows = summary->rows, .cols = summary->rank, .dtype = summary->dtype, .values = values};
    char **components = component_names(factors);
    if (nmf_matrix_row_name(factors->matrix, 0)) {
        table.row_name = row_name;
        table.row_names = factors->matrix;
        table.col_name = component_name;
        table.col_names = components;
    }
    nmf_status status = folder_write(context, factors->path, "W", factors->format, &table);
    free_names(components, summary->rank);
    free(values);
    return status;
}

nmf_status factors_write_h(nmf_context *context, const factor_files *factors) {
    const nmf_summary *summary = nmf_result_summary(factors->result);
    void *values = room_for((size_t)summary->rank, (size_t)summary->cols * number_size(summary->dtype));
    nmf_result_h(factors->result, summary->dtype, values);
    nmf_table table = {.rows = summary->rank, .cols = summary->cols, .dtype = summary->dtype, .values = values};
    char **components = component_names(factors);
    if (nmf_matrix_col_name(factors->matrix, 0)) {
        table.row_name = component_name;
        table.row_names = components;
        table.col_name = col_name;
        table.col_names = factors->matrix;
    }
    nmf_status status = folder_write(context, factors->path, "H", factors->format, &table);
    free_names(components, summary->rank);
    free(values);
    return status;
}
