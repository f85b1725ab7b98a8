/* Files with one name a line. */
#ifndef NMF_IO_NAME_LINES_H
#define NMF_IO_NAME_LINES_H

#include "base/names.h"

/*
 * The first `most` lines of a file as names, empty ones too; name i stands in line i + 1. *more says whether anything
 * but blank lines follows. The list, empty before, stays so on failure.
 */
nmf_status name_lines_read(nmf_context *context, const char *path, int64_t most, names *list, bool *more);

#endif
