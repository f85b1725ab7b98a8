/* What was seen: the matrix whose entries are not to be recommended. */
#ifndef CLI_SEEN_H
#define CLI_SEEN_H

#include "model.h"
#include "options.h"

/* Do the options about it go together? What needs no file is told before one is read. Complains. */
nmf_status seen_check(const cli_settings *settings);

/*
 * Read --seen FILE or, without it, the file that the fit was made of; NULL with --all. It has a row for every row of W
 * and a column for every column of H. Refuses an --output that would take the place of what is read. Complains.
 */
nmf_status seen_read(nmf_context *context, const cli_settings *settings, const model *from, nmf_matrix **seen);

#endif
