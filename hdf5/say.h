/* How this program fails: with one sentence on stderr, at once. Its caller says which file, and cleans up. */
#ifndef HDF5_SAY_H
#define HDF5_SAY_H

#include "nmf/nmf.h"

#include <stdnoreturn.h>

/* Whose fault it is: what `stop` ends with where nothing else is said. Reading fails on its input, writing as output.
 */
void say_fault(nmf_status fault);

/* The sentence, and the end. */
noreturn void stop(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same for a call of libhdf5's that failed, with libhdf5's own words. */
noreturn void stop_library(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Memory that is there: without it the program ends. Free with free(). */
void *room_for(size_t count, size_t size);

/* At least doubles a full array of `count` elements; `*room` is how many it holds. */
void *room_for_more(void *array, int64_t count, int64_t *room, size_t size);

#endif
