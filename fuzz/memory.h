/* Memory that counts what is held, refuses more than is there, and ends the program where a reader asks for too much.
 */
#ifndef FUZZ_MEMORY_H
#define FUZZ_MEMORY_H

#include "nmf/nmf.h"

typedef struct held {
    double most;    /* bytes that may be asked for in all: more breaks the rule */
    double room;    /* bytes that are there: more is refused */
    int refuse;     /* this request is refused, counted from 1; 0: none */
    int requests;   /* so far */
    int refused;    /* of those */
    int64_t blocks; /* held now */
    double bytes;   /* in them */
} held;

/* The allocator that counts in `memory`, which must outlive it. */
nmf_allocator held_allocator(held *memory);

#endif
