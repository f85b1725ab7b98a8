#include "matrix/compressed.h"
#include "matrix/scan.h"

#include <string.h>

nmf_status compressed_new(nmf_context *context, int64_t lines, int64_t entries, nmf_dtype dtype, compressed *out) {
    nmf_status status = array_new(context, lines + 1, sizeof *out->start, "a sparse matrix", (void **)&out->start);
    if (status == NMF_OK) {
        status = array_new(context, entries, sizeof *out->index, "a sparse matrix", (void **)&out->index);
    }
    if (status == NMF_OK) {
        status = array_new(context, entries, dtype_size(dtype), "a sparse matrix", &out->value);
    }
    return status;
}

void compressed_free(nmf_context *context, compressed *lines) {
    array_free(context, lines->start);
    array_free(context, lines->index);
    array_free(context, lines->value);
    *lines = (compressed){0};
}

size_t compressed_bytes(int64_t lines, int64_t entries, nmf_dtype dtype) {
    return (size_t)(lines + 1) * sizeof(int64_t) + (size_t)entries * (sizeof(uint32_t) + dtype_size(dtype));
}

entry_line compressed_line(const compressed *lines, nmf_dtype dtype, int64_t i) {
    int64_t begin = lines->start[i];
    const char *values = (const char *)lines->value + (size_t)begin * dtype_size(dtype);
    return (entry_line){lines->start[i + 1] - begin, lines->index + begin, values, 1};
}

void compressed_scan(const compressed *by_row, int64_t rows, nmf_dtype dtype, double scale, scan *out,
                     unsigned char *any, unsigned char *cols) {
    for (int64_t i = 0; i < rows && out->bad_row < 0; i++) {
        entry_line row = compressed_line(by_row, dtype, i);
        int64_t bad = scan_run(dtype, row.value, row.index, row.count, scale, out, any + i, cols);
        if (bad >= 0) {
            out->bad_row = i;
            out->bad_col = row.index[bad];
            out->bad_value = dtype_get(dtype, row.value, bad);
        }
    }
}

/* Turn counts kept at start[i + 1] into starts; place() then moves start[i] to the end of line i, unshift() puts it
 * back. */
static void counts_to_starts(compressed *out, int64_t lines) {
    for (int64_t i = 0; i < lines; i++) {
        out->start[i + 1] += out->start[i];
    }
}

static void place(compressed *out, nmf_dtype dtype, int64_t line, int64_t index, double value) {
    int64_t to = out->start[line]++;
    out->index[to] = (uint32_t)index;
    dtype_set(dtype, out->value, to, value);
}

static void unshift(compressed *out, int64_t lines) {
    memmove(out->start + 1, out->start, (size_t)lines * sizeof *out->start);
    out->start[0] = 0;
}

void compressed_from_rows(const triplet *entries, int64_t count, int64_t rows, nmf_dtype dtype, compressed *out) {
    for (int64_t e = 0; e < count; e++) {
        out->start[(int64_t)entries[e].row + 1]++;
    }
    counts_to_starts(out, rows);
    for (int64_t e = 0; e < count; e++) {
        place(out, dtype, entries[e].row, entries[e].col, entries[e].value);
    }
    unshift(out, rows);
}

void compressed_transpose(const compressed *from, int64_t from_lines, int64_t to_lines, nmf_dtype dtype,
                          compressed *to) {
    memset(to->start, 0, (size_t)(to_lines + 1) * sizeof *to->start);
    for (int64_t e = 0; e < from->start[from_lines]; e++) {
        to->start[(int64_t)from->index[e] + 1]++;
    }
    counts_to_starts(to, to_lines);
    for (int64_t i = 0; i < from_lines; i++) {
        for (int64_t e = from->start[i]; e < from->start[i + 1]; e++) {
            place(to, dtype, from->index[e], i, dtype_get(dtype, from->value, e));
        }
    }
    unshift(to, to_lines);
}
