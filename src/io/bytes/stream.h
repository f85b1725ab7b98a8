/* A file read from front to back, unpacked on the way where it is packed; knows where it is, for messages. */
#ifndef NMF_IO_STREAM_H
#define NMF_IO_STREAM_H

#include "base/context.h"

typedef struct stream stream;

/* Open `path`; packings (io/bytes/packing.h) are recognised by their first bytes. STREAM_STANDARD is the standard
 * input. */
#define STREAM_STANDARD "-"
nmf_status stream_open(nmf_context *context, const char *path, stream **out);

/* Bytes that come from elsewhere than a file of their own: a member of an archive, another process. */
typedef struct stream_source {
    /* Up to `room` bytes, at least one unless there are no more. A failure has its sentence. */
    nmf_status (*read)(void *user, void *bytes, size_t room, size_t *got);
    void (*close)(void *user); /* NULL: nothing to do; called also where the opening fails */
    void *user;
    bool plain;    /* never packed, whatever the first bytes look like */
    int64_t bytes; /* how many there are; 0: that is not known */
    int64_t lines; /* that stand before its first byte, for the numbers of its own */
} stream_source;

/* The same over a source; `name` stands for the path in messages. */
nmf_status stream_open_source(nmf_context *context, const char *name, stream_source from, stream **out);

void stream_close(stream *in);

nmf_context *stream_context(const stream *in);
const char *stream_path(const stream *in);

/* Bytes of the file on disk; -1 where it has no size (a pipe). */
int64_t stream_file_bytes(const stream *in);

/* How much of the file has been read, above 0 and up to 1; 1 where that is not known. */
double stream_fraction(const stream *in);

/* Is the file plain (not packed) and of a known size, so that it can be mapped? Its descriptor, or -1. */
int stream_mappable(const stream *in);

/*
 * A descriptor of the whole stream as a file that can be sought in: the file itself where it is plain, else an unnamed
 * copy of everything not handed out yet, unpacked. It is the stream's own and lasts as long.
 */
nmf_status stream_seekable(stream *in, int *fd);

/* Bytes handed out so far, of the unpacked data. */
int64_t stream_offset(const stream *in);

/* Count bytes as handed out that came by way of stream_seekable's descriptor. */
void stream_count(stream *in, int64_t bytes);

/* The next bytes without taking them: up to `want`, fewer only at the end. `want` at most STREAM_PEEK. */
enum { STREAM_PEEK = 4096 };
nmf_status stream_peek(stream *in, size_t want, const unsigned char **bytes, size_t *got);

/* Read up to `want` bytes; `got` < `want` only at the end. A cut or damaged packing is a failure, not an end. */
nmf_status stream_read(stream *in, void *bytes, size_t want, size_t *got);

/*
 * The next line without its end ("\n" or "\r\n"), NUL-terminated, in memory of the stream's that lasts until the next
 * call; *line is NULL at the end. `number` counts lines from 1. A line beyond STREAM_LINE_LIMIT bytes is a failure.
 */
#define STREAM_LINE_LIMIT ((int64_t)1 << 30)
nmf_status stream_line(stream *in, char **line, size_t *length, int64_t *number);

#endif
