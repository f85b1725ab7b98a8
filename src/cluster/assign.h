/* The assignment problem: which row goes with which column, so that the costs sum to the least. */
#ifndef NMF_CLUSTER_ASSIGN_H
#define NMF_CLUSTER_ASSIGN_H

#include "base/context.h"

/*
 * Row i goes to column to[i], each column taken once, with Σ cost[i·n + to[i]] as small as it can be. `cost` is n×n,
 * row by row, and finite. Takes O(n³).
 */
nmf_status assign_least(nmf_context *context, int64_t n, const double *cost, int64_t *to);

#endif
