#include "io/bytes/spool.h"
#include "io/bytes/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK = 1 << 16 };

static const char *folder(void) {
    const char *given = getenv("TMPDIR");
    return given && *given ? given : "/tmp";
}

nmf_status spool_fail(nmf_context *context, const char *path, const char *why, int error) {
    return fail(context, NMF_ERROR_INPUT,
                "%s must be put on disk to be read, as %s, and %s does not take it: %s (TMPDIR names another folder)",
                path, why, folder(), strerror(error));
}

static nmf_status fail_copy(const stream *in, int error) {
    return spool_fail(stream_context(in), stream_path(in), "it is packed or a pipe", error);
}

/* O_TMPFILE is not for every file system. */
int spool_open(void) {
    char name[PATH_MAX];
    int fd = open(folder(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0 || snprintf(name, sizeof name, "%s/nmf-XXXXXX", folder()) >= (int)sizeof name) {
        return fd;
    }
    fd = mkostemp(name, O_CLOEXEC);
    if (fd >= 0) {
        unlink(name);
    }
    return fd;
}

nmf_status spool(stream *in, int *fd) {
    char block[BLOCK];
    size_t got = 1;
    nmf_status status = NMF_OK;
    int file = spool_open();
    *fd = -1;
    if (file < 0) {
        return fail_copy(in, errno);
    }
    while (status == NMF_OK && got > 0) {
        status = stream_read(in, block, sizeof block, &got);
        if (status == NMF_OK) {
            int error = descriptor_write(file, block, got);
            status = error == 0 ? NMF_OK : fail_copy(in, error);
        }
    }
    if (status == NMF_OK && lseek(file, 0, SEEK_SET) != 0) {
        status = fail_copy(in, errno);
    }
    if (status != NMF_OK) {
        close(file);
        return status;
    }
    *fd = file;
    return NMF_OK;
}
