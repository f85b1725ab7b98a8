/*
 * The wire: how a matrix travels through a pipe between the library and a helper program, in either direction.
 *
 *     magic, then blocks: tag (uint32), length of the payload (uint64, at most WIRE_BLOCK_MOST), payload
 *
 *     shape    rows, cols, entries (int64 each), flags, source (uint32 each); comes first, once
 *     rows     names of rows, whole ones: length (uint32) and bytes of each, UTF-8 without NUL; all of them or none
 *     columns  names of columns, likewise
 *     start    sparse: where each line begins among the entries, and one number more for where the last ends (int64)
 *     entries  sparse: n places in their lines (uint32), then n values
 *     numbers  dense: values, line after line
 *     notes    lines of text that no matrix needs: "KIND NAME VALUE"
 *     end      of the matrix, with nothing in it; a stream that stops before it was cut short
 *
 * Numbers are little endian; values are float64, or float32 where a flag says so. A line is a row, or a column where a
 * flag says so. What is longer than a block comes in several; none but `end` is empty.
 */
#ifndef NMF_IO_WIRE_H
#define NMF_IO_WIRE_H

#include "io/bytes/little.h"

#include <string.h>

/* The last byte is the version. */
#define WIRE_MAGIC "\x89NMFWIR\x01"

enum {
    WIRE_MAGIC_BYTES = 8,
    WIRE_HEAD = 12,
    WIRE_SHAPE_BYTES = 32,
    WIRE_BLOCK_MOST = 1 << 20,
    WIRE_NAME_MOST = 1 << 16,
};

typedef enum wire_tag {
    WIRE_SHAPE = 0x50414853,   /* "SHAP" */
    WIRE_ROWS = 0x53574f52,    /* "ROWS" */
    WIRE_COLUMNS = 0x534c4f43, /* "COLS" */
    WIRE_START = 0x54525453,   /* "STRT" */
    WIRE_ENTRIES = 0x52544e45, /* "ENTR" */
    WIRE_NUMBERS = 0x424d554e, /* "NUMB" */
    WIRE_NOTES = 0x45544f4e,   /* "NOTE" */
    WIRE_END = 0x20444e45,     /* "END " */
} wire_tag;

typedef enum wire_flag {
    WIRE_SPARSE = 1,
    WIRE_BY_COLUMNS = 2, /* lines are columns */
    WIRE_SINGLE = 4,     /* values are float32 */
    WIRE_WHOLE = 8,      /* every value is a whole number from 0 to below 2^31 */
    WIRE_FLAGS = 15
} wire_flag;

typedef struct wire_shape {
    int64_t rows, cols;
    int64_t entries; /* of a sparse matrix; of a dense one, those that are not zero, or 0 where nobody looked */
    uint32_t flags;
    uint32_t source; /* of what file it is: an index of wire_sources */
} wire_shape;

enum { WIRE_SOURCE_PLAIN, WIRE_SOURCE_TENX, WIRE_SOURCE_ANNDATA, WIRE_SOURCES };

static inline size_t wire_value_bytes(uint32_t flags) {
    return flags & WIRE_SINGLE ? sizeof(float) : sizeof(double);
}

/* Value i of a row of values. */
static inline double wire_get_value(uint32_t flags, const unsigned char *values, int64_t i) {
    if (flags & WIRE_SINGLE) {
        uint32_t bits = little_get32(values + 4 * i);
        float narrow;
        memcpy(&narrow, &bits, sizeof narrow);
        return (double)narrow;
    }
    uint64_t bits = little_get64(values + 8 * i);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline void wire_put_value(uint32_t flags, unsigned char *values, int64_t i, double value) {
    if (flags & WIRE_SINGLE) {
        float narrow = (float)value;
        uint32_t bits;
        memcpy(&bits, &narrow, sizeof bits);
        little_put32(values + 4 * i, bits);
        return;
    }
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    little_put64(values + 8 * i, bits);
}

static inline void wire_put_shape(unsigned char *to, const wire_shape *shape) {
    little_put64(to, (uint64_t)shape->rows);
    little_put64(to + 8, (uint64_t)shape->cols);
    little_put64(to + 16, (uint64_t)shape->entries);
    little_put32(to + 24, shape->flags);
    little_put32(to + 28, shape->source);
}

static inline wire_shape wire_get_shape(const unsigned char *from) {
    return (wire_shape){(int64_t)little_get64(from), (int64_t)little_get64(from + 8), (int64_t)little_get64(from + 16),
                        little_get32(from + 24), little_get32(from + 28)};
}

static inline int64_t wire_lines(const wire_shape *shape) {
    return shape->flags & WIRE_BY_COLUMNS ? shape->cols : shape->rows;
}

/* Numbers in a whole line. */
static inline int64_t wire_line_length(const wire_shape *shape) {
    return shape->flags & WIRE_BY_COLUMNS ? shape->rows : shape->cols;
}

#endif
