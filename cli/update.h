/* nmf fit --update DIR NEW: the fit in a folder goes on with new columns. */
#ifndef CLI_UPDATE_H
#define CLI_UPDATE_H

#include "options.h"

/* Into DIR, or the folder that -o names. Complains. */
nmf_status update_run(nmf_context *context, cli_settings *settings);

#endif
