/*
 * What of A counts, and how much: entry (i, j) has a weight ω_ij ≥ 0, and the loss of a fit is Σ ω_ij·d(a_ij, (WH)_ij).
 * Missing, masked and unobserved entries weigh 0. A line of A is handed out as a list of entries with their weights;
 * what is not listed is 0 in A and weighs `base`.
 */
#ifndef NMF_OBSERVE_OBSERVE_H
#define NMF_OBSERVE_OBSERVE_H

#include "matrix/matrix.h"

typedef struct observation {
    const nmf_matrix *matrix;
    const nmf_matrix *mask;    /* entries that are not 0 are hidden; NULL: none is */
    const nmf_matrix *weights; /* NULL: all are 1. Where it is sparse, what it does not store weighs 0 */
    bool stored;               /* of a sparse A only what it stores counts */
    double implicit; /* above 0: ω = 1 + implicit·a, and a is 1 where it was above 0 (Hu, Koren & Volinsky 2008) */
    bool every;      /* list every entry that counts, zeros too */
} observation;

/* Does every entry count, and the same? */
bool observe_is_plain(const observation *what);

typedef struct entry_list {
    int64_t count;
    const uint32_t *index; /* where entry e stands in its line; NULL: at e, and all are listed */
    const double *value;   /* 0 where the weight is */
    const double *weight;
    double base; /* 0 or 1 */
} entry_list;

/* A line of a dense matrix as doubles, and those beside it in memory. */
typedef struct dense_lines {
    double *values;
    int64_t first, count;
    bool column;
} dense_lines;

/* Room for one thread to list lines in, made once per fit. */
typedef struct observe_room {
    nmf_context *context;
    uint32_t *index;
    double *value, *weight;
    dense_lines of_matrix, of_mask, of_weights;
} observe_room;

nmf_status observe_room_new(nmf_context *context, const observation *what, observe_room *room);
/* Bytes of such a room. */
double observe_bytes(const observation *what);
void observe_room_free(observe_room *room);

/* The entries of row i, or column i; good until the room's next list. */
void observe_line(const observation *what, observe_room *room, bool column, int64_t i, entry_list *list);

/* Entries of a line of `length` that are not listed. */
static inline int64_t observe_unlisted(const entry_list *list, int64_t length) {
    return length - list->count;
}

#endif
