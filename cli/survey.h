/*
 * The folder of a survey of ranks. survey.json is rewritten after every rank, so that a survey that was stopped goes on
 * where it was; it also says of which matrix it is and with which options, and nothing else joins it.
 */
#ifndef CLI_SURVEY_H
#define CLI_SURVEY_H

#include "options.h"

#include <jansson.h>

#define SURVEY_JSON "survey.json"

/* Every file that is written. */
#define SURVEY_FILES SURVEY_JSON, "survey.csv", "ranks.svg", "ranks.png"

typedef struct survey {
    const char *path;
    json_t *head; /* what survey.json says besides its rows and what they suggest */
    nmf_rank_row *rows;
    int64_t count;
} survey;

/*
 * Begin one, or go on with the one in the folder `path`, which must outlive it; to be closed in any case. Refuses one
 * of another matrix, with other options, or that cannot be read. Complains.
 */
nmf_status survey_open(nmf_context *context, const cli_settings *settings, const nmf_matrix *matrix, const char *path,
                       survey *all);

/* The row of a rank, or NULL where it is still to be found. */
const nmf_rank_row *survey_row(const survey *all, int64_t rank);

/* Take in a row of a rank that has none, and write survey.json. Complains. */
nmf_status survey_add(nmf_context *context, survey *all, const nmf_rank_row *row);

/* Write the table and the pictures, of all rows. Complains. */
nmf_status survey_draw(nmf_context *context, const survey *all);

/* The content of survey.json. */
json_t *survey_json(const survey *all);

void survey_close(survey *all);

#endif
