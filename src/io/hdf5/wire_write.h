/* A table on its way out by the wire (io/hdf5/wire.h). */
#ifndef NMF_IO_WIRE_WRITE_H
#define NMF_IO_WIRE_WRITE_H

#include "io/table.h"

typedef struct wire_out {
    nmf_context *context;
    nmf_status (*write)(void *user, const void *bytes, size_t count);
    void *user;
} wire_out;

/* The whole table, row after row or column after column. `notes` (io/hdf5/wire.h): at most WIRE_BLOCK_MOST bytes, or
 * NULL.
 */
nmf_status wire_write(const wire_out *to, const table *t, bool by_columns, const char *notes);

#endif
