/* Opening a block file: its head, its index and its names, each held against its checksum and the file's size. */
#include "io/bytes/descriptor.h"
#include "io/bytes/little.h"
#include "io/bytes/utf8.h"
#include "io/nmfx/nmfx.h"
#include "io/values.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

/* Bytes that a byte of a section may unpack to; a writer leaves it at half of that. */
enum { MOST_UNPACKED = 256 };

static nmf_status fail_damaged(const nmfx_file *file, const char *what) {
    return fail(file->context, NMF_ERROR_INPUT, "%s is damaged: %s", file->path, what);
}

static nmf_status read_at(const nmfx_file *file, void *bytes, size_t count, int64_t at) {
    int error = descriptor_read_at(file->fd, bytes, count, at);
    if (error == 0) {
        return NMF_OK;
    }
    return fail(file->context, NMF_ERROR_INPUT, "%s cannot be read from byte %lld on: %s", file->path, (long long)at,
                error == DESCRIPTOR_SHORT ? "it is cut short" : strerror(error));
}

static double double_of(uint64_t bits) {
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static nmfx_head take_head(const unsigned char *bytes) {
    uint64_t word[18];
    for (int w = 0; w < 18; w++) {
        word[w] = little_get64(bytes + 16 + 8 * w);
    }
    return (nmfx_head){.rows = (int64_t)word[0],
                       .cols = (int64_t)word[1],
                       .entries = (int64_t)word[2],
                       .blocks = (int64_t)word[3],
                       .index_at = (int64_t)word[4],
                       .names_at = (int64_t)word[5],
                       .names_bytes = (int64_t)word[6],
                       .file_bytes = (int64_t)word[7],
                       .flags = word[8] > NMFX_FLAGS ? NMFX_FLAGS + 1 : (uint32_t)word[8],
                       .nnz = (int64_t)word[9],
                       .missing = (int64_t)word[10],
                       .zero_rows = (int64_t)word[11],
                       .zero_cols = (int64_t)word[12],
                       .min = double_of(word[13]),
                       .max = double_of(word[14]),
                       .norm = double_of(word[15]),
                       .index_hash = word[16],
                       .names_hash = word[17]};
}

/* Does [at, at + bytes) lie in the file? */
static bool lies_in(const nmfx_head *head, int64_t at, int64_t bytes) {
    return at >= NMFX_HEAD && bytes >= 0 && bytes <= head->file_bytes && at <= head->file_bytes - bytes;
}

static bool counts_hold(const nmfx_head *head) {
    bool sparse = head->flags & NMFX_SPARSE;
    size_t all;
    return head->rows >= 1 && head->cols >= 1 && head->blocks >= 1 && head->entries >= 0 &&
           (!sparse || (head->rows <= UINT32_MAX && head->cols <= UINT32_MAX)) &&
           checked_product(head->rows, head->cols, 1, &all) && all <= PTRDIFF_MAX / 32 &&
           (uint64_t)head->entries <= all;
}

/* What it says of its entries can be so. */
static bool summary_holds(const nmfx_head *head) {
    double all = (double)head->rows * (double)head->cols;
    return head->nnz >= 0 && head->missing >= 0 && (double)head->nnz + (double)head->missing <= all &&
           head->zero_rows >= 0 && head->zero_rows <= head->rows && head->zero_cols >= 0 &&
           head->zero_cols <= head->cols && isfinite(head->min) && isfinite(head->max) && isfinite(head->norm) &&
           head->min <= head->max && head->norm >= 0;
}

static nmf_status check_head(const nmfx_file *file, int64_t bytes) {
    const nmfx_head *head = &file->head;
    if (head->flags > NMFX_FLAGS) {
        return fail(file->context, NMF_ERROR_INPUT, "%s has features that this version does not know", file->path);
    }
    if (head->file_bytes != bytes) {
        return fail(file->context, NMF_ERROR_INPUT, "%s is %s: it has %lld bytes, and was written with %lld",
                    file->path, bytes < head->file_bytes ? "cut short" : "damaged", (long long)bytes,
                    (long long)head->file_bytes);
    }
    if (!counts_hold(head) || head->blocks > bytes / NMFX_ENTRY ||
        !lies_in(head, head->index_at, head->blocks * NMFX_ENTRY) ||
        !lies_in(head, head->names_at, head->names_bytes)) {
        return fail_damaged(file, "its head promises what cannot be");
    }
    if (head->flags & NMFX_SUMMARY && !summary_holds(head)) {
        return fail_damaged(file, "its head says of its entries what cannot be");
    }
    return file->made_here ? NMF_OK : shape_check_bytes(file->context, file->path, head->rows, head->cols, bytes);
}

static nmf_status read_head(nmfx_file *file) {
    unsigned char bytes[NMFX_HEAD];
    off_t size = lseek(file->fd, 0, SEEK_END);
    if (size < NMFX_HEAD) {
        return fail(file->context, NMF_ERROR_INPUT, "%s is cut short: it has %lld bytes, and its head alone %d",
                    file->path, (long long)size, NMFX_HEAD);
    }
    nmf_status status = read_at(file, bytes, sizeof bytes, 0);
    if (status != NMF_OK) {
        return status;
    }
    uint32_t version = little_get32(bytes + 8);
    if (memcmp(bytes, NMFX_MAGIC, 8) == 0 && version > NMFX_VERSION) {
        return fail(file->context, NMF_ERROR_INPUT,
                    "%s is of version %u of its format, and this program knows version %d", file->path, version,
                    NMFX_VERSION);
    }
    if (memcmp(bytes, NMFX_MAGIC, 8) != 0 || little_get32(bytes + 12) != NMFX_HEAD ||
        nmfx_hash(bytes, NMFX_HEAD - 8) != little_get64(bytes + NMFX_HEAD - 8)) {
        return fail_damaged(file, "its head does not match its checksum");
    }
    file->head = take_head(bytes);
    return check_head(file, size);
}

static bool type_holds(const nmfx_head *head, int section, nmfx_type type) {
    bool whole = type == NMFX_U8 || type == NMFX_U16;
    bool real = whole || type == NMFX_F32 || (type == NMFX_F64 && head->flags & NMFX_DOUBLE);
    return section == NMFX_VALUES ? real : whole || type == NMFX_U32;
}

static bool section_holds(const nmfx_head *head, const nmfx_block *block, int s) {
    const nmfx_section *section = &block->section[s];
    if (!type_holds(head, s, section->type) || section->packing >= NMFX_PACKINGS || section->bytes < 0) {
        return false;
    }
    double raw = (double)nmfx_count(head, block, s) * (double)nmfx_type_bytes(section->type);
    return section->packing == NMFX_RAW ? (double)section->bytes == raw
                                        : (double)section->bytes <= raw && raw < (double)PTRDIFF_MAX;
}

static bool block_holds(const nmfx_head *head, const nmfx_block *block, bool last) {
    bool sizes = block->rows >= 1 && block->rows <= head->rows && (last || block->rows % KERNEL_GRID == 0) &&
                 block->entries >= 0 && block->entries <= head->entries;
    double all = sizes ? (double)block->rows * (double)head->cols : 0;
    int64_t bytes = 0;
    for (int s = 0; s < NMFX_SECTIONS && sizes; s++) {
        bool none = s >= nmfx_sections(head);
        sizes = none ? block->section[s].bytes == 0
                     : section_holds(head, block, s) && block->section[s].bytes <= head->file_bytes - bytes;
        bytes += sizes ? block->section[s].bytes : 0;
    }
    return sizes && (double)block->entries <= all && lies_in(head, block->at, bytes);
}

/* Room for what a thread reads and unpacks; false where a section would unpack to more than any honest one does. */
static bool find_rooms(nmfx_file *file, const nmfx_block *block) {
    size_t bytes = (size_t)nmfx_block_bytes(block);
    bool honest = true;
    file->stored_room = bytes > file->stored_room ? bytes : file->stored_room;
    for (int s = 0; s < nmfx_sections(&file->head); s++) {
        const nmfx_section *section = &block->section[s];
        size_t raw = (size_t)nmfx_count(&file->head, block, s) * nmfx_type_bytes(section->type);
        if (section->packing != NMFX_RAW && raw > file->packed_room) {
            file->packed_room = raw;
        }
        honest = honest && raw / MOST_UNPACKED <= (size_t)section->bytes;
    }
    return honest;
}

static nmf_status take_index(nmfx_file *file, const unsigned char *bytes) {
    const nmfx_head *head = &file->head;
    int64_t entries = 0, end = NMFX_HEAD;
    for (int64_t b = 0; b < head->blocks; b++) {
        nmfx_block *block = &file->blocks[b];
        *block = nmfx_get_block(bytes + b * NMFX_ENTRY);
        if (!block_holds(head, block, b + 1 == head->blocks) || block->rows > head->rows - file->first[b] ||
            block->entries > head->entries - entries || block->at < end || !find_rooms(file, block)) {
            return fail(file->context, NMF_ERROR_INPUT, "%s is damaged: block %lld of %lld cannot be as its index says",
                        file->path, (long long)b + 1, (long long)head->blocks);
        }
        file->first[b + 1] = file->first[b] + block->rows;
        entries += block->entries;
        end = block->at + nmfx_block_bytes(block);
    }
    if (file->first[head->blocks] != head->rows || entries != head->entries) {
        return fail_damaged(file, "its blocks do not add up to the matrix");
    }
    return NMF_OK;
}

static nmf_status read_index(nmfx_file *file) {
    const nmfx_head *head = &file->head;
    unsigned char *bytes;
    size_t count = (size_t)head->blocks * NMFX_ENTRY;
    nmf_status status =
        array_new(file->context, head->blocks, sizeof *file->blocks, "the index of blocks", (void **)&file->blocks);
    if (status == NMF_OK) {
        status = array_new(file->context, head->blocks + 1, sizeof *file->first, "the index of blocks",
                           (void **)&file->first);
    }
    if (status == NMF_OK) {
        status = array_new(file->context, head->blocks, NMFX_ENTRY, "the index of blocks", (void **)&bytes);
    }
    if (status != NMF_OK) {
        return status;
    }
    status = read_at(file, bytes, count, head->index_at);
    if (status == NMF_OK && nmfx_hash(bytes, count) != head->index_hash) {
        status = fail_damaged(file, "its index does not match its checksum");
    }
    if (status == NMF_OK) {
        status = take_index(file, bytes);
    }
    array_free(file->context, bytes);
    return status;
}

/* The next name of `bytes`, which is moved past it; NULL where there is none. */
static const char *next_name(const unsigned char **bytes, size_t *left, size_t *length) {
    if (*left < 4 || (*length = little_get32(*bytes)) > *left - 4 ||
        utf8_run((const char *)*bytes + 4, *length) != *length) {
        return NULL;
    }
    const char *name = (const char *)*bytes + 4;
    *bytes += 4 + *length;
    *left -= 4 + *length;
    return name;
}

static nmf_status take_names(const nmfx_file *file, const unsigned char **bytes, size_t *left, int64_t count,
                             names *list) {
    nmf_status status = NMF_OK;
    for (int64_t i = 0; i < count && status == NMF_OK; i++) {
        size_t length;
        const char *name = next_name(bytes, left, &length);
        status = name ? names_add(list, name, length) : fail_damaged(file, "its names do not fit");
    }
    return status;
}

nmf_status nmfx_names(const nmfx_file *file, names *rows, names *cols) {
    const nmfx_head *head = &file->head;
    unsigned char *bytes;
    size_t left = (size_t)head->names_bytes;
    nmf_status status = array_new(file->context, head->names_bytes, 1, "the names", (void **)&bytes);
    if (status != NMF_OK) {
        return status;
    }
    const unsigned char *at = bytes;
    status = read_at(file, bytes, left, head->names_at);
    if (status == NMF_OK && nmfx_hash(bytes, left) != head->names_hash) {
        status = fail_damaged(file, "its names do not match their checksum");
    }
    if (status == NMF_OK) {
        status = take_names(file, &at, &left, head->flags & NMFX_ROW_NAMES ? head->rows : 0, rows);
    }
    if (status == NMF_OK) {
        status = take_names(file, &at, &left, head->flags & NMFX_COL_NAMES ? head->cols : 0, cols);
    }
    if (status == NMF_OK && left > 0) {
        status = fail_damaged(file, "its names do not fit");
    }
    array_free(file->context, bytes);
    return status;
}

void nmfx_close(nmfx_file *file) {
    if (file->own_fd) {
        close(file->fd);
    }
    array_free(file->context, file->blocks);
    array_free(file->context, file->first);
    array_free(file->context, file->path);
    array_free(file->context, file);
}

static nmf_status copy_path(nmfx_file *file, const char *path) {
    size_t bytes = strlen(path) + 1;
    nmf_status status = array_new(file->context, (int64_t)bytes, 1, "the name of a file", (void **)&file->path);
    if (status == NMF_OK) {
        memcpy(file->path, path, bytes);
    }
    return status;
}

static nmf_status open_as(const stream *in, const nmfx_file *as, nmfx_file **out) {
    nmf_context *context = stream_context(in);
    nmf_status status = array_new(context, 1, sizeof **out, "a block file", (void **)out);
    if (status != NMF_OK) {
        if (as->own_fd) {
            close(as->fd);
        }
        return status;
    }
    nmfx_file *file = *out;
    *file = *as;
    file->context = context;
    status = copy_path(file, stream_path(in));
    if (status == NMF_OK) {
        status = read_head(file);
    }
    if (status == NMF_OK) {
        status = read_index(file);
    }
    if (status != NMF_OK) {
        nmfx_close(file);
        *out = NULL;
    }
    return status;
}

nmf_status nmfx_open(const stream *in, int fd, bool own_fd, const nmf_read_options *how, nmfx_file **out) {
    const nmfx_file as = {
        .fd = fd, .own_fd = own_fd, .dtype = how->dtype, .allowed = how->allowed, .source = format_nmfx.name};
    return open_as(in, &as, out);
}

nmf_status nmfx_open_made(const stream *in, int fd, const nmf_read_options *how, const char *source, nmfx_file **out) {
    const nmfx_file as = {
        .fd = fd, .own_fd = true, .dtype = how->dtype, .allowed = how->allowed, .source = source, .made_here = true};
    return open_as(in, &as, out);
}

nmf_matrix_info nmfx_info(const nmfx_file *file) {
    const nmfx_head *head = &file->head;
    bool sparse = head->flags & NMFX_SPARSE;
    return (nmf_matrix_info){.rows = head->rows,
                             .cols = head->cols,
                             .nnz = head->nnz,
                             .missing = head->missing,
                             .stored = sparse ? head->entries : head->rows * head->cols,
                             .zero_rows = head->zero_rows,
                             .zero_cols = head->zero_cols,
                             .min = head->min,
                             .max = head->max,
                             .norm = head->norm,
                             .sparse = sparse,
                             .dtype = file->dtype,
                             .source = file->source};
}
