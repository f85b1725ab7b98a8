/* Rows of a matrix in a file, a few at a time. */
#ifndef NMF_MATRIX_STREAMED_PICK_H
#define NMF_MATRIX_STREAMED_PICK_H

#include "matrix/ring.h"

/* The block that was asked for last. */
typedef struct at_hand {
    nmf_context *context;
    const block_source *source;
    nmf_matrix *rows; /* NULL: nothing has been asked for */
    int64_t number;   /* of the block; < 0: none yet */
    void *spare, *unpacker;
} at_hand;

/* To be freed in any case. */
nmf_status at_hand_new(const nmf_matrix *shape, const block_source *source, at_hand *out);
void at_hand_free(at_hand *own);

/* A copy of the `count` rows in the ascending `list`, in memory. */
nmf_status at_hand_pick(at_hand *own, const int64_t *list, int64_t count, nmf_matrix **copy);

#endif
