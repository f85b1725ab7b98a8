/* Small NPZ archives, good and bad. */
#ifndef SUPPORT_ZIPS_H
#define SUPPORT_ZIPS_H

#include "support/files.h"

/* A member: an NPY file of this dict and these bytes of numbers. Without a dict, just the bytes. */
typedef struct zip_part {
    const char *name; /* NULL: not there */
    const char *dict;
    const void *numbers;
    size_t bytes;
} zip_part;

/* Parts of literals. */
#define DICT(type, shape) "{'descr': '" type "', 'fortran_order': False, 'shape': " shape ", }"
#define NUMBERS(name, type, shape, numbers)                                                                            \
    (zip_part) {                                                                                                       \
        name ".npy", DICT(type, shape), numbers, sizeof(numbers)                                                       \
    }
#define TEXT(name, type, shape, text)                                                                                  \
    (zip_part) {                                                                                                       \
        name ".npy", DICT(type, shape), text, sizeof(text) - 1                                                         \
    }

/* Write FOLDER/NAME and return its path; the members are deflated, or stored. */
const char *zip_write(const folder *in, const char *name, const zip_part *parts, size_t count, bool deflated);

#endif
