/*
 * A sparse block of rows that is kept by rows alone: N's columns are cut into stripes of about as many entries, so that
 * each is made by one thread, which walks through its part of every row and adds to columns that its cache holds. A
 * block that comes from a file anew whenever it is needed is ready for that after one look at its entries, and needs
 * half the memory of one kept in both directions.
 */
#ifndef NMF_MATRIX_STRIPED_H
#define NMF_MATRIX_STRIPED_H

#include "matrix/compressed.h"

/* Room for up to so many rows and entries, unchecked; as.striped.by_row is to be filled, then striped_cut called. */
nmf_status matrix_new_striped(nmf_context *context, int64_t rows, int64_t cols, int64_t entries, nmf_dtype dtype,
                              unsigned allowed, nmf_matrix **out);
double striped_bytes(int64_t rows, int64_t cols, int64_t entries, nmf_dtype dtype);

/* There are `rows` rows in by_row now: cut them into stripes. */
void striped_cut(nmf_matrix *matrix, int64_t rows);

#endif
