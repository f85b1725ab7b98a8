/*
 * A file written as a whole or not at all: beside its name first, then synced and renamed. Packed on the way where its
 * name ends in .gz or .zst (io/bytes/packing.h).
 */
#ifndef NMF_IO_SINK_H
#define NMF_IO_SINK_H

#include "base/context.h"

typedef struct sink sink;

/* SINK_STANDARD is the standard output. */
#define SINK_STANDARD "-"
nmf_status sink_open(nmf_context *context, const char *path, sink **out);
/*
 * An unnamed file on disk instead (io/bytes/spool.h), which is needed to read `path` "as WHY", for sentences. It ends
 * by sink_keep, which hands over its descriptor, or by sink_abandon.
 */
nmf_status sink_open_unnamed(nmf_context *context, const char *path, const char *why, sink **out);
/* All of it is in the file now. Frees the sink whatever happens. */
nmf_status sink_keep(sink *out, int *fd);

nmf_context *sink_context(const sink *out);

/* The name it was opened by, for messages. */
const char *sink_path(const sink *out);

/* Refuse what will take `bytes` at least, where the disk has less to give. Packed files and pipes are let pass. */
nmf_status sink_expect(const sink *out, double bytes);

nmf_status sink_write(sink *out, const void *bytes, size_t count);
nmf_status sink_printf(sink *out, const char *format, ...) NMF_PRINTF(2, 3);

/*
 * Write over the first bytes, of which there are `count` at least: for what is known only at the end. Only where
 * sink_patchable, which pipes and packed files are not.
 */
bool sink_patchable(const sink *out);
nmf_status sink_patch(sink *out, const void *bytes, size_t count);

/*
 * The name of the file that waits to be renamed, for a writer that fills or replaces it by itself; nothing may have
 * been written. Fails for what is not to become a plain file: pipes, packed files.
 */
nmf_status sink_take_over(sink *out, const char **path);

/* Flush, sync, rename: the file now stands under its name. Frees the sink whatever happens. */
nmf_status sink_commit(sink *out);

/* Leave nothing behind; accepts NULL. */
void sink_abandon(sink *out);

/* One of the two, by what the writing came to. */
nmf_status sink_finish(sink *out, nmf_status written);

#endif
