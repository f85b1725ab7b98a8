/* The names of rows and columns that stand in files of their own. */
#ifndef NMF_IO_BESIDE_H
#define NMF_IO_BESIDE_H

#include "matrix/matrix.h"

/*
 * Give a matrix read from `path` the names in the files that `options` name (their count must match) or else, where
 * it has none yet, those in DIR/STEM.rows.txt or DIR/rows.txt (cols alike); such a file with another count is left
 * alone, with a warning.
 */
nmf_status names_from_files(nmf_matrix *matrix, const char *path, const nmf_read_options *options);

#endif
