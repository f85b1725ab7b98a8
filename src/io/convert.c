/* One file into another: row by row, or block by block, where both formats allow it, else through a matrix in memory.
 */
#include "base/crowd.h"
#include "io/beside.h"
#include "io/format.h"
#include "io/tenx/tenx.h"
#include "io/walk.h"
#include "matrix/scan.h"
#include "matrix/streamed.h"

#include <math.h>

typedef struct job {
    nmf_context *context;
    const char *from, *to, *format;
    const struct format *writer; /* NULL: a folder of 10x Genomics is to be written */
    nmf_matrix_info *info;
} job;

/* A table that is looked at as it passes. */
typedef struct checked {
    const table *inner;
    nmf_context *context;
    const char *path;
    int64_t rows; /* that have passed */
    scan found;
} checked;

static nmf_status checked_line(const table *t, bool column, int64_t i, entry_line *line) {
    checked *c = (checked *)t->of;
    unsigned char any = 0;
    nmf_status status = c->inner->line(c->inner, column, i, line);
    if (status != NMF_OK || !line->value) {
        return status;
    }
    c->rows++;
    int64_t bad = scan_run(t->dtype, line->value, NULL, line->count, 1.0, &c->found, &any, NULL);
    if (bad < 0) {
        return NMF_OK;
    }
    double value = entry_value(t->dtype, line, bad);
    int64_t j = entry_place(line, bad);
    return matrix_refuse(c->context, c->path, i, t->row_names ? t->name(t, false, i) : NULL, j,
                         t->col_names ? t->name(t, true, j) : NULL, value,
                         matrix_wanted(c->found.allowed, isnan(value)));
}

static const char *checked_name(const table *t, bool column, int64_t i) {
    const checked *c = t->of;
    return c->inner->name(c->inner, column, i);
}

/* Write the rows as they come; `info` learns what was seen of them. */
static nmf_status pass_rows(checked *c, const format *writer, sink *out, nmf_matrix_info *info) {
    table t = *c->inner;
    t.line = checked_line;
    t.name = checked_name;
    t.of = c;
    nmf_status status = writer->write(out, &t);
    if (status == NMF_OK && c->rows == 0) {
        status = fail(c->context, NMF_ERROR_INPUT, "%s has no rows; at least one is needed", c->path);
    }
    info->rows = c->rows;
    scan_tell(&c->found, (double)info->rows * (double)info->cols, info);
    return status;
}

/* The table into `out`, then its names beside it. */
static nmf_status write_rows(const job *j, const table *t, unsigned allowed, sink *out) {
    checked c = {.inner = t, .context = j->context, .path = j->from, .found = scan_begin(allowed)};
    nmf_status status = sink_finish(out, pass_rows(&c, j->writer, out, j->info));
    if (status == NMF_OK && !j->writer->has_names) {
        table seen = *t;
        seen.rows = j->info->rows;
        status = names_to_files(j->context, j->to, &seen);
    }
    return status;
}

/* The rows of `in` into `out`. */
static nmf_status pass(stream *in, const nmf_read_options *how, const format *reader, const job *j, sink *out) {
    table t;
    nmf_status status = reader->pass(in, how, &t);
    if (status != NMF_OK) {
        sink_abandon(out);
        return status;
    }
    *j->info = (nmf_matrix_info){.cols = t.cols, .dtype = t.dtype, .source = t.source};
    status = write_rows(j, &t, how->allowed, out);
    t.close(&t);
    return status;
}

/* Open a sink that rows can pass to; NULL where they cannot. */
static nmf_status open_for_rows(const job *j, const format *reader, const nmf_read_options *how, sink **out) {
    *out = NULL;
    if (!reader->pass || !j->writer || !j->writer->takes_rows || names_lie_beside(j->from, how)) {
        return NMF_OK;
    }
    nmf_status status = sink_open(j->context, j->to, out);
    if (status == NMF_OK && j->writer->begins_with_count && !sink_patchable(*out)) {
        sink_abandon(*out);
        *out = NULL;
    }
    return status;
}

/* A matrix that stayed in its file. */
static nmf_status write_blocks(const job *j, const nmf_matrix *matrix) {
    walk way = {.matrix = matrix};
    table t = table_of_walk(&way);
    sink *out;
    nmf_status status = sink_open(j->context, j->to, &out);
    if (status == NMF_OK) {
        status = write_rows(j, &t, matrix->allowed, out);
    }
    if (status == NMF_OK) {
        streamed_tell(matrix);
    }
    return status;
}

static nmf_status write_matrix(const job *j, nmf_matrix *matrix) {
    nmf_matrix_get_info(matrix, j->info);
    nmf_status status =
        matrix_is_streamed(matrix) ? write_blocks(j, matrix) : nmf_matrix_write(j->context, j->to, j->format, matrix);
    nmf_matrix_free(matrix);
    return status;
}

static nmf_status convert_stream(const job *j, stream *in, const nmf_read_options *how) {
    const format *reader;
    sink *out = NULL;
    nmf_matrix *matrix = NULL;
    nmf_status status = format_find(in, j->from, how, &reader);
    if (status == NMF_OK) {
        status = open_for_rows(j, reader, how, &out);
    }
    if (status != NMF_OK || out) {
        return out ? pass(in, how, reader, j, out) : status;
    }
    status = format_read(in, reader, how, &matrix);
    /* What stays in its file is looked at as it passes. */
    bool check = status == NMF_OK && !matrix_is_streamed(matrix);
    status = format_complete(j->from, how, status, check, &matrix);
    return status == NMF_OK ? write_matrix(j, matrix) : status;
}

static nmf_status convert_file(const job *j, const nmf_read_options *how) {
    stream *in;
    nmf_status status = stream_open(j->context, j->from, &in);
    if (status == NMF_OK) {
        status = convert_stream(j, in, how);
        stream_close(in);
    }
    return status;
}

static nmf_status convert_folder(const job *j, const nmf_read_options *how) {
    nmf_matrix *matrix;
    nmf_status status = nmf_matrix_read(j->context, j->from, how, &matrix);
    return status == NMF_OK ? write_matrix(j, matrix) : status;
}

nmf_status nmf_convert(nmf_context *context, const char *from, const nmf_read_options *options, const char *to,
                       const char *format, nmf_matrix_info *info) {
    nmf_read_options how = options ? *options : (nmf_read_options){0};
    job j = {.context = context, .from = from, .to = to, .format = format, .info = info};
    bool to_file = format || !tenx_is_folder(to);
    nmf_status status = read_options_check(context, &how);
    if (status == NMF_OK && to_file) {
        status = format_find_writer(context, to, format, &j.writer);
    }
    if (status != NMF_OK) {
        return status;
    }
    /* What a crowd leaves in its file may be for spreading alone. */
    how.in_file = j.writer && j.writer->takes_rows && !context_crowd(context);
    return tenx_is_folder(from) ? convert_folder(&j, &how) : convert_file(&j, &how);
}
