/*
 * HDF5, which this library does not read itself: nmf-hdf5 (hdf5/) does, a program of its own, since files of HDF5 can
 * be made to do harm in libhdf5. Where it is not installed, everything else works.
 */
#ifndef NMF_IO_HDF5_H
#define NMF_IO_HDF5_H

#include "io/format.h"

#include <limits.h>

/* The program's path. A failure says how to come by it. */
nmf_status hdf5_program(nmf_context *context, const char *file, char path[PATH_MAX]);

/* As Cell Ranger lays it out, and as AnnData does. */
nmf_status hdf5_write_tenx(sink *out, const table *t);
nmf_status hdf5_write_anndata(sink *out, const table *t);

/*
 * Write a copy of the AnnData file `input` to `path`, with W and H added to what it says of its variables and
 * observations, and `notes` (io/hdf5/wire.h) of how they came about.
 */
nmf_status hdf5_annotate(nmf_context *context, const char *path, const char *input, const nmf_table *w,
                         const nmf_table *h, const char *notes);

#endif
