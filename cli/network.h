/* What a fit would take over several processes: nmf plan --ranks. */
#ifndef CLI_NETWORK_H
#define CLI_NETWORK_H

#include "options.h"

extern const own_option option_processes, option_network;

/* For the list of a subcommand's own options. */
#define NETWORK_OPTIONS &option_processes, &option_network

enum { NETWORK_COUNTS = 100 };

typedef struct network_request {
    int64_t count, processes[NETWORK_COUNTS]; /* in the order given; none: nobody asked */
    nmf_network network;
    const char *name; /* "100Gb,2us" */
    bool given;
} network_request;

/* Of --ranks and --network. Complains. */
nmf_status network_parse(const cli_settings *settings, network_request *request);

/*
 * Print a row, or an element of an array, for every number of processes, from what an iteration takes one of them.
 * Where so many cannot be used, it says so.
 */
void network_text(nmf_context *context, const nmf_options *fit, const nmf_matrix_info *info, double work_seconds,
                  const network_request *request);
void network_json(nmf_context *context, const nmf_options *fit, const nmf_matrix_info *info, double work_seconds,
                  const network_request *request);

#endif
