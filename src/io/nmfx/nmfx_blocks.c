/* The blocks of a file, one at a time into the room of a block, or all of them into a matrix in memory. */
#include "io/bytes/descriptor.h"
#include "io/bytes/zstd.h"
#include "io/nmfx/nmfx.h"
#include "io/size.h"

#include <stdio.h>
#include <string.h>

/* What a thread loads with: its room is the stored block, then what is unpacked. */
typedef struct loading {
    const nmfx_file *file;
    const nmfx_block *block;
    int64_t number; /* of the block, from 1 */
    nmfx_unpacking unpacking;
    unsigned char *stored;
    char *sentence;
} loading;

static nmf_status refuse(const loading *l, const char *why) {
    snprintf(l->sentence, BLOCK_SENTENCE, "%.300s: block %lld of %lld %s", l->file->path, (long long)l->number,
             (long long)l->file->head.blocks, why);
    return NMF_ERROR_INPUT;
}

static nmf_status check_stored(const loading *l, const unsigned char *stored) {
    return nmfx_hash(stored, (size_t)nmfx_block_bytes(l->block)) == l->block->hash
               ? NMF_OK
               : refuse(l, "is damaged: it does not match its checksum");
}

static nmf_status take_values(const loading *l, int64_t count, const unsigned char *bytes, nmf_dtype dtype,
                              void *values) {
    const nmfx_section *section = &l->block->section[NMFX_VALUES];
    const void *numbers = nmfx_unpack(&l->unpacking, section, bytes, count);
    if (!numbers) {
        return refuse(l, "is damaged: its numbers cannot be unpacked");
    }
    return nmfx_widen(section->type, numbers, count, dtype, values)
               ? NMF_OK
               : refuse(l, "has a number beyond float32, which ends at 3.4e38: use --dtype f64");
}

/* Where the stored block is fetched to: numbers that are stored as they are wanted, to where they go. */
static unsigned char *stored_in(const loading *l, const block_room *room) {
    const nmfx_section *section = &l->block->section[NMFX_VALUES];
    bool as_wanted = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ && !(l->file->head.flags & NMFX_SPARSE) &&
                     section->packing == NMFX_RAW && section->type == (room->dtype == NMF_F64 ? NMFX_F64 : NMFX_F32);
    return as_wanted ? room->values : l->stored;
}

static nmf_status make_dense(const loading *l, block_room *room) {
    const unsigned char *stored = stored_in(l, room);
    nmf_status status = check_stored(l, stored);
    return status == NMF_OK && stored == l->stored
               ? take_values(l, room->rows * room->cols, stored, room->dtype, room->values)
               : status;
}

/* Where each row begins, from how many entries it has. */
static nmf_status take_starts(const loading *l, const unsigned char *bytes, block_room *room) {
    const nmfx_section *section = &l->block->section[NMFX_COUNTS];
    const void *numbers = nmfx_unpack(&l->unpacking, section, bytes, room->rows);
    int64_t *start = room->by_row.start, total = 0;
    if (!numbers) {
        return refuse(l, "is damaged: the lengths of its rows cannot be unpacked");
    }
    start[0] = 0;
    for (int64_t i = 0; i < room->rows; i++) {
        total += (int64_t)nmfx_whole_at(section->type, numbers, i);
        start[i + 1] = total;
    }
    return total == room->entries ? NMF_OK : refuse(l, "is damaged: its rows do not add up to its entries");
}

/* Are the places of every row's entries ascending, and in the matrix? */
static bool columns_hold(const compressed *lines, int64_t rows, int64_t cols) {
    bool hold = true;
    for (int64_t i = 0; i < rows; i++) {
        int64_t from = lines->start[i], to = lines->start[i + 1];
        for (int64_t e = from + 1; e < to; e++) {
            hold &= lines->index[e - 1] < lines->index[e];
        }
        hold &= from == to || lines->index[to - 1] < cols;
    }
    return hold;
}

static nmf_status take_columns(const loading *l, const unsigned char *bytes, const block_room *room) {
    const nmfx_section *section = &l->block->section[NMFX_COLUMNS];
    const void *numbers = nmfx_unpack(&l->unpacking, section, bytes, room->entries);
    if (!numbers) {
        return refuse(l, "is damaged: the columns of its entries cannot be unpacked");
    }
    nmfx_widen_whole(section->type, numbers, room->entries, room->by_row.index);
    return columns_hold(&room->by_row, room->rows, room->cols)
               ? NMF_OK
               : refuse(l, "is damaged: its entries stand outside the matrix, or out of order");
}

static nmf_status make_sparse(const loading *l, block_room *room) {
    const nmfx_section *section = l->block->section;
    const unsigned char *counts = l->stored + section[NMFX_VALUES].bytes;
    const unsigned char *columns = counts + section[NMFX_COUNTS].bytes;
    room->entries = l->block->entries;
    nmf_status status = check_stored(l, l->stored);
    if (status == NMF_OK) {
        status = take_starts(l, counts, room);
    }
    if (status == NMF_OK) {
        status = take_columns(l, columns, room);
    }
    return status == NMF_OK ? take_values(l, room->entries, l->stored, room->dtype, room->by_row.value) : status;
}

static size_t aligned(size_t bytes) {
    return (bytes + ARRAY_ALIGNMENT - 1) / ARRAY_ALIGNMENT * ARRAY_ALIGNMENT;
}

static size_t spare_bytes(const nmfx_file *file) {
    return 2 * aligned(file->packed_room) + file->stored_room;
}

static loading loading_of(const nmfx_file *file, int64_t b, const block_room *room) {
    size_t packed = aligned(file->packed_room);
    unsigned char *spare = room->spare;
    return (loading){.file = file,
                     .block = &file->blocks[b],
                     .number = b + 1,
                     .unpacking = {.zstd = room->unpacker, .planes = spare, .numbers = spare + packed},
                     .stored = spare + 2 * packed,
                     .sentence = room->sentence};
}

static nmf_status fetch(void *user, int64_t b, block_room *room) {
    const loading l = loading_of(user, b, room);
    int error = descriptor_read_at(l.file->fd, stored_in(&l, room), (size_t)nmfx_block_bytes(l.block), l.block->at);
    return error == 0                  ? NMF_OK
           : error == DESCRIPTOR_SHORT ? refuse(&l, "is cut short: the file has shrunk since it was opened")
                                       : refuse(&l, strerror(error));
}

static nmf_status make(void *user, int64_t b, block_room *room) {
    const loading l = loading_of(user, b, room);
    return l.file->head.flags & NMFX_SPARSE ? make_sparse(&l, room) : make_dense(&l, room);
}

static nmf_status load(nmfx_file *file, int64_t b, block_room *room) {
    nmf_status status = fetch(file, b, room);
    return status == NMF_OK ? make(file, b, room) : status;
}

static nmf_status unpacker_new(void *user, void **unpacker) {
    const nmfx_file *file = user;
    *unpacker = ZSTD_createDCtx_advanced(zstd_memory(file->context));
    return *unpacker ? NMF_OK : fail_memory(file->context, "the unpacking of blocks", 1 << 17);
}

static void unpacker_free(void *unpacker) {
    (void)ZSTD_freeDCtx(unpacker);
}

/* Block b to where it belongs in all of the matrix, `entries` of which came before. */
static nmf_status load_into(nmfx_file *file, int64_t b, int64_t entries, block_room *room, nmf_matrix *all) {
    size_t size = dtype_size(file->dtype);
    int64_t first = file->first[b];
    room->rows = file->first[b + 1] - first;
    if (!all->info.sparse) {
        room->values = (char *)all->as.dense.owned + (size_t)(first * room->cols) * size;
        return load(file, b, room);
    }
    const compressed *by_row = &all->as.sparse.by_row;
    room->by_row =
        (compressed){by_row->start + first, by_row->index + entries, (char *)by_row->value + (size_t)entries * size};
    nmf_status status = load(file, b, room);
    for (int64_t i = 0; i <= room->rows && status == NMF_OK; i++) {
        room->by_row.start[i] += entries;
    }
    return status;
}

static nmf_status load_all(nmfx_file *file, block_room *room, nmf_matrix *all) {
    nmf_status status = NMF_OK;
    int64_t entries = 0;
    for (int64_t b = 0; b < file->head.blocks && status == NMF_OK; b++) {
        status = watched(file->context, file->path, file->blocks[b].at, file->head.file_bytes);
        if (status == NMF_OK) {
            status = load_into(file, b, entries, room, all);
            status = status == NMF_OK ? status : fail(file->context, status, "%s", room->sentence);
        }
        entries += file->blocks[b].entries;
    }
    if (status == NMF_OK && all->info.sparse) {
        compressed_transpose(&all->as.sparse.by_row, all->info.rows, all->info.cols, file->dtype,
                             &all->as.sparse.by_col);
    }
    return status;
}

static nmf_status matrix_for(const nmfx_file *file, nmf_matrix **all) {
    const nmfx_head *head = &file->head;
    nmf_matrix_info info = nmfx_info(file);
    nmf_status status = size_check(file->context, file->path, matrix_bytes(&info, file->dtype));
    if (status != NMF_OK) {
        return status;
    }
    return info.sparse ? matrix_new_compressed(file->context, head->rows, head->cols, head->entries, file->dtype,
                                               file->allowed, all)
                       : matrix_new_own(file->context, head->rows, head->cols, file->dtype, file->allowed, all);
}

nmf_status nmfx_whole(void *user, nmf_matrix **matrix) {
    nmfx_file *file = user;
    char sentence[BLOCK_SENTENCE] = "";
    block_room room = {.dtype = file->dtype, .cols = file->head.cols, .sentence = sentence};
    *matrix = NULL;
    nmf_status status = array_new(file->context, (int64_t)spare_bytes(file), 1, "the reading of blocks", &room.spare);
    if (status == NMF_OK) {
        status = unpacker_new(file, &room.unpacker);
    }
    if (status == NMF_OK) {
        status = matrix_for(file, matrix);
    }
    if (status == NMF_OK) {
        status = load_all(file, &room, *matrix);
        (*matrix)->info.source = file->source;
    }
    if (status != NMF_OK) {
        nmf_matrix_free(*matrix);
        *matrix = NULL;
    }
    unpacker_free(room.unpacker);
    array_free(file->context, room.spare);
    return status;
}

static void close_file(void *user) {
    nmfx_close(user);
}

block_source nmfx_source(nmfx_file *file) {
    block_source source = {.blocks = file->head.blocks,
                           .first = file->first,
                           .spare_bytes = spare_bytes(file),
                           .path = file->path,
                           .fetch = fetch,
                           .make = make,
                           .unpacker_new = unpacker_new,
                           .unpacker_free = unpacker_free,
                           .whole = nmfx_whole,
                           .close = close_file,
                           .user = file};
    for (int64_t b = 0; b < file->head.blocks; b++) {
        source.file_bytes += (double)nmfx_block_bytes(&file->blocks[b]);
        source.most_entries =
            file->blocks[b].entries > source.most_entries ? file->blocks[b].entries : source.most_entries;
    }
    return source;
}
