/* A list of names: row names, column names. */
#ifndef NMF_BASE_NAMES_H
#define NMF_BASE_NAMES_H

#include "base/context.h"

typedef struct names {
    nmf_context *context;
    int64_t count;
    char *text;         /* the names one after the other, each ended by a NUL */
    int64_t text_size;  /* bytes used of `text` */
    int64_t text_room;  /* bytes it has */
    int64_t *start;     /* start[i]: where name i begins in `text` */
    int64_t start_room; /* elements `start` has */
} names;

/* An empty list; nothing is allocated before the first name. */
names names_empty(nmf_context *context);

/* Append a copy of `length` bytes as the next name. */
nmf_status names_add(names *list, const char *name, size_t length);

/* Name i, or NULL past the end. */
const char *names_at(const names *list, int64_t i);

void names_free(names *list);

#endif
