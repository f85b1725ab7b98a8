/*
 * Contract of what a writer writes: rows × cols numbers and their names, handed over a line at a time. A matrix in
 * memory has rows and columns at hand; what is read while it is written has rows alone, in their order.
 */
#ifndef NMF_IO_TABLE_H
#define NMF_IO_TABLE_H

#include "matrix/matrix.h"

typedef struct table table;
struct table {
    int64_t rows; /* TABLE_OPEN: as many as come; the line after the last one has no `value` */
    int64_t cols;
    int64_t entries; /* of a sparse matrix all that are stored, zeros too; of a dense one those that are not zero */
    nmf_dtype dtype;
    bool sparse;
    const char *source;        /* as in nmf_matrix_info */
    bool row_names, col_names; /* are there any? */
    /* Row i, or column i; good until the next call. */
    nmf_status (*line)(const table *t, bool column, int64_t i, entry_line *line);
    /* The name of row i, or column i; only where there are any. */
    const char *(*name)(const table *t, bool column, int64_t i);
    void (*close)(table *t); /* NULL: nothing to do */
    const void *of;          /* what these look at */
};

enum { TABLE_OPEN = -1 };

/* The view of a matrix; of an nmf_table. Both must outlive it. */
table table_of_matrix(const nmf_matrix *matrix);
table table_of_numbers(const nmf_table *numbers);

/* Bytes of a row, or column, in numbers of the table's dtype. */
size_t table_line_bytes(const table *t, bool column);

/*
 * Row i, or column i, as numbers of the table's dtype side by side: where they are, or else in `room`. NULL past the
 * last row of an open table.
 */
nmf_status table_numbers(const table *t, bool column, int64_t i, void *room, const void **numbers);

/* Row i likewise, NULL past the last row of any table. */
nmf_status table_next(const table *t, int64_t i, void *room, const void **numbers);

#endif
