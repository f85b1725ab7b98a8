/* The rows of a text table, one after the other. */
#ifndef NMF_IO_CSV_ROWS_H
#define NMF_IO_CSV_ROWS_H

#include "io/csv/csv.h"
#include "io/values.h"

typedef struct csv_rows {
    stream *in;
    nmf_context *context;
    char separator; /* as asked for; 0: to be found out */
    csv_layout layout;
    int64_t first_number; /* of the first line that is not blank */
    int64_t blank;        /* number of the first blank line since; 0: none */
    int64_t rows;         /* read so far */
    values own;           /* their numbers; the caller may take them away */
    names row_names, col_names;
} csv_rows;

/* Find out the layout, and read the rows that are in the first two lines. Free it in any case. */
nmf_status csv_rows_open(stream *in, const nmf_read_options *how, csv_rows *r);

/* Append the next row; `more` is false where there is none. */
nmf_status csv_rows_next(csv_rows *r, bool *more);

void csv_rows_free(csv_rows *r);

#endif
