/* Is there memory for what a file holds? */
#ifndef NMF_IO_SIZE_H
#define NMF_IO_SIZE_H

#include "io/bytes/stream.h"

/*
 * Refuse what does not fit in memory, before the system ends the program for it. What is small is let pass. The second
 * is for all that a file promises; the third for what has come of it so far, where the rest of its bytes is taken to
 * hold as much for every byte.
 */
nmf_status size_check(nmf_context *context, const char *path, double bytes);
nmf_status size_check_promised(const stream *in, int64_t count, size_t size);
nmf_status size_check_so_far(const stream *in, int64_t count, size_t size);

/* The bytes that the last of these holds against the memory there is. */
double size_so_far(const stream *in, int64_t count, size_t size);

#endif
