#include "base/number.h"
#include "io/csv/csv.h"

#include <string.h>

/*
 * Names that would be read as a number, as missing or as several fields go in quotes. A line break in a name is written
 * as a blank: rows are lines, for us and for most that read CSV.
 */
static bool needs_quotes(const char *name) {
    size_t length = strlen(name);
    const char *blank = " \t";
    csv_field field = {.text = (char *)name, .length = length};
    return csv_is_missing(&field) || csv_is_number(&field) || strpbrk(name, ",;\"\t\r\n") != NULL ||
           strchr(blank, name[0]) || strchr(blank, name[length - 1]);
}

static nmf_status write_name(sink *out, const char *name) {
    const char *text = name;
    if (!needs_quotes(text)) {
        return sink_write(out, text, strlen(text));
    }
    nmf_status status = sink_write(out, "\"", 1);
    for (; *text && status == NMF_OK; text++) {
        bool breaks = *text == '\n' || *text == '\r';
        status = sink_write(out, *text == '"' ? "\"\"" : breaks ? " " : text, *text == '"' ? 2 : 1);
    }
    return status == NMF_OK ? sink_write(out, "\"", 1) : status;
}

typedef struct writer {
    sink *out;
    const table *t;
    char separator;
    void *room; /* of a row */
} writer;

/* An empty corner above the row names, then the names of the columns. */
static nmf_status write_header(const writer *w) {
    nmf_status status = w->t->row_names ? sink_write(w->out, &w->separator, 1) : NMF_OK;
    for (int64_t j = 0; j < w->t->cols && status == NMF_OK; j++) {
        status = write_name(w->out, w->t->name(w->t, true, j));
        if (status == NMF_OK) {
            status = sink_write(w->out, j + 1 < w->t->cols ? &w->separator : "\n", 1);
        }
    }
    return status;
}

static nmf_status write_row(const writer *w, int64_t i, const void *numbers) {
    nmf_status status = NMF_OK;
    if (w->t->row_names) {
        status = write_name(w->out, w->t->name(w->t, false, i));
        if (status == NMF_OK) {
            status = sink_write(w->out, &w->separator, 1);
        }
    }
    for (int64_t j = 0; j < w->t->cols && status == NMF_OK; j++) {
        char text[NUMBER_ROOM];
        int length = number_print(dtype_get(w->t->dtype, numbers, j), w->t->dtype, text);
        text[length] = j + 1 < w->t->cols ? w->separator : '\n';
        status = sink_write(w->out, text, (size_t)length + 1);
    }
    return status;
}

static nmf_status write_rows(sink *out, const table *t, char separator) {
    writer w = {.out = out, .t = t, .separator = separator};
    nmf_context *context = sink_context(out);
    int64_t room = 0;
    /* A number takes two bytes at least, its separator being one. */
    nmf_status status = t->rows == TABLE_OPEN ? NMF_OK : sink_expect(out, 2 * (double)t->rows * (double)t->cols);
    if (status != NMF_OK) {
        return status;
    }
    status = buffer_reserve(context, &w.room, &room, (int64_t)table_line_bytes(t, false), 1, "a row of the table");
    if (status == NMF_OK && t->col_names) {
        status = write_header(&w);
    }
    const void *numbers = NULL;
    bool more = status == NMF_OK;
    for (int64_t i = 0; more; i++) {
        status = table_next(t, i, w.room, &numbers);
        more = status == NMF_OK && numbers;
        if (more) {
            status = write_row(&w, i, numbers);
            more = status == NMF_OK;
        }
    }
    buffer_free(context, w.room);
    return status;
}

nmf_status csv_write(sink *out, const table *t) {
    return write_rows(out, t, ',');
}

nmf_status tsv_write(sink *out, const table *t) {
    return write_rows(out, t, '\t');
}
