/* A file that is written. What fails ends the program. */
#ifndef HDF5_TARGET_H
#define HDF5_TARGET_H

#include "text.h"

/* A new file in what descriptor `fd` stands for, in place of what was there. */
hid_t target_create(int fd);

/* Everything is in the file. */
void target_close(hid_t file);

hid_t put_group(hid_t at, const char *name);
void put_text(hid_t object, const char *attribute, const char *text);
void put_integers(hid_t object, const char *attribute, const int64_t *numbers, int count);

/* What AnnData writes on each of its things: "encoding-type" and "encoding-version". */
void put_encoding(hid_t object, const char *kind, const char *version);

/* A dataset that is being filled from its first row on. */
typedef struct filling {
    hid_t id;
    hid_t memory; /* the type of what is put */
    int rank;
    hsize_t dims[2], done;
} filling;

/* `cols` 0: of rank 1. Packed where that is worth it. `type` in the file, `memory` of what is put. */
filling fill_new(hid_t at, const char *name, hid_t type, hid_t memory, int64_t rows, int64_t cols);
void fill_rows(filling *f, const void *values, int64_t rows);
/* Close it: every row has come. */
void fill_end(filling *f);

/* Names, or "0", "1", … where there are none: strings of one length, or AnnData's of any. */
void put_names(hid_t at, const char *name, const text_list *names, int64_t count, bool fixed);

#endif
