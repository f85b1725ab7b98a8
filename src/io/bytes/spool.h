/* Unnamed files on disk, in $TMPDIR or /tmp: for what must be sought in, and for what does not fit in memory. */
#ifndef NMF_IO_SPOOL_H
#define NMF_IO_SPOOL_H

#include "io/bytes/stream.h"

/* A new one, empty; -1, and errno says why, where there can be none. */
int spool_open(void);

/* The failure of one that is needed to read `path`, which is so "as WHY". */
nmf_status spool_fail(nmf_context *context, const char *path, const char *why, int error);

/* Copy what the stream has not handed out yet to one. */
nmf_status spool(stream *in, int *fd);

#endif
