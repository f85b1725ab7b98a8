/* Items whose lines of A have the same weights, side by side: of a quadratic loss they share one G. */
#ifndef NMF_FIT_GROUPS_H
#define NMF_FIT_GROUPS_H

#include "observe/observe.h"

typedef struct groups {
    nmf_context *context;
    int64_t *order; /* all items, group after group */
    int64_t *start; /* chunk c is order[start[c]] … order[start[c+1]-1], at most KERNEL_GRID items */
    int64_t chunks;
} groups;

/* Every item by itself, in its own order. */
nmf_status groups_apart(nmf_context *context, int64_t count, groups *out);

/* The rows, or columns, of what is observed; lines are compared entry by entry, not only by their hashes. */
nmf_status groups_by_weights(nmf_context *context, const observation *what, bool column, groups *out);

void groups_free(groups *all);

#endif
