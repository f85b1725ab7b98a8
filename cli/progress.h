/* The progress of a fit, and of reading and writing, on one line of a terminal. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "nmf/nmf.h"

typedef struct progress_line {
    const char *where; /* what stands before the numbers; NULL: nothing */
    double shown;      /* when the line was last drawn */
} progress_line;

/*
 * An observer, `user` a progress_line of which all but `where` is zero: draws where stderr is a terminal, ten times a
 * second at most, and asks the fit to stop once a signal did.
 */
int progress_observe(void *user, const nmf_progress *step);

/*
 * For nmf_context_on_bytes, `user` NULL: draws likewise, what takes less than a moment aside. The second one also asks
 * the library to stop once a signal did.
 */
int progress_bytes(void *user, const char *path, int64_t done, int64_t total);
int progress_bytes_or_stop(void *user, const char *path, int64_t done, int64_t total);

#endif
