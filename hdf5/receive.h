/* The wire (io/hdf5/wire.h), read from stdin. What comes is the library's own: a stream that breaks off ends the
 * program. */
#ifndef HDF5_RECEIVE_H
#define HDF5_RECEIVE_H

#include "io/hdf5/wire.h"
#include "text.h"

typedef struct incoming {
    wire_shape shape;
    text_list row_names, col_names; /* empty: none */
    int64_t *start;                 /* of the lines, of a sparse matrix */
    int64_t starts, start_room;
    char *notes; /* NULL: none */
    /* The block at hand. */
    wire_tag tag;
    size_t length;
    unsigned char *payload;
} incoming;

/* Everything up to the first block of numbers, which is at hand then, or the end. */
void receive_table(incoming *in);

/* The next block; false at the end of the table. */
bool receive_next(incoming *in);

void receive_free(incoming *in);

#endif
