/*
 * The block format: a matrix in blocks of rows, so that a fit can read it from front to back, a block at a time. It is
 * specified in docs/nmfx.md; this is what its parts are in memory.
 */
#ifndef NMF_IO_NMFX_H
#define NMF_IO_NMFX_H

#include "io/format.h"
#include "matrix/streamed.h"

#define NMFX_MAGIC "\x89NMFX\r\n\x1a"

enum {
    NMFX_VERSION = 1,
    NMFX_HEAD = 192,  /* bytes of the head, its checksum last */
    NMFX_ENTRY = 80,  /* bytes of a block in the index */
    NMFX_SECTIONS = 3 /* of a block at most */
};

typedef enum nmfx_flag {
    NMFX_SPARSE = 1,
    NMFX_ROW_NAMES = 2,
    NMFX_COL_NAMES = 4,
    NMFX_SUMMARY = 8, /* range, norm and counts are known */
    NMFX_DOUBLE = 16, /* some number is no float32 */
    NMFX_FLAGS = 31
} nmfx_flag;

typedef struct nmfx_head {
    int64_t rows, cols, entries, blocks;
    int64_t index_at, names_at, names_bytes, file_bytes;
    uint32_t flags;
    int64_t nnz, missing, zero_rows, zero_cols;
    double min, max, norm;
    uint64_t index_hash, names_hash;
} nmfx_head;

/* In what a section keeps its numbers. */
typedef enum nmfx_type { NMFX_U8 = 1, NMFX_U16, NMFX_U32, NMFX_F32, NMFX_F64, NMFX_TYPES } nmfx_type;
typedef enum nmfx_packing { NMFX_RAW, NMFX_ZSTD, NMFX_PACKINGS } nmfx_packing;

typedef struct nmfx_section {
    nmfx_type type;
    nmfx_packing packing;
    int64_t bytes; /* in the file */
} nmfx_section;

/*
 * Sections of a sparse block: the values of its entries, how many each row has, and in which columns; a dense block has
 * its numbers alone, as NMFX_VALUES.
 */
enum { NMFX_VALUES, NMFX_COUNTS, NMFX_COLUMNS };

typedef struct nmfx_block {
    int64_t at, rows, entries;
    uint64_t hash;
    nmfx_section section[NMFX_SECTIONS]; /* in the order in which they lie in the file */
} nmfx_block;

/* Bytes of a number. */
size_t nmfx_type_bytes(nmfx_type type);

/* How many numbers a section of a block has. */
int64_t nmfx_count(const nmfx_head *head, const nmfx_block *block, int section);

static inline int nmfx_sections(const nmfx_head *head) {
    return head->flags & NMFX_SPARSE ? NMFX_SECTIONS : 1;
}

/* Bytes of a block in the file. */
static inline int64_t nmfx_block_bytes(const nmfx_block *block) {
    return block->section[0].bytes + block->section[1].bytes + block->section[2].bytes;
}

void nmfx_put_head(const nmfx_head *head, unsigned char bytes[NMFX_HEAD]);
void nmfx_put_block(const nmfx_block *block, unsigned char bytes[NMFX_ENTRY]);
nmfx_block nmfx_get_block(const unsigned char bytes[NMFX_ENTRY]);
uint64_t nmfx_hash(const void *bytes, size_t count);

/* The same of bytes that come in parts. */
typedef struct nmfx_hashing nmfx_hashing;
nmf_status nmfx_hash_begin(nmf_context *context, nmfx_hashing **out);
void nmfx_hash_add(nmfx_hashing *hash, const void *bytes, size_t count);
/* The hash; this frees what it was made with. */
uint64_t nmfx_hash_end(nmfx_hashing *hash);

/* A file that is open: everything but its blocks. */
typedef struct nmfx_file {
    nmf_context *context;
    char *path;
    int fd;
    bool own_fd;
    nmfx_head head;
    nmfx_block *blocks;
    int64_t *first; /* the row each begins with, and their number */
    nmf_dtype dtype;
    unsigned allowed;
    const char *source;              /* as in nmf_matrix_info */
    bool made_here;                  /* by this process, which need not doubt it */
    size_t stored_room, packed_room; /* the largest block as it is stored, and the largest section that is packed */
} nmfx_file;

/*
 * Open the stream's file, and believe none of it. `fd` is the stream's own, or a copy where the file is to outlive it,
 * which this closes then (also where it fails).
 */
nmf_status nmfx_open(const stream *in, int fd, bool own_fd, const nmf_read_options *how, nmfx_file **out);

/* The same of a file made a moment ago, of what `source` says was read from the stream; `fd` is closed then. */
nmf_status nmfx_open_made(const stream *in, int fd, const nmf_read_options *how, const char *source, nmfx_file **out);
void nmfx_close(nmfx_file *file);

/* The names that are in it. */
nmf_status nmfx_names(const nmfx_file *file, names *rows, names *cols);

/* What is known of the matrix without a look at its entries. */
nmf_matrix_info nmfx_info(const nmfx_file *file);

/* Its blocks. */
block_source nmfx_source(nmfx_file *file);

/* A matrix that stays in the file, which is the matrix's own then, and closed where this fails. It has no names yet. */
nmf_status nmfx_stay(nmfx_file *file, nmf_matrix **matrix);

/* All of an nmfx_file in memory, unchecked. */
nmf_status nmfx_whole(void *file, nmf_matrix **matrix);

/* ---- sections ---- */

/* What numbers of `dtype`, or whole ones, are stored in without a loss. */
nmfx_type nmfx_narrowest(nmf_dtype dtype, const void *values, int64_t count);
nmfx_type nmfx_narrowest_whole(const uint32_t *numbers, int64_t count);

/* Numbers on their way out: `packed` is a growing buffer for them. */
typedef struct nmfx_packer nmfx_packer;
nmf_status nmfx_packer_new(nmf_context *context, nmfx_packer **out);
void nmfx_packer_free(nmfx_packer *packer);
/* The section of `count` numbers; *bytes are the packer's until the next call. */
nmf_status nmfx_pack_values(nmfx_packer *packer, nmf_dtype dtype, const void *values, int64_t count,
                            nmfx_section *section, const void **bytes);
nmf_status nmfx_pack_whole(nmfx_packer *packer, const uint32_t *numbers, int64_t count, nmfx_section *section,
                           const void **bytes);

/* Where numbers on their way in are unpacked: both of packed_room bytes. */
typedef struct nmfx_unpacking {
    void *zstd;
    unsigned char *planes, *numbers;
} nmfx_unpacking;

/* `count` numbers of a section as they were before they were packed; NULL where they cannot be. */
const void *nmfx_unpack(const nmfx_unpacking *room, const nmfx_section *section, const void *bytes, int64_t count);
/* … in the numbers of a matrix; false where one is past those of `dtype`. */
bool nmfx_widen(nmfx_type type, const void *numbers, int64_t count, nmf_dtype dtype, void *values);
/* … in whole ones, of a type that has those; and the one of them at i. */
void nmfx_widen_whole(nmfx_type type, const void *numbers, int64_t count, uint32_t *restrict whole);
uint32_t nmfx_whole_at(nmfx_type type, const void *numbers, int64_t i);

nmf_status nmfx_write(sink *out, const table *t);

/* The same in blocks of at least `block_bytes` of numbers in memory, and of whole KERNEL_GRIDs of rows. */
nmf_status nmfx_write_blocks(sink *out, const table *t, int64_t block_bytes);

#endif
