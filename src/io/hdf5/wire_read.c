#include "io/bytes/utf8.h"
#include "io/entries.h"
#include "io/format.h"
#include "io/hdf5/wire.h"
#include "io/values.h"

static const char *const sources[WIRE_SOURCES] = {
    [WIRE_SOURCE_PLAIN] = "HDF5", [WIRE_SOURCE_TENX] = "HDF5, 10x Genomics", [WIRE_SOURCE_ANNDATA] = "HDF5, AnnData"};

typedef struct reader {
    stream *in;
    nmf_context *context;
    wire_shape shape;
    unsigned char *block; /* the payload of the block at hand */
    int64_t length, room;
    int64_t at; /* where in the stream the block begins */
    names row_names, col_names;
    int64_t *start; /* of the lines, and the end of the last */
    int64_t starts, start_room;
    int64_t line; /* where the next entry may belong; those before it are full */
    entries all;
    values own;
} reader;

static bool recognises(const unsigned char *head, size_t bytes) {
    return bytes >= WIRE_MAGIC_BYTES && memcmp(head, WIRE_MAGIC, WIRE_MAGIC_BYTES) == 0;
}

static nmf_status fail_damaged(const reader *r, const char *why) {
    return fail(r->context, NMF_ERROR_INPUT, "%s is damaged: %s, in the block at byte %lld of its stream",
                stream_path(r->in), why, (long long)r->at);
}

static nmf_status read_exactly(const reader *r, void *bytes, size_t count) {
    size_t got;
    nmf_status status = stream_read(r->in, bytes, count, &got);
    if (status == NMF_OK && got < count) {
        return fail(r->context, NMF_ERROR_INPUT, "%s is cut short: its stream stops at byte %lld, before its end block",
                    stream_path(r->in), (long long)stream_offset(r->in));
    }
    return status;
}

static nmf_status read_block(reader *r, wire_tag *tag) {
    unsigned char head[WIRE_HEAD];
    r->at = stream_offset(r->in);
    nmf_status status = read_exactly(r, head, sizeof head);
    if (status != NMF_OK) {
        return status;
    }
    uint64_t length = little_get64(head + 4);
    *tag = little_get32(head);
    if (length > WIRE_BLOCK_MOST || (length == 0) != (*tag == WIRE_END)) {
        return fail_damaged(r, "a block has a length that none may have");
    }
    r->length = (int64_t)length;
    return read_exactly(r, r->block, length);
}

static nmf_status check_shape(const reader *r) {
    const wire_shape *shape = &r->shape;
    size_t total = 0;
    if (shape->flags > WIRE_FLAGS || shape->source >= WIRE_SOURCES || shape->rows < 0 || shape->cols < 0) {
        return fail_damaged(r, "its shape cannot be");
    }
    if (shape->flags & WIRE_SPARSE) {
        bool fits = shape->rows <= UINT32_MAX && shape->cols <= UINT32_MAX && shape->entries >= 0 &&
                    shape->entries <= INT64_MAX / (int64_t)sizeof(triplet);
        return fits ? NMF_OK : fail_damaged(r, "a sparse matrix has at most 4294967295 rows and columns");
    }
    return checked_product(shape->rows, shape->cols, sizeof(double), &total)
               ? NMF_OK
               : fail_damaged(r, "it has more numbers than can be addressed");
}

static nmf_status read_shape(reader *r) {
    char magic[WIRE_MAGIC_BYTES];
    wire_tag tag = WIRE_END;
    nmf_status status = read_exactly(r, magic, sizeof magic);
    if (status == NMF_OK && memcmp(magic, WIRE_MAGIC, sizeof magic) != 0) {
        return fail_damaged(r, "it does not begin as this version's do");
    }
    if (status == NMF_OK) {
        status = read_block(r, &tag);
    }
    if (status == NMF_OK && (tag != WIRE_SHAPE || r->length != WIRE_SHAPE_BYTES)) {
        return fail_damaged(r, "it does not begin with its shape");
    }
    if (status == NMF_OK) {
        r->shape = wire_get_shape(r->block);
        status = check_shape(r);
    }
    return status;
}

static nmf_status take_names(const reader *r, names *list, int64_t most) {
    for (int64_t at = 0; at < r->length;) {
        int64_t left = r->length - at - 4;
        int64_t bytes = left >= 0 ? (int64_t)little_get32(r->block + at) : 0;
        if (left < 0 || bytes > left || bytes > WIRE_NAME_MOST || list->count == most) {
            return fail_damaged(r, "its names do not fit");
        }
        const char *name = (const char *)r->block + at + 4;
        if (utf8_run(name, (size_t)bytes) != (size_t)bytes) {
            return fail_damaged(r, "a name is not UTF-8, or holds a NUL");
        }
        nmf_status status = names_add(list, name, (size_t)bytes);
        if (status != NMF_OK) {
            return status;
        }
        at += 4 + bytes;
    }
    return NMF_OK;
}

static nmf_status take_start(reader *r) {
    int64_t count = r->length / 8;
    if (!(r->shape.flags & WIRE_SPARSE) || r->length % 8 != 0 || count > wire_lines(&r->shape) + 1 - r->starts) {
        return fail_damaged(r, "it has starts of more lines than there are");
    }
    nmf_status status = buffer_reserve(r->context, (void **)&r->start, &r->start_room, r->starts + count,
                                       sizeof *r->start, "where the lines begin");
    for (int64_t i = 0; status == NMF_OK && i < count; i++) {
        int64_t start = (int64_t)little_get64(r->block + 8 * i);
        int64_t least = r->starts > 0 ? r->start[r->starts - 1] : 0;
        if (start < least || start > r->shape.entries || (r->starts == 0 && start != 0)) {
            return fail_damaged(r, "a line begins before the one in front of it, or after the last entry");
        }
        r->start[r->starts++] = start;
    }
    return status;
}

static nmf_status take_entries(reader *r) {
    const wire_shape *shape = &r->shape;
    int64_t size = 4 + (int64_t)wire_value_bytes(shape->flags), count = r->length / size;
    if (!(shape->flags & WIRE_SPARSE) || r->starts != wire_lines(shape) + 1 || r->length % size != 0 ||
        count > r->start[r->starts - 1] - entries_total(&r->all)) {
        return fail_damaged(r, "it has more entries than lines for them");
    }
    nmf_status status = NMF_OK;
    for (int64_t i = 0; status == NMF_OK && i < count; i++) {
        int64_t place = little_get32(r->block + 4 * i);
        if (place >= wire_line_length(shape)) {
            return fail_damaged(r, "an entry stands outside the matrix");
        }
        while (r->start[r->line + 1] <= entries_total(&r->all)) {
            r->line++;
        }
        bool by_columns = shape->flags & WIRE_BY_COLUMNS;
        status = entries_add(&r->all, by_columns ? place : r->line, by_columns ? r->line : place,
                             wire_get_value(shape->flags, r->block + 4 * count, i));
    }
    return status;
}

static nmf_status take_numbers(reader *r) {
    int64_t size = (int64_t)wire_value_bytes(r->shape.flags), count = r->length / size;
    if (r->shape.flags & WIRE_SPARSE || r->length % size != 0 || count > r->shape.rows * r->shape.cols - r->own.count) {
        return fail_damaged(r, "it has more numbers than its shape");
    }
    nmf_status status = values_reserve(&r->own, r->own.count + count);
    for (int64_t i = 0; status == NMF_OK && i < count; i++) {
        values_put(&r->own, wire_get_value(r->shape.flags, r->block, i));
    }
    return status;
}

static nmf_status take_block(reader *r, wire_tag tag) {
    switch (tag) {
    case WIRE_ROWS:
        return take_names(r, &r->row_names, r->shape.rows);
    case WIRE_COLUMNS:
        return take_names(r, &r->col_names, r->shape.cols);
    case WIRE_START:
        return take_start(r);
    case WIRE_ENTRIES:
        return take_entries(r);
    case WIRE_NUMBERS:
        return take_numbers(r);
    case WIRE_NOTES:
        return NMF_OK;
    default:
        return fail_damaged(r, "a block is of no known kind");
    }
}

/* Is everything there that the shape promises? */
static nmf_status check_whole(const reader *r) {
    const wire_shape *shape = &r->shape;
    bool sparse = shape->flags & WIRE_SPARSE;
    bool numbers = sparse ? r->starts == wire_lines(shape) + 1 && r->start[r->starts - 1] == shape->entries &&
                                entries_total(&r->all) == shape->entries
                          : r->own.count == shape->rows * shape->cols;
    if (!numbers) {
        return fail_damaged(r, "it ends before all the numbers that its shape promises");
    }
    if ((r->row_names.count > 0 && r->row_names.count != shape->rows) ||
        (r->col_names.count > 0 && r->col_names.count != shape->cols)) {
        return fail_damaged(r, "some rows or columns have a name, others none");
    }
    return NMF_OK;
}

static nmf_status check_end(const reader *r) {
    char more;
    size_t got;
    nmf_status status = stream_read(r->in, &more, 1, &got);
    return status == NMF_OK && got > 0 ? fail_damaged(r, "something follows its end block") : status;
}

static nmf_status read_blocks(reader *r) {
    wire_tag tag;
    nmf_status status = buffer_reserve(r->context, (void **)&r->block, &r->room, WIRE_BLOCK_MOST, 1, "reading a file");
    if (status == NMF_OK) {
        status = read_shape(r);
    }
    while (status == NMF_OK && (status = read_block(r, &tag)) == NMF_OK && tag != WIRE_END) {
        status = take_block(r, tag);
    }
    if (status == NMF_OK) {
        status = check_whole(r);
    }
    return status == NMF_OK ? check_end(r) : status;
}

static nmf_status make_matrix(reader *r, nmf_matrix **matrix) {
    const wire_shape *shape = &r->shape;
    const char *source = sources[shape->source];
    if (shape->flags & WIRE_SPARSE) {
        return entries_to_matrix(&r->all, shape->rows, shape->cols, source, matrix);
    }
    bool by_columns = shape->flags & WIRE_BY_COLUMNS;
    nmf_status status = shape_check(r->in, shape->rows, shape->cols);
    if (status == NMF_OK) {
        status = values_to_matrix(&r->own, shape->rows, shape->cols, by_columns ? 1 : shape->cols,
                                  by_columns ? shape->rows : 1, matrix);
    }
    if (status == NMF_OK) {
        (*matrix)->info.source = source;
    }
    return status;
}

static void let_go(reader *r) {
    buffer_free(r->context, r->block);
    buffer_free(r->context, r->start);
    names_free(&r->row_names);
    names_free(&r->col_names);
    entries_free(&r->all);
    values_free(&r->own);
}

static nmf_status wire_read(stream *in, const nmf_read_options *how, nmf_matrix **matrix) {
    nmf_context *context = stream_context(in);
    reader r = {.in = in,
                .context = context,
                .row_names = names_empty(context),
                .col_names = names_empty(context),
                .all = {.in = in, .how = how},
                .own = values_empty(in, how->dtype, how->allowed)};
    *matrix = NULL;
    nmf_status status = read_blocks(&r);
    if (status == NMF_OK) {
        status = make_matrix(&r, matrix);
    }
    if (status == NMF_OK) {
        (*matrix)->row_names = r.row_names;
        (*matrix)->col_names = r.col_names;
        r.row_names = names_empty(context);
        r.col_names = names_empty(context);
    }
    let_go(&r);
    return status;
}

const format format_wire = {.name = "wire", .recognises = recognises, .read = wire_read};
