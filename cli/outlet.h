/* Where a table of text goes: to the standard output as it comes, or to a file, which appears whole or not at all. */
#ifndef CLI_OUTLET_H
#define CLI_OUTLET_H

#include "nmf/nmf.h"

#include <stdio.h>

typedef struct outlet {
    FILE *to;
    const char *path; /* NULL: the standard output */
    char *text;       /* of a file, until it is whole */
    size_t bytes;
} outlet;

/* Refuse a file that is read: one of `inputs`, a path or NULL each, or a part of the result in `folder`. Complains. */
nmf_status outlet_spare(const char *path, const char *folder, const char *const *inputs, int count);

/* `path` NULL or "-": the standard output. */
void outlet_open(outlet *out, const char *path);

/* Write what is left, and free; where `status`, of what was to be printed, is a failure, no file is written. Complains.
 */
nmf_status outlet_close(nmf_context *context, outlet *out, nmf_status status);

/* A number with the digits that read back as the same one. */
void outlet_number(outlet *out, double value);

#endif
