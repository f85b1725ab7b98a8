/*
 * The block format, whose checksums are made to match first: what they guard is to be read, and not to be refused
 * for them. Odd choices leave them as they are.
 */
#include "io/nmfx/nmfx.h"
#include "io/bytes/little.h"
#include "target.h"

#include <string.h>

enum {
    MOST = 1 << 16,
    STAYS = 0x10, /* choices: the matrix stays in its file, */
    AS_THEY_ARE = 0x20,
    INDEX_AT = 48, /* of the head */
    BLOCKS = 40,
    NAMES_AT = 56,
    NAMES_BYTES = 64,
    SIZE = 72,
    INDEX_HASH = 144,
    NAMES_HASH = 152
};

static bool lies_in(uint64_t at, uint64_t bytes, size_t count) {
    return at <= count && bytes <= count - at;
}

static void mend_blocks(unsigned char *file, size_t count, uint64_t at, uint64_t blocks) {
    for (uint64_t b = 0; b < blocks; b++) {
        unsigned char *entry = file + at + b * NMFX_ENTRY;
        nmfx_block block = nmfx_get_block(entry);
        uint64_t bytes = 0;
        for (int s = 0; s < NMFX_SECTIONS; s++) {
            bytes += lies_in(0, (uint64_t)block.section[s].bytes, count) ? (uint64_t)block.section[s].bytes : count + 1;
        }
        if (lies_in((uint64_t)block.at, bytes, count)) {
            little_put64(entry + 24, nmfx_hash(file + block.at, (size_t)bytes));
        }
    }
}

static void mend(unsigned char *file, size_t count) {
    uint64_t at = little_get64(file + INDEX_AT), blocks = little_get64(file + BLOCKS);
    uint64_t names = little_get64(file + NAMES_AT), length = little_get64(file + NAMES_BYTES);
    little_put64(file + SIZE, count);
    if (blocks <= count / NMFX_ENTRY && lies_in(at, blocks * NMFX_ENTRY, count)) {
        mend_blocks(file, count, at, blocks);
        little_put64(file + INDEX_HASH, nmfx_hash(file + at, (size_t)blocks * NMFX_ENTRY));
    }
    if (lies_in(names, length, count)) {
        little_put64(file + NAMES_HASH, nmfx_hash(file + names, (size_t)length));
    }
    little_put64(file + NMFX_HEAD - 8, nmfx_hash(file, NMFX_HEAD - 8));
}

/* The file, in memory, with checksums that match. */
static const char *file_of(const input *in) {
    static unsigned char file[MOST];
    input mended = *in;
    mended.count = in->count < MOST ? in->count : MOST;
    memcpy(file, in->bytes, mended.count);
    if (mended.count >= NMFX_HEAD && !(in->choice & AS_THEY_ARE)) {
        mend(file, mended.count);
    }
    mended.bytes = file;
    return input_file(&mended);
}

/* In memory, where the driver looks at what it is, or from block to block, where nobody may. */
static nmf_status read_blocks(const input *in, nmf_matrix **matrix) {
    stream *opened;
    bool stays = in->choice & STAYS;
    *matrix = NULL;
    nmf_status status = stream_open(in->context, file_of(in), &opened);
    if (status == NMF_OK) {
        status = (stays ? format_nmfx.stay : format_nmfx.read)(opened, &in->how, matrix);
        stream_close(opened);
    }
    if (status == NMF_OK && !stays) {
        return matrix_check(*matrix, "the input");
    }
    if (status == NMF_OK) {
        (void)nmf_matrix_hash(*matrix);
        status = matrix_status(*matrix);
    }
    nmf_matrix_free(*matrix);
    *matrix = NULL;
    return status;
}

/* What is unpacked counts as the file's bytes, of which there may be 256 for each of its own. */
const target fuzz_target = {.read = read_blocks, .per_byte = 16 * 256};
