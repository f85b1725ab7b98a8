#include "base/number.h"
#include "io/bytes/text.h"
#include "io/mtx/mtx.h"
#include "io/values.h"

#include <strings.h>

/* Bytes that a file of no known size is thought to have. */
enum { FEW = 4096 };

static bool recognises(const unsigned char *head, size_t bytes) {
    static const char banner[] = "%%MatrixMarket";
    return bytes >= sizeof banner - 1 && strncasecmp((const char *)head, banner, sizeof banner - 1) == 0;
}

static nmf_status read_coordinates(mtx_reader *r) {
    int64_t bytes = stream_mappable(r->in) >= 0 ? stream_file_bytes(r->in) : FEW;
    nmf_status status = mtx_expect(r, r->header.entries, bytes);
    if (status == NMF_OK) {
        status = mtx_read_entries(r);
    }
    return status == NMF_OK && r->found < r->header.entries ? mtx_fail_short(r, r->found, r->header.entries) : status;
}

static nmf_status read_sparse(mtx_reader *r, nmf_matrix **matrix) {
    nmf_status status = read_coordinates(r);
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
static nmf_status read_numbers(mtx_reader *r, const char *line, int64_t total, values *own) {
    const char *at = line;
    while (*at != '\0') {
        double value;
        const char *end = number_parse(at, &value);
        const char *next = end ? text_blanks(end) : NULL;
        if (!end || (next == end && *end != '\0')) {
            return mtx_fail_entry(r, line);
        }
        if (own->count == total) {
            return mtx_fail_long(r, total);
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

static nmf_status read_all_numbers(mtx_reader *r, values *own) {
    int64_t total = array_total(&r->header);
    nmf_status status = values_reserve(own, 1);
    while (status == NMF_OK) {
        char *line;
        status = mtx_line(r->in, &line, &r->number);
        if (status == NMF_OK && !line) {
            return own->count < total ? mtx_fail_short(r, own->count, total) : NMF_OK;
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

static nmf_status read_array(mtx_reader *r, const nmf_read_options *how, nmf_matrix **matrix) {
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

/* In shares where that is asked for and can be. */
static nmf_status read_file(stream *in, const nmf_read_options *how, bool in_shares, nmf_matrix **matrix) {
    mtx_reader r = {.in = in, .context = stream_context(in), .all = {.in = in, .how = how}};
    *matrix = NULL;
    nmf_status status = mtx_header_read(in, &r.header);
    if (status != NMF_OK) {
        return status;
    }
    r.number = r.header.size_line;
    if (in_shares && mtx_has_shares(&r)) {
        return mtx_scatter(&r, how, matrix);
    }
    status = r.header.sparse ? read_sparse(&r, matrix) : read_array(&r, how, matrix);
    if (status == NMF_OK) {
        (*matrix)->info.source = r.header.source;
    }
    return status;
}

static nmf_status mtx_read(stream *in, const nmf_read_options *how, nmf_matrix **matrix) {
    return read_file(in, how, false, matrix);
}

static nmf_status mtx_stay(stream *in, const nmf_read_options *how, nmf_matrix **matrix) {
    return read_file(in, how, true, matrix);
}

const format format_mtx = {
    .name = "mtx", .recognises = recognises, .read = mtx_read, .stay = mtx_stay, .write = mtx_write};
