/* A file written as a whole or not at all: beside its name first, then synced and renamed. */
#ifndef NMF_IO_SINK_H
#define NMF_IO_SINK_H

#include "base/context.h"

typedef struct sink sink;

nmf_status sink_open(nmf_context *context, const char *path, sink **out);
nmf_context *sink_context(const sink *out);

nmf_status sink_write(sink *out, const void *bytes, size_t count);
nmf_status sink_printf(sink *out, const char *format, ...) NMF_PRINTF(2, 3);

/* Flush, sync, rename: the file now stands under its name. Frees the sink whatever happens. */
nmf_status sink_commit(sink *out);

/* Leave nothing behind; accepts NULL. */
void sink_abandon(sink *out);

#endif
