#include "read.h"
#include "say.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ENCODING = 32, AT_ONCE = 1 << 16, DOUBLES_AT_ONCE = WIRE_BLOCK_MOST / 8 };

void read_matrix(const source *from, const char *layer) {
    bool named_by_path = layer && layer[0] == '/';
    if (!named_by_path && tenx_recognises(from)) {
        tenx_read(from, layer);
    } else if (!named_by_path && anndata_recognises(from)) {
        anndata_read(from, layer);
    } else {
        plain_read(from, layer);
    }
}

void listing_add(listing *list, const char *name) {
    size_t used = strlen(list->text);
    snprintf(list->text + used, sizeof list->text - used, "%s%s", list->count > 0 ? ", " : "", name);
    list->count++;
}

bool source_link(hid_t group, int64_t i, char *name, size_t room) {
    H5G_info_t info;
    if (H5Gget_info(group, &info) < 0 || (hsize_t)i >= info.nlinks) {
        return false;
    }
    return H5Lget_name_by_idx(group, ".", H5_INDEX_NAME, H5_ITER_INC, (hsize_t)i, name, room, H5P_DEFAULT) >= 0;
}

/* Do float32 numbers hold every one of this type? */
static bool fits_single(hid_t type) {
    return H5Tget_size(type) <= (H5Tget_class(type) == H5T_FLOAT ? sizeof(float) : sizeof(int16_t));
}

static void check_names(const text_list *names, int64_t count, const char *what) {
    if (names->count > 0 && names->count != count) {
        stop("it has %lld names for its %lld %s", (long long)names->count, (long long)count, what);
    }
}

static void begin(const wire_shape *shape, found *what) {
    check_names(&what->row_names, shape->rows, "rows");
    check_names(&what->col_names, shape->cols, "columns");
    send_begin(shape);
    send_names(WIRE_ROWS, &what->row_names);
    send_names(WIRE_COLUMNS, &what->col_names);
    text_free(&what->row_names);
    text_free(&what->col_names);
}

static void send_start(const dataset *start) {
    int64_t *piece = room_for(AT_ONCE, sizeof *piece);
    unsigned char *block = room_for(AT_ONCE, 8);
    for (int64_t i = 0; i < start->dims[0]; i += AT_ONCE) {
        int64_t count = start->dims[0] - i < AT_ONCE ? start->dims[0] - i : AT_ONCE;
        dataset_read(start, i, count, 0, 1, H5T_NATIVE_INT64, piece);
        for (int64_t j = 0; j < count; j++) {
            little_put64(block + 8 * j, (uint64_t)piece[j]);
        }
        send_block(WIRE_START, block, 8 * (size_t)count);
    }
    free(block);
    free(piece);
}

/* Room for a piece of the entries on their way. */
typedef struct passage {
    int64_t *index;
    double *value;
    unsigned char *block;
} passage;

static void send_piece(const passage *p, const wire_shape *shape, int64_t first, int64_t count) {
    for (int64_t j = 0; j < count; j++) {
        if (p->index[j] < 0 || p->index[j] >= wire_line_length(shape)) {
            stop("entry %lld has the index %lld; it must be from 0 to %lld", (long long)first + j + 1,
                 (long long)p->index[j], (long long)wire_line_length(shape) - 1);
        }
        little_put32(p->block + 4 * j, (uint32_t)p->index[j]);
        wire_put_value(shape->flags, p->block + 4 * count, j, p->value[j]);
    }
    send_block(WIRE_ENTRIES, p->block, (size_t)count * (4 + wire_value_bytes(shape->flags)));
}

static void send_entries(const dataset *data, const dataset *indices, const wire_shape *shape) {
    passage p = {room_for(AT_ONCE, 8), room_for(AT_ONCE, 8), room_for(AT_ONCE, 12)};
    for (int64_t i = 0; i < shape->entries; i += AT_ONCE) {
        int64_t count = shape->entries - i < AT_ONCE ? shape->entries - i : AT_ONCE;
        dataset_read(indices, i, count, 0, 1, H5T_NATIVE_INT64, p.index);
        dataset_read(data, i, count, 0, 1, H5T_NATIVE_DOUBLE, p.value);
        send_piece(&p, shape, i, count);
    }
    free(p.index);
    free(p.value);
    free(p.block);
}

void sparse_send(const source *from, hid_t group, wire_shape shape, found *what) {
    dataset data = dataset_open(from, group, "data");
    dataset indices = dataset_open(from, group, "indices");
    dataset start = dataset_open(from, group, "indptr");
    dataset_expect(&data, 1, false);
    dataset_expect(&indices, 1, true);
    dataset_expect(&start, 1, true);
    shape.flags |= WIRE_SPARSE | (fits_single(data.type) ? WIRE_SINGLE : 0);
    shape.entries = data.dims[0];
    shape.source = what->source;
    int64_t lines = wire_lines(&shape);
    if (shape.rows < 0 || shape.cols < 0 || shape.rows > UINT32_MAX || shape.cols > UINT32_MAX) {
        stop("its shape is %lld x %lld; each may be from 0 to 4294967295", (long long)shape.rows,
             (long long)shape.cols);
    }
    if (start.dims[0] != lines + 1 || indices.dims[0] != shape.entries) {
        stop("its indptr has %lld numbers where %lld are needed, or its data (%lld) and indices (%lld) differ in "
             "number",
             (long long)start.dims[0], (long long)lines + 1, (long long)shape.entries, (long long)indices.dims[0]);
    }
    begin(&shape, what);
    send_start(&start);
    send_entries(&data, &indices, &shape);
    send_end();
    dataset_close(&start);
    dataset_close(&indices);
    dataset_close(&data);
}

/* In bands of whole rows, or in parts of one where a row is longer than a block. */
static void send_numbers(const dataset *d, const wire_shape *shape) {
    int64_t cols = d->dims[1], wide = cols < DOUBLES_AT_ONCE ? cols : DOUBLES_AT_ONCE;
    int64_t high = wide > 0 ? DOUBLES_AT_ONCE / wide : 1;
    double *piece = room_for(DOUBLES_AT_ONCE, sizeof *piece);
    unsigned char *block = room_for(DOUBLES_AT_ONCE, 8);
    for (int64_t i = 0; i < d->dims[0]; i += high) {
        int64_t rows = d->dims[0] - i < high ? d->dims[0] - i : high;
        for (int64_t j = 0; j < cols; j += wide) {
            int64_t part = cols - j < wide ? cols - j : wide;
            dataset_read(d, i, rows, j, part, H5T_NATIVE_DOUBLE, piece);
            for (int64_t e = 0; e < rows * part; e++) {
                wire_put_value(shape->flags, block, e, piece[e]);
            }
            send_block(WIRE_NUMBERS, block, (size_t)(rows * part) * wire_value_bytes(shape->flags));
        }
    }
    free(block);
    free(piece);
}

static void dense_send(const source *from, found *what) {
    dataset d = dataset_open(from, what->at, what->name);
    dataset_expect(&d, 2, false);
    bool turned = what->transposed;
    wire_shape shape = {.rows = d.dims[turned ? 1 : 0],
                        .cols = d.dims[turned ? 0 : 1],
                        .flags = (turned ? WIRE_BY_COLUMNS : 0) | (fits_single(d.type) ? WIRE_SINGLE : 0),
                        .source = what->source};
    begin(&shape, what);
    send_numbers(&d, &shape);
    send_end();
    dataset_close(&d);
}

/* What AnnData says of a sparse group, now and in the days of h5sparse. */
static bool sparse_kind(hid_t group, bool *by_columns, int64_t *dims) {
    char kind[ENCODING] = "";
    bool known = attribute_text(group, "encoding-type", kind, sizeof kind) ||
                 attribute_text(group, "h5sparse_format", kind, sizeof kind);
    *by_columns = strncmp(kind, "csc", 3) == 0;
    return known && (*by_columns || strncmp(kind, "csr", 3) == 0) &&
           (attribute_integers(group, "shape", dims, 2) || attribute_integers(group, "h5sparse_shape", dims, 2));
}

void found_send(const source *from, found *what) {
    if (source_thing(what->at, what->name) == THING_DATASET) {
        dense_send(from, what);
        return;
    }
    int64_t dims[2];
    bool by_columns;
    hid_t group = source_group(what->at, what->name);
    if (!sparse_kind(group, &by_columns, dims)) {
        stop("its \"%s\" is neither a dataset nor a sparse matrix (encoding-type csr_matrix or csc_matrix)",
             what->name);
    }
    bool turned = what->transposed;
    wire_shape shape = {.rows = dims[turned ? 1 : 0],
                        .cols = dims[turned ? 0 : 1],
                        .flags = by_columns != turned ? WIRE_BY_COLUMNS : 0};
    sparse_send(from, group, shape, what);
    H5Gclose(group);
}
