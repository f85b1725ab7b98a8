/* Names, from datasets of text of any kind that HDF5 has. */
#ifndef HDF5_TEXT_H
#define HDF5_TEXT_H

#include "source.h"

typedef struct text_list {
    int64_t count, room;
    size_t *start; /* of each, in `text`, where a NUL ends it */
    char *text;
    size_t used, text_room;
} text_list;

/* A copy of up to `bytes` bytes, to a NUL at most, as UTF-8: what is none becomes '?'. */
void text_add(text_list *list, const char *name, size_t bytes);

/* Every string of a dataset of rank 1; with `field`, of that field of its records. An empty list where it has none. */
text_list text_read(const dataset *d, const char *field);

static inline const char *text_at(const text_list *list, int64_t i) {
    return list->text + list->start[i];
}

/* Each name that stands in the list again becomes that of `other`, if that has as many. */
void text_tell_apart(text_list *list, const text_list *other);

void text_free(text_list *list);

#endif
