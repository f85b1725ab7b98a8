/* A Matrix Market file that the processes of a crowd read together: each the lines that begin in its share of bytes. */
#include "base/crowd.h"
#include "io/bytes/descriptor.h"
#include "io/mtx/mtx.h"
#include "io/values.h"
#include "matrix/scattered.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* What a process says of its share. */
typedef struct tally {
    int64_t failed, lines, found;            /* lines of the file, and those of entries among them */
    int64_t rows, cols, entries, begin, end; /* as it sees the file */
} tally;

typedef struct share_file {
    nmf_context *context;
    char *path;
    int fd;
    nmf_read_options how;
    mtx_header header;
    int64_t begin, end; /* bytes in which lines of entries may be */
    tally *told;        /* of every process */
    int64_t *bytes;     /* of each of those */
} share_file;

/* Bytes of the file from `at` up to `end`. */
typedef struct stretch {
    const share_file *file;
    int64_t at, end;
} stretch;

bool mtx_has_shares(const mtx_reader *r) {
    const mtx_header *header = &r->header;
    const nmf_crowd *crowd = context_crowd(r->context);
    return crowd && header->sparse && header->rows >= crowd->count && header->cols >= crowd->count;
}

static nmf_status fail_bytes(const share_file *file, int error) {
    return error == DESCRIPTOR_SHORT
               ? fail(file->context, NMF_ERROR_INPUT, "%s has shrunk since it was opened", file->path)
               : fail(file->context, NMF_ERROR_INPUT, "%s could not be read: %s", file->path, strerror(error));
}

static nmf_status read_bytes(void *user, void *bytes, size_t room, size_t *got) {
    stretch *s = user;
    int64_t left = s->end - s->at;
    *got = (size_t)left < room ? (size_t)left : room;
    int error = descriptor_read_at(s->file->fd, bytes, *got, s->at);
    s->at += (int64_t)*got;
    return error == 0 ? NMF_OK : fail_bytes(s->file, error);
}

/* Where the first line begins that does not begin before byte `at`. */
static nmf_status find_line(const share_file *file, int64_t at, int64_t *begin) {
    char some[4096];
    *begin = at;
    for (int64_t next = at - 1; at > file->begin && next < file->end; next += (int64_t)sizeof some) {
        int64_t left = file->end - next;
        size_t count = left < (int64_t)sizeof some ? (size_t)left : sizeof some;
        int error = descriptor_read_at(file->fd, some, count, next);
        const char *found = error == 0 ? memchr(some, '\n', count) : NULL;
        if (error != 0 || found) {
            *begin = found ? next + (found - some) + 1 : at;
            return error == 0 ? NMF_OK : fail_bytes(file, error);
        }
        *begin = file->end;
    }
    return NMF_OK;
}

/* Of this process. */
static nmf_status find_share(const share_file *file, stretch *share) {
    const nmf_crowd *crowd = context_crowd(file->context);
    int64_t bounds[2];
    nmf_status status = NMF_OK;
    for (int t = 0; t < 2 && status == NMF_OK; t++) {
        int64_t at = file->begin + crowd_share(crowd, file->end - file->begin, crowd->rank + t);
        status = find_line(file, at, &bounds[t]);
    }
    *share = (stretch){file, status == NMF_OK ? bounds[0] : 0, status == NMF_OK ? bounds[1] : 0};
    return status;
}

/* Fewer entries than were promised, as is known where the last share comes `after` all others. */
static nmf_status check_end(const mtx_reader *r, bool after) {
    if (!after) {
        return NMF_OK;
    }
    return r->found < r->header.entries
               ? mtx_fail_short(r, r->found, r->header.entries)
               : fail(r->context, NMF_ERROR_INPUT, "%s has changed while it was read", stream_path(r->in));
}

static nmf_status read_lines(const share_file *file, const stretch *share, mtx_reader *r, bool after) {
    nmf_status status =
        mtx_expect(r, file->header.entries / context_crowd(file->context)->count + 1, share->end - share->at);
    if (status == NMF_OK) {
        status = mtx_read_entries(r);
    }
    return status == NMF_OK ? check_end(r, after) : status;
}

/* This process's share, in the reader's count `after` those before it, or by itself. */
static nmf_status read_share(const share_file *file, mtx_reader *r, bool after, triplet_list *own) {
    stretch share;
    nmf_status status = find_share(file, &share);
    const stream_source from = {
        .read = read_bytes, .user = &share, .plain = true, .bytes = share.end - share.at, .lines = r->number};
    if (status == NMF_OK) {
        status = stream_open_source(file->context, file->path, from, &r->in);
    }
    if (status != NMF_OK) {
        return status;
    }
    r->all = (entries){.in = r->in, .how = &file->how};
    status = read_lines(file, &share, r, after);
    if (status == NMF_OK) {
        *own = (triplet_list){r->all.list, r->all.count, r->all.room};
        r->all.list = NULL;
    }
    entries_free(&r->all);
    stream_close(r->in);
    return status;
}

static bool see_one_file(const share_file *file) {
    const tally *one = &file->told[0];
    bool same = true;
    for (int64_t r = 1; r < context_crowd(file->context)->count; r++) {
        const tally *other = &file->told[r];
        same &= other->rows == one->rows && other->cols == one->cols && other->entries == one->entries &&
                other->begin == one->begin && other->end == one->end;
    }
    return same;
}

/* The first process that knows of a failure, and how far `r` is before its share; -1: there is none. */
static int64_t find_speaker(const share_file *file, mtx_reader *r) {
    int64_t last = context_crowd(file->context)->count - 1, promised = file->header.entries;
    for (int64_t t = 0; t <= last; t++) {
        const tally *told = &file->told[t];
        bool bad = told->failed || r->found + told->found > promised;
        if (bad || (t == last && r->found + told->found < promised)) {
            return t;
        }
        r->number += told->lines;
        r->found += told->found;
    }
    return -1;
}

/* Only who knows what came before a share can say which line is wrong: it is read again. */
static nmf_status read_again(const share_file *file, nmf_status status, mtx_reader *r) {
    triplet_list none;
    return status == NMF_OK || status == NMF_ERROR_INPUT ? read_share(file, r, true, &none) : status;
}

static nmf_status agree(const share_file *file, nmf_status status) {
    const nmf_crowd *crowd = context_crowd(file->context);
    mtx_reader r = {.context = file->context, .header = file->header, .number = file->header.size_line};
    if (!see_one_file(file)) {
        return nmf_context_agree(file->context, fail(file->context, NMF_ERROR_INPUT,
                                                     "%s is not the same file to all processes", file->path));
    }
    int64_t speaker = find_speaker(file, &r);
    if (speaker < 0) {
        return NMF_OK;
    }
    if (speaker == crowd->rank) {
        status = read_again(file, status, &r);
    }
    return crowd_follow(file->context, speaker, status);
}

static nmf_status read_own(void *user, triplet_list *own) {
    share_file *file = user;
    const nmf_crowd *crowd = context_crowd(file->context);
    const mtx_header *header = &file->header;
    mtx_reader r = {.context = file->context, .header = *header};
    nmf_status status = read_share(file, &r, false, own);
    tally told = {status != NMF_OK, r.number,        r.found,     header->rows,
                  header->cols,     header->entries, file->begin, file->end};
    for (int64_t t = 0; t < crowd->count; t++) {
        file->bytes[t] = (int64_t)sizeof told;
    }
    crowd->gather(crowd->user, &told, file->bytes, file->told);
    crowd->wait(crowd->user);
    return agree(file, status);
}

static nmf_status read_whole(void *user, nmf_matrix **whole) {
    const share_file *file = user;
    return nmf_matrix_read(file->context, file->path, &file->how, whole);
}

static void close_file(void *user) {
    share_file *file = user;
    if (file->fd >= 0) {
        close(file->fd);
    }
    array_free(file->context, file->path);
    array_free(file->context, file->told);
    array_free(file->context, file->bytes);
    array_free(file->context, file);
}

static nmf_status fill_file(const mtx_reader *r, const nmf_read_options *how, share_file *file) {
    const int64_t path_bytes = (int64_t)strlen(stream_path(r->in)) + 1, processes = context_crowd(r->context)->count;
    *file = (share_file){.context = r->context,
                         .fd = fcntl(stream_mappable(r->in), F_DUPFD_CLOEXEC, 0),
                         .how = {.dtype = how->dtype, .allowed = how->allowed},
                         .header = r->header,
                         .begin = stream_offset(r->in),
                         .end = stream_file_bytes(r->in)};
    nmf_status status = NMF_OK;
    if (file->fd < 0) {
        status = fail(r->context, NMF_ERROR_INPUT, "%s cannot be kept open: %s", stream_path(r->in), strerror(errno));
    }
    if (status == NMF_OK) {
        status = array_new(r->context, path_bytes, 1, "the name of a file", (void **)&file->path);
    }
    if (status == NMF_OK) {
        memcpy(file->path, stream_path(r->in), (size_t)path_bytes);
        status = array_new(r->context, processes, sizeof *file->told, "shares of a file", (void **)&file->told);
    }
    return status == NMF_OK
               ? array_new(r->context, processes, sizeof *file->bytes, "shares of a file", (void **)&file->bytes)
               : status;
}

nmf_status mtx_scatter(const mtx_reader *r, const nmf_read_options *how, nmf_matrix **matrix) {
    const mtx_header *header = &r->header;
    share_file *file;
    nmf_status status = array_new(r->context, 1, sizeof *file, "a file", (void **)&file);
    if (status != NMF_OK) {
        return status;
    }
    status = fill_file(r, how, file);
    if (status == NMF_OK) {
        status = shape_check_bytes(r->context, file->path, header->rows, header->cols, file->end);
    }
    if (status != NMF_OK) {
        close_file(file);
        return status;
    }
    const share_source source = {file->path, read_own, read_whole, close_file, file};
    const nmf_matrix_info info = {.rows = header->rows,
                                  .cols = header->cols,
                                  .stored = mtx_most_entries(header, header->entries, file->end - file->begin),
                                  .dtype = how->dtype,
                                  .source = header->source};
    return matrix_new_scattered(r->context, &info, how->allowed, &source, matrix);
}
