/* Starts that are shared out among processes, each of which has all of the matrix or the same part of it. */
#ifndef NMF_SELECT_PEERS_H
#define NMF_SELECT_PEERS_H

#include "fit/fit.h"

/* Is number t, of a start or whatever is counted, one of this process's? `peers` may be NULL: all are. */
static inline bool peers_own(const nmf_crowd *peers, int64_t t) {
    return !peers || t % peers->count == peers->rank;
}

/* Each number becomes what the process that owns it has there; the others have 0. */
void peers_sum(const nmf_crowd *peers, double *numbers, int64_t count);
void peers_sum_items(const nmf_crowd *peers, items *x);

/* A fit comes from the process of that rank: its factors, its course, and why it stopped. */
nmf_status peers_take_fit(const nmf_crowd *peers, int64_t from, fit *f);

#endif
