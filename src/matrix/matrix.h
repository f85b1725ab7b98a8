/*
 * Contract of a matrix: what A is. A gives two products with item-major factors, in blocks that one thread makes:
 *
 *     times        P ← A[rows]·Y                       Y: an item for every column of A (H), P: one for every row of
 * the block accumulate   N ← N + A[panel, columns]ᵀ·X[panel]  X: an item for every row of the panel (W), N: one for
 * every column of the block
 *
 * A is read in panels of rows. A dense A has many small ones, so that one pass of memory serves both products: the
 * panel is still in cache when it is accumulated. A sparse A in memory has one panel, all of it, and gathers on A and
 * on its transpose. A matrix in a file comes in blocks of rows, one after the other, each a matrix in memory with
 * panels of its own. Where rows live on other ranks, the sums over them follow the last panel: panels come in order,
 * and N is valid only after the last one.
 *
 * Every number of P and N is summed in one fixed order: along a row of A, down a column of A. Blocks, panels and
 * threads never change that order, so none of them changes a result.
 */
#ifndef NMF_MATRIX_MATRIX_H
#define NMF_MATRIX_MATRIX_H

#include "base/names.h"
#include "kernel/kernel.h"
#include "matrix/items.h"

/* What a scan of the entries finds. Squares are of entries times `scale`. */
typedef struct scan {
    unsigned allowed;         /* of nmf_allow */
    double min, max, squares; /* of entries that are not missing */
    int64_t stored, nnz, missing;
    int64_t bad_row, bad_col; /* the first entry that is not allowed; bad_row < 0: none */
    double bad_value;
} scan;

/* Entries of a row or column: entry e is value[e·stride] and stands at index[e], or at e where index is NULL. */
typedef struct entry_line {
    int64_t count;
    const uint32_t *index;
    const void *value;
    int64_t stride;
} entry_line;

/* What becomes of entry (row, col), which is neither 0 nor missing. */
typedef double (*entry_change)(const void *user, int64_t row, int64_t col, double value);

/*
 * Rows of A that are in memory together: all of them or, of a matrix in a file, what is read at a time. `first` is a
 * multiple of KERNEL_GRID.
 */
typedef struct block {
    int64_t first;          /* the row of A that is row 0 of `rows` */
    const nmf_matrix *rows; /* NULL: before the first block, and past the last */
} block;

typedef struct matrix_kind {
    /* As matrix_next. NULL: all of A is in memory and its one block. A kind that has this has no products or lines. */
    void (*next)(const nmf_matrix *matrix, block *b);
    /* As matrix_status; NULL where nothing can fail. */
    nmf_status (*status)(const nmf_matrix *matrix);
    /* `first` is the row of P's first item. */
    void (*times)(const nmf_matrix *matrix, int64_t first, const items *y, items *p);
    /* `first` is the row of X's first item, `column` the column of N's first. */
    void (*accumulate)(const nmf_matrix *matrix, int64_t first, const items *x, int64_t column, items *n);
    /*
     * N is made in parts, each by one thread: how many there are, and the columns of one, `from` and up to `to`. NULL:
     * blocks of KERNEL_GRID columns.
     */
    int64_t (*parts)(const nmf_matrix *matrix);
    void (*part)(const nmf_matrix *matrix, int64_t i, int64_t *from, int64_t *to);
    /* Row i, or column i. Losses that need A's own entries, and not only products with them, read them here. */
    entry_line (*line)(const nmf_matrix *matrix, bool column, int64_t i);
    /* Look at every entry once. `rows` and `cols` have a zeroed byte a row and a column, to be set where there is an
     * entry that is neither zero nor missing. */
    void (*scan)(const nmf_matrix *matrix, double scale, scan *out, unsigned char *rows, unsigned char *cols);
    /* A copy in numbers of `dtype`, every entry times `scale`. The copy has no names. */
    nmf_status (*convert)(const nmf_matrix *matrix, nmf_dtype dtype, double scale, nmf_matrix **copy);
    /* A copy of the `count` rows, or columns, named in the ascending `list`. The copy has no names. */
    nmf_status (*pick)(const nmf_matrix *matrix, bool columns, const int64_t *list, int64_t count, nmf_matrix **copy);
    /* Change every entry that is neither zero nor missing, in place: only in a copy, made by `convert` or `pick`.
     * Returns how many became 0 by being too small for the dtype. */
    int64_t (*map)(nmf_matrix *own, entry_change change, const void *user);
    /* Rows become columns in place, and nothing is copied. `info` has the new sizes already. */
    void (*transpose)(nmf_matrix *matrix);
    void (*release)(nmf_matrix *matrix);
} matrix_kind;

/* Entry (i, j) is values[i·row_stride + j·col_stride]; one stride is 1. */
typedef struct dense_data {
    const void *values;
    int64_t row_stride, col_stride;
    void (*release)(nmf_context *context, void *owned, size_t bytes); /* NULL: the caller's memory */
    void *owned;
    size_t owned_bytes;
} dense_data;

/* Item i (a row; in the transpose a column) has its entries at start[i] … start[i+1]-1, indices ascending. */
typedef struct compressed {
    int64_t *start;
    uint32_t *index;
    void *value;
} compressed;

typedef struct sparse_data {
    compressed by_row, by_col;
} sparse_data;

/* Stripe s has the columns from edge[s] up to edge[s+1], and of row i the entries from cut[s·rows + i] on. */
typedef struct striped_data {
    compressed by_row;
    int64_t stripes;
    int64_t *edge;
    uint32_t *cut; /* stripes + 1 times the rows; counted from where the row begins */
} striped_data;

struct nmf_matrix {
    const matrix_kind *kind;
    nmf_context *context;
    const kernel *simd; /* of the matrix's dtype */
    nmf_matrix_info info;
    unsigned allowed; /* of nmf_allow: what entries may be; copies inherit it */
    bool checked;     /* matrix_check has nothing to find out any more */
    bool mapped;      /* its memory is a file's */
    names row_names, col_names;
    int64_t panel_rows; /* rows that one thread's cache holds: a multiple of KERNEL_GRID, or all */
    union {
        dense_data dense;
        sparse_data sparse;
        striped_data striped;
        struct streamed *streamed;
        struct scattered *scattered;
        struct spread *spread;
    } as;
};

extern const matrix_kind matrix_dense, matrix_sparse, matrix_striped, matrix_streamed, matrix_scattered, matrix_spread;

/*
 * The block after `b`, from the first one on: `for (block b = {0}; matrix_next(matrix, &b);)`; false when there are no
 * more. In a parallel region every thread calls it, with a `b` of its own, and of a matrix in a file they wait for each
 * other. A walk goes on to the end, since others may be waiting for theirs to begin.
 */
static inline bool matrix_next(const nmf_matrix *matrix, block *b) {
    if (matrix->kind->next) {
        matrix->kind->next(matrix, b);
    } else {
        *b = (block){.rows = b->rows ? NULL : matrix};
    }
    return b->rows != NULL;
}

/* How the walks through the blocks of a matrix came out so far: a file can fail at any time, and then none has any. */
static inline nmf_status matrix_status(const nmf_matrix *matrix) {
    return matrix->kind->status ? matrix->kind->status(matrix) : NMF_OK;
}

/* Refuse a matrix that is read block by block; `what` needs all of it at hand. */
nmf_status matrix_need_whole(const nmf_matrix *matrix, const char *what);

/* An empty shell of a kind. */
nmf_status matrix_new(nmf_context *context, const matrix_kind *kind, int64_t rows, int64_t cols, nmf_dtype dtype,
                      unsigned allowed, nmf_matrix **out);

/*
 * A dense matrix over `values`. `release(context, owned, bytes)`, if given, is called when the matrix is freed, and
 * also when this fails. Entries are not looked at before matrix_check.
 */
nmf_status matrix_new_dense(nmf_context *context, int64_t rows, int64_t cols, dense_data data, nmf_dtype dtype,
                            unsigned allowed, nmf_matrix **out);

/* A dense matrix of zeros that owns its memory, row-major, unchecked: whoever makes it fills as.dense.owned. */
nmf_status matrix_new_own(nmf_context *context, int64_t rows, int64_t cols, nmf_dtype dtype, unsigned allowed,
                          nmf_matrix **out);

/* One entry of a sparse matrix on its way in. */
typedef struct triplet {
    uint32_t row, col;
    double value;
} triplet;

/*
 * A sparse matrix of `count` entries in any order. *entries was made by buffer_reserve, and is freed as soon as it is
 * not needed any more, in any case. Entries given twice are summed, and `repeated` (may be NULL) counts them; zeros are
 * dropped unless `allowed` keeps them. Entries below what is allowed are refused here, before a sum could hide them,
 * and so are those that `dtype` cannot hold; `where` (a file, "the matrix") is for that sentence.
 */
nmf_status matrix_new_sparse(nmf_context *context, const char *where, int64_t rows, int64_t cols, nmf_dtype dtype,
                             unsigned allowed, triplet **entries, int64_t count, int64_t *repeated, nmf_matrix **out);

/* Bytes of such a matrix in memory, in numbers of `dtype`; as a double, which does not overflow. */
double matrix_bytes(const nmf_matrix_info *info, nmf_dtype dtype);

/* Row i as cols doubles. */
void matrix_row(const nmf_matrix *matrix, int64_t i, double *row);

/* Entry e of a line of numbers of `dtype`. */
static inline double entry_value(nmf_dtype dtype, const entry_line *line, int64_t e) {
    return dtype_get(dtype, line->value, e * line->stride);
}

/* Where entry e of a line stands in it. */
static inline int64_t entry_place(const entry_line *line, int64_t e) {
    return line->index ? (int64_t)line->index[e] : e;
}

/* NMF_ERROR_USAGE where `allowed` has bits that nmf_allow does not know. */
nmf_status matrix_check_allowed(nmf_context *context, unsigned allowed);

/* "every entry must be …", as far as `allowed` goes, with a word for those who have missing entries and may. */
const char *matrix_wanted(unsigned allowed, bool missing);

/*
 * The failure for entry (i, j), counted from 0: "WHERE: row 3 ("TP53"), column 2 is -1; WANTED". Names may be NULL.
 */
nmf_status matrix_refuse(nmf_context *context, const char *where, int64_t i, const char *row_name, int64_t j,
                         const char *col_name, double value, const char *wanted);

/*
 * Look at every entry once: refuse infinite ones, and NaN and negative ones where they are not allowed, naming `where`
 * (a file, "the matrix"), row, column and value; fill in counts, range, norm, zero rows and columns. Every matrix goes
 * through here before it is handed out.
 */
nmf_status matrix_check(nmf_matrix *matrix, const char *where);

/* `to` has the entries of `from`, which was checked. */
void matrix_take_findings(const nmf_matrix *from, nmf_matrix *to);

/* Do the squares of entries from `min` to `max` stay within the range of doubles? */
bool matrix_squares_hold(double min, double max);

#endif
