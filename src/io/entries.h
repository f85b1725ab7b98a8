/*
 * The entries of a sparse matrix on their way in: a growing list that the matrix is made of. Where the matrix may stay
 * in a file (nmf_read_options.in_file), entries that would take more than half of the memory that may be used are put
 * on disk (io/spill); the other half is for what is made of them.
 */
#ifndef NMF_IO_ENTRIES_H
#define NMF_IO_ENTRIES_H

#include "io/bytes/stream.h"
#include "io/spill/spill.h"

typedef struct entries {
    const stream *in; /* where they come from */
    const nmf_read_options *how;
    int64_t first_col; /* what columns are counted from: set at any time */
    triplet *list;
    int64_t count, room;
    spill *on_disk; /* those before the list; NULL: there are none */
    double memory;  /* … and what they may take */
} entries;

/*
 * Make room, as far as there is memory, for `total` entries, as many as will come at all. Where they may not be put on
 * disk, those that do not fit in memory are refused (io/size.h).
 */
nmf_status entries_expect(entries *all, int64_t total);

/* Make room for another one. Refused likewise. */
nmf_status entries_grow(entries *all);

/* How many came so far. */
static inline int64_t entries_total(const entries *all) {
    return all->count + (all->on_disk ? all->on_disk->entries : 0);
}

/* Add one, rows counted from 0, columns from first_col; both are below 2^32. It is the last of the list then. */
static inline nmf_status entries_add(entries *all, int64_t row, int64_t col, double value) {
    nmf_status status = all->count < all->room ? NMF_OK : entries_grow(all);
    if (status == NMF_OK) {
        all->list[all->count++] = (triplet){(uint32_t)row, (uint32_t)col, value};
    }
    return status;
}

/*
 * Make a sparse matrix of them; they are gone afterwards, on failure too. Entries at one place are summed, with a
 * warning. Those that were put on disk make a matrix that stays there (matrix/streamed.h).
 */
nmf_status entries_to_matrix(entries *all, int64_t rows, int64_t cols, const char *source, nmf_matrix **matrix);

void entries_free(entries *all);

#endif
