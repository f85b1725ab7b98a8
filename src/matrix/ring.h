/*
 * Blocks of rows on their way from a file: reader threads load them ahead, in order and round and round, into slots;
 * who walks through them takes one after the other. Blocks that there is memory for are kept from the first round on.
 */
#ifndef NMF_MATRIX_RING_H
#define NMF_MATRIX_RING_H

#include "matrix/striped.h"

/* Room for one block in memory. */
typedef struct block_room {
    nmf_dtype dtype;
    int64_t rows, cols, entries; /* of the block at hand; entries of a sparse one */
    void *values;                /* of a dense block, row-major; aligned as arrays are */
    compressed by_row;           /* of a sparse one */
    void *spare;                 /* source.spare_bytes of the thread's own */
    void *unpacker;              /* the thread's own, from source.unpacker_new */
    char *sentence;              /* why a load failed */
} block_room;

enum { BLOCK_SENTENCE = 512 };

/* Threads that read, and the fewest slots: one block is worked on while they read. */
enum { RING_READERS = 2, RING_LEAST = RING_READERS + 1 };

/* Contract of where blocks come from. */
typedef struct block_source {
    int64_t blocks;
    const int64_t *first; /* the row each begins with, then the number of rows; multiples of KERNEL_GRID */
    int64_t most_entries; /* of a block of a sparse matrix */
    size_t spare_bytes;
    double file_bytes; /* that a round reads */
    const char *path;
    /*
     * Fetch the bytes of block b from the file: by one thread at a time and in order, as a system that reads ahead
     * expects it. Then make the block of them, beside others: NULL where what was fetched is it. Both have rows and
     * cols of the room set; a failure leaves its sentence in room->sentence, which has room for BLOCK_SENTENCE bytes.
     */
    nmf_status (*fetch)(void *user, int64_t b, block_room *room);
    nmf_status (*make)(void *user, int64_t b, block_room *room);
    /* What a thread unpacks with; either may be NULL. */
    nmf_status (*unpacker_new)(void *user, void **unpacker);
    void (*unpacker_free)(void *unpacker);
    /* As streamed_tell; NULL: nothing is to be said. */
    void (*tell)(void *user);
    /* All of it as a matrix in memory, unchecked. */
    nmf_status (*whole)(void *user, nmf_matrix **matrix);
    void (*close)(void *user);
    void *user;
} block_source;

typedef struct ring ring;

/* Bytes of a slot, and of what a ring takes besides; the fewest slots one can do with. */
double ring_slot_bytes(const nmf_matrix *shape, const block_source *source);
double ring_thread_bytes(const block_source *source);
int64_t ring_least_slots(const block_source *source);
/* Blocks that stay where there are so many slots. */
int64_t ring_kept(const block_source *source, int64_t slots);

/* A slot, and the fetching and making of block b in one; a failure leaves its sentence. */
nmf_status ring_slot_new(const nmf_matrix *shape, const block_source *source, nmf_matrix **out);
nmf_status ring_load(const block_source *source, int64_t b, nmf_matrix *rows, void *spare, void *unpacker,
                     char *sentence);

/* A ring of `slots`, for blocks of a matrix like `shape`; its threads begin to read at once. */
nmf_status ring_new(const nmf_matrix *shape, const block_source *source, int64_t slots, ring **out);

/* Wait for the block after the one at hand, which is given back; NULL: a round is over, or a load failed. */
const nmf_matrix *ring_next(ring *r, int64_t *first);

/* NMF_OK, or how a load failed, with its sentence. */
nmf_status ring_status(const ring *r, const char **sentence);

void ring_free(ring *r);

#endif
