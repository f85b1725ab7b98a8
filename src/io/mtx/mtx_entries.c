#include "base/number.h"
#include "io/bytes/text.h"
#include "io/mtx/mtx.h"

/* The shortest line of an entry is "1 1\n". */
enum { ENTRY_BYTES = 4, SHOWN = 40 };

nmf_status mtx_fail_short(const mtx_reader *r, int64_t found, int64_t promised) {
    return fail(r->context, NMF_ERROR_INPUT,
                "%s ends at line %lld after %lld of the %lld entries that line %lld promises", stream_path(r->in),
                (long long)r->number, (long long)found, (long long)promised, (long long)r->header.size_line);
}

nmf_status mtx_fail_long(const mtx_reader *r, int64_t promised) {
    return fail(r->context, NMF_ERROR_INPUT, "%s, line %lld: more than the %lld entries that line %lld promises",
                stream_path(r->in), (long long)r->number, (long long)promised, (long long)r->header.size_line);
}

nmf_status mtx_fail_entry(const mtx_reader *r, const char *line) {
    const char *expected = !r->header.sparse   ? "a number"
                           : r->header.pattern ? "\"row column\""
                                               : "\"row column value\"";
    return fail(r->context, NMF_ERROR_INPUT, "%s, line %lld: expected %s, found \"%.*s\"", stream_path(r->in),
                (long long)r->number, expected, SHOWN, line);
}

static nmf_status fail_place(const mtx_reader *r, int64_t row, int64_t col) {
    bool bad_row = row < 1 || row > r->header.rows;
    return fail(r->context, NMF_ERROR_INPUT, "%s, line %lld: %s %lld is outside 1 to %lld", stream_path(r->in),
                (long long)r->number, bad_row ? "row" : "column", (long long)(bad_row ? row : col),
                (long long)(bad_row ? r->header.rows : r->header.cols));
}

/* Off the diagonal of a symmetric matrix a line of the file stands for two. */
int64_t mtx_most_entries(const mtx_header *header, int64_t lines, int64_t bytes) {
    int64_t fit = bytes / ENTRY_BYTES + 1;
    return (lines < fit ? lines : fit) * (header->symmetric ? 2 : 1);
}

nmf_status mtx_expect(mtx_reader *r, int64_t lines, int64_t bytes) {
    return entries_expect(&r->all, mtx_most_entries(&r->header, lines, bytes) + 1);
}

static nmf_status add_entry(mtx_reader *r, int64_t row, int64_t col, double value) {
    nmf_status status = entries_add(&r->all, row - 1, col - 1, value);
    return status == NMF_OK && r->header.symmetric && row != col ? entries_add(&r->all, col - 1, row - 1, value)
                                                                 : status;
}

static nmf_status read_entry(mtx_reader *r, const char *line) {
    int64_t row, col;
    double value = 1;
    const char *at = text_integer(line, &row);
    at = at ? text_integer(at, &col) : NULL;
    if (at && !r->header.pattern) {
        const char *digits = text_blanks(at);
        at = digits > at ? number_parse(digits, &value) : NULL;
    }
    if (!at || *text_blanks(at) != '\0') {
        return mtx_fail_entry(r, line);
    }
    if (row < 1 || row > r->header.rows || col < 1 || col > r->header.cols) {
        return fail_place(r, row, col);
    }
    return add_entry(r, row, col, value);
}

nmf_status mtx_read_entries(mtx_reader *r) {
    for (;;) {
        char *line;
        nmf_status status = mtx_line(r->in, &line, &r->number);
        if (status == NMF_OK && line) {
            status = r->found < r->header.entries ? read_entry(r, line) : mtx_fail_long(r, r->header.entries);
        }
        if (status != NMF_OK || !line) {
            return status;
        }
        r->found++;
    }
}
