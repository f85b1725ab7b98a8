#include "io/bytes/sink.h"
#include "io/nmfx/nmfx.h"
#include "io/spill/spill.h"

#include <math.h>

/* Blocks are as large as others are, or a part of the memory, so that some of them fit there when they are read. */
enum { BLOCKS_IN_MEMORY = 16 };

/* The merged runs as a block file. */
static nmf_status write_blocks(merger *m, sink *out, double memory, int *fd) {
    table t = table_of_merger(m);
    double block = fmin(STREAMED_BLOCK, memory / BLOCKS_IN_MEMORY);
    nmf_status status = nmfx_write_blocks(out, &t, (int64_t)fmax(1, block));
    if (status != NMF_OK) {
        sink_abandon(out);
        return status;
    }
    return sink_keep(out, fd);
}

static nmf_status merge(const spill *s, const spill_shape *shape, double memory, int64_t *repeated, int *fd) {
    merger *m;
    sink *out;
    nmf_status status = merger_new(s, shape, memory / 2, &m);
    if (status != NMF_OK) {
        return status;
    }
    status = sink_open_unnamed(s->context, stream_path(s->in), spill_why, &out);
    if (status == NMF_OK) {
        status = write_blocks(m, out, memory, fd);
    }
    *repeated = merger_repeated(m);
    merger_free(m);
    return status;
}

nmf_status spill_to_matrix(spill *s, const spill_shape *shape, double memory, int64_t *repeated, nmf_matrix **matrix) {
    nmf_read_options how = {.dtype = s->dtype, .allowed = s->allowed};
    triplets_seen seen = s->seen;
    nmfx_file *file;
    int fd;
    buffer_free(s->context, s->room);
    s->room = NULL;
    seen.first.col -= (uint32_t)shape->first_col;
    nmf_status status = triplets_tell(s->context, stream_path(s->in), &seen);
    if (status == NMF_OK) {
        status = merge(s, shape, memory, repeated, &fd);
    }
    if (status == NMF_OK) {
        status = nmfx_open_made(s->in, fd, &how, shape->source, &file);
    }
    return status == NMF_OK ? nmfx_stay(file, matrix) : status;
}
