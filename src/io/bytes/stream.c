#include "io/bytes/stream.h"
#include "io/bytes/packing.h"
#include "io/bytes/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Bytes that are read at a time. The fuzzer has few, so that short files cross many borders between them. */
#ifndef STREAM_BLOCK
#define STREAM_BLOCK (1 << 18)
#endif

enum { READ_AT_MOST = 1 << 30 };

struct stream {
    nmf_context *context;
    char *path;
    stream_source from;
    int fd;             /* -1: not a file */
    int spooled;        /* the descriptor of a copy that can be sought in; -1: none */
    int64_t file_bytes; /* -1: not known */
    int64_t raw_bytes;  /* that came from the source so far */
    int64_t unpacked;   /* that they were unpacked to */
    int64_t taken;      /* handed out so far, unpacked */
    int64_t lines;
    bool ended;   /* everything is in the window */
    bool counted; /* what was read is not the measure of what was handed out */

    /* Unpacked bytes not handed out yet: window[begin … end-1]; one byte more is kept free for a NUL. */
    char *window;
    int64_t begin, end, room;

    const packing *how; /* NULL: the bytes are as they are */
    unpacking packed;
    unsigned char *piece; /* of the file, where it is packed */
    int64_t piece_room;
};

static nmf_status read_descriptor(void *user, void *bytes, size_t room, size_t *got) {
    const stream *in = user;
    ssize_t count;
    do {
        count = read(in->fd, bytes, room < READ_AT_MOST ? room : READ_AT_MOST);
    } while (count < 0 && errno == EINTR);
    *got = count > 0 ? (size_t)count : 0;
    if (count < 0) {
        return fail(in->context, NMF_ERROR_INPUT, "%s could not be read after byte %lld: %s", in->path,
                    (long long)in->raw_bytes, strerror(errno));
    }
    return NMF_OK;
}

/* At least one byte unless the source has ended. */
static nmf_status read_source(stream *in, void *bytes, size_t room, size_t *got) {
    nmf_status status = in->from.read(in->from.user, bytes, room, got);
    in->raw_bytes += (int64_t)*got;
    return status == NMF_OK ? watched(in->context, in->path, in->raw_bytes, in->file_bytes) : status;
}

/* More packed bytes; sets `ended` where there are none, which only the end of a piece may be followed by. */
static nmf_status read_packed(stream *in) {
    size_t got;
    nmf_status status = read_source(in, in->piece, (size_t)in->piece_room, &got);
    in->packed.next = in->piece;
    in->packed.left = got;
    in->packed.read = in->raw_bytes;
    if (status != NMF_OK || got > 0) {
        return status;
    }
    if (in->packed.between) {
        in->ended = true;
        return NMF_OK;
    }
    return fail(in->context, NMF_ERROR_INPUT,
                "%s is cut short: its %s data ends at byte %lld without the end that %s writes", in->path,
                in->how->name, unpacking_at(&in->packed), in->how->name);
}

static nmf_status pull_packed(stream *in, void *bytes, size_t room, size_t *got) {
    nmf_status status = NMF_OK;
    *got = 0;
    while (status == NMF_OK && *got == 0 && !in->ended) {
        status = in->packed.left == 0 ? read_packed(in) : in->how->some(&in->packed, bytes, room, got);
    }
    in->unpacked += (int64_t)*got;
    return status == NMF_OK ? unpacked_check(in->context, in->path, in->how->name, in->raw_bytes, in->unpacked)
                            : status;
}

/* The next unpacked bytes: at least one unless there are no more, which sets `ended`. */
static nmf_status pull(stream *in, void *bytes, size_t room, size_t *got) {
    *got = 0;
    if (in->ended || room == 0) {
        return NMF_OK;
    }
    nmf_status status = in->how ? pull_packed(in, bytes, room, got) : read_source(in, bytes, room, got);
    if (status == NMF_OK && *got == 0) {
        in->ended = true;
    }
    return status;
}

/* Add to the window, which grows when it is full of bytes not handed out yet. */
static nmf_status fill(stream *in) {
    if (in->begin > 0) {
        memmove(in->window, in->window + in->begin, (size_t)(in->end - in->begin));
        in->end -= in->begin;
        in->begin = 0;
    }
    if (in->end + 1 >= in->room) {
        nmf_status status = buffer_reserve(in->context, (void **)&in->window, &in->room, in->end + STREAM_BLOCK + 1, 1,
                                           "reading a file");
        if (status != NMF_OK) {
            return status;
        }
    }
    size_t got;
    nmf_status status = pull(in, in->window + in->end, (size_t)(in->room - 1 - in->end), &got);
    in->end += (int64_t)got;
    return status;
}

static nmf_status want_window(stream *in, size_t want) {
    nmf_status status = NMF_OK;
    while (status == NMF_OK && (size_t)(in->end - in->begin) < want && !in->ended) {
        status = fill(in);
    }
    return status;
}

/* If the first bytes are those of a packing, what was read so far becomes the packed bytes. */
static nmf_status recognise_packing(stream *in) {
    nmf_status status = want_window(in, sizeof packings[0]->magic);
    for (int i = 0; packings[i] && status == NMF_OK && !in->how; i++) {
        size_t bytes = packings[i]->magic_bytes;
        if ((size_t)in->end >= bytes && memcmp(in->window, packings[i]->magic, bytes) == 0) {
            in->how = packings[i];
        }
    }
    if (!in->how) {
        return status;
    }
    in->piece = (unsigned char *)in->window;
    in->piece_room = in->room;
    in->packed = (unpacking){
        .context = in->context, .path = in->path, .next = in->piece, .left = (size_t)in->end, .read = in->raw_bytes};
    in->window = NULL;
    in->begin = in->end = in->room = 0;
    in->ended = false;
    status = in->how->open(&in->packed);
    in->how = status == NMF_OK ? in->how : NULL;
    return status;
}

static nmf_status keep_path(stream *in, const char *path) {
    int64_t room = 0;
    size_t bytes = strlen(path) + 1;
    nmf_status status = buffer_reserve(in->context, (void **)&in->path, &room, (int64_t)bytes, 1, "the name of a file");
    if (status == NMF_OK) {
        memcpy(in->path, path, bytes);
    }
    return status;
}

static nmf_status open_file(stream *in, const char *path) {
    bool standard = strcmp(path, STREAM_STANDARD) == 0;
    do {
        in->fd = standard ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0) : open(path, O_RDONLY | O_CLOEXEC);
    } while (in->fd < 0 && errno == EINTR);
    struct stat about;
    if (in->fd < 0 || fstat(in->fd, &about) != 0) {
        return fail(in->context, NMF_ERROR_INPUT, "%s cannot be opened: %s", in->path, strerror(errno));
    }
    if (S_ISDIR(about.st_mode)) {
        return fail(in->context, NMF_ERROR_INPUT, "%s is a directory, not a file", in->path);
    }
    /* A size of 0 is also what /proc says of files that do hold something; of the standard input a part may be gone. */
    in->file_bytes = S_ISREG(about.st_mode) && about.st_size > 0 && !standard ? (int64_t)about.st_size : -1;
    return NMF_OK;
}

static nmf_status stream_new(nmf_context *context, const char *name, stream **out) {
    int64_t room = 0;
    *out = NULL;
    nmf_status status = buffer_reserve(context, (void **)out, &room, 1, sizeof **out, "reading a file");
    if (status != NMF_OK) {
        return status;
    }
    **out = (stream){.context = context, .fd = -1, .spooled = -1, .file_bytes = -1};
    return keep_path(*out, name);
}

/* The end of an opening: where it failed, nothing is left. */
static nmf_status opened(nmf_status status, stream **out) {
    if (status == NMF_OK && !(*out)->from.plain) {
        status = recognise_packing(*out);
    }
    if (status != NMF_OK) {
        stream_close(*out);
        *out = NULL;
    }
    return status;
}

nmf_status stream_open(nmf_context *context, const char *path, stream **out) {
    bool standard = strcmp(path, STREAM_STANDARD) == 0;
    nmf_status status = stream_new(context, standard ? "standard input" : path, out);
    if (status == NMF_OK) {
        (*out)->from = (stream_source){.read = read_descriptor, .user = *out};
        status = open_file(*out, path);
    }
    return opened(status, out);
}

nmf_status stream_open_source(nmf_context *context, const char *name, stream_source from, stream **out) {
    nmf_status status = stream_new(context, name, out);
    if (*out) {
        (*out)->from = from;
        (*out)->file_bytes = from.bytes > 0 ? from.bytes : -1;
        (*out)->lines = from.lines;
    } else if (from.close) {
        from.close(from.user);
    }
    return opened(status, out);
}

void stream_close(stream *in) {
    if (!in) {
        return;
    }
    if (in->how) {
        in->how->close(&in->packed);
    }
    if (in->from.close) {
        in->from.close(in->from.user);
    }
    if (in->fd >= 0) {
        close(in->fd);
    }
    if (in->spooled >= 0) {
        close(in->spooled);
    }
    buffer_free(in->context, in->window);
    buffer_free(in->context, in->piece);
    buffer_free(in->context, in->path);
    buffer_free(in->context, in);
}

nmf_context *stream_context(const stream *in) {
    return in->context;
}

const char *stream_path(const stream *in) {
    return in->path;
}

int64_t stream_file_bytes(const stream *in) {
    return in->file_bytes;
}

double stream_fraction(const stream *in) {
    bool partly = !in->counted && in->file_bytes > 0 && in->raw_bytes > 0 && in->raw_bytes < in->file_bytes;
    return partly ? (double)in->raw_bytes / (double)in->file_bytes : 1;
}

int stream_mappable(const stream *in) {
    return in->how || in->file_bytes < 0 ? -1 : in->fd;
}

nmf_status stream_seekable(stream *in, int *fd) {
    *fd = stream_mappable(in);
    if (*fd >= 0) {
        return NMF_OK;
    }
    nmf_status status = in->spooled < 0 ? spool(in, &in->spooled) : NMF_OK;
    *fd = in->spooled;
    return status;
}

int64_t stream_offset(const stream *in) {
    return in->taken;
}

void stream_count(stream *in, int64_t bytes) {
    in->taken += bytes;
    in->counted = true;
}

static void take(stream *in, int64_t count) {
    in->begin += count;
    in->taken += count;
}

nmf_status stream_peek(stream *in, size_t want, const unsigned char **bytes, size_t *got) {
    nmf_status status = want_window(in, want);
    size_t held = (size_t)(in->end - in->begin);
    *bytes = held > 0 ? (const unsigned char *)in->window + in->begin : (const unsigned char *)"";
    *got = held < want ? held : want;
    return status;
}

nmf_status stream_read(stream *in, void *bytes, size_t want, size_t *got) {
    size_t held = (size_t)(in->end - in->begin);
    size_t done = held < want ? held : want;
    if (done > 0) {
        memcpy(bytes, in->window + in->begin, done);
        take(in, (int64_t)done);
    }
    nmf_status status = NMF_OK;
    while (status == NMF_OK && done < want && !in->ended) {
        size_t more;
        status = pull(in, (char *)bytes + done, want - done, &more);
        done += more;
        in->taken += (int64_t)more;
    }
    *got = done;
    return status;
}

/* Bring the next line into the window: its bytes, and those of its end. */
static nmf_status find_line(stream *in, int64_t *length, int64_t *end) {
    int64_t seen = 0;
    for (;;) {
        int64_t held = in->end - in->begin;
        char *found = held > seen ? memchr(in->window + in->begin + seen, '\n', (size_t)(held - seen)) : NULL;
        if (found || in->ended) {
            *length = found ? found - (in->window + in->begin) : held;
            *end = found ? 1 : 0;
            return NMF_OK;
        }
        seen = held;
        if (seen > STREAM_LINE_LIMIT) {
            return fail(in->context, NMF_ERROR_INPUT, "%s, line %lld: the line is longer than %lld bytes", in->path,
                        (long long)in->lines + 1, (long long)STREAM_LINE_LIMIT);
        }
        nmf_status status = fill(in);
        if (status != NMF_OK) {
            return status;
        }
    }
}

nmf_status stream_line(stream *in, char **line, size_t *length, int64_t *number) {
    int64_t bytes = 0;
    int64_t end = 0;
    *line = NULL;
    *length = 0;
    nmf_status status = find_line(in, &bytes, &end);
    if (status != NMF_OK || bytes + end == 0) {
        return status;
    }
    char *begin = in->window + in->begin;
    take(in, bytes + end);
    if (bytes > 0 && begin[bytes - 1] == '\r') {
        bytes--;
    }
    begin[bytes] = '\0';
    *line = begin;
    *length = (size_t)bytes;
    *number = ++in->lines;
    return NMF_OK;
}
