/* Items in chunks for a thread to take: such as share one G, their lines of A having the same weights, or any. */
#ifndef NMF_FIT_GROUPS_H
#define NMF_FIT_GROUPS_H

#include "observe/observe.h"

/* Items order[begin] … order[begin+count-1]. */
typedef struct chunk {
    int64_t begin, count;
    bool shared; /* at most KERNEL_GRID of the same weights; else as many as were asked for, each by itself */
} chunk;

typedef struct groups {
    nmf_context *context;
    int64_t *order; /* all items, chunk after chunk */
    chunk *list;
    int64_t chunks;
} groups;

/*
 * How chunks are cut: of items by themselves so many; and, where a chunk is to be the same whoever has the items around
 * it, none goes beyond a block of KERNEL_GRID of them, since rounding depends on what is in it.
 */
typedef struct chunking {
    int64_t at_once;
    bool in_blocks;
} chunking;

/* Every item by itself, in their own order. */
nmf_status groups_apart(nmf_context *context, int64_t count, const chunking *how, groups *out);

/* The rows, or columns, of what is observed; lines are compared entry by entry, not only by their hashes. */
nmf_status groups_by_weights(nmf_context *context, const observation *what, bool column, const chunking *how,
                             groups *out);

/* Bytes that groups_by_weights takes for a while, for the longer side. */
double groups_bytes(const observation *what);
void groups_free(groups *all);

#endif
