/* Memory that runs out when it is told to, and that knows what was not given back. */
#ifndef SUPPORT_MEMORY_H
#define SUPPORT_MEMORY_H

#include "nmf/nmf.h"

typedef struct scarce {
    int64_t calls;   /* of resize, so far */
    int64_t fail_at; /* this call fails, counted from 1; 0: none */
    bool from_then;  /* and so does every later one */
    int64_t live;    /* blocks not released */
    int64_t bytes;   /* in them */
    int64_t peak;    /* the most there were */
} scarce;

/* The allocator that counts in `memory`, which must outlive it. */
nmf_allocator scarce_allocator(scarce *memory);

#endif
