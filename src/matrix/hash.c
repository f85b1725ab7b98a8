/*
 * The hash of a matrix: XXH3 of rows, cols, and of every row its entries that are not 0, each as column and value,
 * then how many there are. All numbers are little endian and of 64 bits; a missing entry is one and the same NaN.
 */
#include "matrix/matrix.h"

#include <endian.h>
#include <math.h>
#include <string.h>

/* Its state is on the stack then: no memory that could be refused, and nothing to link with. */
#define XXH_INLINE_ALL
#include <xxhash.h>

enum { WORDS = 512 };

static const uint64_t missing = 0x7ff8000000000000;

/* Words on their way to the hash. */
typedef struct hasher {
    XXH3_state_t state;
    uint64_t words[WORDS];
    size_t count;
} hasher;

static void flush(hasher *h) {
    XXH3_64bits_update(&h->state, h->words, h->count * sizeof *h->words);
    h->count = 0;
}

static void add(hasher *h, uint64_t word) {
    if (h->count == WORDS) {
        flush(h);
    }
    h->words[h->count++] = htole64(word);
}

static uint64_t bits_of(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return isnan(value) ? missing : bits;
}

static void add_row(hasher *h, const nmf_matrix *matrix, int64_t i) {
    entry_line line = matrix->kind->line(matrix, false, i);
    uint64_t count = 0;
    for (int64_t e = 0; e < line.count; e++) {
        double value = entry_value(matrix->info.dtype, &line, e);
        if (value != 0) {
            add(h, (uint64_t)entry_place(&line, e));
            add(h, bits_of(value));
            count++;
        }
    }
    add(h, count);
}

uint64_t nmf_matrix_hash(const nmf_matrix *matrix) {
    hasher h = {.count = 0};
    XXH3_64bits_reset(&h.state);
    add(&h, (uint64_t)matrix->info.rows);
    add(&h, (uint64_t)matrix->info.cols);
    for (block b = {0}; matrix_next(matrix, &b);) {
        for (int64_t i = 0; i < b.rows->info.rows; i++) {
            add_row(&h, b.rows, i);
        }
    }
    flush(&h);
    return XXH3_64bits_digest(&h.state);
}
