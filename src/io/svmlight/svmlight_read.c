/*
 * The text of svmlight and LIBSVM: a line a row of the matrix, "label index:value index:value … # comment". Indices
 * count from 1, or from 0 in a file that has a 0. Labels and "qid:" are passed over.
 */
#include "base/number.h"
#include "io/bytes/text.h"
#include "io/entries.h"
#include "io/svmlight/svmlight.h"

#include <string.h>

enum { SHOWN = 40 };
static const char query[] = "qid:";

typedef struct reader {
    stream *in;
    nmf_context *context;
    entries all;
    int64_t number; /* of the line */
    int64_t rows;
    int64_t least, most; /* indices seen */
    int64_t width;       /* the column of a zero at the end of the first row; −1: there is none */
} reader;

/* Of the line that begins at `head`: a label, blanks, and a whole number or "qid" before a colon? */
static bool looks_right(const char *head, const char *end) {
    const char *at = head;
    while (at < end && strchr("0123456789+-.,eE", *at)) {
        at++;
    }
    if (at == head || at == end || (*at != ' ' && *at != '\t')) {
        return false;
    }
    while (at < end && (*at == ' ' || *at == '\t')) {
        at++;
    }
    if ((size_t)(end - at) >= sizeof query - 1 && memcmp(at, query, sizeof query - 1) == 0) {
        return true;
    }
    const char *digits = at;
    while (at < end && *at >= '0' && *at <= '9') {
        at++;
    }
    return at > digits && at < end && *at == ':';
}

/* The first line that is neither blank nor a comment decides. */
static bool recognises(const unsigned char *head, size_t bytes) {
    const char *at = (const char *)head, *end = at + bytes;
    while (at < end && memchr("#\r\n \t", *at, 5)) {
        const char *line_end = *at == '#' ? memchr(at, '\n', (size_t)(end - at)) : at;
        at = line_end ? line_end + 1 : end;
    }
    return at < end && *at != '\0' && looks_right(at, end);
}

static nmf_status fail_at(const reader *r, const char *expected, const char *at) {
    return fail(r->context, NMF_ERROR_INPUT, "%s, line %lld: expected %s, found \"%.*s\"", stream_path(r->in),
                (long long)r->number, expected, SHOWN, at);
}

static bool ends_here(const char *at) {
    return *at == '\0' || *at == '#';
}

/* Past the label: numbers with commas between them. */
static nmf_status pass_label(const reader *r, const char **at) {
    const char *from = *at;
    for (;;) {
        double label;
        const char *end = number_parse(*at, &label);
        if (!end) {
            return fail_at(r, "a label, which is a number", from);
        }
        *at = text_blanks(end);
        if (*end != ',') {
            return *at > end || ends_here(end) ? NMF_OK : fail_at(r, "a label, which is a number", from);
        }
        *at = end + 1;
    }
}

static nmf_status read_pair(reader *r, const char **at) {
    int64_t index;
    double value;
    const char *from = *at, *end = text_integer(from, &index);
    end = end && *end == ':' ? number_parse(end + 1, &value) : NULL;
    if (!end || (*end != '\0' && text_blanks(end) == end && *end != '#')) {
        return fail_at(r, "index:value", from);
    }
    if (index > UINT32_MAX - 1) {
        return fail(r->context, NMF_ERROR_INPUT, "%s, line %lld: index %lld is above %lld", stream_path(r->in),
                    (long long)r->number, (long long)index, (long long)UINT32_MAX - 1);
    }
    r->least = index < r->least ? index : r->least;
    r->most = index > r->most ? index : r->most;
    *at = text_blanks(end);
    return entries_add(&r->all, r->rows, index, value);
}

/*
 * A zero at the end of the first row and in the last column is none of the entries that may be kept: it is how the
 * writer says how many columns there are. Whether its column is the last one is known at the end.
 */
static void set_aside(reader *r) {
    const triplet *last = r->all.count > 0 ? &r->all.list[r->all.count - 1] : NULL;
    if (last && last->value == 0) {
        r->width = last->col;
        r->all.count--;
    }
}

static nmf_status put_back(reader *r) {
    return r->width >= 0 && r->width != r->most ? entries_add(&r->all, 0, r->width, 0) : NMF_OK;
}

static nmf_status read_line(reader *r, const char *line) {
    const char *at = text_blanks(line);
    if (ends_here(at)) {
        return NMF_OK;
    }
    if (r->rows == UINT32_MAX) {
        return fail(r->context, NMF_ERROR_INPUT, "%s, line %lld: a sparse matrix may have up to %lld rows",
                    stream_path(r->in), (long long)r->number, (long long)UINT32_MAX);
    }
    nmf_status status = pass_label(r, &at);
    if (status == NMF_OK && strncmp(at, query, sizeof query - 1) == 0) {
        at += strcspn(at, " \t");
        at = text_blanks(at);
    }
    while (status == NMF_OK && !ends_here(at)) {
        status = read_pair(r, &at);
    }
    if (status == NMF_OK && r->rows++ == 0) {
        set_aside(r);
    }
    return status;
}

static nmf_status read_lines(reader *r) {
    char *line;
    size_t length;
    nmf_status status;
    do {
        status = stream_line(r->in, &line, &length, &r->number);
        if (status == NMF_OK && line) {
            status = strlen(line) == length ? read_line(r, line) : fail_at(r, "text", "a zero byte");
        }
    } while (status == NMF_OK && line);
    return status;
}

static nmf_status svmlight_read(stream *in, const nmf_read_options *how, nmf_matrix **matrix) {
    reader r = {.in = in, .context = stream_context(in), .all = {.in = in, .how = how}, .least = 1, .width = -1};
    *matrix = NULL;
    nmf_status status = read_lines(&r);
    if (status == NMF_OK) {
        status = put_back(&r);
    }
    if (status != NMF_OK) {
        entries_free(&r.all);
        return status;
    }
    r.all.first_col = r.least;
    return entries_to_matrix(&r.all, r.rows, r.most + 1 - r.least, "svmlight", matrix);
}

const format format_svmlight = {.name = "svmlight",
                                .other_endings = {"libsvm", "svm"},
                                .takes_rows = true,
                                .recognises = recognises,
                                .read = svmlight_read,
                                .write = svmlight_write};
