/* The Matrix Market format: its banner and size line, and the two halves of format_mtx. */
#ifndef NMF_IO_MTX_H
#define NMF_IO_MTX_H

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

nmf_status mtx_write(sink *out, const table *t);

/* As coordinates, a dense table too. */
nmf_status mtx_write_coordinates(sink *out, const table *t);

#endif
