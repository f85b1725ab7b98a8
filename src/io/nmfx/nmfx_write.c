/* Writing the block format: rows are gathered until they make a block; the head is written over at the end. */
#include "io/bytes/little.h"
#include "io/nmfx/nmfx.h"
#include "matrix/scan.h"

#include <math.h>
#include <string.h>

/* Columns cost a sparse block as much as so many bytes of its entries do. */
enum { COLUMN_BYTES = 16 };

typedef struct writer {
    sink *out;
    nmf_context *context;
    const table *t;
    nmfx_head head;
    nmfx_packer *packer;
    int64_t at; /* in the file */
    int64_t block_bytes;
    nmfx_block *blocks;
    int64_t blocks_room;

    /* The block at hand. */
    int64_t rows, count; /* and the numbers, or entries, it has */
    void *values;
    uint32_t *counts, *columns;
    int64_t values_room, counts_room, columns_room;

    void *row; /* room for a row of a dense table */
    int64_t row_room;
    scan found;
    unsigned char *seen; /* columns that have a number other than 0 */
} writer;

static nmf_status put(writer *w, const void *bytes, size_t count) {
    w->at += (int64_t)count;
    return sink_write(w->out, bytes, count);
}

/* Room for `more` numbers in the block. */
static nmf_status reserve(writer *w, int64_t more) {
    nmf_status status =
        buffer_reserve(w->context, &w->values, &w->values_room, w->count + more, dtype_size(w->t->dtype), "a block");
    if (status == NMF_OK && w->t->sparse) {
        status = buffer_reserve(w->context, (void **)&w->columns, &w->columns_room, w->count + more, sizeof *w->columns,
                                "a block");
    }
    return status == NMF_OK ? buffer_reserve(w->context, (void **)&w->counts, &w->counts_room, w->rows + 1,
                                             sizeof *w->counts, "a block")
                            : status;
}

/* Look at a row before it is packed away. */
static void look_at(writer *w, const void *values, const uint32_t *index, int64_t count) {
    unsigned char any = 0;
    scan_run(w->t->dtype, values, index, count, 1.0, &w->found, &any, w->seen);
    w->head.zero_rows += !any;
}

static nmf_status add_sparse_row(writer *w, const entry_line *line) {
    size_t size = dtype_size(w->t->dtype);
    nmf_status status = reserve(w, line->count);
    if (status != NMF_OK) {
        return status;
    }
    for (int64_t e = 0; e < line->count; e++) {
        w->columns[w->count + e] = (uint32_t)entry_place(line, e);
        dtype_set(w->t->dtype, w->values, w->count + e, entry_value(w->t->dtype, line, e));
    }
    look_at(w, (const char *)w->values + (size_t)w->count * size, w->columns + w->count, line->count);
    w->counts[w->rows++] = (uint32_t)line->count;
    w->count += line->count;
    return NMF_OK;
}

static nmf_status add_dense_row(writer *w, const void *numbers) {
    nmf_status status = reserve(w, w->t->cols);
    if (status == NMF_OK) {
        memcpy((char *)w->values + (size_t)w->count * dtype_size(w->t->dtype), numbers, table_line_bytes(w->t, false));
        look_at(w, numbers, NULL, w->t->cols);
        w->rows++;
        w->count += w->t->cols;
    }
    return status;
}

/* The next row into the block; *more is false where there is none. */
static nmf_status add_row(writer *w, bool *more) {
    const table *t = w->t;
    nmf_status status;
    *more = t->rows == TABLE_OPEN || w->head.rows < t->rows;
    if (!*more) {
        return NMF_OK;
    }
    if (t->sparse) {
        entry_line line;
        status = t->line(t, false, w->head.rows, &line);
        status = status == NMF_OK ? add_sparse_row(w, &line) : status;
    } else {
        const void *numbers;
        status = table_numbers(t, false, w->head.rows, w->row, &numbers);
        *more = status == NMF_OK && numbers;
        status = *more ? add_dense_row(w, numbers) : status;
    }
    w->head.rows += *more;
    return status;
}

/* A section, hashed with those before it of its block. */
static nmf_status put_section(writer *w, nmf_status packed, const nmfx_section *section, const void *bytes,
                              nmfx_hashing *hash) {
    if (packed != NMF_OK) {
        return packed;
    }
    nmfx_hash_add(hash, bytes, (size_t)section->bytes);
    return put(w, bytes, (size_t)section->bytes);
}

static nmf_status put_sections(writer *w, nmfx_block *block) {
    nmfx_hashing *hash;
    nmfx_section *section = block->section;
    const void *bytes = NULL;
    nmf_status status = nmfx_hash_begin(w->context, &hash);
    if (status != NMF_OK) {
        return status;
    }
    status = nmfx_pack_values(w->packer, w->t->dtype, w->values, w->count, &section[NMFX_VALUES], &bytes);
    w->head.flags |= section[NMFX_VALUES].type == NMFX_F64 ? NMFX_DOUBLE : 0;
    status = put_section(w, status, &section[NMFX_VALUES], bytes, hash);
    if (w->t->sparse && status == NMF_OK) {
        status = nmfx_pack_whole(w->packer, w->counts, w->rows, &section[NMFX_COUNTS], &bytes);
        status = put_section(w, status, &section[NMFX_COUNTS], bytes, hash);
    }
    if (w->t->sparse && status == NMF_OK) {
        status = nmfx_pack_whole(w->packer, w->columns, w->count, &section[NMFX_COLUMNS], &bytes);
        status = put_section(w, status, &section[NMFX_COLUMNS], bytes, hash);
    }
    block->hash = nmfx_hash_end(hash);
    return status;
}

static nmf_status put_block(writer *w) {
    nmfx_block block = {.at = w->at, .rows = w->rows, .entries = w->t->sparse ? w->count : 0};
    nmf_status status = buffer_reserve(w->context, (void **)&w->blocks, &w->blocks_room, w->head.blocks + 1,
                                       sizeof *w->blocks, "the index of blocks");
    if (status == NMF_OK) {
        status = put_sections(w, &block);
    }
    if (status == NMF_OK) {
        w->blocks[w->head.blocks++] = block;
        w->head.entries += block.entries;
        w->rows = 0;
        w->count = 0;
    }
    return status;
}

static bool is_full(const writer *w) {
    size_t number = dtype_size(w->t->dtype) + (w->t->sparse ? sizeof *w->columns : 0);
    int64_t bytes = w->count * (int64_t)number, least = w->t->sparse ? w->t->cols * COLUMN_BYTES : 0;
    return w->rows % KERNEL_GRID == 0 && bytes >= (least > w->block_bytes ? least : w->block_bytes);
}

static nmf_status put_blocks(writer *w) {
    nmf_status status = NMF_OK;
    for (bool more = true; more && status == NMF_OK;) {
        status = add_row(w, &more);
        if (status == NMF_OK && w->rows > 0 && (!more || is_full(w))) {
            status = put_block(w);
        }
    }
    return status;
}

static nmf_status put_index(writer *w) {
    unsigned char *bytes;
    nmf_status status = array_new(w->context, w->head.blocks, NMFX_ENTRY, "the index of blocks", (void **)&bytes);
    if (status != NMF_OK) {
        return status;
    }
    for (int64_t b = 0; b < w->head.blocks; b++) {
        nmfx_put_block(&w->blocks[b], bytes + b * NMFX_ENTRY);
    }
    w->head.index_at = w->at;
    w->head.index_hash = nmfx_hash(bytes, (size_t)w->head.blocks * NMFX_ENTRY);
    status = put(w, bytes, (size_t)w->head.blocks * NMFX_ENTRY);
    array_free(w->context, bytes);
    return status;
}

static nmf_status put_side_names(writer *w, bool columns, int64_t count, nmfx_hashing *hash) {
    nmf_status status = NMF_OK;
    for (int64_t i = 0; i < count && status == NMF_OK; i++) {
        const char *name = w->t->name(w->t, columns, i);
        unsigned char length[4];
        little_put32(length, (uint32_t)strlen(name));
        nmfx_hash_add(hash, length, sizeof length);
        nmfx_hash_add(hash, name, strlen(name));
        status = put(w, length, sizeof length);
        status = status == NMF_OK ? put(w, name, strlen(name)) : status;
    }
    return status;
}

static nmf_status put_names(writer *w) {
    nmfx_hashing *hash;
    nmf_status status = nmfx_hash_begin(w->context, &hash);
    if (status != NMF_OK) {
        return status;
    }
    w->head.names_at = w->at;
    status = put_side_names(w, false, w->t->row_names ? w->head.rows : 0, hash);
    if (status == NMF_OK) {
        status = put_side_names(w, true, w->t->col_names ? w->head.cols : 0, hash);
    }
    w->head.names_hash = nmfx_hash_end(hash);
    w->head.names_bytes = w->at - w->head.names_at;
    w->head.flags |= (w->t->row_names ? NMFX_ROW_NAMES : 0U) | (w->t->col_names ? NMFX_COL_NAMES : 0U);
    return status;
}

/* What the scan of all rows found, where entries are finite and their squares within the range of doubles. */
static void tell(writer *w) {
    nmfx_head *head = &w->head;
    nmf_matrix_info info = {.rows = head->rows, .cols = head->cols};
    scan_tell(&w->found, (double)info.rows * (double)info.cols, &info);
    for (int64_t j = 0; j < head->cols; j++) {
        head->zero_cols += !w->seen[j];
    }
    head->nnz = info.nnz;
    head->missing = info.missing;
    head->min = info.min;
    head->max = info.max;
    head->norm = sqrt(w->found.squares);
    bool finite = isfinite(info.min) && isfinite(info.max);
    head->flags |= finite && matrix_squares_hold(info.min, info.max) ? NMFX_SUMMARY : 0U;
}

static nmf_status put_all(writer *w) {
    unsigned char bytes[NMFX_HEAD] = {0};
    nmf_status status = put(w, bytes, sizeof bytes);
    if (status == NMF_OK) {
        status = put_blocks(w);
    }
    if (status == NMF_OK && w->head.blocks > 0) {
        status = put_index(w);
    }
    if (status == NMF_OK) {
        status = put_names(w);
    }
    if (status != NMF_OK || w->head.blocks == 0) {
        return status;
    }
    tell(w);
    w->head.file_bytes = w->at;
    nmfx_put_head(&w->head, bytes);
    return sink_patch(w->out, bytes, sizeof bytes);
}

static nmf_status open_writer(writer *w) {
    nmf_status status = nmfx_packer_new(w->context, &w->packer);
    if (status == NMF_OK) {
        status = array_new(w->context, w->t->cols, 1, "the columns", (void **)&w->seen);
    }
    return status == NMF_OK ? buffer_reserve(w->context, &w->row, &w->row_room, (int64_t)table_line_bytes(w->t, false),
                                             1, "a row of the table")
                            : status;
}

static void close_writer(writer *w) {
    nmfx_packer_free(w->packer);
    array_free(w->context, w->seen);
    buffer_free(w->context, w->row);
    buffer_free(w->context, w->values);
    buffer_free(w->context, w->counts);
    buffer_free(w->context, w->columns);
    buffer_free(w->context, w->blocks);
}

nmf_status nmfx_write_blocks(sink *out, const table *t, int64_t block_bytes) {
    writer w = {.out = out,
                .block_bytes = block_bytes,
                .context = sink_context(out),
                .t = t,
                .head = {.cols = t->cols, .flags = t->sparse ? NMFX_SPARSE : 0},
                .found = scan_begin(NMF_ALLOW_MISSING | NMF_ALLOW_NEGATIVE)};
    if (!sink_patchable(out)) {
        return fail(w.context, NMF_ERROR_USAGE,
                    "%s: the block format is written to a plain file, neither packed again nor into a pipe",
                    sink_path(out));
    }
    nmf_status status = open_writer(&w);
    if (status == NMF_OK) {
        status = put_all(&w);
    }
    close_writer(&w);
    return status;
}

nmf_status nmfx_write(sink *out, const table *t) {
    return nmfx_write_blocks(out, t, STREAMED_BLOCK);
}
