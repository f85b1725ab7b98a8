/*
 * Contract of a file format. A format reads a stream into a matrix, or writes a table to a sink, or both; which one a
 * file is in is told by its first bytes, and only where those say nothing by its name.
 */
#ifndef NMF_IO_FORMAT_H
#define NMF_IO_FORMAT_H

#include "io/bytes/sink.h"
#include "io/bytes/stream.h"
#include "io/table.h"

typedef struct format {
    const char *name;             /* "mtx": also the ending of a file's name */
    const char *other_endings[2]; /* "libsvm" and "svm" for svmlight */
    bool has_names;               /* there is room for the names of rows and columns in it */
    bool has_layers;              /* a file may hold several matrices */
    bool takes_rows;              /* `write` needs no more of a table than its rows, one after the other */
    bool begins_with_count;       /* … but writes their count in front, once it knows it */
    bool by_helper; /* written by a program that may not be installed: named by endings, not in the list */
    /* Do the first bytes of a file look like this format? NULL: any text may be. */
    bool (*recognises)(const unsigned char *head, size_t bytes);
    /*
     * Read all of the stream into a matrix of how->dtype with its source set, names too where the file has them; NULL
     * where that fails.
     */
    nmf_status (*read)(stream *in, const nmf_read_options *how, nmf_matrix **matrix);
    /*
     * The same of a plain file, whose matrix stays there and is read block by block (matrix/streamed.h). NULL: the
     * format has no blocks of rows. A file that has none may be read as by `read`.
     */
    nmf_status (*stay)(stream *in, const nmf_read_options *how, nmf_matrix **matrix);
    /* The rows of the stream as a table to be read as it is written. NULL: the format has no such order. */
    nmf_status (*pass)(stream *in, const nmf_read_options *how, table *t);
    nmf_status (*write)(sink *out, const table *t);
} format;

extern const format format_npy, format_mtx, format_csv, format_tsv, format_svmlight, format_npz, format_nmfx,
    format_wire, format_h5, format_h5ad;

/* All formats, in the order in which they are tried; ended by NULL. */
extern const format *const formats[];

/* Read a stream in its format, or let the matrix stay in its file where that is asked for and can be. */
nmf_status format_read(stream *in, const format *found, const nmf_read_options *how, nmf_matrix **matrix);

/* Read a file in whichever format it is. */
nmf_status format_read_file(nmf_context *context, const char *path, const nmf_read_options *how, nmf_matrix **matrix);

/*
 * Which format a stream just opened is in; `path` is asked where its first bytes say nothing. NMF_ERROR_USAGE where a
 * layer is asked for and the format has none.
 */
nmf_status format_find(stream *in, const char *path, const nmf_read_options *how, const format **found);

/* The format to write in: the one named or, where `name` is NULL, the one that `path` ends in. */
nmf_status format_find_writer(nmf_context *context, const char *path, const char *name, const format **found);

/*
 * After a reading that came to `status`: names from files of their own and, where that is asked for, the check of the
 * entries. Where any of it failed *matrix is freed and NULL.
 */
nmf_status format_complete(const char *path, const nmf_read_options *how, nmf_status status, bool check,
                           nmf_matrix **matrix);

nmf_status read_options_check(nmf_context *context, const nmf_read_options *how);

/* Open a sink, let `write` fill it, and commit it, or leave nothing behind. */
nmf_status format_write_file(nmf_context *context, const char *path, nmf_status (*write)(sink *out, const table *t),
                             const table *t);

/* The format that the name of a file ends in, the ending of a packing aside; NULL: none. */
const format *format_by_ending(const char *path);

#endif
