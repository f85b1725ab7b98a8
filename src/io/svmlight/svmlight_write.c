#include "base/number.h"
#include "io/svmlight/svmlight.h"

static nmf_status write_pair(sink *out, nmf_dtype dtype, int64_t index, double value) {
    char text[NUMBER_ROOM];
    nmf_status status = sink_printf(out, " %lld:", (long long)index + 1);
    return status == NMF_OK ? sink_write(out, text, (size_t)number_print(value, dtype, text)) : status;
}

/* The zero at the end of the first line says how many columns there are, which nothing else does. */
static nmf_status write_row(sink *out, const table *t, const entry_line *line, int64_t i) {
    int64_t last = -1;
    nmf_status status = sink_write(out, "0", 1);
    for (int64_t e = 0; e < line->count && status == NMF_OK; e++) {
        double value = entry_value(t->dtype, line, e);
        if (t->sparse || value != 0) {
            last = entry_place(line, e);
            status = write_pair(out, t->dtype, last, value);
        }
    }
    if (status == NMF_OK && i == 0 && last < t->cols - 1) {
        status = write_pair(out, t->dtype, t->cols - 1, 0);
    }
    return status == NMF_OK ? sink_write(out, "\n", 1) : status;
}

nmf_status svmlight_write(sink *out, const table *t) {
    entry_line line = {0};
    nmf_status status = NMF_OK;
    bool more = true;
    for (int64_t i = 0; status == NMF_OK && more; i++) {
        more = t->rows == TABLE_OPEN || i < t->rows;
        status = more ? t->line(t, false, i, &line) : NMF_OK;
        more = more && status == NMF_OK && (line.value || t->rows != TABLE_OPEN);
        status = more ? write_row(out, t, &line, i) : status;
    }
    return status;
}
