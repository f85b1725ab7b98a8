#include "io/hdf5/wire_write.h"
#include "io/bytes/utf8.h"
#include "io/hdf5/wire.h"

typedef struct writer {
    const wire_out *to;
    const table *t;
    bool by_columns;
    wire_shape shape;
    unsigned char *block; /* a payload on its way: `used` bytes or, of entries, so many */
    int64_t used, room;
} writer;

enum { ENTRIES_AT_ONCE = WIRE_BLOCK_MOST / 12 };

static nmf_status write_block(const writer *w, wire_tag tag, const void *payload, size_t bytes) {
    unsigned char head[WIRE_HEAD];
    little_put32(head, tag);
    little_put64(head + 4, bytes);
    nmf_status status = w->to->write(w->to->user, head, sizeof head);
    return status == NMF_OK && bytes > 0 ? w->to->write(w->to->user, payload, bytes) : status;
}

/* The payload gathered so far, if there is any. */
static nmf_status flush(writer *w, wire_tag tag) {
    nmf_status status = w->used > 0 ? write_block(w, tag, w->block, (size_t)w->used) : NMF_OK;
    w->used = 0;
    return status;
}

/* Make place for `bytes` more in the payload. */
static nmf_status want(writer *w, wire_tag tag, int64_t bytes) {
    return w->used + bytes > WIRE_BLOCK_MOST ? flush(w, tag) : NMF_OK;
}

static nmf_status next_line(const writer *w, int64_t i, entry_line *line) {
    return w->t->line(w->t, w->by_columns, i, line);
}

/* What the numbers are like: how many are not zero, and whether all are whole and fit 32 bits. */
static nmf_status look(writer *w) {
    const double below = 2147483648.0;
    bool whole = true;
    int64_t count = 0;
    for (int64_t i = 0; i < wire_lines(&w->shape); i++) {
        entry_line line;
        nmf_status status = next_line(w, i, &line);
        if (status != NMF_OK) {
            return status;
        }
        for (int64_t e = 0; e < line.count; e++) {
            double value = entry_value(w->t->dtype, &line, e);
            count += w->t->sparse || value != 0;
            whole = whole && value >= 0 && value < below && value == (double)(int64_t)value;
        }
    }
    w->shape.entries = count;
    w->shape.flags |= whole ? WIRE_WHOLE : 0;
    return NMF_OK;
}

static nmf_status write_shape(const writer *w) {
    unsigned char payload[WIRE_SHAPE_BYTES];
    wire_put_shape(payload, &w->shape);
    nmf_status status = w->to->write(w->to->user, WIRE_MAGIC, WIRE_MAGIC_BYTES);
    return status == NMF_OK ? write_block(w, WIRE_SHAPE, payload, sizeof payload) : status;
}

/* Names come from files in any encoding: what is not UTF-8 becomes '?'. What is beyond the longest allowed is cut. */
static int64_t put_name(unsigned char *to, const char *name) {
    char *text = (char *)to + 4;
    size_t bytes = strnlen(name, WIRE_NAME_MOST);
    memcpy(text, name, bytes);
    for (size_t at = utf8_run(text, bytes); at < bytes; at += utf8_run(text + at, bytes - at)) {
        text[at] = '?';
    }
    little_put32(to, (uint32_t)bytes);
    return 4 + (int64_t)bytes;
}

static nmf_status write_names(writer *w, bool columns) {
    wire_tag tag = columns ? WIRE_COLUMNS : WIRE_ROWS;
    int64_t count = columns ? w->t->cols : w->t->rows;
    nmf_status status = NMF_OK;
    for (int64_t i = 0; i < count && status == NMF_OK; i++) {
        status = want(w, tag, 4 + WIRE_NAME_MOST);
        if (status == NMF_OK) {
            w->used += put_name(w->block + w->used, w->t->name(w->t, columns, i));
        }
    }
    return status == NMF_OK ? flush(w, tag) : status;
}

static nmf_status put_start(writer *w, int64_t start) {
    nmf_status status = want(w, WIRE_START, 8);
    if (status == NMF_OK) {
        little_put64(w->block + w->used, (uint64_t)start);
        w->used += 8;
    }
    return status;
}

static nmf_status write_start(writer *w) {
    int64_t start = 0;
    nmf_status status = put_start(w, 0);
    for (int64_t i = 0; i < wire_lines(&w->shape) && status == NMF_OK; i++) {
        entry_line line;
        status = next_line(w, i, &line);
        if (status == NMF_OK) {
            start += line.count;
            status = put_start(w, start);
        }
    }
    return status == NMF_OK ? flush(w, WIRE_START) : status;
}

/* Places are gathered at the front of the payload and values behind room for all places, then moved together. */
static nmf_status flush_entries(writer *w) {
    int64_t size = (int64_t)wire_value_bytes(w->shape.flags), count = w->used;
    memmove(w->block + 4 * count, w->block + 4 * ENTRIES_AT_ONCE, (size_t)(size * count));
    w->used = (4 + size) * count;
    return flush(w, WIRE_ENTRIES);
}

static nmf_status put_entries(writer *w, const entry_line *line) {
    nmf_status status = NMF_OK;
    for (int64_t e = 0; e < line->count && status == NMF_OK; e++) {
        if (w->used == ENTRIES_AT_ONCE) {
            status = flush_entries(w);
        }
        little_put32(w->block + 4 * w->used, (uint32_t)entry_place(line, e));
        wire_put_value(w->shape.flags, w->block + 4 * ENTRIES_AT_ONCE, w->used++, entry_value(w->t->dtype, line, e));
    }
    return status;
}

static nmf_status put_numbers(writer *w, const entry_line *line) {
    int64_t size = (int64_t)wire_value_bytes(w->shape.flags);
    nmf_status status = NMF_OK;
    for (int64_t e = 0; e < line->count && status == NMF_OK; e++) {
        status = want(w, WIRE_NUMBERS, size);
        if (status == NMF_OK) {
            wire_put_value(w->shape.flags, w->block + w->used, 0, entry_value(w->t->dtype, line, e));
            w->used += size;
        }
    }
    return status;
}

static nmf_status write_lines(writer *w) {
    nmf_status status = w->t->sparse ? write_start(w) : NMF_OK;
    for (int64_t i = 0; i < wire_lines(&w->shape) && status == NMF_OK; i++) {
        entry_line line;
        status = next_line(w, i, &line);
        if (status == NMF_OK) {
            status = w->t->sparse ? put_entries(w, &line) : put_numbers(w, &line);
        }
    }
    if (status == NMF_OK) {
        status = w->t->sparse ? flush_entries(w) : flush(w, WIRE_NUMBERS);
    }
    return status;
}

static nmf_status write_all(writer *w, const char *notes) {
    nmf_status status = look(w);
    if (status == NMF_OK) {
        status = write_shape(w);
    }
    if (status == NMF_OK && w->t->row_names) {
        status = write_names(w, false);
    }
    if (status == NMF_OK && w->t->col_names) {
        status = write_names(w, true);
    }
    if (status == NMF_OK && notes) {
        status = write_block(w, WIRE_NOTES, notes, strlen(notes));
    }
    if (status == NMF_OK) {
        status = write_lines(w);
    }
    return status == NMF_OK ? write_block(w, WIRE_END, NULL, 0) : status;
}

nmf_status wire_write(const wire_out *to, const table *t, bool by_columns, const char *notes) {
    writer w = {.to = to,
                .t = t,
                .by_columns = by_columns,
                .shape = {.rows = t->rows,
                          .cols = t->cols,
                          .flags = (t->sparse ? WIRE_SPARSE : 0) | (by_columns ? WIRE_BY_COLUMNS : 0) |
                                   (t->dtype == NMF_F32 ? WIRE_SINGLE : 0)}};
    nmf_status status = buffer_reserve(to->context, (void **)&w.block, &w.room, WIRE_BLOCK_MOST, 1, "writing a file");
    if (status == NMF_OK) {
        status = write_all(&w, notes);
    }
    buffer_free(to->context, w.block);
    return status;
}
