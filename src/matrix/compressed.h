/* Lines of a sparse matrix, rows or columns, each with its entries side by side. */
#ifndef NMF_MATRIX_COMPRESSED_H
#define NMF_MATRIX_COMPRESSED_H

#include "matrix/matrix.h"

/* Room for `entries` in `lines`, every start 0; free it with compressed_free, also where this fails. */
nmf_status compressed_new(nmf_context *context, int64_t lines, int64_t entries, nmf_dtype dtype, compressed *out);
void compressed_free(nmf_context *context, compressed *lines);

/* A sparse matrix with such room in both directions, unchecked: whoever makes it fills both. */
nmf_status matrix_new_compressed(nmf_context *context, int64_t rows, int64_t cols, int64_t entries, nmf_dtype dtype,
                                 unsigned allowed, nmf_matrix **out);

/* Bytes that such lines take. */
size_t compressed_bytes(int64_t lines, int64_t entries, nmf_dtype dtype);

/* Line i, in numbers of `dtype`. */
entry_line compressed_line(const compressed *lines, nmf_dtype dtype, int64_t i);

/* matrix_kind.scan over the rows of a matrix. */
void compressed_scan(const compressed *by_row, int64_t rows, nmf_dtype dtype, double scale, scan *out,
                     unsigned char *any, unsigned char *cols);

/* Lines in the order of `entries`, each line's own entries in the order in which they come. */
void compressed_from_rows(const triplet *entries, int64_t count, int64_t rows, nmf_dtype dtype, compressed *out);

/* The transpose: `to` gets a line for every index of `from`, its indices ascending. */
void compressed_transpose(const compressed *from, int64_t from_lines, int64_t to_lines, nmf_dtype dtype,
                          compressed *to);

#endif
