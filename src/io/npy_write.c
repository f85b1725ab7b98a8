#include "io/npy.h"

#include <stdio.h>
#include <string.h>

/* The numbers begin at a multiple of 64 bytes, so that a reader can map them. */
enum { START = 10, ALIGNED = 64, ROOM = 192 };

nmf_status npy_write(sink *out, const nmf_table *table) {
    char header[ROOM];
    char order = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? '<' : '>';
    size_t size = dtype_size(table->dtype);
    size_t bytes;
    if (!checked_product(table->rows, table->cols, (int64_t)size, &bytes)) {
        return fail(sink_context(out), NMF_ERROR_OUTPUT, "a table of %lld × %lld numbers is more than can be addressed",
                    (long long)table->rows, (long long)table->cols);
    }
    int used = START + snprintf(header + START, ROOM - START,
                                "{'descr': '%cf%zu', 'fortran_order': False, 'shape': (%lld, %lld), }", order, size,
                                (long long)table->rows, (long long)table->cols);
    int total = (used + 1 + ALIGNED - 1) / ALIGNED * ALIGNED;
    memset(header + used, ' ', (size_t)(total - used));
    header[total - 1] = '\n';
    memcpy(header, "\x93NUMPY\x01\x00", 8);
    header[8] = (char)((total - START) & 0xff);
    header[9] = (char)((total - START) >> 8);
    nmf_status status = sink_write(out, header, (size_t)total);
    return status == NMF_OK ? sink_write(out, table->values, bytes) : status;
}
