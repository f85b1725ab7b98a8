#include "base/number.h"
#include "io/mtx/mtx.h"

#include <math.h>

static nmf_status write_number(sink *out, nmf_dtype dtype, double value) {
    char text[NUMBER_ROOM];
    int length = number_print(value, dtype, text);
    text[length] = '\n';
    return sink_write(out, text, (size_t)length + 1);
}

static nmf_status write_row(sink *out, const table *t, int64_t i) {
    entry_line line;
    nmf_status status = t->line(t, false, i, &line);
    for (int64_t e = 0; e < line.count && status == NMF_OK; e++) {
        double value = entry_value(t->dtype, &line, e);
        if (t->sparse || value != 0) {
            status = sink_printf(out, "%lld %lld ", (long long)i + 1, (long long)entry_place(&line, e) + 1);
            status = status == NMF_OK ? write_number(out, t->dtype, value) : status;
        }
    }
    return status;
}

/* Counts are kept as counts: programs that need them as such look at this word. */
static nmf_status find_field(const table *t, const char **field) {
    entry_line line;
    nmf_status status = NMF_OK;
    *field = "integer";
    for (int64_t i = 0; i < t->rows && status == NMF_OK; i++) {
        status = t->line(t, false, i, &line);
        for (int64_t e = 0; e < line.count && status == NMF_OK; e++) {
            double value = entry_value(t->dtype, &line, e);
            if (value != floor(value)) {
                *field = "real";
                return NMF_OK;
            }
        }
    }
    return status;
}

nmf_status mtx_write_coordinates(sink *out, const table *t) {
    const char *field;
    nmf_status status = find_field(t, &field);
    if (status == NMF_OK) {
        status = sink_printf(out, "%%%%MatrixMarket matrix coordinate %s general\n%lld %lld %lld\n", field,
                             (long long)t->rows, (long long)t->cols, (long long)t->entries);
    }
    for (int64_t i = 0; i < t->rows && status == NMF_OK; i++) {
        status = write_row(out, t, i);
    }
    return status;
}

static nmf_status write_column(sink *out, const table *t, int64_t j) {
    entry_line line;
    nmf_status status = t->line(t, true, j, &line);
    for (int64_t e = 0; e < line.count && status == NMF_OK; e++) {
        status = write_number(out, t->dtype, entry_value(t->dtype, &line, e));
    }
    return status;
}

/* The array format goes down the columns. */
static nmf_status write_array(sink *out, const table *t) {
    nmf_status status = sink_printf(out, "%%%%MatrixMarket matrix array real general\n%lld %lld\n", (long long)t->rows,
                                    (long long)t->cols);
    for (int64_t j = 0; j < t->cols && status == NMF_OK; j++) {
        status = write_column(out, t, j);
    }
    return status;
}

nmf_status mtx_write(sink *out, const table *t) {
    return t->sparse ? mtx_write_coordinates(out, t) : write_array(out, t);
}
