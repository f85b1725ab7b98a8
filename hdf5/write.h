/* Writing: from the wire to a layout of groups and datasets. */
#ifndef HDF5_WRITE_H
#define HDF5_WRITE_H

#include "receive.h"
#include "source.h"
#include "target.h"

/* Whole files, from a table that comes column after column. */
void tenx_write(hid_t file);
void anndata_write(hid_t file);

/* Add H and W, which come in this order, to an AnnData file. */
void factors_write(const source *to);

/* The arrays of compressed lines, "indices", "data" and "indptr", below a group. */
typedef struct arrays_type {
    hid_t value, index, start;
} arrays_type;

void arrays_write(hid_t at, incoming *in, arrays_type type);

/* The lines of a dense table as the rows of a dataset, of which it returns the id. */
hid_t lines_write(hid_t at, const char *name, incoming *in);

#endif
