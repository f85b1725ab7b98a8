#include "write.h"
#include "say.h"

#include <stdlib.h>

enum { AT_ONCE = 1 << 16 };

/* Entries on their way into two datasets. */
typedef struct gathering {
    filling indices, data;
    int64_t *index;
    double *value;
    int64_t count;
} gathering;

static void flush(gathering *g) {
    fill_rows(&g->indices, g->index, g->count);
    fill_rows(&g->data, g->value, g->count);
    g->count = 0;
}

static void gather(gathering *g, int64_t index, double value) {
    if (g->count == AT_ONCE) {
        flush(g);
    }
    g->index[g->count] = index;
    g->value[g->count++] = value;
}

static void gather_entries(gathering *g, const incoming *in) {
    int64_t count = (int64_t)(in->length / (4 + wire_value_bytes(in->shape.flags)));
    for (int64_t e = 0; e < count; e++) {
        gather(g, little_get32(in->payload + 4 * e), wire_get_value(in->shape.flags, in->payload + 4 * count, e));
    }
}

/* Of a dense table, those that are not zero; `seen` counts all, and `start` is filled in. */
static void gather_numbers(gathering *g, incoming *in, int64_t *seen, int64_t *entries) {
    int64_t count = (int64_t)(in->length / wire_value_bytes(in->shape.flags)), length = wire_line_length(&in->shape);
    for (int64_t e = 0; e < count; e++, ++*seen) {
        double value = wire_get_value(in->shape.flags, in->payload, e);
        if (*seen / length >= wire_lines(&in->shape)) {
            stop("more numbers came than were promised");
        }
        if (value != 0) {
            gather(g, *seen % length, value);
            in->start[*seen / length + 1] = ++*entries;
        }
    }
}

/* Where a line has no entry, it begins where the one before it ends. */
static void close_gaps(incoming *in) {
    for (int64_t i = 1; i < in->starts; i++) {
        if (in->start[i] < in->start[i - 1]) {
            in->start[i] = in->start[i - 1];
        }
    }
}

static void write_start(hid_t at, const incoming *in, hid_t type) {
    filling f = fill_new(at, "indptr", type, H5T_NATIVE_INT64, in->starts, 0);
    fill_rows(&f, in->start, in->starts);
    fill_end(&f);
}

void arrays_write(hid_t at, incoming *in, arrays_type type) {
    int64_t seen = 0, entries = 0;
    gathering g = {.indices = fill_new(at, "indices", type.index, H5T_NATIVE_INT64, in->shape.entries, 0),
                   .data = fill_new(at, "data", type.value, H5T_NATIVE_DOUBLE, in->shape.entries, 0),
                   .index = room_for(AT_ONCE, sizeof *g.index),
                   .value = room_for(AT_ONCE, sizeof *g.value)};
    if (!(in->shape.flags & WIRE_SPARSE)) {
        in->starts = wire_lines(&in->shape) + 1;
        in->start = room_for((size_t)in->starts, sizeof *in->start);
    }
    while (in->tag != WIRE_END) {
        if (in->tag == WIRE_ENTRIES) {
            gather_entries(&g, in);
        } else if (in->tag == WIRE_NUMBERS) {
            gather_numbers(&g, in, &seen, &entries);
        }
        receive_next(in);
    }
    flush(&g);
    close_gaps(in);
    write_start(at, in, type.start);
    fill_end(&g.indices);
    fill_end(&g.data);
    free(g.index);
    free(g.value);
}

hid_t lines_write(hid_t at, const char *name, incoming *in) {
    int64_t length = wire_line_length(&in->shape), lines = wire_lines(&in->shape);
    int64_t high = length < AT_ONCE ? AT_ONCE / (length > 0 ? length : 1) : 1, count = 0;
    hid_t type = in->shape.flags & WIRE_SINGLE ? H5T_IEEE_F32LE : H5T_IEEE_F64LE;
    filling f = fill_new(at, name, type, H5T_NATIVE_DOUBLE, lines, length);
    double *band = room_for((size_t)(high * length), sizeof *band);
    for (; in->tag != WIRE_END; receive_next(in)) {
        int64_t more = in->tag == WIRE_NUMBERS ? (int64_t)(in->length / wire_value_bytes(in->shape.flags)) : 0;
        for (int64_t e = 0; e < more; e++) {
            band[count++] = wire_get_value(in->shape.flags, in->payload, e);
            if (count == high * length) {
                fill_rows(&f, band, high);
                count = 0;
            }
        }
    }
    if (length > 0) {
        fill_rows(&f, band, count / length);
    }
    free(band);
    if (H5Iinc_ref(f.id) < 0) {
        stop_library("its \"%s\" could not be written", name);
    }
    fill_end(&f);
    return f.id;
}
