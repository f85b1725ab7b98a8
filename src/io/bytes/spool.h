/* The rest of a stream as an unnamed file on disk, for readers that must seek. */
#ifndef NMF_IO_SPOOL_H
#define NMF_IO_SPOOL_H

#include "io/bytes/stream.h"

/* Copy what the stream has not handed out yet to a file without a name, in $TMPDIR or /tmp. */
nmf_status spool(stream *in, int *fd);

#endif
