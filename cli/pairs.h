/*
 * A file of pairs, a row and a column a line, and perhaps the true value there: CSV, TSV or blanks, with or without a
 * line of headings, or Matrix Market (coordinate, general).
 */
#ifndef CLI_PAIRS_H
#define CLI_PAIRS_H

#include "lookup.h"

typedef struct pair_list {
    int64_t count, room;
    int64_t *rows, *cols;
    double *truths;
    bool has_truths; /* else `truths` holds nothing */
} pair_list;

/* Read the file, "-" for the standard input; `pairs` is zeroed before, and freed after in any case. Complains. */
nmf_status pairs_read(const char *path, const lookup *rows, const lookup *cols, pair_list *pairs);

void pairs_free(pair_list *pairs);

#endif
