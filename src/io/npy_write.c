#include "io/npy.h"

#include <stdio.h>
#include <string.h>

/* The numbers begin at a multiple of 64 bytes, so that a reader can map them. */
enum { START = 10, HEADER = 128 };

/* The header of a table of `rows` rows; the same bytes long for as many as there can be. */
static nmf_status make_header(nmf_context *context, const table *t, int64_t rows, char header[HEADER]) {
    char order = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? '<' : '>';
    size_t size = dtype_size(t->dtype);
    size_t bytes;
    if (!checked_product(rows, t->cols, (int64_t)size, &bytes)) {
        return fail(context, NMF_ERROR_OUTPUT, "a table of %lld × %lld numbers is more than can be addressed",
                    (long long)rows, (long long)t->cols);
    }
    memcpy(header, "\x93NUMPY\x01\x00", 8);
    header[8] = (char)(HEADER - START);
    header[9] = 0;
    int used = START + snprintf(header + START, HEADER - START,
                                "{'descr': '%cf%zu', 'fortran_order': False, 'shape': (%lld, %lld), }", order, size,
                                (long long)rows, (long long)t->cols);
    memset(header + used, ' ', (size_t)(HEADER - used));
    header[HEADER - 1] = '\n';
    return NMF_OK;
}

static nmf_status write_rows(sink *out, const table *t, int64_t *rows) {
    nmf_context *context = sink_context(out);
    int64_t room = 0;
    void *row = NULL;
    const void *numbers = NULL;
    nmf_status status =
        buffer_reserve(context, &row, &room, (int64_t)table_line_bytes(t, false), 1, "a row of the table");
    *rows = 0;
    for (bool more = status == NMF_OK; more;) {
        status = table_next(t, *rows, row, &numbers);
        more = status == NMF_OK && numbers;
        if (more) {
            status = sink_write(out, numbers, table_line_bytes(t, false));
            more = status == NMF_OK;
            ++*rows;
        }
    }
    buffer_free(context, row);
    return status;
}

nmf_status npy_write(sink *out, const table *t) {
    char header[HEADER];
    int64_t rows = t->rows == TABLE_OPEN ? 0 : t->rows;
    nmf_status status = make_header(sink_context(out), t, rows, header);
    if (status == NMF_OK) {
        status = sink_write(out, header, HEADER);
    }
    if (status == NMF_OK) {
        status = write_rows(out, t, &rows);
    }
    if (status == NMF_OK && t->rows == TABLE_OPEN) {
        status = make_header(sink_context(out), t, rows, header);
        status = status == NMF_OK ? sink_patch(out, header, HEADER) : status;
    }
    return status;
}
