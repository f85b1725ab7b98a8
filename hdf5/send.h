/* The wire (io/hdf5/wire.h), written to stdout. */
#ifndef HDF5_SEND_H
#define HDF5_SEND_H

#include "io/hdf5/wire.h"
#include "text.h"

void send_begin(const wire_shape *shape);

/* A block of up to WIRE_BLOCK_MOST bytes; none where there are no bytes. */
void send_block(wire_tag tag, const void *payload, size_t bytes);

void send_names(wire_tag tag, const text_list *names);
void send_end(void);

#endif
