/* The head and the index as bytes. */
#include "io/bytes/little.h"
#include "io/nmfx/nmfx.h"

#include <string.h>

/* Its state is on the stack then: no memory that could be refused, and nothing to link with. */
#define XXH_INLINE_ALL
#include <xxhash.h>

struct nmfx_hashing {
    XXH3_state_t state; /* first: it must be aligned as arrays are */
    nmf_context *context;
};

uint64_t nmfx_hash(const void *bytes, size_t count) {
    return XXH3_64bits(bytes, count);
}

nmf_status nmfx_hash_begin(nmf_context *context, nmfx_hashing **out) {
    nmf_status status = array_new(context, 1, sizeof **out, "a checksum", (void **)out);
    if (status == NMF_OK) {
        (*out)->context = context;
        XXH3_64bits_reset(&(*out)->state);
    }
    return status;
}

void nmfx_hash_add(nmfx_hashing *hash, const void *bytes, size_t count) {
    XXH3_64bits_update(&hash->state, bytes, count);
}

uint64_t nmfx_hash_end(nmfx_hashing *hash) {
    uint64_t value = XXH3_64bits_digest(&hash->state);
    array_free(hash->context, hash);
    return value;
}

static uint64_t bits_of(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

void nmfx_put_head(const nmfx_head *head, unsigned char bytes[NMFX_HEAD]) {
    const uint64_t words[] = {
        (uint64_t)head->rows,        (uint64_t)head->cols,       (uint64_t)head->entries,
        (uint64_t)head->blocks,      (uint64_t)head->index_at,   (uint64_t)head->names_at,
        (uint64_t)head->names_bytes, (uint64_t)head->file_bytes, head->flags,
        (uint64_t)head->nnz,         (uint64_t)head->missing,    (uint64_t)head->zero_rows,
        (uint64_t)head->zero_cols,   bits_of(head->min),         bits_of(head->max),
        bits_of(head->norm),         head->index_hash,           head->names_hash,
    };
    memset(bytes, 0, NMFX_HEAD);
    memcpy(bytes, NMFX_MAGIC, 8);
    little_put32(bytes + 8, NMFX_VERSION);
    little_put32(bytes + 12, NMFX_HEAD);
    for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
        little_put64(bytes + 16 + 8 * w, words[w]);
    }
    little_put64(bytes + NMFX_HEAD - 8, nmfx_hash(bytes, NMFX_HEAD - 8));
}

void nmfx_put_block(const nmfx_block *block, unsigned char bytes[NMFX_ENTRY]) {
    memset(bytes, 0, NMFX_ENTRY);
    little_put64(bytes, (uint64_t)block->at);
    little_put64(bytes + 8, (uint64_t)block->rows);
    little_put64(bytes + 16, (uint64_t)block->entries);
    little_put64(bytes + 24, block->hash);
    for (int s = 0; s < NMFX_SECTIONS; s++) {
        unsigned char *at = bytes + 32 + 16 * s;
        at[0] = (unsigned char)block->section[s].type;
        at[1] = (unsigned char)block->section[s].packing;
        little_put64(at + 8, (uint64_t)block->section[s].bytes);
    }
}

nmfx_block nmfx_get_block(const unsigned char bytes[NMFX_ENTRY]) {
    nmfx_block block = {.at = (int64_t)little_get64(bytes),
                        .rows = (int64_t)little_get64(bytes + 8),
                        .entries = (int64_t)little_get64(bytes + 16),
                        .hash = little_get64(bytes + 24)};
    for (int s = 0; s < NMFX_SECTIONS; s++) {
        const unsigned char *at = bytes + 32 + 16 * s;
        block.section[s] = (nmfx_section){(nmfx_type)at[0], (nmfx_packing)at[1], (int64_t)little_get64(at + 8)};
    }
    return block;
}

int64_t nmfx_count(const nmfx_head *head, const nmfx_block *block, int section) {
    if (!(head->flags & NMFX_SPARSE)) {
        return block->rows * head->cols;
    }
    return section == NMFX_COUNTS ? block->rows : block->entries;
}
