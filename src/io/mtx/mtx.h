/* The Matrix Market format: its banner and size line, its entries, and the two halves of format_mtx. */
#ifndef NMF_IO_MTX_H
#define NMF_IO_MTX_H

#include "io/entries.h"
#include "io/format.h"

typedef struct mtx_header {
    bool sparse;    /* "coordinate", not "array" */
    bool pattern;   /* entries have no value, and are 1 */
    bool symmetric; /* one triangle stands for both */
    const char *source;
    int64_t rows, cols;
    int64_t entries;   /* lines of the coordinate format */
    int64_t size_line; /* where the sizes stand */
} mtx_header;

nmf_status mtx_header_read(stream *in, mtx_header *header);

/* The next line that is neither blank nor a comment, without its leading blanks; NULL at the end. */
nmf_status mtx_line(stream *in, char **line, int64_t *number);

/* A file on its way in. */
typedef struct mtx_reader {
    stream *in;
    nmf_context *context;
    mtx_header header;
    int64_t number; /* of the last line */
    int64_t found;  /* lines of the coordinate format so far, those before the stream's first one among them */
    entries all;
} mtx_reader;

/* Entries that `lines` of the coordinate format stand for at most, as far as there are so many in `bytes`. */
int64_t mtx_most_entries(const mtx_header *header, int64_t lines, int64_t bytes);

/* Room for them. */
nmf_status mtx_expect(mtx_reader *r, int64_t lines, int64_t bytes);

/* Add those up to the end of the stream; there may be fewer than the header promises, but not more. */
nmf_status mtx_read_entries(mtx_reader *r);

/* The failures of a file with too few or too many entries, and of a line that is not one. */
nmf_status mtx_fail_short(const mtx_reader *r, int64_t found, int64_t promised);
nmf_status mtx_fail_long(const mtx_reader *r, int64_t promised);
nmf_status mtx_fail_entry(const mtx_reader *r, const char *line);

/* May the coordinates be read in shares, by the processes of a crowd? */
bool mtx_has_shares(const mtx_reader *r);

/* A matrix whose entries stay in their file, for a crowd to read (matrix/scattered.h); the header has been read. */
nmf_status mtx_scatter(const mtx_reader *r, const nmf_read_options *how, nmf_matrix **matrix);

nmf_status mtx_write(sink *out, const table *t);

/* As coordinates, a dense table too. */
nmf_status mtx_write_coordinates(sink *out, const table *t);

#endif
