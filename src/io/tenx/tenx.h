/*
 * A folder as Cell Ranger of 10x Genomics writes it: matrix.mtx, features.tsv (before version 3 genes.tsv) with "id,
 * name, type" of every row, and barcodes.tsv with the name of every column; each may be packed.
 */
#ifndef NMF_IO_TENX_H
#define NMF_IO_TENX_H

#include "io/table.h"

/* Is `path` a folder, or to become one, as it ends in a slash? */
bool tenx_is_folder(const char *path);

/* Rows are called by the names of their features, and those whose name comes again by their ids. */
nmf_status tenx_read(nmf_context *context, const char *path, const nmf_read_options *how, nmf_matrix **matrix);

/*
 * The names for a matrix read from `path`, where that is the matrix.mtx of such a folder and names are still wanting.
 * Files that do not fit are left alone, with a warning.
 */
nmf_status tenx_names_beside(nmf_matrix *matrix, const char *path);

/* Make the folder where it is missing, and write the three files, packed by gzip. What has no name is numbered. */
nmf_status tenx_write(nmf_context *context, const char *path, const table *t);

#endif
