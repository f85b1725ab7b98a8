#include "base/number.h"
#include "io/bytes/text.h"
#include "io/entries.h"
#include "io/mtx/mtx.h"
#include "io/values.h"

#include <strings.h>

/* The shortest line of an entry is "1 1\n". */
enum { ENTRY_BYTES = 4, FEW = 4096, SHOWN = 40 };

typedef struct reader {
    stream *in;
    nmf_context *context;
    mtx_header header;
    int64_t number; /* of the line */
    entries all;
} reader;

static bool recognises(const unsigned char *head, size_t bytes) {
    static const char banner[] = "%%MatrixMarket";
    return bytes >= sizeof banner - 1 && strncasecmp((const char *)head, banner, sizeof banner - 1) == 0;
}

static nmf_status fail_short(const reader *r, int64_t found, int64_t promised) {
    return fail(r->context, NMF_ERROR_INPUT,
                "%s ends at line %lld after %lld of the %lld entries that line %lld promises", stream_path(r->in),
                (long long)r->number, (long long)found, (long long)promised, (long long)r->header.size_line);
}

static nmf_status fail_long(const reader *r, int64_t promised) {
    return fail(r->context, NMF_ERROR_INPUT, "%s, line %lld: more than the %lld entries that line %lld promises",
                stream_path(r->in), (long long)r->number, (long long)promised, (long long)r->header.size_line);
}

static nmf_status fail_entry(const reader *r, const char *line) {
    const char *expected = !r->header.sparse   ? "a number"
                           : r->header.pattern ? "\"row column\""
                                               : "\"row column value\"";
    return fail(r->context, NMF_ERROR_INPUT, "%s, line %lld: expected %s, found \"%.*s\"", stream_path(r->in),
                (long long)r->number, expected, SHOWN, line);
}

static nmf_status fail_place(const reader *r, int64_t row, int64_t col) {
    bool bad_row = row < 1 || row > r->header.rows;
    return fail(r->context, NMF_ERROR_INPUT, "%s, line %lld: %s %lld is outside 1 to %lld", stream_path(r->in),
                (long long)r->number, bad_row ? "row" : "column", (long long)(bad_row ? row : col),
                (long long)(bad_row ? r->header.rows : r->header.cols));
}

/* Entries a line of the file stands for: off the diagonal of a symmetric matrix, two. */
static int64_t most_entries(const reader *r) {
    return r->header.symmetric ? 2 : 1;
}

/* Room for as many entries as the header promises, but no more than the file can hold. */
static nmf_status reserve_first(reader *r) {
    int64_t bytes = stream_mappable(r->in) >= 0 ? stream_file_bytes(r->in) : FEW;
    int64_t fit = bytes / ENTRY_BYTES + 1;
    int64_t lines = r->header.entries < fit ? r->header.entries : fit;
    return entries_expect(&r->all, lines * most_entries(r) + 1);
}

static nmf_status add_entry(reader *r, int64_t row, int64_t col, double value) {
    nmf_status status = entries_add(&r->all, row - 1, col - 1, value);
    return status == NMF_OK && r->header.symmetric && row != col ? entries_add(&r->all, col - 1, row - 1, value)
                                                                 : status;
}

static nmf_status read_entry(reader *r, const char *line) {
    int64_t row, col;
    double value = 1;
    const char *at = text_integer(line, &row);
    at = at ? text_integer(at, &col) : NULL;
    if (at && !r->header.pattern) {
        const char *digits = text_blanks(at);
        at = digits > at ? number_parse(digits, &value) : NULL;
    }
    if (!at || *text_blanks(at) != '\0') {
        return fail_entry(r, line);
    }
    if (row < 1 || row > r->header.rows || col < 1 || col > r->header.cols) {
        return fail_place(r, row, col);
    }
    return add_entry(r, row, col, value);
}

static nmf_status read_entries(reader *r) {
    char *line;
    nmf_status status = reserve_first(r);
    for (int64_t i = 0; status == NMF_OK && i < r->header.entries; i++) {
        status = mtx_line(r->in, &line, &r->number);
        if (status == NMF_OK) {
            status = line ? read_entry(r, line) : fail_short(r, i, r->header.entries);
        }
    }
    if (status == NMF_OK) {
        status = mtx_line(r->in, &line, &r->number);
        if (status == NMF_OK && line) {
            status = fail_long(r, r->header.entries);
        }
    }
    return status;
}

static nmf_status read_sparse(reader *r, nmf_matrix **matrix) {
    nmf_status status = read_entries(r);
    if (status != NMF_OK) {
        entries_free(&r->all);
        return status;
    }
    return entries_to_matrix(&r->all, r->header.rows, r->header.cols, r->header.source, matrix);
}

/* Numbers of an array file: one triangle, diagonal included, of a symmetric matrix. */
static int64_t array_total(const mtx_header *header) {
    return header->symmetric ? header->rows * (header->rows + 1) / 2 : header->rows * header->cols;
}

/* The numbers of one line, usually one. */
static nmf_status read_numbers(reader *r, const char *line, int64_t total, values *own) {
    const char *at = line;
    while (*at != '\0') {
        double value;
        const char *end = number_parse(at, &value);
        const char *next = end ? text_blanks(end) : NULL;
        if (!end || (next == end && *end != '\0')) {
            return fail_entry(r, line);
        }
        if (own->count == total) {
            return fail_long(r, total);
        }
        nmf_status status = values_reserve(own, own->count + 1);
        if (status != NMF_OK) {
            return status;
        }
        values_put(own, value);
        at = next;
    }
    return NMF_OK;
}

static nmf_status read_all_numbers(reader *r, values *own) {
    int64_t total = array_total(&r->header);
    nmf_status status = values_reserve(own, 1);
    while (status == NMF_OK) {
        char *line;
        status = mtx_line(r->in, &line, &r->number);
        if (status == NMF_OK && !line) {
            return own->count < total ? fail_short(r, own->count, total) : NMF_OK;
        }
        if (status == NMF_OK) {
            status = read_numbers(r, line, total, own);
        }
    }
    return status;
}

/* From the columns of the lower triangle to all of the matrix: entry (i, j), i ≥ j, is number j·n − j(j−1)/2 + i − j.
 */
static nmf_status unfold(values *own, int64_t n) {
    values full = values_empty(own->in, own->dtype, own->allowed);
    nmf_status status = values_expect(&full, n * n);
    if (status != NMF_OK) {
        return status;
    }
    for (int64_t i = 0; i < n; i++) {
        for (int64_t j = 0; j < n; j++) {
            int64_t low = i > j ? i : j;
            int64_t high = i > j ? j : i;
            values_put(&full, dtype_get(own->dtype, own->data, high * n - high * (high - 1) / 2 + low - high));
        }
    }
    full.beyond = own->beyond;
    full.lost = own->lost;
    values_free(own);
    *own = full;
    return NMF_OK;
}

static nmf_status read_array(reader *r, const nmf_read_options *how, nmf_matrix **matrix) {
    values own = values_empty(r->in, how->dtype, how->allowed);
    nmf_status status = read_all_numbers(r, &own);
    if (status == NMF_OK) {
        status = shape_check(r->in, r->header.rows, r->header.cols);
    }
    if (status == NMF_OK && r->header.symmetric) {
        status = unfold(&own, r->header.rows);
    }
    if (status == NMF_OK) {
        return values_to_matrix(&own, r->header.rows, r->header.cols, 1, r->header.rows, matrix);
    }
    values_free(&own);
    return status;
}

static nmf_status mtx_read(stream *in, const nmf_read_options *how, nmf_matrix **matrix) {
    reader r = {.in = in, .context = stream_context(in), .all = {.in = in, .how = how}};
    *matrix = NULL;
    nmf_status status = mtx_header_read(in, &r.header);
    if (status != NMF_OK) {
        return status;
    }
    r.number = r.header.size_line;
    status = r.header.sparse ? read_sparse(&r, matrix) : read_array(&r, how, matrix);
    if (status == NMF_OK) {
        (*matrix)->info.source = r.header.source;
    }
    return status;
}

const format format_mtx = {.name = "mtx", .recognises = recognises, .read = mtx_read, .write = mtx_write};
