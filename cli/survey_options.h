/* The options that the numbers of a survey depend on. */
#ifndef CLI_SURVEY_OPTIONS_H
#define CLI_SURVEY_OPTIONS_H

#include "options.h"

#include <jansson.h>

/* What was asked for, defaults too where they do not depend on the solver; of matrices their hashes. */
json_t *survey_options(const cli_settings *settings);

/* "--seed 1 there and 0 here, …", of options that differ; NULL where none does. To be freed. */
char *survey_options_differ(const json_t *there, const json_t *here);

#endif
