#include "limits.h"
#include "say.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * stdin, stdout, stderr and the file; seconds of work for a piece of a file, more for one that takes long to unpack,
 * and for the last one of a file that is written.
 */
enum { DESCRIPTORS = 4, SECONDS_LEAST = 5, BYTES_A_SECOND = 10000000, SECONDS_TO_WRITE = 100 };

static rlim_t seconds;

/*
 * Besides what the file may claim there is libhdf5, with the libraries it brings. Not where a sanitizer's shadow takes
 * terabytes of addresses.
 */
static void limit_memory(int64_t file_bytes) {
#if !defined NMF_SANITIZED
    double most = 256e6 + 16.0 * (double)file_bytes;
    if (most < (double)(INT64_MAX / 2)) {
        struct rlimit limit;
        bool known = getrlimit(RLIMIT_AS, &limit) == 0;
        limit.rlim_max = known && limit.rlim_max < (rlim_t)most ? limit.rlim_max : (rlim_t)most;
        limit.rlim_cur = limit.rlim_max;
        if (setrlimit(RLIMIT_AS, &limit) != 0) {
            stop("its memory could not be limited: %s", strerror(errno));
        }
    }
#else
    (void)file_bytes;
#endif
}

void limits_renew(void) {
    struct rusage used;
    struct rlimit limit;
    if (getrusage(RUSAGE_SELF, &used) == 0 && getrlimit(RLIMIT_CPU, &limit) == 0) {
        rlim_t until = (rlim_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + seconds;
        limit.rlim_cur = until < limit.rlim_max ? until : limit.rlim_max;
        (void)setrlimit(RLIMIT_CPU, &limit);
    }
}

/* Nothing else is open, and nothing else ever will be. */
static void limit_files(void) {
    struct rlimit none = {0, 0};
#if defined SYS_close_range
    (void)syscall(SYS_close_range, (unsigned)DESCRIPTORS, ~0U, 0U);
#endif
    if (setrlimit(RLIMIT_NOFILE, &none) != 0) {
        stop("it could not be kept from opening other files: %s", strerror(errno));
    }
}

void limits_set(int64_t file_bytes) {
    struct rlimit none = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &none);
    limit_files();
    seconds = SECONDS_TO_WRITE;
    if (file_bytes >= 0) {
        limit_memory(file_bytes);
        seconds = (rlim_t)(SECONDS_LEAST + file_bytes / BYTES_A_SECOND);
    }
    limits_renew();
}
