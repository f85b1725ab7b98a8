#include "base/number.h"
#include "io/csv.h"

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
    const char *text = name ? name : "";
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

/* An empty corner above the row names, then the names of the columns. */
static nmf_status write_header(sink *out, const nmf_table *table) {
    nmf_status status = table->row_name ? sink_write(out, ",", 1) : NMF_OK;
    for (int64_t j = 0; j < table->cols && status == NMF_OK; j++) {
        status = write_name(out, table->col_name(table->col_names, j));
        if (status == NMF_OK) {
            status = sink_write(out, j + 1 < table->cols ? "," : "\n", 1);
        }
    }
    return status;
}

static nmf_status write_row(sink *out, const nmf_table *table, int64_t i) {
    nmf_status status = NMF_OK;
    if (table->row_name) {
        status = write_name(out, table->row_name(table->row_names, i));
        if (status == NMF_OK) {
            status = sink_write(out, ",", 1);
        }
    }
    for (int64_t j = 0; j < table->cols && status == NMF_OK; j++) {
        char text[NUMBER_ROOM];
        double value = dtype_get(table->dtype, table->values, i * table->cols + j);
        int length = number_print(value, table->dtype, text);
        text[length] = j + 1 < table->cols ? ',' : '\n';
        status = sink_write(out, text, (size_t)length + 1);
    }
    return status;
}

nmf_status csv_write(sink *out, const nmf_table *table) {
    nmf_status status = table->col_name ? write_header(out, table) : NMF_OK;
    for (int64_t i = 0; i < table->rows && status == NMF_OK; i++) {
        status = write_row(out, table, i);
    }
    return status;
}
