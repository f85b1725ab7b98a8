/* What a fit may be given besides its matrix: masks, weights, a graph, factors to hold or to begin from. */
#ifndef CLI_SIDES_H
#define CLI_SIDES_H

#include "options.h"

extern const own_option option_missing, option_mask, option_weights, option_graph_h, option_fix_w, option_fix_h,
    option_start;

/* For the list of a subcommand's own options. */
#define SIDE_OPTIONS                                                                                                   \
    &option_missing, &option_mask, &option_weights, &option_graph_h, &option_fix_w, &option_fix_h, &option_start

typedef struct sides {
    nmf_matrix *mask, *weights, *graph, *fix_w, *fix_h, *start_w, *start_h;
    nmf_matrix *turned_w, *turned_h; /* fix_w and fix_h in the order of A's names, where theirs is another */
    double *values_w, *values_h;
} sides;

/* Read all that settings name, and point the options of the fit to it. Complains. */
nmf_status sides_read(nmf_context *context, cli_settings *settings, sides *all);

/* Bring what is fixed into the order of A's names, where both have names. Complains of names that are not there. */
nmf_status sides_align(nmf_context *context, cli_settings *settings, const nmf_matrix *matrix, sides *all);

/* The name of component c of those that were given with names, else NULL. */
const char *sides_component(const sides *all, int64_t c);

/* Every file that is read, a path or NULL each. */
enum { SIDE_FILES = 5 };
void sides_files(const cli_settings *settings, const char *files[SIDE_FILES]);

void sides_free(sides *all);

#endif
