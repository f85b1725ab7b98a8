#include "io/bytes/sink.h"
#include "io/bytes/descriptor.h"
#include "io/bytes/packing.h"
#include "io/bytes/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

enum { BLOCK = 1 << 18, PRINT_AT_MOST = 512, NAMES_TRIED = 100 };

struct sink {
    nmf_context *context;
    char *path;      /* as the caller said it */
    char *final;     /* what is renamed to: `path` with links followed; NULL when written to directly */
    char *temporary; /* NULL: nothing to remove */
    const char *why; /* of an unnamed file: why it is needed */
    int fd;
    mode_t mode;     /* the permissions of the file that is replaced */
    bool replaces;   /* there is one */
    bool taken_over; /* someone else writes the temporary file */
    int64_t written;
    int64_t used;
    char *block;        /* BLOCK bytes, `used` of them waiting to be written */
    const packing *how; /* NULL: bytes are written as they are */
    packer packed;
};

static nmf_status fail_output(const sink *out, const char *what, int error) {
    bool standard = strcmp(out->path, SINK_STANDARD) == 0;
    if (out->why) {
        return spool_fail(out->context, out->path, out->why, error);
    }
    return fail(out->context, NMF_ERROR_OUTPUT, "%s could not be %s: %s", standard ? "standard output" : out->path,
                what, strerror(error));
}

static nmf_status text_new(nmf_context *context, size_t bytes, char **text) {
    int64_t room = 0;
    return buffer_reserve(context, (void **)text, &room, (int64_t)bytes, 1, "writing a file");
}

static nmf_status text_copy(nmf_context *context, const char *from, char **text) {
    size_t bytes = strlen(from) + 1;
    nmf_status status = text_new(context, bytes, text);
    if (status == NMF_OK) {
        memcpy(*text, from, bytes);
    }
    return status;
}

static int open_again(const char *path, int flags, mode_t mode) {
    int fd;
    do {
        fd = open(path, flags | O_CLOEXEC, mode);
    } while (fd < 0 && errno == EINTR);
    return fd;
}

/* A descriptor's name stands for what is open already, which a rename would not reach. */
static bool names_descriptor(const char *path) {
    return strcmp(path, "/dev/stdout") == 0 || strcmp(path, "/dev/stderr") == 0 || strncmp(path, "/dev/fd/", 8) == 0 ||
           strncmp(path, "/proc/", 6) == 0;
}

/* Pipes, terminals and the like are written to as they are. */
static nmf_status open_direct(sink *out) {
    out->fd = open_again(out->path, O_WRONLY | O_APPEND, 0);
    return out->fd < 0 ? fail_output(out, "opened for writing", errno) : NMF_OK;
}

/* A new file in the directory of `final`, under a name nobody has. */
static nmf_status open_temporary(sink *out) {
    const char *slash = strrchr(out->final, '/');
    int directory = slash ? (int)(slash - out->final) + 1 : 0;
    size_t room = (size_t)directory + 80;
    char *name = NULL;
    nmf_status status = text_new(out->context, room, &name);
    if (status != NMF_OK) {
        return status;
    }
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    for (int i = 0; i < NAMES_TRIED; i++) {
        snprintf(name, room, "%.*s.nmf-%ld-%ld-%d.tmp", directory, out->final, (long)getpid(), now.tv_nsec, i);
        out->fd = open_again(name, O_WRONLY | O_CREAT | O_EXCL, 0666);
        if (out->fd >= 0) {
            out->temporary = name;
            return NMF_OK;
        }
        if (errno != EEXIST) {
            break;
        }
    }
    status = fail_output(out, "written", errno);
    buffer_free(out->context, name);
    return status;
}

/* A file that is replaced keeps its permissions, and a link to it stays a link. */
static nmf_status open_beside(sink *out, const struct stat *old) {
    char real[PATH_MAX];
    bool linked = old && realpath(out->path, real);
    nmf_status status = text_copy(out->context, linked ? real : out->path, &out->final);
    if (status == NMF_OK) {
        status = open_temporary(out);
    }
    out->replaces = old != NULL;
    out->mode = old ? old->st_mode & 0777 : 0;
    return status;
}

static nmf_status open_standard(sink *out) {
    do {
        out->fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
    } while (out->fd < 0 && errno == EINTR);
    return out->fd < 0 ? fail_output(out, "opened for writing", errno) : NMF_OK;
}

static nmf_status open_fitting(sink *out) {
    struct stat about;
    if (strcmp(out->path, SINK_STANDARD) == 0) {
        return open_standard(out);
    }
    bool exists = stat(out->path, &about) == 0;
    if (exists && S_ISDIR(about.st_mode)) {
        return fail_output(out, "written", EISDIR);
    }
    if (exists && (!S_ISREG(about.st_mode) || names_descriptor(out->path))) {
        return open_direct(out);
    }
    return open_beside(out, exists ? &about : NULL);
}

static nmf_status write_all(void *user, const void *bytes, size_t count) {
    sink *out = user;
    int error = descriptor_write(out->fd, bytes, count);
    if (error != 0) {
        return fail_output(out, "written", error);
    }
    out->written += (int64_t)count;
    return watched(out->context, out->path, out->written, -1);
}

static nmf_status open_packing(sink *out) {
    const packing *how = packing_of(out->path);
    if (!how) {
        return NMF_OK;
    }
    out->packed = (packer){.context = out->context, .put = write_all, .user = out};
    nmf_status status = how->pack_open(&out->packed);
    out->how = status == NMF_OK ? how : NULL;
    return status;
}

static nmf_status open_unnamed(sink *out) {
    out->fd = spool_open();
    return out->fd < 0 ? fail_output(out, "written", errno) : NMF_OK;
}

static nmf_status sink_new(nmf_context *context, const char *path, const char *why, sink **result) {
    int64_t room = 0;
    sink *out = NULL;
    *result = NULL;
    nmf_status status = buffer_reserve(context, (void **)&out, &room, 1, sizeof *out, "writing a file");
    if (status != NMF_OK) {
        return status;
    }
    *out = (sink){.context = context, .fd = -1, .why = why};
    status = text_copy(context, path, &out->path);
    if (status == NMF_OK) {
        status = text_new(context, BLOCK, &out->block);
    }
    if (status == NMF_OK) {
        status = why ? open_unnamed(out) : open_fitting(out);
    }
    if (status != NMF_OK) {
        sink_abandon(out);
        return status;
    }
    *result = out;
    return NMF_OK;
}

nmf_status sink_open_unnamed(nmf_context *context, const char *path, const char *why, sink **out) {
    return sink_new(context, path, why, out);
}

nmf_status sink_open(nmf_context *context, const char *path, sink **result) {
    sink *out;
    nmf_status status = sink_new(context, path, NULL, &out);
    *result = NULL;
    if (status == NMF_OK) {
        status = open_packing(out);
    }
    if (status != NMF_OK) {
        sink_abandon(out);
        return status;
    }
    *result = out;
    return NMF_OK;
}

nmf_context *sink_context(const sink *out) {
    return out->context;
}

const char *sink_path(const sink *out) {
    return out->path;
}

static nmf_status put(sink *out, const void *bytes, size_t count, bool last) {
    return out->how ? out->how->pack(&out->packed, bytes, count, last) : write_all(out, bytes, count);
}

static nmf_status flush(sink *out, bool last) {
    nmf_status status = put(out, out->block, (size_t)out->used, last);
    out->used = 0;
    return status;
}

nmf_status sink_write(sink *out, const void *bytes, size_t count) {
    if (count > (size_t)(BLOCK - out->used)) {
        nmf_status status = flush(out, false);
        if (status != NMF_OK) {
            return status;
        }
    }
    if (count >= BLOCK) {
        return put(out, bytes, count, false);
    }
    if (count > 0) {
        memcpy(out->block + out->used, bytes, count);
        out->used += (int64_t)count;
    }
    return NMF_OK;
}

nmf_status sink_printf(sink *out, const char *format, ...) {
    char text[PRINT_AT_MOST];
    va_list arguments;
    va_start(arguments, format);
    int count = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (count < 0 || count >= PRINT_AT_MOST) {
        return fail_output(out, "written", EOVERFLOW);
    }
    return sink_write(out, text, (size_t)count);
}

nmf_status sink_expect(const sink *out, double bytes) {
    struct statvfs disk;
    if (!sink_patchable(out) || fstatvfs(out->fd, &disk) != 0) {
        return NMF_OK;
    }
    double there = (double)disk.f_bavail * (double)disk.f_frsize;
    return bytes <= there
               ? NMF_OK
               : fail(out->context, NMF_ERROR_OUTPUT,
                      "%s would take %.1f GB at least, and its disk has %.1f GB free; a sparse format (mtx, npz, "
                      "svmlight) takes only what is not zero, and .gz or .zst after the name packs it",
                      out->path, bytes / 1e9, there / 1e9);
}

bool sink_patchable(const sink *out) {
    return (out->temporary || out->why) && !out->how;
}

nmf_status sink_patch(sink *out, const void *bytes, size_t count) {
    nmf_status status = flush(out, false);
    if (status == NMF_OK && lseek(out->fd, 0, SEEK_SET) != 0) {
        status = fail_output(out, "written", errno);
    }
    if (status == NMF_OK) {
        status = write_all(out, bytes, count);
    }
    if (status == NMF_OK && lseek(out->fd, 0, SEEK_END) < 0) {
        status = fail_output(out, "written", errno);
    }
    return status;
}

nmf_status sink_take_over(sink *out, const char **path) {
    if (!sink_patchable(out)) {
        return fail(out->context, NMF_ERROR_USAGE,
                    "%s cannot be written in this format: it must be a plain file, not a pipe and not packed",
                    strcmp(out->path, SINK_STANDARD) == 0 ? "the standard output" : out->path);
    }
    out->taken_over = true;
    *path = out->temporary;
    return NMF_OK;
}

/* The file under the temporary name may be another one by now. */
static nmf_status open_taken_over(sink *out) {
    close(out->fd);
    out->fd = open_again(out->temporary, O_RDONLY, 0);
    return out->fd < 0 ? fail_output(out, "written", errno) : NMF_OK;
}

static nmf_status keep_permissions(const sink *out) {
    if (out->replaces && fchmod(out->fd, out->mode) != 0) {
        return fail_output(out, "given the permissions of the file it replaces", errno);
    }
    return NMF_OK;
}

/* What is not a file cannot always be synced, and need not be. */
static nmf_status sync_file(const sink *out) {
    int result;
    do {
        result = fsync(out->fd);
    } while (result != 0 && errno == EINTR);
    return result != 0 && out->temporary ? fail_output(out, "written to the disk", errno) : NMF_OK;
}

static nmf_status close_file(sink *out) {
    int result = close(out->fd);
    out->fd = -1;
    return result != 0 && errno != EINTR ? fail_output(out, "written", errno) : NMF_OK;
}

/* So that the new name survives a power cut; a file system that cannot do this still has the file. */
static void sync_directory(sink *out) {
    char *slash = strrchr(out->final, '/');
    if (slash) {
        slash[slash == out->final] = '\0';
    }
    int fd = open_again(slash ? out->final : ".", O_RDONLY | O_DIRECTORY, 0);
    if (fd >= 0) {
        fsync(fd);
        close(fd);
    }
}

static nmf_status rename_file(sink *out) {
    if (!out->temporary) {
        return NMF_OK;
    }
    if (rename(out->temporary, out->final) != 0) {
        return fail_output(out, "written", errno);
    }
    buffer_free(out->context, out->temporary);
    out->temporary = NULL;
    sync_directory(out);
    return NMF_OK;
}

nmf_status sink_commit(sink *out) {
    nmf_status status = out->taken_over ? open_taken_over(out) : flush(out, true);
    if (status == NMF_OK) {
        status = keep_permissions(out);
    }
    if (status == NMF_OK) {
        status = sync_file(out);
    }
    if (status == NMF_OK) {
        status = close_file(out);
    }
    if (status == NMF_OK) {
        status = rename_file(out);
    }
    sink_abandon(out);
    return status;
}

nmf_status sink_keep(sink *out, int *fd) {
    nmf_status status = flush(out, true);
    *fd = status == NMF_OK ? out->fd : -1;
    out->fd = status == NMF_OK ? -1 : out->fd;
    sink_abandon(out);
    return status;
}

void sink_abandon(sink *out) {
    if (!out) {
        return;
    }
    if (out->how) {
        out->how->pack_close(&out->packed);
    }
    if (out->fd >= 0) {
        close(out->fd);
    }
    if (out->temporary) {
        unlink(out->temporary);
    }
    buffer_free(out->context, out->temporary);
    buffer_free(out->context, out->final);
    buffer_free(out->context, out->block);
    buffer_free(out->context, out->path);
    buffer_free(out->context, out);
}

nmf_status sink_finish(sink *out, nmf_status written) {
    if (written == NMF_OK) {
        return sink_commit(out);
    }
    sink_abandon(out);
    return written;
}
