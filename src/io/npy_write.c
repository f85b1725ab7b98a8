#include "io/npy.h"

#include <stdio.h>
#include <string.h>

/* The numbers begin at a multiple of 64 bytes, so that a reader can map them. */
enum { START = 10, ALIGNED = 64, ROOM = 192 };

static nmf_status write_header(sink *out, const table *t) {
    char header[ROOM];
    char order = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? '<' : '>';
    size_t size = dtype_size(t->dtype);
    size_t bytes;
    if (!checked_product(t->rows, t->cols, (int64_t)size, &bytes)) {
        return fail(sink_context(out), NMF_ERROR_OUTPUT, "a table of %lld × %lld numbers is more than can be addressed",
                    (long long)t->rows, (long long)t->cols);
    }
    int used = START + snprintf(header + START, ROOM - START,
                                "{'descr': '%cf%zu', 'fortran_order': False, 'shape': (%lld, %lld), }", order, size,
                                (long long)t->rows, (long long)t->cols);
    int total = (used + 1 + ALIGNED - 1) / ALIGNED * ALIGNED;
    memset(header + used, ' ', (size_t)(total - used));
    header[total - 1] = '\n';
    memcpy(header, "\x93NUMPY\x01\x00", 8);
    header[8] = (char)((total - START) & 0xff);
    header[9] = (char)((total - START) >> 8);
    return sink_write(out, header, (size_t)total);
}

nmf_status npy_write(sink *out, const table *t) {
    nmf_context *context = sink_context(out);
    int64_t room = 0;
    void *row = NULL;
    nmf_status status = write_header(out, t);
    if (status == NMF_OK) {
        status = buffer_reserve(context, &row, &room, (int64_t)table_line_bytes(t, false), 1, "a row of the table");
    }
    for (int64_t i = 0; i < t->rows && status == NMF_OK; i++) {
        const void *numbers;
        status = table_numbers(t, false, i, row, &numbers);
        if (status == NMF_OK) {
            status = sink_write(out, numbers, table_line_bytes(t, false));
        }
    }
    buffer_free(context, row);
    return status;
}
