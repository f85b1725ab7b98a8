/* A row of a survey, as JSON, as a line of CSV and as one of a table. */
#ifndef CLI_RANK_ROW_H
#define CLI_RANK_ROW_H

#include "report.h"

#include <stdio.h>

/* Every number, null where it is NaN. */
json_t *rank_row_json(const nmf_rank_row *row);

/* Read that back; false where it is not such a row. */
bool rank_row_read(const json_t *from, nmf_rank_row *row);

/* A line of CSV, of the names of the columns where `row` is NULL; NaN is an empty field. */
void rank_row_csv(const nmf_rank_row *row, FILE *to);

/* The main numbers in columns, their headings where `row` is NULL; NaN is a dash. */
void rank_row_print(const nmf_rank_row *row);

#endif
