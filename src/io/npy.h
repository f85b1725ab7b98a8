/* The NPY format: what its header says, and the two halves of format_npy. */
#ifndef NMF_IO_NPY_H
#define NMF_IO_NPY_H

#include "io/format.h"

/* One type of number in a file. */
typedef struct npy_type {
    const char *name; /* as in a header, without the byte order: "u1" */
    const char *source;
    size_t size;
    /* Widen `count` numbers in the host's byte order to doubles. */
    void (*widen)(const unsigned char *from, int64_t count, double *to);
} npy_type;

/* The type of that name, or NULL. */
const npy_type *npy_type_named(const char *name, size_t length);

typedef struct npy_header {
    const npy_type *type;
    bool swapped; /* in the other byte order than the host's */
    bool fortran;
    int64_t rows, cols;
} npy_header;

/* Read everything before the numbers. */
nmf_status npy_header_read(stream *in, npy_header *header);

nmf_status npy_write(sink *out, const table *t);

#endif
