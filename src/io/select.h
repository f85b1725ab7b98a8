/* Rows and columns chosen by a file of names. */
#ifndef NMF_IO_SELECT_H
#define NMF_IO_SELECT_H

#include "matrix/matrix.h"

/*
 * A copy of the rows (columns) whose names stand in the file `path`, one a line, in the order of the matrix; of a name
 * that several have, all of them.
 */
nmf_status select_by_file(const nmf_matrix *matrix, bool columns, const char *path, nmf_matrix **copy);

#endif
