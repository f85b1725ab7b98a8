#include "io/npy/npy.h"

#include <string.h>

/* NumPy's own headers take some hundred bytes; structured types, which are refused anyway, take more. */
enum { HEADER_AT_MOST = 1 << 20, NAME_SHOWN = 60 };

/* Where the reading of the header's Python literal stands. */
typedef struct cursor {
    stream *in;
    const char *begin, *at, *end;
    bool any; /* anything is fine, not only a matrix of numbers */
} cursor;

typedef struct text {
    const char *at;
    size_t length;
} text;

static nmf_status fail_header(const cursor *c, const char *expected) {
    return fail(stream_context(c->in), NMF_ERROR_INPUT,
                "%s: the NPY header is damaged at its character %lld, where %s was expected", stream_path(c->in),
                (long long)(c->at - c->begin) + 1, expected);
}

static bool next_is(cursor *c, char wanted) {
    while (c->at < c->end && (*c->at == ' ' || *c->at == '\n' || *c->at == '\t')) {
        c->at++;
    }
    if (c->at < c->end && *c->at == wanted) {
        c->at++;
        return true;
    }
    return false;
}

static bool read_string(cursor *c, text *string) {
    char quote = '\'';
    if (!next_is(c, quote)) {
        quote = '"';
        if (!next_is(c, quote)) {
            return false;
        }
    }
    const char *close = memchr(c->at, quote, (size_t)(c->end - c->at));
    if (!close) {
        return false;
    }
    *string = (text){c->at, (size_t)(close - c->at)};
    c->at = close + 1;
    return true;
}

static bool text_is(text string, const char *wanted) {
    return string.length == strlen(wanted) && memcmp(string.at, wanted, string.length) == 0;
}

static nmf_status fail_type(const cursor *c, text name, const char *reason) {
    int shown = name.length < NAME_SHOWN ? (int)name.length : NAME_SHOWN;
    return fail(stream_context(c->in), NMF_ERROR_INPUT,
                "%s holds numbers of NumPy type '%.*s'%s; allowed are bool, int8 to int64, uint8 to uint64, float16, "
                "float32 and float64",
                stream_path(c->in), shown, name.at, reason);
}

/* Past the end of a list whose beginning was taken, and of the lists and texts in it. */
static nmf_status skip_list(cursor *c) {
    for (int open = 1; open > 0;) {
        text inside;
        if (next_is(c, '[')) {
            open++;
        } else if (next_is(c, ']')) {
            open--;
        } else if (!read_string(c, &inside)) {
            if (c->at == c->end) {
                return fail_header(c, "the end of a list");
            }
            c->at++;
        }
    }
    return NMF_OK;
}

/* "S3", "U12" */
static void read_text_type(text name, npy_header *header) {
    int64_t length = 0;
    if (name.length < 2 || (*name.at != 'S' && *name.at != 'U')) {
        return;
    }
    for (size_t i = 1; i < name.length; i++) {
        if (name.at[i] < '0' || name.at[i] > '9' || length > INT32_MAX) {
            return;
        }
        length = 10 * length + (name.at[i] - '0');
    }
    header->text = *name.at;
    header->length = length;
}

static nmf_status read_descr(cursor *c, npy_header *header) {
    text name;
    if (next_is(c, '[')) {
        return c->any ? skip_list(c) : fail_type(c, (text){"structured", 10}, ", several fields an entry");
    }
    if (!read_string(c, &name)) {
        return fail_header(c, "a type such as '<f8'");
    }
    char order = name.length > 0 ? *name.at : '\0';
    bool has_order = order != '\0' && strchr("<>|=", order) != NULL;
    header->type = npy_type_named(name.at + has_order, name.length - has_order);
    header->swapped = order == (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? '>' : '<');
    read_text_type((text){name.at + has_order, name.length - has_order}, header);
    if (header->type || c->any) {
        return NMF_OK;
    }
    if (memchr(name.at, 'c', name.length)) {
        return fail_type(c, name, ", complex");
    }
    bool is_long = name.length - has_order > 2 && memcmp(name.at + has_order, "f1", 2) == 0;
    return fail_type(c, name, is_long ? ", whose layout differs between machines" : "");
}

static nmf_status read_fortran(cursor *c, npy_header *header) {
    next_is(c, ' ');
    size_t left = (size_t)(c->end - c->at);
    header->fortran = left >= 4 && memcmp(c->at, "True", 4) == 0;
    if (!header->fortran && !(left >= 5 && memcmp(c->at, "False", 5) == 0)) {
        return fail_header(c, "True or False");
    }
    c->at += header->fortran ? 4 : 5;
    return NMF_OK;
}

static bool read_size(cursor *c, int64_t *size) {
    const char *first = c->at;
    *size = 0;
    for (; c->at < c->end && *c->at >= '0' && *c->at <= '9'; c->at++) {
        if (__builtin_mul_overflow(*size, (int64_t)10, size) ||
            __builtin_add_overflow(*size, (int64_t)(*c->at - '0'), size)) {
            return false;
        }
    }
    bool any = c->at > first;
    /* Python 2 wrote long integers as 3L. */
    c->at += c->at < c->end && *c->at == 'L';
    return any;
}

static nmf_status read_shape(cursor *c, npy_header *header) {
    header->dimensions = 0;
    header->rows = header->cols = 1;
    if (!next_is(c, '(')) {
        return fail_header(c, "a shape such as (3, 4)");
    }
    while (!next_is(c, ')')) {
        int64_t size;
        if (!read_size(c, &size)) {
            return fail_header(c, "a size below 2^63");
        }
        if (!next_is(c, ',') && !(c->at < c->end && *c->at == ')')) {
            return fail_header(c, "a comma or the end of the shape");
        }
        if (header->dimensions < 2) {
            *(header->dimensions == 0 ? &header->rows : &header->cols) = size;
        }
        header->dimensions++;
    }
    if (header->dimensions != 2 && !c->any) {
        return fail(stream_context(c->in), NMF_ERROR_INPUT,
                    "%s holds an array of %lld dimension%s; a matrix needs 2, rows and columns (reshape it, a single "
                    "column is n × 1)",
                    stream_path(c->in), (long long)header->dimensions, header->dimensions == 1 ? "" : "s");
    }
    return NMF_OK;
}

static nmf_status read_entry(cursor *c, npy_header *header, unsigned *seen) {
    static const struct {
        const char *key;
        nmf_status (*read)(cursor *c, npy_header *header);
    } entries[] = {{"descr", read_descr}, {"fortran_order", read_fortran}, {"shape", read_shape}};
    text key;
    if (!read_string(c, &key)) {
        return fail_header(c, "the name of an entry in quotes");
    }
    for (unsigned i = 0; i < 3; i++) {
        if (text_is(key, entries[i].key)) {
            *seen |= 1U << i;
            return next_is(c, ':') ? entries[i].read(c, header) : fail_header(c, "a colon");
        }
    }
    return fail_header(c, "the end of one of the entries descr, fortran_order and shape");
}

/* {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), } */
static nmf_status read_literal(cursor *c, npy_header *header) {
    unsigned seen = 0;
    if (!next_is(c, '{')) {
        return fail_header(c, "{");
    }
    while (!next_is(c, '}')) {
        nmf_status status = read_entry(c, header, &seen);
        if (status != NMF_OK) {
            return status;
        }
        if (!next_is(c, ',') && !(c->at < c->end && *c->at == '}')) {
            return fail_header(c, "a comma or }");
        }
    }
    return seen == 7 ? NMF_OK : fail_header(c, "an entry for each of descr, fortran_order and shape");
}

static nmf_status read_whole(stream *in, void *bytes, size_t want) {
    size_t got;
    nmf_status status = stream_read(in, bytes, want, &got);
    if (status == NMF_OK && got < want) {
        return fail(stream_context(in), NMF_ERROR_INPUT, "%s is cut short: it ends at byte %lld, within the NPY header",
                    stream_path(in), (long long)stream_offset(in));
    }
    return status;
}

/* "\x93NUMPY", two bytes of version, the header's length in 2 bytes (version 1) or 4, little endian. */
static nmf_status read_length(stream *in, size_t *length) {
    unsigned char start[8];
    unsigned char size[4] = {0};
    nmf_status status = read_whole(in, start, sizeof start);
    if (status != NMF_OK) {
        return status;
    }
    if (memcmp(start, "\x93NUMPY", 6) != 0) {
        return fail(stream_context(in), NMF_ERROR_INPUT, "%s is not an NPY file: it does not begin with \\x93NUMPY",
                    stream_path(in));
    }
    if (start[6] < 1 || start[6] > 3) {
        return fail(stream_context(in), NMF_ERROR_INPUT, "%s is NPY of version %d.%d; versions 1 to 3 can be read",
                    stream_path(in), start[6], start[7]);
    }
    status = read_whole(in, size, start[6] == 1 ? 2 : 4);
    *length = (size_t)size[0] | (size_t)size[1] << 8 | (size_t)size[2] << 16 | (size_t)size[3] << 24;
    if (status == NMF_OK && *length > HEADER_AT_MOST) {
        return fail(stream_context(in), NMF_ERROR_INPUT,
                    "%s promises an NPY header of %zu bytes, which no matrix needs; at most %d are read",
                    stream_path(in), *length, HEADER_AT_MOST);
    }
    return status;
}

static nmf_status read_header(stream *in, bool any, npy_header *header) {
    nmf_context *context = stream_context(in);
    size_t length = 0;
    nmf_status status = read_length(in, &length);
    char *literal = NULL;
    int64_t room = 0;
    if (status == NMF_OK) {
        status = buffer_reserve(context, (void **)&literal, &room, (int64_t)length + 1, 1, "the NPY header");
    }
    if (status != NMF_OK) {
        return status;
    }
    status = read_whole(in, literal, length);
    if (status == NMF_OK) {
        *header = (npy_header){0};
        cursor c = {.in = in, .begin = literal, .at = literal, .end = literal + length, .any = any};
        status = read_literal(&c, header);
    }
    buffer_free(context, literal);
    return status;
}

nmf_status npy_header_read(stream *in, npy_header *header) {
    return read_header(in, false, header);
}

nmf_status npy_header_any(stream *in, npy_header *header) {
    return read_header(in, true, header);
}
