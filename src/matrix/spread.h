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

/* Items that are on their way to or from other processes: packed, and where they belong. */
typedef struct spread_pending {
    const nmf_crowd *crowd; /* NULL: none are */
    const char *packed;
    items to;
} spread_pending;

typedef struct spread {
    const nmf_crowd *crowd; /* over whose processes */
    const nmf_crowd *all;   /* that of the context, of which it may be a group */
    nmf_crowd group, peers; /* then that group, and the processes that have the same of A in the others */
    nmf_matrix *block;
    nmf_matrix *columns;  /* for fits by lines all rows of the columns that are owned; the grid is then one of rows */
    spread_side side[2];  /* rows, columns */
    bool in_order;        /* sums are to have the bits that one process would come to */
    bool borrowed;        /* all but the block is another one's */
    int64_t *counts;      /* a number for every process, for one call */
    unsigned char *flags; /* of the block's rows and columns, for a scan */
    spread_pending pending;
    double words; /* numbers that came to this process so far, sums of scalars aside */
} spread;

/* Room for the items of others that a block meets. */
typedef struct spread_room {
    items w, p;  /* of the block's rows; only where others own some */
    items h, n;  /* of its columns, likewise */
    items own_p; /* of p one's share; in order P of one's rows */
    char *own, *all;
} spread_room;

/* For which fits a matrix is spread. */
typedef enum spread_for {
    SPREAD_PRODUCTS, /* of panels */
    SPREAD_LINES,    /* and of lines */
    SPREAD_IN_ORDER  /* and to the bits of one process: processes own whole blocks of items, in their order */
} spread_for;

/* Parts into which the rows are cut in the grid of `count` processes of which the fewest numbers travel. */
int64_t spread_grid(int64_t count, int64_t rows, int64_t cols);

/* The most of `total` items that one of `parts` has, where `count` processes own as many each as whole blocks allow. */
int64_t spread_most(int64_t total, int64_t count, int64_t parts);

/* NMF_ERROR_USAGE: there are more processes than rows or columns. */
nmf_status spread_check_count(nmf_context *context, int64_t count, int64_t rows, int64_t cols);

/*
 * Spread *matrix, which every process has, in memory or in its file, over the crowd of its context or, for fits that go
 * on side by side, over each of so many `groups` of it, of as many processes: *matrix is replaced. What was not looked
 * at is checked, by each process its block. NMF_ERROR_USAGE: there are more processes than rows or columns.
 */
nmf_status spread_matrix(spread_for what, int64_t groups, nmf_matrix **matrix);

/*
 * Has every process of the crowd of its context the same matrix, as far as what is known of it shows? Each comes here
 * before it is spread, or shared in other ways, and comes out the same.
 */
nmf_status matrix_is_same(const nmf_matrix *matrix);

/* Are there blocks of items for each of so many processes? Sums in order need them. */
bool spread_has_blocks(const nmf_matrix *matrix, int64_t processes);

/* The processes that have the same of this matrix, of which each fits some of several starts; NULL: this one alone. */
static inline const nmf_crowd *matrix_peers(const nmf_matrix *matrix) {
    const spread *over = matrix->kind == &matrix_spread ? matrix->as.spread : NULL;
    return !over ? context_crowd(matrix->context) : over->peers.count > 1 ? &over->peers : NULL;
}

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

/* Are sums over its items made in the order of all of them, from process to process? */
static inline bool matrix_in_order(const nmf_matrix *matrix) {
    const spread *over = matrix_spread_of(matrix);
    return over && over->in_order;
}

/* The longer side of what is summed here: of the block, which has all that is owned in it or, in order, of all of A. */
static inline int64_t matrix_longer(const nmf_matrix *matrix) {
    const nmf_matrix_info *block = &matrix_block(matrix)->info;
    bool all = matrix_in_order(matrix);
    int64_t rows = all ? matrix_all(matrix, false) : block->rows, cols = all ? matrix_all(matrix, true) : block->cols;
    return rows > cols ? rows : cols;
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

/*
 * all ← the items that the processes of a side own, one's own among them. Like whatever follows here it first waits
 * for what was begun before; what is only begun is there, and may be used, and `own` changed, after spread_wait.
 */
void spread_meet(spread *over, const spread_room *room, bool columns, const items *own, items *all);
void spread_meet_begin(spread *over, const spread_room *room, bool columns, const items *own, items *all);
void spread_wait(spread *over);

/* Room for all items of both sides, in w and h, of a matrix that was spread by lines; and those of a side in it. */
nmf_status spread_lines_new(nmf_context *context, const nmf_matrix *matrix, nmf_dtype dtype, int64_t k,
                            spread_room *room);
double spread_lines_bytes(const nmf_matrix *matrix, nmf_dtype dtype, int64_t k);
const items *spread_meet_all(spread *over, const spread_room *room, bool columns, const items *own);

const items *spread_meet_all_begin(spread *over, const spread_room *room, bool columns, const items *own);

/* own ← one's share of the sum of what the processes of a side have for all their items. */
void spread_add(spread *over, const spread_room *room, bool columns, const items *all, items *own);
void spread_add_begin(spread *over, const spread_room *room, bool columns, const items *all, items *own);

/* Some items of a factor, those from `first` on. */
typedef void spread_take(void *user, int64_t first, const items *some);

/*
 * Every item of the side, some at a time and in their order, is taken in the leading process of the crowd; all of its
 * processes come here. So no process has to have room for all of them.
 */
nmf_status spread_pour(nmf_context *context, const nmf_matrix *matrix, bool columns, const items *own,
                       spread_take *take, void *user);

/* *all: every item of the side, made in the leading process alone, of none in the others; all of which come here. */
nmf_status spread_whole(nmf_context *context, const nmf_matrix *matrix, bool columns, const items *own, items *all);

#endif
