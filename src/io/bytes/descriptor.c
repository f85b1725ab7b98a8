#include "io/bytes/descriptor.h"

#include <errno.h>
#include <unistd.h>

enum { WRITE_AT_MOST = 1 << 30 };

int descriptor_write(int fd, const void *bytes, size_t count) {
    const char *next = bytes;
    while (count > 0) {
        ssize_t done = write(fd, next, count < WRITE_AT_MOST ? count : WRITE_AT_MOST);
        if (done < 0 && errno != EINTR) {
            return errno;
        }
        next += done > 0 ? done : 0;
        count -= done > 0 ? (size_t)done : 0;
    }
    return 0;
}

int descriptor_write_at(int fd, const void *bytes, size_t count, int64_t at) {
    const char *next = bytes;
    while (count > 0) {
        ssize_t done = pwrite(fd, next, count < WRITE_AT_MOST ? count : WRITE_AT_MOST, (off_t)at);
        if (done < 0 && errno != EINTR) {
            return errno;
        }
        next += done > 0 ? done : 0;
        at += done > 0 ? done : 0;
        count -= done > 0 ? (size_t)done : 0;
    }
    return 0;
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
