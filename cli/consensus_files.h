/* The folder of a consensus: that of a fit, and what only a consensus knows. */
#ifndef CLI_CONSENSUS_FILES_H
#define CLI_CONSENSUS_FILES_H

#include "options.h"

#include <jansson.h>

typedef struct consensus_files {
    const cli_settings *settings;
    const nmf_matrix *matrix;
    const nmf_consensus *consensus;
    const char *path;
} consensus_files;

/* The content of consensus.json. */
json_t *consensus_report(const consensus_files *files);

/* Is it of few enough samples for consensus.csv? */
bool consensus_has_table(const nmf_consensus_summary *found);

/* Write all of it, consensus.json and fit.json last. Complains. */
nmf_status consensus_write(nmf_context *context, const consensus_files *files, const json_t *report);

#endif
