#include "say.h"

#include <hdf5.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Less than HELPER_SENTENCE (io/hdf5/helper.h), which is as much as the caller reads. */
enum { SENTENCE = 780, REASON = 160 };

static nmf_status fault_of = NMF_ERROR_INPUT;

void say_fault(nmf_status fault) {
    fault_of = fault;
}

/* Without the handlers that run at exit: on a damaged file libhdf5's may do anything. */
static noreturn void end_with(const char *sentence, nmf_status status) {
    size_t left = strlen(sentence);
    while (left > 0) {
        ssize_t done = write(STDERR_FILENO, sentence, left);
        if (done <= 0) {
            break;
        }
        sentence += done;
        left -= (size_t)done;
    }
    _exit(status);
}

noreturn void stop(const char *format, ...) {
    char sentence[SENTENCE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    end_with(sentence, fault_of);
}

/* The first it comes to is where the trouble began. */
static herr_t keep_reason(unsigned n, const H5E_error2_t *error, void *reason) {
    if (n == 0 && error->desc) {
        snprintf(reason, REASON, "%s", error->desc);
    }
    return 0;
}

noreturn void stop_library(const char *format, ...) {
    char sentence[SENTENCE - REASON - 40], whole[SENTENCE], reason[REASON] = "nothing more";
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_reason, reason);
    snprintf(whole, sizeof whole, "%s (libhdf5 says: %s)", sentence, reason);
    end_with(whole, fault_of);
}

void *room_for(size_t count, size_t size) {
    void *room = calloc(count > 0 ? count : 1, size);
    if (!room) {
        stop("%.1f MB of memory could not be had within the limit for a file of its size", (double)count * size / 1e6);
    }
    return room;
}

void *room_for_more(void *array, int64_t count, int64_t *room, size_t size) {
    enum { FIRST = 64 };
    if (count < *room) {
        return array;
    }
    int64_t grown = *room > 0 ? 2 * *room : FIRST;
    void *moved = reallocarray(array, (size_t)grown, size);
    if (!moved) {
        stop("%.1f MB of memory could not be had within the limit for a file of its size", (double)grown * size / 1e6);
    }
    *room = grown;
    return moved;
}
