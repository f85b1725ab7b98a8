/* A list of names: row names, column names; and the places of a name in one. */
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

/* Append the `count` names at the places in `list`, or the first ones where it is NULL; nothing where `from` is empty.
 */
nmf_status names_pick(const names *from, const int64_t *list, int64_t count, names *to);

void names_free(names *list);

/* Where names stand in a list that does not change any more, looked up by halving. */
typedef struct name_index {
    const names *list;
    int64_t *places; /* of all names, in the order of strcmp, equal ones ascending */
} name_index;

nmf_status name_index_new(const names *list, name_index *index);

/* The places of all names equal to `name`, ascending; their number is *count. */
const int64_t *name_index_find(const name_index *index, const char *name, int64_t *count);

void name_index_free(name_index *index);

#endif
