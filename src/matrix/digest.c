#include "matrix/digest.h"
#include "matrix/spread.h"

#include <math.h>
#include <string.h>

/* The finalizer of SplitMix64 (Steele, Lea & Flood 2014): every bit of a word counts for every bit of the result. */
static uint64_t mix(uint64_t word) {
    word += 0x9e3779b97f4a7c15;
    word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9;
    word = (word ^ (word >> 27)) * 0x94d049bb133111eb;
    return word ^ (word >> 31);
}

static uint64_t bits_of(double value) {
    static const uint64_t missing = 0x7ff8000000000000;
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return isnan(value) ? missing : bits;
}

static uint64_t of_row(const nmf_matrix *rows, int64_t i, int64_t row, int64_t first_col) {
    entry_line line = rows->kind->line(rows, false, i);
    uint64_t sum = 0;
    for (int64_t e = 0; e < line.count; e++) {
        double value = entry_value(rows->info.dtype, &line, e);
        uint64_t at = mix(mix((uint64_t)row) + (uint64_t)(first_col + entry_place(&line, e)));
        sum += value != 0 ? mix(at + bits_of(value)) : 0;
    }
    return sum;
}

/* Sums of doubles are exact for a third of the bits at a time. */
static uint64_t sum_over(const nmf_crowd *crowd, uint64_t own) {
    enum { PART = 22 };
    double parts[3];
    uint64_t sum = 0;
    for (int t = 0; t < 3; t++) {
        parts[t] = (double)((own >> (t * PART)) & ((1 << PART) - 1));
    }
    crowd->sum(crowd->user, parts, 3);
    for (int t = 0; t < 3; t++) {
        sum += (uint64_t)parts[t] << (t * PART);
    }
    return sum;
}

uint64_t matrix_digest(const nmf_matrix *matrix) {
    const nmf_matrix *here = matrix_block(matrix);
    const nmf_crowd *crowd = matrix_crowd(matrix);
    range rows, cols;
    matrix_here(matrix, &rows, &cols);
    uint64_t sum = 0;
    for (block b = {0}; matrix_next(here, &b);) {
        for (int64_t i = 0; i < b.rows->info.rows; i++) {
            sum += of_row(b.rows, i, rows.from + b.first + i, cols.from);
        }
    }
    return crowd ? sum_over(crowd, sum) : sum;
}
