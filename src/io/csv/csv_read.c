#include "io/csv/csv_rows.h"

static nmf_status csv_read(stream *in, const nmf_read_options *how, nmf_matrix **matrix) {
    csv_rows r;
    bool more = true;
    *matrix = NULL;
    nmf_status status = csv_rows_open(in, how, &r);
    while (status == NMF_OK && more) {
        status = csv_rows_next(&r, &more);
    }
    if (status == NMF_OK) {
        status = values_to_matrix(&r.own, r.rows, r.layout.columns, r.layout.columns, 1, matrix);
    }
    if (status != NMF_OK) {
        csv_rows_free(&r);
        return status;
    }
    (*matrix)->row_names = r.row_names;
    (*matrix)->col_names = r.col_names;
    (*matrix)->info.source = r.layout.source;
    return NMF_OK;
}

/* The rows of the first two lines are there from the opening on; later ones take each other's place. */
typedef struct passing {
    csv_rows rows;
    int64_t begun;
} passing;

static nmf_status passing_line(const table *t, bool column, int64_t i, entry_line *line) {
    passing *p = (passing *)t->of;
    bool more = true;
    nmf_status status = NMF_OK;
    (void)column;
    if (i >= p->begun) {
        p->rows.own.count = 0;
        status = csv_rows_next(&p->rows, &more);
    }
    int64_t first = i < p->begun ? i * t->cols : 0;
    const char *values = p->rows.own.data;
    *line = (entry_line){
        .count = t->cols, .value = more ? values + first * (int64_t)dtype_size(t->dtype) : NULL, .stride = 1};
    return status == NMF_OK && !more ? values_check(&p->rows.own) : status;
}

static const char *passing_name(const table *t, bool column, int64_t i) {
    const passing *p = t->of;
    return names_at(column ? &p->rows.col_names : &p->rows.row_names, i);
}

static void passing_close(table *t) {
    passing *p = (passing *)t->of;
    nmf_context *context = p->rows.context;
    csv_rows_free(&p->rows);
    buffer_free(context, p);
}

static nmf_status csv_pass(stream *in, const nmf_read_options *how, table *t) {
    passing *p = NULL;
    int64_t room = 0;
    nmf_status status = buffer_reserve(stream_context(in), (void **)&p, &room, 1, sizeof *p, "the rows of a table");
    if (status != NMF_OK) {
        return status;
    }
    status = csv_rows_open(in, how, &p->rows);
    p->begun = p->rows.rows;
    *t = (table){.rows = TABLE_OPEN,
                 .cols = p->rows.layout.columns,
                 .dtype = how->dtype,
                 .source = p->rows.layout.source,
                 .row_names = p->rows.layout.row_names,
                 .col_names = p->rows.layout.col_names,
                 .line = passing_line,
                 .name = passing_name,
                 .close = passing_close,
                 .of = p};
    if (status != NMF_OK) {
        passing_close(t);
    }
    return status;
}

const format format_csv = {
    .name = "csv", .has_names = true, .takes_rows = true, .read = csv_read, .pass = csv_pass, .write = csv_write};
const format format_tsv = {
    .name = "tsv", .has_names = true, .takes_rows = true, .read = csv_read, .pass = csv_pass, .write = tsv_write};
