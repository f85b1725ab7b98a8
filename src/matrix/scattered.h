/*
 * A matrix whose entries stay in a file until every process of a crowd reads a share of them, wherever in A they stand,
 * and sends them to the processes that own them. So no process ever holds more than its share of A. It is good for
 * being spread (matrix/spread.h) and for nothing else.
 */
#ifndef NMF_MATRIX_SCATTERED_H
#define NMF_MATRIX_SCATTERED_H

#include "matrix/streamed.h"

/* Entries in the order in which a file has them. */
typedef struct triplet_list {
    triplet *list;
    int64_t count, room; /* made by buffer_reserve */
} triplet_list;

/* Contract of where entries come from. */
typedef struct share_source {
    const char *path;
    /*
     * Read this process's share; those of all processes, in the order of their ranks, are all entries. Every process of
     * the crowd comes here, and all come out the same: with the sentence that one process would have for all of it.
     */
    nmf_status (*read)(void *user, triplet_list *own);
    /* All of it, in memory, checked: for one process by itself. */
    nmf_status (*whole)(void *user, nmf_matrix **whole);
    void (*close)(void *user);
    void *user;
} share_source;

/*
 * A matrix over `source`, of which `info` says rows, cols, about how many are stored, dtype and source. The source is
 * closed when the matrix is freed, and also when this fails.
 */
nmf_status matrix_new_scattered(nmf_context *context, const nmf_matrix_info *info, unsigned allowed,
                                const share_source *source, nmf_matrix **out);

static inline bool matrix_is_scattered(const nmf_matrix *matrix) {
    return matrix->kind == &matrix_scattered;
}

/* Are its entries in its file, not in memory? */
static inline bool matrix_is_in_file(const nmf_matrix *matrix) {
    return matrix_is_scattered(matrix) || matrix_is_streamed(matrix);
}

/* What follows is of all processes of the crowd together, each of which comes out the same. */

/* Read, and refuse what a sparse matrix of these entries would refuse before it is made. */
nmf_status scattered_read(nmf_matrix *matrix);

/*
 * Who has which block of A: process r·parts[1] + c the rows of part r and the columns of part c, where part t goes from
 * bounds[·][t·step[·]] up to bounds[·][(t + 1)·step[·]].
 */
typedef struct block_owners {
    int64_t parts[2], step[2];
    const int64_t *bounds[2];
} block_owners;

/*
 * Send all entries to the processes that own them. *block: a sparse matrix of those that came here, the same as
 * matrix_new_sparse makes of all and matrix_cut cuts from that; *repeated: how many stood at a place that has one
 * already, in all blocks. `last`: they are gone from here afterwards.
 */
nmf_status scattered_send(nmf_matrix *matrix, const block_owners *owners, bool last, int64_t *repeated,
                          nmf_matrix **block);

/* Add what this process has read to the counts of each row, and of each column; entries given twice count twice. */
void scattered_count(const nmf_matrix *matrix, int64_t *of_rows, int64_t *of_cols);

/* All of it after all, in memory. */
nmf_status scattered_whole(const nmf_matrix *matrix, nmf_matrix **whole);

/* Where its entries come from. */
const char *scattered_path(const nmf_matrix *matrix);

/* The list of what this process has read. */
triplet_list *scattered_list(const nmf_matrix *matrix);

#endif
