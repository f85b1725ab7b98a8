/*
 * Entries that are too many for memory. They are sorted and put on disk a run at a time (spill_runs.c), then merged row
 * by row (spill_merge.c) into a block file, in which the matrix stays (spill_matrix.c). Both files have no name.
 */
#ifndef NMF_IO_SPILL_H
#define NMF_IO_SPILL_H

#include "io/bytes/stream.h"
#include "io/table.h"
#include "matrix/triplets.h"

/* A sorted part of the entries, which lie side by side in the file. */
typedef struct run {
    int64_t at, count;
} run;

typedef struct spill {
    const stream *in; /* where the entries come from */
    nmf_context *context;
    nmf_dtype dtype;
    unsigned allowed;
    int64_t most;  /* entries of a run */
    triplet *room; /* to sort them with, as many */
    int fd;
    run *runs;
    int64_t count, runs_room;
    int64_t entries; /* of all runs */
    triplets_seen seen;
} spill;

/* Begin, with runs of up to `most` entries. */
nmf_status spill_new(const stream *in, const nmf_read_options *how, int64_t most, spill **out);

/* Put entries on disk, as however many runs they make; their order in the list is lost. */
nmf_status spill_add(spill *s, triplet *list, int64_t count);

/* Why they are put on disk; and the failure of that. */
extern const char spill_why[];
nmf_status spill_fail(const spill *s, int error);

/* What a matrix is to be made of them. */
typedef struct spill_shape {
    int64_t rows, cols;
    int64_t first_col; /* what columns are counted from */
    const char *source;
} spill_shape;

/* The runs as one table of rows, each to be asked for once, and in their order. */
typedef struct merger merger;
nmf_status merger_new(const spill *s, const spill_shape *shape, double memory, merger **out);
table table_of_merger(merger *m);

/* How many entries stood at a place that had one already. */
int64_t merger_repeated(const merger *m);
void merger_free(merger *m);

/* A matrix of all entries that stays in a file, made in about `memory`; `repeated` as in matrix_new_sparse. */
nmf_status spill_to_matrix(spill *s, const spill_shape *shape, double memory, int64_t *repeated, nmf_matrix **matrix);

/* Accepts NULL. */
void spill_free(spill *s);

#endif
