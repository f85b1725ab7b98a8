/* A subcommand: one file, one table like this; main.c lists them. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "options.h"

typedef struct subcommand {
    const char *name;
    const char *summary;   /* one line, for the list of commands */
    const char *arguments; /* "FILE", "DIR FILE": as many words as it takes; "[FILE]": may be left out */
    const char *usage;     /* what follows the arguments in the usage line */
    const char *more;      /* what the long help says above the options, in lines */
    const char *const
        *fit; /* options it takes from the library's table, NULL-ended; "*": every one, "-NAME": but this */
    const own_option *const *own; /* options of the command alone, NULL-ended */
    bool several;                 /* several processes can do it together (nmf-mpi) */
    nmf_status (*run)(nmf_context *context, cli_settings *settings);
} subcommand;

extern const subcommand command_fit, command_info, command_convert, command_transform, command_top, command_draw,
    command_predict, command_recommend, command_rank, command_consensus, command_plan;

#endif
