#include "io/csv/csv_rows.h"
#include "base/number.h"

#include <math.h>
#include <string.h>

enum { SHOWN = 40 };

static nmf_status fail_line(const csv_rows *r, int64_t number, const char *what) {
    return fail(r->context, NMF_ERROR_INPUT, "%s, line %lld: %s", stream_path(r->in), (long long)number, what);
}

static bool may_miss(const csv_rows *r) {
    return r->own.allowed & NMF_ALLOW_MISSING;
}

/* Tabs alone can be a row with every number missing. */
static bool is_blank(const csv_rows *r, const char *line, size_t length) {
    char separator = r->layout.separator ? r->layout.separator : r->separator;
    bool tabs = may_miss(r) && (separator == '\t' || separator == 0);
    return strspn(line, tabs ? " " : " \t") == length;
}

/* The next line that is not blank; NULL at the end. */
static nmf_status next_line(csv_rows *r, char **line, size_t *length, int64_t *number) {
    for (;;) {
        nmf_status status = stream_line(r->in, line, length, number);
        if (status != NMF_OK || !*line) {
            return status;
        }
        if (!is_blank(r, *line, *length)) {
            return NMF_OK;
        }
        r->blank = r->blank ? r->blank : *number;
    }
}

/* A copy of the next line, which outlives the line after it; NULL at the end. */
static nmf_status copy_line(csv_rows *r, char **copy, int64_t *number) {
    char *line;
    size_t length;
    int64_t room = 0;
    nmf_status status = next_line(r, &line, &length, number);
    if (status != NMF_OK || !line) {
        return status;
    }
    if (memchr(line, '\0', length)) {
        return fail_line(r, *number, "a NUL byte is not allowed in text");
    }
    status = buffer_reserve(r->context, (void **)copy, &room, (int64_t)length + 1, 1, "a line");
    if (status == NMF_OK) {
        memcpy(*copy, line, length + 1);
    }
    return status;
}

/* What people who see this field may want to know. */
static const char *advice(const csv_rows *r, const csv_field *field) {
    bool digits = field->length > 0 && field->text[0] >= '0' && field->text[0] <= '9';
    if (r->layout.columns + r->layout.row_names == 1) {
        return "; where fields are separated by something else than commas, tabs, semicolons or blanks, --delimiter "
               "names "
               "it";
    }
    return digits && memchr(field->text, ',', field->length) ? "; the decimal point must be a point, and thousands may "
                                                               "not be set apart"
                                                             : "";
}

/* Where a number is due, quotes around a word for a missing one mean as little as those around a number. */
static bool says_missing(const csv_field *field) {
    csv_field bare = *field;
    bare.quoted = false;
    return !field->broken && csv_is_missing(&bare);
}

/* Why field number `column` of a line cannot be an entry; NMF_OK where it can. */
static nmf_status explain_field(const csv_rows *r, const csv_field *field, int64_t number, int64_t column) {
    if (field->broken) {
        return fail(r->context, NMF_ERROR_INPUT,
                    "%s, line %lld, column %lld: a field in quotes must end with its quote, on the same line",
                    stream_path(r->in), (long long)number, (long long)column);
    }
    if (column == 1 && r->layout.row_names) {
        return NMF_OK;
    }
    int shown = field->length < SHOWN ? (int)field->length : SHOWN;
    if (says_missing(field) && may_miss(r)) {
        return NMF_OK;
    }
    if (csv_is_missing(field)) {
        return fail(r->context, NMF_ERROR_INPUT, "%s, line %lld: row %lld, column %lld is missing (\"%.*s\"); %s",
                    stream_path(r->in), (long long)number, (long long)r->rows + 1,
                    (long long)(column - r->layout.row_names), shown, field->text, matrix_wanted(r->own.allowed, true));
    }
    if (!csv_is_number(field)) {
        return fail(r->context, NMF_ERROR_INPUT,
                    "%s, line %lld, column %lld: \"%.*s\" is not a number such as 3, 0.25 or 1e-5%s",
                    stream_path(r->in), (long long)number, (long long)column, shown, field->text, advice(r, field));
    }
    return NMF_OK;
}

/* Is every quote of the line closed on it? */
static bool closes(const char *line, size_t length) {
    bool open = false;
    for (size_t i = 0; i < length; i++) {
        open = open != (line[i] == '"');
    }
    return !open;
}

/* The sentence for a line that could not be read. */
static nmf_status explain(const csv_rows *r, char *line, size_t length, int64_t number) {
    char separator = r->layout.separator;
    int64_t expected = r->layout.columns + r->layout.row_names;
    int64_t found = csv_count(line, line + length, separator);
    if (memchr(line, '\0', length)) {
        return fail_line(r, number, "a NUL byte is not allowed in text");
    }
    if (found != expected && !closes(line, length)) {
        return fail_line(r, number,
                         "a quote that opens on this line does not close on it, and names of several lines are "
                         "not read");
    }
    if (found != expected) {
        return fail(r->context, NMF_ERROR_INPUT, "%s, line %lld: found %lld fields, expected %lld as on line %lld",
                    stream_path(r->in), (long long)number, (long long)found, (long long)expected,
                    (long long)r->first_number);
    }
    csv_field field;
    char *end = line + length;
    char *at = csv_trim(line, &end, separator);
    for (int64_t column = 1; at; column++) {
        at = csv_next(at, end, separator, &field);
        nmf_status status = explain_field(r, &field, number, column);
        if (status != NMF_OK) {
            return status;
        }
    }
    return fail_line(r, number, "expected a row of numbers, after a name maybe, and found none");
}

static char *skip_blanks(char *at, const char *end, char separator) {
    while (at < end && (*at == ' ' || (*at == '\t' && separator != '\t'))) {
        at++;
    }
    return at;
}

/* Past one number and to where the next field begins, NULL after the last; false where something else stands there. */
static bool read_number(char **at, const char *end, char separator, double *value) {
    bool quoted = **at == '"', blanks = separator == CSV_BLANKS;
    const char *stop = number_parse(*at + quoted, value);
    if (!stop || isnan(*value) || (quoted && *stop != '"')) {
        return false;
    }
    char *after = *at + (stop - *at) + quoted, *next = skip_blanks(after, end, separator);
    if (next < end && (blanks ? next == after : *next != separator)) {
        return false;
    }
    *at = next == end ? NULL : blanks ? next : skip_blanks(next + 1, end, separator);
    return true;
}

/* The same of a missing one, where it may be. */
static bool read_missing(const csv_rows *r, char **at, char *end, double *value) {
    csv_field field;
    if (!may_miss(r)) {
        return false;
    }
    *at = csv_next(*at, end, r->layout.separator, &field);
    *value = NAN;
    return says_missing(&field);
}

static bool read_numbers(csv_rows *r, char *at, char *end) {
    for (int64_t j = 0; j < r->layout.columns; j++) {
        double value;
        bool read = at && ((at < end && read_number(&at, end, r->layout.separator, &value)) ||
                           read_missing(r, &at, end, &value));
        if (!read) {
            return false;
        }
        values_put(&r->own, value);
    }
    return !at;
}

static nmf_status read_row(csv_rows *r, char *line, size_t length, int64_t number) {
    csv_field name;
    char *end = line + length;
    char *at = csv_trim(line, &end, r->layout.separator);
    nmf_status status = values_reserve(&r->own, r->own.count + r->layout.columns);
    if (status != NMF_OK) {
        return status;
    }
    if (r->blank) {
        return fail_line(r, r->blank, "a blank line within the table is not allowed");
    }
    if (r->layout.row_names) {
        at = csv_next(at, end, r->layout.separator, &name);
    }
    if (!at || (r->layout.row_names && (name.broken || memchr(name.text, '\0', name.length))) ||
        !read_numbers(r, at, end)) {
        return explain(r, line, length, number);
    }
    r->rows++;
    return r->layout.row_names ? csv_add_name(&r->row_names, &name) : NMF_OK;
}

static nmf_status read_col_names(csv_rows *r, char *line, int64_t number) {
    csv_field field;
    char *end = line + strlen(line);
    char *at = csv_trim(line, &end, r->layout.separator);
    if (r->layout.row_names && !r->layout.no_corner) {
        at = csv_next(at, end, r->layout.separator, &field);
    }
    for (int64_t column = 1; at; column++) {
        at = csv_next(at, end, r->layout.separator, &field);
        if (field.broken) {
            return explain_field(r, &field, number, column);
        }
        nmf_status status = csv_add_name(&r->col_names, &field);
        if (status != NMF_OK) {
            return status;
        }
    }
    return NMF_OK;
}

/* Text has no NULs and few control characters; what has is some other format. */
static nmf_status check_text(csv_rows *r) {
    const unsigned char *head;
    size_t bytes;
    nmf_status status = stream_peek(r->in, STREAM_PEEK, &head, &bytes);
    if (status == NMF_OK && bytes >= 2 && (memcmp(head, "\xff\xfe", 2) == 0 || memcmp(head, "\xfe\xff", 2) == 0)) {
        return fail(r->context, NMF_ERROR_INPUT, "%s is text in UTF-16; it must be saved as UTF-8", stream_path(r->in));
    }
    for (size_t i = 0; status == NMF_OK && i < bytes; i++) {
        if (head[i] < ' ' && !(head[i] >= '\t' && head[i] <= '\r')) {
            return fail(
                r->context, NMF_ERROR_INPUT,
                "%s is binary (byte %zu is %d) and of no known format; allowed are NPY, NPZ, HDF5, Matrix Market, "
                "svmlight and text in UTF-8 (CSV, TSV, blanks), each also packed once by gzip or zstd",
                stream_path(r->in), i, head[i]);
        }
    }
    return status;
}

nmf_status csv_rows_next(csv_rows *r, bool *more) {
    char *line;
    size_t length;
    int64_t number;
    nmf_status status = next_line(r, &line, &length, &number);
    *more = status == NMF_OK && line != NULL;
    return *more ? read_row(r, line, length, number) : status;
}

/* The first line was taken as names for a reason that may be a slip. */
static void tell_doubts(const csv_rows *r) {
    const csv_field *odd = &r->layout.odd_name;
    if (odd->length > 0) {
        caution(r->context, "%s: line %lld was taken as names, since \"%.*s\" is not a number", stream_path(r->in),
                (long long)r->first_number, odd->length < SHOWN ? (int)odd->length : SHOWN, odd->text);
    }
    if (r->layout.numbers_as_names) {
        caution(r->context, "%s: the first column was taken as names, since line %lld calls it so", stream_path(r->in),
                (long long)r->first_number);
    }
    if (r->layout.corner_or_missing) {
        caution(r->context, "%s: line %lld, whose first field is empty, was taken as %s", stream_path(r->in),
                (long long)r->first_number,
                r->layout.col_names ? "names, since its numbers count up by one" : "numbers, the first one missing");
    }
    if (r->layout.counts_up) {
        caution(r->context, "%s: line %lld was taken as names, since its numbers count up by one", stream_path(r->in),
                (long long)r->first_number);
    }
}

static nmf_status read_two(csv_rows *r, char *first, char *second, int64_t second_number) {
    r->layout = csv_layout_of(first, second, r->separator, may_miss(r));
    if (r->layout.col_names && !second) {
        return fail(r->context, NMF_ERROR_INPUT, "%s holds a line of names but no rows of numbers", stream_path(r->in));
    }
    tell_doubts(r);
    int64_t blank = r->blank;
    r->blank = 0;
    nmf_status status = r->layout.col_names ? read_col_names(r, first, r->first_number)
                                            : read_row(r, first, strlen(first), r->first_number);
    r->blank = blank;
    if (status == NMF_OK && second) {
        status = read_row(r, second, strlen(second), second_number);
    }
    return status;
}

static nmf_status read_first(csv_rows *r) {
    char *first = NULL;
    char *second = NULL;
    int64_t second_number = 0;
    nmf_status status = check_text(r);
    if (status == NMF_OK) {
        status = copy_line(r, &first, &r->first_number);
    }
    r->blank = 0;
    if (status == NMF_OK && !first) {
        status = fail(r->context, NMF_ERROR_INPUT, "%s is empty; expected rows of numbers", stream_path(r->in));
    }
    if (status == NMF_OK) {
        status = copy_line(r, &second, &second_number);
    }
    if (status == NMF_OK) {
        status = read_two(r, first, second, second_number);
    }
    buffer_free(r->context, first);
    buffer_free(r->context, second);
    return status;
}

static nmf_status find_separator(nmf_context *context, const char *delimiter, char *separator) {
    *separator = 0;
    if (!delimiter) {
        return NMF_OK;
    }
    bool one = strlen(delimiter) == 1 && !strchr("\"\r\n.+-0123456789", *delimiter);
    if (strcmp(delimiter, "tab") == 0) {
        *separator = '\t';
    } else if (strcmp(delimiter, "blanks") == 0) {
        *separator = CSV_BLANKS;
    } else if (one) {
        *separator = *delimiter;
    }
    return *separator
               ? NMF_OK
               : fail(context, NMF_ERROR_USAGE,
                      "\"%s\" cannot be the delimiter; allowed are one character that is not part of a number, tab "
                      "and blanks",
                      delimiter);
}

nmf_status csv_rows_open(stream *in, const nmf_read_options *how, csv_rows *r) {
    nmf_context *context = stream_context(in);
    *r = (csv_rows){.in = in,
                    .context = context,
                    .own = values_empty(in, how->dtype, how->allowed),
                    .row_names = names_empty(context),
                    .col_names = names_empty(context)};
    nmf_status status = find_separator(context, how->delimiter, &r->separator);
    return status == NMF_OK ? read_first(r) : status;
}

void csv_rows_free(csv_rows *r) {
    values_free(&r->own);
    names_free(&r->row_names);
    names_free(&r->col_names);
}
