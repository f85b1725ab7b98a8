#include "io/bytes/descriptor.h"

#include <errno.h>
#include <unistd.h>

enum { WRITE_AT_MOST = 1 << 30 };

/* To where the descriptor stands, with `at` below 0; else to that byte of its file. */
static int write_all(int fd, const char *next, size_t count, int64_t at) {
    while (count > 0) {
        size_t some = count < WRITE_AT_MOST ? count : WRITE_AT_MOST;
        ssize_t done = at < 0 ? write(fd, next, some) : pwrite(fd, next, some, (off_t)at);
        if (done < 0 && errno != EINTR) {
            return errno;
        }
        next += done > 0 ? done : 0;
        at += done > 0 && at >= 0 ? done : 0;
        count -= done > 0 ? (size_t)done : 0;
    }
    return 0;
}

int descriptor_write(int fd, const void *bytes, size_t count) {
    return write_all(fd, bytes, count, -1);
}

int descriptor_write_at(int fd, const void *bytes, size_t count, int64_t at) {
    return write_all(fd, bytes, count, at);
}

int descriptor_read_at(int fd, void *bytes, size_t count, int64_t at) {
    char *next = bytes;
    while (count > 0) {
        ssize_t done = pread(fd, next, count, (off_t)at);
        if (done == 0) {
            return DESCRIPTOR_SHORT;
        }
        if (done < 0 && errno != EINTR) {
            return errno;
        }
        next += done > 0 ? done : 0;
        at += done > 0 ? done : 0;
        count -= done > 0 ? (size_t)done : 0;
    }
    return 0;
}
