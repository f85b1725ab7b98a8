/* The entries of a sparse matrix on their way in: what is looked at, and sorted, before they are one. */
#ifndef NMF_MATRIX_TRIPLETS_H
#define NMF_MATRIX_TRIPLETS_H

#include "matrix/matrix.h"

/* What a look at entries found that are to be numbers of `dtype`, and what `allowed` says. */
typedef struct triplets_seen {
    nmf_dtype dtype;
    unsigned allowed;
    bool bad;
    triplet first; /* of those that cannot be */
    int64_t lost;  /* above 0, and too small for the dtype */
} triplets_seen;

/*
 * What entries may not be below. Infinities there are refused as well: one above zero at the same place would make a
 * missing entry of both.
 */
double triplets_least(unsigned allowed);

/* Add `count` entries to what was found. */
void triplets_look(triplets_seen *seen, const triplet *entries, int64_t count);

/* Refuse the first that cannot be, warn of those that are lost. */
nmf_status triplets_tell(nmf_context *context, const char *where, const triplets_seen *seen);

/* Warn of entries at a place that has one already, where there are any. */
void triplets_tell_repeated(nmf_context *context, const char *where, int64_t repeated);

/* By row, then by column, entries at one place in the order in which they stand. */
static inline uint64_t triplet_key(const triplet *entry) {
    return (uint64_t)entry->row << 32 | entry->col;
}

/* Sort `count` entries, with room for as many; returns which of the two they are in then. */
triplet *triplets_sort(triplet *entries, triplet *room, int64_t count);

#endif
