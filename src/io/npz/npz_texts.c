#include "io/npz/npz.h"

#include <string.h>

enum { LENGTH_AT_MOST = 1 << 18, CODE_AT_MOST = 0x10ffff, SURROGATE = 0xd800, PAST_SURROGATES = 0xe000 };

/* The texts on their way: raw as the array has one, and as UTF-8. */
typedef struct reader {
    stream *in;
    const npy_header *header;
    size_t size; /* bytes of a text in the array */
    unsigned char *raw;
    char *text;
} reader;

static nmf_status fail_text(const reader *r, int64_t at, const char *what) {
    return fail(stream_context(r->in), NMF_ERROR_INPUT, "%s: text %lld holds %s", stream_path(r->in), (long long)at,
                what);
}

static uint32_t code_point(const unsigned char *raw, bool big) {
    return big ? (uint32_t)raw[0] << 24 | (uint32_t)raw[1] << 16 | (uint32_t)raw[2] << 8 | raw[3]
               : (uint32_t)raw[3] << 24 | (uint32_t)raw[2] << 16 | (uint32_t)raw[1] << 8 | raw[0];
}

static size_t put_character(uint32_t code, char *to) {
    if (code < 0x80) {
        to[0] = (char)code;
        return 1;
    }
    size_t more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const unsigned char leads[] = {0, 0xc0, 0xe0, 0xf0};
    to[0] = (char)(leads[more] | code >> (6 * more));
    for (size_t i = 1; i <= more; i++) {
        to[i] = (char)(0x80 | (code >> (6 * (more - i)) & 0x3f));
    }
    return more + 1;
}

/* NumPy fills the end of a text with zeros. */
static size_t without_end(const unsigned char *raw, size_t size, size_t unit) {
    while (size > 0 && raw[size - 1] == 0) {
        size--;
    }
    return (size + unit - 1) / unit * unit;
}

static nmf_status from_unicode(const reader *r, int64_t at, size_t *length) {
    bool big = r->header->swapped == (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
    size_t used = without_end(r->raw, r->size, 4);
    *length = 0;
    for (size_t i = 0; i < used; i += 4) {
        uint32_t code = code_point(r->raw + i, big);
        if (code == 0) {
            return fail_text(r, at, "a NUL, which is not allowed in a name");
        }
        if (code > CODE_AT_MOST || (code >= SURROGATE && code < PAST_SURROGATES)) {
            return fail_text(r, at, "what is not a character");
        }
        *length += put_character(code, r->text + *length);
    }
    return NMF_OK;
}

static nmf_status from_bytes(const reader *r, int64_t at, size_t *length) {
    *length = without_end(r->raw, r->size, 1);
    if (*length > 0 && memchr(r->raw, '\0', *length)) {
        return fail_text(r, at, "a NUL, which is not allowed in a name");
    }
    memcpy(r->text, r->raw, *length);
    return NMF_OK;
}

static nmf_status read_text(const reader *r, int64_t at, names *list) {
    size_t got, length = 0;
    nmf_status status = stream_read(r->in, r->raw, r->size, &got);
    if (status == NMF_OK && got < r->size) {
        return fail(stream_context(r->in), NMF_ERROR_INPUT,
                    "%s is damaged: it ends within text %lld of the %lld promised", stream_path(r->in), (long long)at,
                    (long long)r->header->rows);
    }
    if (status == NMF_OK) {
        status = r->header->text == 'U' ? from_unicode(r, at, &length) : from_bytes(r, at, &length);
    }
    return status == NMF_OK ? names_add(list, r->text, length) : status;
}

static nmf_status read_texts(const reader *r, names *list) {
    nmf_status status = NMF_OK;
    for (int64_t i = 0; i < r->header->rows && status == NMF_OK; i++) {
        status = read_text(r, i, list);
    }
    return status == NMF_OK ? npy_end(r->in, stream_offset(r->in), 0) : status;
}

nmf_status npz_texts(stream *in, const npy_header *header, names *list) {
    nmf_context *context = stream_context(in);
    reader r = {.in = in, .header = header, .size = (size_t)header->length * (header->text == 'U' ? 4 : 1)};
    int64_t raw = 0, text = 0;
    if (header->length > LENGTH_AT_MOST) {
        return fail(context, NMF_ERROR_INPUT, "%s holds texts of %lld characters; at most %d are read", stream_path(in),
                    (long long)header->length, LENGTH_AT_MOST);
    }
    nmf_status status = buffer_reserve(context, (void **)&r.raw, &raw, (int64_t)r.size + 1, 1, "a name");
    if (status == NMF_OK) {
        status = buffer_reserve(context, (void **)&r.text, &text, (int64_t)r.size + 1, 1, "a name");
    }
    if (status == NMF_OK) {
        status = read_texts(&r, list);
    }
    buffer_free(context, r.raw);
    buffer_free(context, r.text);
    return status;
}

/* The end of a list's reading: it takes the place of what was there, or is gone. */
static nmf_status keep_names(nmf_status status, names *list, names *kept) {
    if (status == NMF_OK) {
        names_free(kept);
        *kept = *list;
    } else {
        names_free(list);
    }
    return status;
}

static nmf_status read_names(npz *archive, stream *in, const char *what, int64_t count, names *kept) {
    npy_header header;
    nmf_status status = npy_header_any(in, &header);
    if (status != NMF_OK) {
        return status;
    }
    if (header.dimensions != 1 || !header.text || header.rows != count) {
        caution(archive->context, "%s is not used: it does not hold %lld texts in one dimension, the names of the %s",
                stream_path(in), (long long)count, what);
        return NMF_OK;
    }
    names list = names_empty(archive->context);
    return keep_names(npz_texts(in, &header, &list), &list, kept);
}

static nmf_status find_names(npz *archive, const char *array, const char *what, int64_t count, names *kept) {
    int64_t index;
    stream *in;
    nmf_status status = npz_find(archive, array, NPZ_ENDING, &index);
    if (status != NMF_OK || index < 0) {
        return status;
    }
    status = npz_array_open(archive, index, &in);
    if (status == NMF_OK) {
        status = read_names(archive, in, what, count, kept);
    }
    stream_close(in);
    return status;
}

nmf_status npz_names(npz *archive, nmf_matrix *matrix) {
    nmf_status status = find_names(archive, NPZ_ROW_NAMES, "rows", matrix->info.rows, &matrix->row_names);
    return status == NMF_OK ? find_names(archive, NPZ_COL_NAMES, "columns", matrix->info.cols, &matrix->col_names)
                            : status;
}
