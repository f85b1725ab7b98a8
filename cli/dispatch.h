/* The command line: a subcommand with its options, from its words to its exit code. */
#ifndef CLI_DISPATCH_H
#define CLI_DISPATCH_H

#include "nmf/nmf.h"

/* What a program does first, and a context whose warnings are said. Complains. */
nmf_status dispatch_begin(nmf_context **context);

/* Run what argv[1] and on ask for. Complains. */
nmf_status dispatch(nmf_context *context, int argc, char **argv);

#endif
