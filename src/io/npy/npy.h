/* The NPY format: what its header says, the numbers after it, and the two halves of format_npy. */
#ifndef NMF_IO_NPY_H
#define NMF_IO_NPY_H

#include "io/format.h"

/* One type of number in a file. */
typedef struct npy_type {
    const char *name;     /* as in a header, without the byte order: "u1" */
    const char *source;   /* "npy, uint8" */
    const char *archived; /* the same in an archive: "npz, uint8" */
    size_t size;
    /* Widen `count` numbers in the host's byte order to doubles. */
    void (*widen)(const unsigned char *from, int64_t count, double *to);
} npy_type;

/* The type of that name, or NULL. */
const npy_type *npy_type_named(const char *name, size_t length);

typedef struct npy_header {
    const npy_type *type; /* NULL: not of numbers that can be read */
    char text;            /* 'S' where it holds texts as bytes, 'U' as UTF-32; 0: no texts */
    int64_t length;       /* of each, in bytes or code points */
    bool swapped;         /* in the other byte order than the host's */
    bool fortran;
    int64_t dimensions;
    int64_t rows, cols; /* the first two sizes; 1 where there are fewer */
} npy_header;

/* Read everything before the numbers of a matrix. */
nmf_status npy_header_read(stream *in, npy_header *header);

/* The same of an array of any type and any number of dimensions. */
nmf_status npy_header_any(stream *in, npy_header *header);

/* The next numbers, `want` of them unless the stream ends before. */
enum { NPY_CHUNK = 2048 };
nmf_status npy_numbers(stream *in, const npy_header *header, int64_t want, double wide[NPY_CHUNK], int64_t *got);

/* After the last number: refuse a stream that holds fewer or more than `bytes` bytes since `begin`. */
nmf_status npy_end(stream *in, int64_t begin, size_t bytes);
nmf_status npy_fail_size(const stream *in, int64_t holds, size_t promised);

/* A matrix of the whole stream, of what type of numbers it was. */
nmf_status npy_matrix(stream *in, const nmf_read_options *how, const npy_type **type, nmf_matrix **matrix);

/* A matrix whose numbers, in the host's byte order and row by row, stay in the stream's file. */
nmf_status npy_in_file(const stream *in, const npy_header *header, const nmf_read_options *how, nmf_matrix **matrix);

/*
 * The header of an array of `dimensions` sizes, of numbers in the host's byte order: as many bytes for all of them, and
 * a multiple of 64, so that a reader can map the numbers. `kind` is 'f', 'i', 'S' or 'U'; `size` the bytes of a number,
 * or the length of a text.
 */
enum { NPY_HEADER = 128 };
void npy_header_make(char header[NPY_HEADER], char kind, size_t size, int dimensions, int64_t rows, int64_t cols);

nmf_status npy_write(sink *out, const table *t);

/* What one process of a crowd has of a table: a rectangle, row by row. */
typedef struct npy_part {
    int64_t rows, cols; /* of all of the table */
    int64_t first_row, own_rows, first_col, own_cols;
    nmf_dtype dtype;
    void (*row)(const void *user, int64_t i, void *numbers); /* own_cols numbers of the i-th of its rows */
    const void *user;
} npy_part;

/*
 * Write a table of which every process of the context's crowd has a part, each to its place in the file: as a whole or
 * not at all. Every process comes here, and fails where one does.
 */
nmf_status npy_write_parts(nmf_context *context, const char *path, const npy_part *part);

#endif
