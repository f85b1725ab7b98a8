/*
 * A matrix spread over the processes of a crowd (Kannan, Ballard & Park 2018, MPI-FAUN): they stand in a grid, each has
 * the block of A where its rows of the grid and its columns meet, and owns some of the items of W that belong to the
 * block's rows, and of H that belong to its columns. Every item is owned once. To this process the matrix is as large
 * as what it owns: info.rows items of W and info.cols of H; what was found about the entries is of all of A.
 */
#ifndef NMF_MATRIX_SPREAD_H
#define NMF_MATRIX_SPREAD_H

#include "base/crowd.h"
#include "matrix/cut.h"

/* One side of the matrix: its rows, or its columns. */
typedef struct spread_side {
    int64_t all;      /* of all of A */
    int64_t parts;    /* of the grid, into which they are cut */
    int64_t sharers;  /* processes that share the items of a part */
    int64_t *bounds;  /* where the items of each begin, part by part, and their end */
    int64_t first;    /* the first that this process owns */
    nmf_crowd others; /* the processes whose blocks have the same of them */
    float *seen;      /* of each of the block's whether a scan saw an entry there, then of each that is owned */
} spread_side;

typedef struct spread {
    const nmf_crowd *crowd;
    nmf_matrix *block;
    nmf_matrix *columns;  /* for fits by lines all rows of the columns that are owned; the grid is then one of rows */
    spread_side side[2];  /* rows, columns */
    bool borrowed;        /* all but the block is another one's */
    int64_t *counts;      /* a number for every process, for one call */
    unsigned char *flags; /* of the block's rows and columns, for a scan */
    double words;         /* numbers that came to this process so far, sums of scalars aside */
} spread;

/* Room for the items of others that a block meets. */
typedef struct spread_room {
    items w, p;  /* of the block's rows; only where others own some */
    items h, n;  /* of its columns, likewise */
    items own_p; /* of p one's share */
    char *own, *all;
} spread_room;

/* Parts into which the rows are cut in the grid of `count` processes of which the fewest numbers travel. */
int64_t spread_grid(int64_t count, int64_t rows, int64_t cols);

/* The most of `total` items that one of `parts` has, where `count` processes own as many each as whole blocks allow. */
int64_t spread_most(int64_t total, int64_t count, int64_t parts);

/* NMF_ERROR_USAGE: there are more processes than rows or columns. */
nmf_status spread_check_count(nmf_context *context, int64_t count, int64_t rows, int64_t cols);

/*
 * Spread *matrix, which every process has, in memory or in its file, over the crowd of its context, for fits that take
 * products or, `by_lines`, for those too that read lines: *matrix is replaced. What was not looked at is checked, by
 * each process its block. NMF_ERROR_USAGE: there are more processes than rows or columns.
 */
nmf_status spread_matrix(bool by_lines, nmf_matrix **matrix);

/* The block of a matrix that is spread; else the matrix itself. */
static inline const nmf_matrix *matrix_block(const nmf_matrix *matrix) {
    return matrix->kind == &matrix_spread ? matrix->as.spread->block : matrix;
}

/* What is spread; NULL: it is not. */
static inline spread *matrix_spread_of(const nmf_matrix *matrix) {
    return matrix->kind == &matrix_spread ? matrix->as.spread : NULL;
}

/* Over whose processes sums of its items go; NULL: all items are here. */
static inline const nmf_crowd *matrix_crowd(const nmf_matrix *matrix) {
    const spread *over = matrix_spread_of(matrix);
    return over ? over->crowd : NULL;
}

/* Rows, or columns, of all of A. */
static inline int64_t matrix_all(const nmf_matrix *matrix, bool columns) {
    const spread *over = matrix_spread_of(matrix);
    return over ? over->side[columns].all : columns ? matrix->info.cols : matrix->info.rows;
}

/* Number, in all of A, of the first row, or column, whose item is here. */
static inline int64_t matrix_first(const nmf_matrix *matrix, bool columns) {
    const spread *over = matrix_spread_of(matrix);
    return over ? over->side[columns].first : 0;
}

/* The longer side of what is here: of the block, which has all that is owned in it. */
static inline int64_t matrix_longer(const nmf_matrix *matrix) {
    const nmf_matrix_info *info = &matrix_block(matrix)->info;
    return info->rows > info->cols ? info->rows : info->cols;
}

/* The rows and columns of A that the block has. */
void matrix_here(const nmf_matrix *matrix, range *rows, range *cols);

/* The items of a side that a process owns. */
range spread_owned(const spread *over, int64_t rank, bool columns);

/* What each of the processes that share a part of a side owns of it, or each of all, times `each`; until the next call.
 */
const int64_t *spread_counts(const spread *over, bool columns, bool of_all, int64_t each);

/* What is here of a matrix, `rows` × `cols` items, over a block of it; and the end of one that has no matrix. */
nmf_status spread_shell(const nmf_matrix *of, int64_t rows, int64_t cols, spread *over, nmf_matrix **out);
void spread_free(nmf_context *context, spread *over);

/* Do other processes own items of the block's rows, or columns? */
static inline bool spread_apart(const spread *over, bool columns) {
    return over && over->side[columns].others.count > 1;
}

nmf_status spread_room_new(nmf_context *context, const nmf_matrix *matrix, nmf_dtype dtype, int64_t k,
                           spread_room *room);
double spread_room_bytes(const nmf_matrix *matrix, nmf_dtype dtype, int64_t k);
void spread_room_free(nmf_context *context, spread_room *room);

/* all ← the items that the processes of a side own, one's own among them. */
void spread_meet(spread *over, const spread_room *room, bool columns, const items *own, items *all);

/* Room for all items of both sides, in w and h, of a matrix that was spread by lines; and those of a side in it. */
nmf_status spread_lines_new(nmf_context *context, const nmf_matrix *matrix, nmf_dtype dtype, int64_t k,
                            spread_room *room);
double spread_lines_bytes(const nmf_matrix *matrix, nmf_dtype dtype, int64_t k);
const items *spread_meet_all(spread *over, const spread_room *room, bool columns, const items *own);

/* own ← one's share of the sum of what the processes of a side have for all their items. */
void spread_add(spread *over, const spread_room *room, bool columns, const items *all, items *own);

/* *all: every item of the side, made in the leading process alone, of none in the others; all of which come here. */
nmf_status spread_whole(nmf_context *context, const nmf_matrix *matrix, bool columns, const items *own, items *all);

#endif
