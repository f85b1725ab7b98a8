/* Rows of a matrix in a file as a matrix in memory, for who takes some after the other: the block at hand is kept. */
#include "matrix/streamed_pick.h"

#include <string.h>

/* Rows that are gathered, of a sparse matrix. */
typedef struct gathering {
    int64_t *start;
    uint32_t *index;
    void *value;
    int64_t start_room, index_room, value_room;
} gathering;

nmf_status at_hand_new(const nmf_matrix *shape, const block_source *source, at_hand *out) {
    *out = (at_hand){.context = shape->context, .source = source, .number = -1};
    nmf_status status = ring_slot_new(shape, source, &out->rows);
    if (status == NMF_OK) {
        status = array_new(shape->context, (int64_t)source->spare_bytes, 1, "the reading of blocks", &out->spare);
    }
    return status == NMF_OK && source->unpacker_new ? source->unpacker_new(source->user, &out->unpacker) : status;
}

void at_hand_free(at_hand *own) {
    nmf_matrix_free(own->rows);
    array_free(own->context, own->spare);
    if (own->unpacker) {
        own->source->unpacker_free(own->unpacker);
    }
    *own = (at_hand){.number = -1};
}

/* Have the block of a row at hand. */
static nmf_status reach(at_hand *own, int64_t row) {
    const int64_t *first = own->source->first;
    int64_t b = own->number < 0 || row < first[own->number] ? 0 : own->number;
    char sentence[BLOCK_SENTENCE] = "";
    while (first[b + 1] <= row) {
        b++;
    }
    if (b == own->number) {
        return NMF_OK;
    }
    own->number = -1;
    nmf_status status = ring_load(own->source, b, own->rows, own->spare, own->unpacker, sentence);
    own->number = status == NMF_OK ? b : -1;
    return status == NMF_OK ? NMF_OK : fail(own->context, status, "%s", sentence);
}

static entry_line line_of(const at_hand *own, int64_t row) {
    return own->rows->kind->line(own->rows, false, row - own->source->first[own->number]);
}

static nmf_status pick_dense(at_hand *own, const int64_t *list, int64_t count, nmf_matrix **copy) {
    const nmf_matrix_info *info = &own->rows->info;
    size_t bytes = (size_t)info->cols * dtype_size(info->dtype);
    nmf_status status = matrix_new_own(own->context, count, info->cols, info->dtype, own->rows->allowed, copy);
    for (int64_t i = 0; i < count && status == NMF_OK; i++) {
        status = reach(own, list[i]);
        if (status == NMF_OK) {
            entry_line line = line_of(own, list[i]);
            memcpy((char *)(*copy)->as.dense.owned + (size_t)i * bytes, line.value, bytes);
        }
    }
    return status;
}

static nmf_status gather_row(const at_hand *own, int64_t row, int64_t i, gathering *g) {
    size_t size = dtype_size(own->rows->info.dtype);
    entry_line line = line_of(own, row);
    int64_t begin = g->start[i], end = begin + line.count;
    nmf_status status =
        buffer_reserve(own->context, (void **)&g->index, &g->index_room, end, sizeof *g->index, "rows of the matrix");
    if (status == NMF_OK) {
        status = buffer_reserve(own->context, &g->value, &g->value_room, end, size, "rows of the matrix");
    }
    if (status == NMF_OK && line.count > 0) {
        memcpy(g->index + begin, line.index, (size_t)line.count * sizeof *g->index);
        memcpy((char *)g->value + (size_t)begin * size, line.value, (size_t)line.count * size);
    }
    g->start[i + 1] = end;
    return status;
}

static nmf_status gather(at_hand *own, const int64_t *list, int64_t count, gathering *g) {
    nmf_status status = buffer_reserve(own->context, (void **)&g->start, &g->start_room, count + 1, sizeof *g->start,
                                       "rows of the matrix");
    if (status == NMF_OK) {
        g->start[0] = 0;
    }
    for (int64_t i = 0; i < count && status == NMF_OK; i++) {
        status = reach(own, list[i]);
        if (status == NMF_OK) {
            status = gather_row(own, list[i], i, g);
        }
    }
    return status;
}

static nmf_status pick_sparse(at_hand *own, const int64_t *list, int64_t count, nmf_matrix **copy) {
    const nmf_matrix_info *info = &own->rows->info;
    gathering g = {0};
    nmf_status status = gather(own, list, count, &g);
    if (status == NMF_OK) {
        status = matrix_new_compressed(own->context, count, info->cols, g.start[count], info->dtype, own->rows->allowed,
                                       copy);
    }
    if (status == NMF_OK) {
        sparse_data *to = &(*copy)->as.sparse;
        size_t entries = (size_t)g.start[count];
        memcpy(to->by_row.start, g.start, (size_t)(count + 1) * sizeof *g.start);
        if (entries > 0) {
            memcpy(to->by_row.index, g.index, entries * sizeof *g.index);
            memcpy(to->by_row.value, g.value, entries * dtype_size(info->dtype));
        }
        compressed_transpose(&to->by_row, count, info->cols, info->dtype, &to->by_col);
    }
    buffer_free(own->context, g.start);
    buffer_free(own->context, g.index);
    buffer_free(own->context, g.value);
    return status;
}

nmf_status at_hand_pick(at_hand *own, const int64_t *list, int64_t count, nmf_matrix **copy) {
    *copy = NULL;
    nmf_status status =
        own->rows->info.sparse ? pick_sparse(own, list, count, copy) : pick_dense(own, list, count, copy);
    if (status != NMF_OK) {
        nmf_matrix_free(*copy);
        *copy = NULL;
    }
    return status;
}
