/*
 * A matrix in a file, which comes in blocks of rows, one after the other, whenever it is walked through (matrix_next).
 * It has products and lines only in its blocks.
 */
#ifndef NMF_MATRIX_STREAMED_H
#define NMF_MATRIX_STREAMED_H

#include "matrix/ring.h"

/*
 * Bytes of numbers, in memory, that a block should have: enough that a disk reads them at full speed, few enough that
 * some fit into a small memory.
 */
enum { STREAMED_BLOCK = 1 << 24 };

/*
 * A matrix over `source`, whose info.bytes are those that it would take in memory. The source is closed when the matrix
 * is freed, and also when this fails. Entries are not looked at.
 */
nmf_status matrix_new_streamed(nmf_context *context, const nmf_matrix_info *info, unsigned allowed,
                               const block_source *source, nmf_matrix **out);

/* The memory without which it cannot be walked through. */
double streamed_least_bytes(const nmf_matrix *matrix);

/* Let it take up to `bytes`, and at least as much as it must have: blocks are read ahead, and kept, in it. */
void streamed_take_room(nmf_matrix *matrix, double bytes);

/* Blocks that are kept in it. */
int64_t streamed_kept(const nmf_matrix *matrix);

/* Warn of what became of its entries in the loading, once all blocks were loaded; `whole` says that by itself. */
void streamed_tell(const nmf_matrix *matrix);

/* Where its blocks come from. */
const block_source *streamed_source(const nmf_matrix *matrix);

static inline bool matrix_is_streamed(const nmf_matrix *matrix) {
    return matrix->kind == &matrix_streamed;
}

#endif
