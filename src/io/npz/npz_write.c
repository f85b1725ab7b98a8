#include "io/bytes/utf8.h"
#include "io/npz/npz_member.h"

#include <string.h>

/* Of a sparse matrix: format, shape, indptr, indices, data, and the names of rows and columns. */
enum { MEMBERS = 7, DOS_DATE = 1 << 5 | 1 };

/* zlib's usual one, and NumPy's: libzip's own, the highest, takes ten times as long for a tenth less. */
enum { LEVEL = 6 };

typedef struct writer {
    sink *out;
    const table *t;
    zip_t *zip;
    int count;
    npz_member members[MEMBERS];
} writer;

static nmf_status make_format(npz_member *m, int64_t i) {
    (void)i;
    m->piece = "csr";
    m->left = 3;
    return NMF_OK;
}

static nmf_status make_shape(npz_member *m, int64_t i) {
    int64_t size = i == 0 ? m->t->rows : m->t->cols;
    void *room;
    nmf_status status = npz_member_room(m, sizeof size, &room);
    if (status == NMF_OK) {
        memcpy(room, &size, sizeof size);
    }
    return status;
}

static void put_index(const npz_member *m, void *room, int64_t at, int64_t index) {
    if (m->wide) {
        ((int64_t *)room)[at] = index;
    } else {
        ((int32_t *)room)[at] = (int32_t)index;
    }
}

static size_t index_size(const npz_member *m) {
    return m->wide ? sizeof(int64_t) : sizeof(int32_t);
}

/* A 0, and then after each row how many entries there were. */
static nmf_status make_start(npz_member *m, int64_t i) {
    void *room;
    entry_line line = {0};
    nmf_status status = i > 0 ? m->t->line(m->t, false, i - 1, &line) : NMF_OK;
    if (status == NMF_OK) {
        status = npz_member_room(m, index_size(m), &room);
    }
    if (status == NMF_OK) {
        m->count += line.count;
        put_index(m, room, 0, m->count);
    }
    return status;
}

static nmf_status make_indices(npz_member *m, int64_t i) {
    void *room;
    entry_line line;
    nmf_status status = m->t->line(m->t, false, i, &line);
    if (status == NMF_OK) {
        status = npz_member_room(m, (size_t)line.count * index_size(m), &room);
    }
    for (int64_t e = 0; status == NMF_OK && e < line.count; e++) {
        put_index(m, room, e, entry_place(&line, e));
    }
    return status;
}

static nmf_status make_values(npz_member *m, int64_t i) {
    void *room;
    entry_line line;
    nmf_status status = m->t->line(m->t, false, i, &line);
    if (status == NMF_OK) {
        status = npz_member_room(m, (size_t)line.count * dtype_size(m->t->dtype), &room);
    }
    for (int64_t e = 0; status == NMF_OK && e < line.count; e++) {
        dtype_set(m->t->dtype, room, e, entry_value(m->t->dtype, &line, e));
    }
    return status;
}

static nmf_status make_row(npz_member *m, int64_t i) {
    void *room;
    const void *numbers;
    nmf_status status = npz_member_room(m, table_line_bytes(m->t, false), &room);
    if (status == NMF_OK) {
        status = table_numbers(m->t, false, i, room, &numbers);
    }
    if (status == NMF_OK) {
        m->piece = numbers;
    }
    return status;
}

/* The character that `text` begins with, and its bytes. */
static uint32_t code_point(const char *text, size_t *bytes) {
    static const unsigned char masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    *bytes = utf8_character(text, strlen(text));
    uint32_t code = (unsigned char)text[0] & masks[*bytes];
    for (size_t i = 1; i < *bytes; i++) {
        code = code << 6 | ((unsigned char)text[i] & 0x3f);
    }
    return code;
}

static nmf_status make_name(npz_member *m, int64_t i) {
    const char *name = m->t->name(m->t, m->column, i);
    size_t size = (size_t)m->length * (m->text == 'U' ? sizeof(uint32_t) : 1), bytes;
    void *room;
    nmf_status status = npz_member_room(m, size, &room);
    if (status != NMF_OK) {
        return status;
    }
    memset(room, 0, size);
    if (m->text == 'S') {
        memcpy(room, name, strlen(name));
        return NMF_OK;
    }
    for (uint32_t *to = room; *name; name += bytes) {
        *to++ = code_point(name, &bytes);
    }
    return NMF_OK;
}

static npz_member *add(writer *w, const char *name, nmf_status (*make)(npz_member *m, int64_t i), int64_t pieces) {
    npz_member *m = &w->members[w->count++];
    *m = (npz_member){.context = sink_context(w->out),
                      .path = sink_path(w->out),
                      .name = name,
                      .make = make,
                      .pieces = pieces,
                      .t = w->t};
    return m;
}

/* What the header says; `size` is that of a number or the length of a text. */
static nmf_status describe(npz_member *m, char kind, size_t size, int dimensions, int64_t rows, int64_t cols) {
    if (!checked_product(rows, cols, (int64_t)(kind == 'U' ? size * sizeof(uint32_t) : size), &m->bytes)) {
        return fail(m->context, NMF_ERROR_OUTPUT, "an array of %lld × %lld is more than can be addressed",
                    (long long)rows, (long long)cols);
    }
    npy_header_make(m->header, kind, size, dimensions, rows, cols);
    return NMF_OK;
}

/* int32 where all of them fit, which scipy.sparse prefers. */
static bool needs_wide(const table *t) {
    return t->rows > INT32_MAX || t->cols > INT32_MAX || t->entries > INT32_MAX;
}

static nmf_status add_sparse(writer *w) {
    const table *t = w->t;
    npz_member *start = add(w, "indptr.npy", make_start, t->rows + 1);
    npz_member *indices = add(w, "indices.npy", make_indices, t->rows);
    npz_member *form = add(w, "format.npy", make_format, 1), *shape = add(w, "shape.npy", make_shape, 2);
    npz_member *values = add(w, "data.npy", make_values, t->rows);
    start->wide = indices->wide = needs_wide(t);
    nmf_status status = describe(start, 'i', index_size(start), 1, t->rows + 1, 1);
    if (status == NMF_OK) {
        status = describe(indices, 'i', index_size(indices), 1, t->entries, 1);
    }
    if (status == NMF_OK) {
        status = describe(values, 'f', dtype_size(t->dtype), 1, t->entries, 1);
    }
    if (status == NMF_OK) {
        status = describe(form, 'S', 3, 0, 1, 1);
    }
    return status == NMF_OK ? describe(shape, 'i', sizeof(int64_t), 1, 2, 1) : status;
}

/* As Unicode, unless there is a name that is not UTF-8: then as the bytes they are. */
static void measure_names(npz_member *m, int64_t count) {
    int64_t characters = 1, bytes = 1;
    m->text = 'U';
    for (int64_t i = 0; i < count; i++) {
        const char *name = m->t->name(m->t, m->column, i);
        size_t length = strlen(name), step = 1;
        int64_t here = 0;
        for (size_t at = 0; at < length && step > 0; at += step, here++) {
            step = utf8_character(name + at, length - at);
        }
        m->text = (char)(step > 0 ? m->text : 'S');
        characters = here > characters ? here : characters;
        bytes = (int64_t)length > bytes ? (int64_t)length : bytes;
    }
    m->length = m->text == 'U' ? characters : bytes;
}

static nmf_status add_names(writer *w, bool column) {
    int64_t count = column ? w->t->cols : w->t->rows;
    if (!(column ? w->t->col_names : w->t->row_names)) {
        return NMF_OK;
    }
    npz_member *m = add(w, column ? NPZ_COL_NAMES NPZ_ENDING : NPZ_ROW_NAMES NPZ_ENDING, make_name, count);
    m->column = column;
    measure_names(m, count);
    return describe(m, m->text, (size_t)m->length, 1, count, 1);
}

static nmf_status add_dense(writer *w) {
    return describe(add(w, "matrix.npy", make_row, w->t->rows), 'f', dtype_size(w->t->dtype), 2, w->t->rows,
                    w->t->cols);
}

static nmf_status add_all(writer *w) {
    nmf_status status = w->t->sparse ? add_sparse(w) : add_dense(w);
    if (status == NMF_OK) {
        status = add_names(w, false);
    }
    return status == NMF_OK ? add_names(w, true) : status;
}

/* The first failure is a piece's own, where one could not be made. */
static nmf_status fail_zip(const writer *w, zip_error_t *error) {
    for (int i = 0; i < w->count; i++) {
        if (w->members[i].status != NMF_OK) {
            return w->members[i].status;
        }
    }
    return npz_fail(sink_context(w->out), NMF_ERROR_OUTPUT, sink_path(w->out), "written", error);
}

/* The same matrix gives the same file: the date is the earliest that zip has, as NumPy writes it too. */
static nmf_status give_member(writer *w, npz_member *m) {
    zip_source_t *source = npz_member_source(m, w->zip);
    zip_int64_t index = source ? zip_file_add(w->zip, m->name, source, ZIP_FL_ENC_UTF_8) : -1;
    if (index < 0) {
        zip_source_free(source);
        return fail_zip(w, zip_get_error(w->zip));
    }
    if (zip_set_file_compression(w->zip, (zip_uint64_t)index, ZIP_CM_DEFLATE, LEVEL) != 0 ||
        zip_file_set_dostime(w->zip, (zip_uint64_t)index, 0, DOS_DATE, 0) != 0) {
        return fail_zip(w, zip_get_error(w->zip));
    }
    return NMF_OK;
}

static nmf_status open_zip(writer *w) {
    const char *path;
    zip_error_t error;
    int code = ZIP_ER_OK;
    nmf_status status = sink_take_over(w->out, &path);
    if (status != NMF_OK) {
        return status;
    }
    w->zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code);
    if (!w->zip) {
        zip_error_init_with_code(&error, code);
        status = fail_zip(w, &error);
        zip_error_fini(&error);
    }
    return status;
}

/* All bytes are made and written here. */
static nmf_status close_zip(writer *w, nmf_status status) {
    if (status == NMF_OK && zip_close(w->zip) == 0) {
        return NMF_OK;
    }
    if (status == NMF_OK) {
        status = fail_zip(w, zip_get_error(w->zip));
    }
    zip_discard(w->zip);
    return status;
}

static nmf_status write_zip(writer *w) {
    nmf_status status = open_zip(w);
    if (status != NMF_OK) {
        return status;
    }
    for (int i = 0; i < w->count && status == NMF_OK; i++) {
        status = give_member(w, &w->members[i]);
    }
    return close_zip(w, status);
}

nmf_status npz_write(sink *out, const table *t) {
    writer w = {.out = out, .t = t};
    nmf_status status = add_all(&w);
    if (status == NMF_OK) {
        status = write_zip(&w);
    }
    for (int i = 0; i < w.count; i++) {
        npz_member_free(&w.members[i]);
    }
    return status;
}
