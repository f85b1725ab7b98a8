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

/* Write what has the shape and the names of W; without values the names alone. */
static nmf_status write_w(nmf_context *context, const factor_files *factors, const char *name, void *values) {
    const nmf_summary *summary = nmf_result_summary(factors->result);
    nmf_table table = {.rows = summary->rows, .cols = summary->rank, .dtype = summary->dtype, .values = values};
    char **components = component_names(factors);
    if (nmf_matrix_row_name(factors->matrix, 0)) {
        table.row_name = row_name;
        table.row_names = factors->matrix;
        table.col_name = component_name;
        table.col_names = components;
    }
    nmf_status status =
        (values ? folder_write : folder_write_names)(context, factors->path, name, factors->format, &table);
    free_names(components, summary->rank);
    return status;
}

/* Likewise of H. */
static nmf_status write_h(nmf_context *context, const factor_files *factors, const char *name, void *values) {
    const nmf_summary *summary = nmf_result_summary(factors->result);
    nmf_table table = {.rows = summary->rank, .cols = summary->cols, .dtype = summary->dtype, .values = values};
    char **components = component_names(factors);
    if (nmf_matrix_col_name(factors->matrix, 0)) {
        table.row_name = component_name;
        table.row_names = components;
        table.col_name = col_name;
        table.col_names = factors->matrix;
    }
    nmf_status status =
        (values ? folder_write : folder_write_names)(context, factors->path, name, factors->format, &table);
    free_names(components, summary->rank);
    return status;
}

/* Room for the numbers of W, or of H. */
static void *room_of(const factor_files *factors, bool columns) {
    const nmf_summary *summary = nmf_result_summary(factors->result);
    int64_t lines = columns ? summary->cols : summary->rows;
    return room_for((size_t)lines, (size_t)summary->rank * number_size(summary->dtype));
}

nmf_status factors_write_w(nmf_context *context, const factor_files *factors) {
    void *values = room_of(factors, false);
    nmf_result_w(factors->result, nmf_result_summary(factors->result)->dtype, values);
    nmf_status status = write_w(context, factors, "W", values);
    free(values);
    return status;
}

nmf_status factors_write_h(nmf_context *context, const factor_files *factors) {
    void *values = room_of(factors, true);
    nmf_result_h(factors->result, nmf_result_summary(factors->result)->dtype, values);
    nmf_status status = write_h(context, factors, "H", values);
    free(values);
    return status;
}

/* Each process its part of W, or H; the leading one the names. */
static nmf_status write_part(nmf_context *context, const factor_files *factors, bool h) {
    const char *name = h ? "H" : "W";
    bool leads = nmf_context_leads(context);
    nmf_status status = leads ? (h ? write_h : write_w)(context, factors, name, NULL) : NMF_OK;
    status = nmf_context_agree(context, status);
    if (status != NMF_OK) {
        return status;
    }
    char *file = text_of("%s/%s.%s", factors->path, name, factors->format);
    status = nmf_result_write(context, factors->matrix, factors->result, h, file);
    free(file);
    return status == NMF_OK ? NMF_OK : complain_context(status, context);
}

nmf_status factors_write_parts(nmf_context *context, const factor_files *factors) {
    nmf_status status = write_part(context, factors, false);
    return status == NMF_OK ? write_part(context, factors, true) : status;
}

nmf_status factors_write_bounds(nmf_context *context, const factor_files *factors, const nmf_consensus *consensus) {
    nmf_dtype dtype = nmf_result_summary(factors->result)->dtype;
    void *w = room_of(factors, false), *h = room_of(factors, true);
    nmf_status status = NMF_OK;
    for (int upper = 0; upper < 2 && status == NMF_OK; upper++) {
        nmf_consensus_w_bounds(consensus, upper, dtype, w);
        status = write_w(context, factors, upper ? "W_high" : "W_low", w);
        if (status == NMF_OK) {
            nmf_consensus_h_bounds(consensus, upper, dtype, h);
            status = write_h(context, factors, upper ? "H_high" : "H_low", h);
        }
    }
    free(w);
    free(h);
    return status;
}
