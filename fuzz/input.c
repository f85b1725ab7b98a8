#include "target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { AS_FILE = 0x10, IN_PIECES = 0x20, PIECE = 7 };

typedef struct pieces {
    const unsigned char *next;
    size_t left, at_most;
} pieces;

static nmf_status give(void *user, void *bytes, size_t room, size_t *got) {
    pieces *p = user;
    size_t count = p->left < p->at_most ? p->left : p->at_most;
    *got = count < room ? count : room;
    memcpy(bytes, p->next, *got);
    p->next += *got;
    p->left -= *got;
    return NMF_OK;
}

const char *input_file(const input *in) {
    static int fd = -1;
    static char path[40];
    if (fd < 0) {
        fd = memfd_create("input", MFD_CLOEXEC);
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    }
    if (fd < 0 || ftruncate(fd, 0) != 0 || pwrite(fd, in->bytes, in->count, 0) != (ssize_t)in->count) {
        perror("a file in memory");
        exit(1);
    }
    return path;
}

nmf_status input_open(const input *in, stream **out) {
    static pieces from;
    if (in->choice & AS_FILE) {
        return stream_open(in->context, input_file(in), out);
    }
    from = (pieces){in->bytes, in->count, in->choice & IN_PIECES ? PIECE : in->count};
    return stream_open_source(in->context, "the input", (stream_source){.read = give, .user = &from}, out);
}
