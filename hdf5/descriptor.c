#include "descriptor.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#if H5_VERSION_GE(1, 13, 0)
#include <H5FDdevelop.h>
#endif

typedef struct descriptor {
    H5FD_t base; /* libhdf5's; first */
    int fd;
    haddr_t allocated; /* where what libhdf5 has given out ends */
    haddr_t end;       /* where the file does */
} descriptor;

static H5FD_t *open_number(const char *name, unsigned flags, hid_t access, haddr_t most) {
    struct stat about;
    descriptor *d = calloc(1, sizeof *d);
    (void)access, (void)most;
    if (!d) {
        return NULL;
    }
    d->fd = (int)strtol(name, NULL, 10);
    if ((flags & H5F_ACC_TRUNC && ftruncate(d->fd, 0) != 0) || fstat(d->fd, &about) != 0) {
        free(d);
        return NULL;
    }
    d->end = (haddr_t)about.st_size;
    return &d->base;
}

/* The descriptor itself was not opened here, and is not closed here. */
static herr_t close_number(H5FD_t *file) {
    free(file);
    return 0;
}

static herr_t query(const H5FD_t *file, unsigned long *flags) {
    (void)file;
    *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE |
             H5FD_FEAT_AGGREGATE_SMALLDATA;
    return 0;
}

static haddr_t get_allocated(const H5FD_t *file, H5FD_mem_t type) {
    (void)type;
    return ((const descriptor *)file)->allocated;
}

static herr_t set_allocated(H5FD_t *file, H5FD_mem_t type, haddr_t end) {
    (void)type;
    ((descriptor *)file)->allocated = end;
    return 0;
}

static haddr_t get_end(const H5FD_t *file, H5FD_mem_t type) {
    (void)type;
    return ((const descriptor *)file)->end;
}

static bool can_be(haddr_t at, size_t bytes) {
    return at <= INT64_MAX && bytes <= INT64_MAX - at;
}

/* Past the end there are zeros, as in what was given out but not yet written. */
static herr_t read_at(H5FD_t *file, H5FD_mem_t type, hid_t transfer, haddr_t at, size_t bytes, void *to) {
    const descriptor *d = (const descriptor *)file;
    char *next = to;
    (void)type, (void)transfer;
    if (!can_be(at, bytes)) {
        return -1;
    }
    while (bytes > 0) {
        ssize_t done = pread(d->fd, next, bytes, (off_t)at);
        if (done < 0 && errno != EINTR) {
            return -1;
        }
        if (done == 0) {
            memset(next, 0, bytes);
            break;
        }
        size_t more = done > 0 ? (size_t)done : 0;
        next += more;
        at += more;
        bytes -= more;
    }
    return 0;
}

static herr_t write_at(H5FD_t *file, H5FD_mem_t type, hid_t transfer, haddr_t at, size_t bytes, const void *from) {
    descriptor *d = (descriptor *)file;
    const char *next = from;
    (void)type, (void)transfer;
    if (!can_be(at, bytes)) {
        return -1;
    }
    while (bytes > 0) {
        ssize_t done = pwrite(d->fd, next, bytes, (off_t)at);
        if (done < 0 && errno != EINTR) {
            return -1;
        }
        size_t more = done > 0 ? (size_t)done : 0;
        next += more;
        at += more;
        bytes -= more;
    }
    d->end = at > d->end ? at : d->end;
    return 0;
}

static herr_t fit_size(H5FD_t *file, hid_t transfer, hbool_t closing) {
    descriptor *d = (descriptor *)file;
    (void)transfer, (void)closing;
    if (d->end != d->allocated) {
        if (ftruncate(d->fd, (off_t)d->allocated) != 0) {
            return -1;
        }
        d->end = d->allocated;
    }
    return 0;
}

static const H5FD_class_t driver = {
#if defined H5FD_CLASS_VERSION
    .version = H5FD_CLASS_VERSION,
    .value = (H5FD_class_value_t)512, /* of those that are free for private use */
#endif
    .name = "descriptor",
    .maxaddr = INT64_MAX,
    .fc_degree = H5F_CLOSE_WEAK,
    .open = open_number,
    .close = close_number,
    .query = query,
    .get_eoa = get_allocated,
    .set_eoa = set_allocated,
    .get_eof = get_end,
    .read = read_at,
    .write = write_at,
    .truncate = fit_size,
    .fl_map = H5FD_FLMAP_DICHOTOMY,
};

hid_t descriptor_access(void) {
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_driver(access, H5FDregister(&driver), NULL);
    return access;
}
