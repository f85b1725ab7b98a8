/* The entries of a sparse matrix on their way in: a growing list that the matrix is made of. */
#ifndef NMF_IO_ENTRIES_H
#define NMF_IO_ENTRIES_H

#include "io/bytes/stream.h"
#include "matrix/matrix.h"

typedef struct entries {
    const stream *in; /* where they come from */
    triplet *list;
    int64_t count, room;
} entries;

/* Make room for `total` entries, as many as will come at all. Refused where they do not fit in memory (io/size.h). */
nmf_status entries_expect(entries *all, int64_t total);

/* Make room for `total` entries, as many as have come so far. Refused likewise. */
nmf_status entries_reserve(entries *all, int64_t total);

/* Add one, rows and columns counted from 0; both are below 2^32. */
static inline nmf_status entries_add(entries *all, int64_t row, int64_t col, double value) {
    nmf_status status = all->count < all->room ? NMF_OK : entries_reserve(all, all->count + 1);
    if (status == NMF_OK) {
        all->list[all->count++] = (triplet){(uint32_t)row, (uint32_t)col, value};
    }
    return status;
}

/*
 * Make a sparse matrix of them, as `how` wants to hold it; they are gone afterwards, on failure too. Entries at one
 * place are summed, with a warning.
 */
nmf_status entries_to_matrix(entries *all, int64_t rows, int64_t cols, const nmf_read_options *how, const char *source,
                             nmf_matrix **matrix);

void entries_free(entries *all);

#endif
