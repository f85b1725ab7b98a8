/*
 * Contract of a file format. A format reads a stream into a matrix, or writes a table to a sink, or both; which one a
 * file is in is told by its first bytes, and only where those say nothing by its name.
 */
#ifndef NMF_IO_FORMAT_H
#define NMF_IO_FORMAT_H

#include "io/sink.h"
#include "io/stream.h"
#include "matrix/matrix.h"

typedef struct format {
    const char *name;         /* "mtx": also the ending of a file's name */
    const char *other_ending; /* "tsv" for csv; NULL: none */
    /* Do the first bytes of a file look like this format? NULL: any text may be. */
    bool (*recognises)(const unsigned char *head, size_t bytes);
    /* Read all of the stream into a matrix of `dtype` with its source set, names too where the file has them. */
    nmf_status (*read)(stream *in, nmf_dtype dtype, nmf_matrix **matrix);
    nmf_status (*write)(sink *out, const nmf_table *table);
} format;

extern const format format_npy, format_mtx, format_csv, format_svmlight;

/* All formats, in the order in which they are tried; ended by NULL. */
extern const format *const formats[];

#endif
