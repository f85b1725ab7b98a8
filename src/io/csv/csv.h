/* Text tables: their fields, what the first two lines tell of the rest, and the two halves of format_csv. */
#ifndef NMF_IO_CSV_H
#define NMF_IO_CSV_H

#include "io/format.h"

/* What separates fields; blanks are any run of spaces and tabs. */
enum { CSV_BLANKS = ' ' };

typedef struct csv_field {
    char *text;
    size_t length;
    bool quoted; /* `text` is what stands between the quotes, doubled ones still doubled */
    bool broken; /* a quote that is not closed, or something after the closing one */
} csv_field;

/*
 * The field that begins at `at` in a line ending at `end`; returns where the next one begins, or NULL after the last.
 * The line is trimmed by csv_trim first.
 */
char *csv_next(char *at, char *end, char separator, csv_field *field);

/* Past the blanks around a line that mean nothing with this separator; moves *end too. */
char *csv_trim(char *line, char **end, char separator);

int64_t csv_count(char *line, char *end, char separator);

/* A finite or infinite number and nothing else; its value in *value, which may be NULL. */
bool csv_number(const csv_field *field, double *value);
bool csv_is_number(const csv_field *field);

/* Empty, NA, NaN and the like, not in quotes. */
bool csv_is_missing(const csv_field *field);

/* Append a field to a list of names; undoubles its quotes in place. */
nmf_status csv_add_name(names *list, csv_field *field);

typedef struct csv_layout {
    char separator;
    const char *source;
    bool col_names;  /* the first line holds names */
    bool row_names;  /* the first field of every line is a name */
    bool no_corner;  /* the line of names has no field above the row names */
    int64_t columns; /* of numbers */
    /* Where the first line is taken as names on thin evidence: what it is, in the caller's lines. */
    csv_field odd_name; /* this one, among numbers, is none; length 0: no such field */
    bool counts_up;     /* its numbers count up by one */
    /* The first column is taken as names for its corner alone: they are numbers. */
    bool numbers_as_names;
    bool corner_or_missing; /* the first field of all is empty: that of names, or of numbers, as col_names says */
} csv_layout;

/*
 * `first` and `second` end at their NULs; `second` is NULL where there is one line only. A `separator` of 0 is to be
 * found out. `missing`: numbers may be missing.
 */
csv_layout csv_layout_of(char *first, char *second, char separator, bool missing);

/* A line break in a name becomes a blank: rows are lines. */
nmf_status csv_write(sink *out, const table *t);
nmf_status tsv_write(sink *out, const table *t);

#endif
