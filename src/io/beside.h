/* The names of rows and columns that stand in files of their own. */
#ifndef NMF_IO_BESIDE_H
#define NMF_IO_BESIDE_H

#include "io/table.h"

/*
 * Give a matrix read from `path` the names in the files that `options` name (their count must match) or else, where
 * it has none yet, those in DIR/STEM.rows.txt or DIR/rows.txt (cols alike); such a file with another count is left
 * alone, with a warning.
 */
nmf_status names_from_files(nmf_matrix *matrix, const char *path, const nmf_read_options *options);

/* Are there such files, named or lying beside `path`? */
bool names_lie_beside(const char *path, const nmf_read_options *options);

/* Write the names a table has to DIR/STEM.rows.txt and DIR/STEM.cols.txt, where the reading of `path` will find them.
 */
nmf_status names_to_files(nmf_context *context, const char *path, const table *t);

#endif
