#include "io/npy/npy.h"

#include <stdio.h>
#include <string.h>

enum { START = 10, SHAPE_ROOM = 64 };

/* "()", "(3,)", "(3, 4)" */
static void shape_text(int dimensions, int64_t rows, int64_t cols, char shape[SHAPE_ROOM]) {
    static const char *const ways[] = {"()", "(%lld,)", "(%lld, %lld)"};
    snprintf(shape, SHAPE_ROOM, ways[dimensions], (long long)rows, (long long)cols);
}

void npy_header_make(char header[NPY_HEADER], char kind, size_t size, int dimensions, int64_t rows, int64_t cols) {
    char native = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? '<' : '>';
    char shape[SHAPE_ROOM];
    shape_text(dimensions, rows, cols, shape);
    memcpy(header, "\x93NUMPY\x01\x00", 8);
    header[8] = (char)(NPY_HEADER - START);
    header[9] = 0;
    int used = START + snprintf(header + START, NPY_HEADER - START,
                                "{'descr': '%c%c%zu', 'fortran_order': False, 'shape': %s, }",
                                kind == 'S' ? '|' : native, kind, size, shape);
    memset(header + used, ' ', (size_t)(NPY_HEADER - used));
    header[NPY_HEADER - 1] = '\n';
}

static nmf_status make_header(nmf_context *context, const table *t, int64_t rows, char header[NPY_HEADER]) {
    size_t size = dtype_size(t->dtype);
    size_t bytes;
    if (!checked_product(rows, t->cols, (int64_t)size, &bytes)) {
        return fail(context, NMF_ERROR_OUTPUT, "a table of %lld × %lld numbers is more than can be addressed",
                    (long long)rows, (long long)t->cols);
    }
    npy_header_make(header, 'f', size, 2, rows, t->cols);
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
    char header[NPY_HEADER];
    int64_t rows = t->rows == TABLE_OPEN ? 0 : t->rows;
    nmf_status status = make_header(sink_context(out), t, rows, header);
    if (status == NMF_OK) {
        status = sink_expect(out, (double)rows * (double)table_line_bytes(t, false));
    }
    if (status == NMF_OK) {
        status = sink_write(out, header, NPY_HEADER);
    }
    if (status == NMF_OK) {
        status = write_rows(out, t, &rows);
    }
    if (status == NMF_OK && t->rows == TABLE_OPEN) {
        status = make_header(sink_context(out), t, rows, header);
        status = status == NMF_OK ? sink_patch(out, header, NPY_HEADER) : status;
    }
    return status;
}
