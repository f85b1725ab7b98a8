#include "io/bytes/text.h"
#include "io/mtx/mtx.h"

#include <string.h>
#include <strings.h>

enum { WORDS = 5, WORD_ROOM = 32 };

typedef char word[WORD_ROOM];

nmf_status mtx_line(stream *in, char **line, int64_t *number) {
    for (;;) {
        size_t length;
        nmf_status status = stream_line(in, line, &length, number);
        if (status != NMF_OK || !*line) {
            return status;
        }
        if (memchr(*line, '\0', length)) {
            return fail(stream_context(in), NMF_ERROR_INPUT,
                        "%s, line %lld: a NUL byte is not allowed in Matrix Market", stream_path(in),
                        (long long)*number);
        }
        char *first = *line + (text_blanks(*line) - *line);
        if (*first != '%' && first < *line + length) {
            *line = first;
            return NMF_OK;
        }
    }
}

/* Words beyond WORD_ROOM are cut: no keyword is that long. */
static int split(const char *line, word *words) {
    int count = 0;
    const char *at = text_blanks(line);
    while (*at && count < WORDS) {
        size_t length = strcspn(at, " \t");
        size_t kept = length < WORD_ROOM - 1 ? length : WORD_ROOM - 1;
        memcpy(words[count], at, kept);
        words[count++][kept] = '\0';
        at = text_blanks(at + length);
    }
    return count;
}

/* The place of `text` in the list, or -1. */
static int find(const char *text, const char *const *list) {
    for (int i = 0; list[i]; i++) {
        if (strcasecmp(text, list[i]) == 0) {
            return i;
        }
    }
    return -1;
}

static nmf_status fail_banner(const stream *in, const char *what, const char *found, const char *allowed) {
    return fail(stream_context(in), NMF_ERROR_INPUT, "%s, line 1: the %s \"%s\" cannot be read; allowed are %s",
                stream_path(in), what, found, allowed);
}

static nmf_status read_field(const stream *in, const char *found, mtx_header *header) {
    static const char *const fields[] = {"real", "double", "integer", "unsigned-integer", "pattern", NULL};
    static const char *const sources[2][5] = {
        {"Matrix Market array, real", "Matrix Market array, real", "Matrix Market array, integer",
         "Matrix Market array, integer", "Matrix Market array, pattern"},
        {"Matrix Market, real", "Matrix Market, real", "Matrix Market, integer", "Matrix Market, integer",
         "Matrix Market, pattern"},
    };
    int which = find(found, fields);
    header->pattern = which == 4;
    if (which < 0 || (header->pattern && !header->sparse)) {
        return fail_banner(in, "field", found,
                           header->sparse ? "real, double, integer, unsigned-integer and pattern (entries must be "
                                            "real numbers)"
                                          : "real, double, integer and unsigned-integer in an array");
    }
    header->source = sources[header->sparse][which];
    return NMF_OK;
}

/* %%MatrixMarket matrix coordinate|array FIELD SYMMETRY */
static nmf_status read_banner(stream *in, mtx_header *header) {
    static const char *const symmetries[] = {"general", "symmetric", NULL};
    word words[WORDS];
    char *line;
    size_t length;
    int64_t number;
    nmf_status status = stream_line(in, &line, &length, &number);
    if (status != NMF_OK) {
        return status;
    }
    if (!line || split(line, words) < WORDS || strcasecmp(words[0], "%%MatrixMarket") != 0 ||
        strcasecmp(words[1], "matrix") != 0) {
        return fail(stream_context(in), NMF_ERROR_INPUT,
                    "%s, line 1: expected a banner such as \"%%%%MatrixMarket matrix coordinate real general\"",
                    stream_path(in));
    }
    header->sparse = strcasecmp(words[2], "coordinate") == 0;
    if (!header->sparse && strcasecmp(words[2], "array") != 0) {
        return fail_banner(in, "format", words[2], "coordinate and array");
    }
    status = read_field(in, words[3], header);
    if (status != NMF_OK) {
        return status;
    }
    header->symmetric = find(words[4], symmetries) == 1;
    if (find(words[4], symmetries) < 0) {
        return fail_banner(in, "symmetry", words[4],
                           "general and symmetric (skew-symmetric and hermitian ones are not read)");
    }
    return NMF_OK;
}

static nmf_status check_sizes(const stream *in, const mtx_header *header) {
    nmf_context *context = stream_context(in);
    long long number = header->size_line;
    if (header->symmetric && header->rows != header->cols) {
        return fail(context, NMF_ERROR_INPUT,
                    "%s, line %lld: a symmetric matrix has as many rows as columns, not %lld × %lld", stream_path(in),
                    number, (long long)header->rows, (long long)header->cols);
    }
    if (header->sparse && (header->rows > UINT32_MAX || header->cols > UINT32_MAX)) {
        return fail(context, NMF_ERROR_INPUT,
                    "%s, line %lld: %lld × %lld is too large; a sparse matrix may have up to 4294967295 rows and "
                    "columns",
                    stream_path(in), number, (long long)header->rows, (long long)header->cols);
    }
    size_t bytes;
    if (!header->sparse && !checked_product(header->rows, header->cols, (int64_t)sizeof(double), &bytes)) {
        return fail(context, NMF_ERROR_INPUT, "%s, line %lld: %lld × %lld numbers are more than can be addressed",
                    stream_path(in), number, (long long)header->rows, (long long)header->cols);
    }
    return NMF_OK;
}

static nmf_status read_sizes(stream *in, mtx_header *header) {
    char *line;
    nmf_status status = mtx_line(in, &line, &header->size_line);
    if (status != NMF_OK) {
        return status;
    }
    const char *at = line ? text_integer(line, &header->rows) : NULL;
    at = at ? text_integer(at, &header->cols) : NULL;
    at = at && header->sparse ? text_integer(at, &header->entries) : at;
    if (!at || *text_blanks(at) != '\0') {
        return fail(stream_context(in), NMF_ERROR_INPUT, "%s, line %lld: expected %s", stream_path(in),
                    (long long)header->size_line,
                    header->sparse ? "the numbers of rows, columns and entries" : "the numbers of rows and columns");
    }
    return check_sizes(in, header);
}

nmf_status mtx_header_read(stream *in, mtx_header *header) {
    *header = (mtx_header){.size_line = 1};
    nmf_status status = read_banner(in, header);
    return status == NMF_OK ? read_sizes(in, header) : status;
}
