/*
 * A file that is read, and may have been made to do harm: nothing in it leads to another file, and no size that it
 * claims is believed before it was held against the bytes there are. What cannot be ends the program (say.h).
 */
#ifndef HDF5_SOURCE_H
#define HDF5_SOURCE_H

#include <hdf5.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct source {
    hid_t file;
    int64_t bytes;
    double most; /* bytes that a part of it may claim, unpacked */
} source;

/* Open what descriptor `fd` stands for. */
source source_open(int fd, bool to_write);

enum { PATH_ROOM = 1024 };

typedef struct dataset {
    hid_t id, space, type;
    int rank;        /* at most 2, of those that can be read */
    int64_t dims[2]; /* 1 past the rank */
    char name[PATH_ROOM];
} dataset;

typedef enum thing { THING_NONE, THING_GROUP, THING_DATASET } thing;

/* What stands under a name, below a file or group. */
thing source_thing(hid_t at, const char *name);

/* Open a group that must be there. */
hid_t source_group(hid_t at, const char *name);

/* Open a dataset that must be there, of rank 0, 1 or 2; close it with dataset_close. */
dataset dataset_open(const source *from, hid_t at, const char *name);
void dataset_close(dataset *d);

/* Integers, floats and booleans. */
bool type_is_number(hid_t type);

/* Refuse one that does not have this rank, or whose numbers are none. */
void dataset_expect(const dataset *d, int rank, bool whole_numbers);

/* Part of it, as numbers of `type`: rows from `row` on, of each the columns from `col` on. */
void dataset_read(const dataset *d, int64_t row, int64_t rows, int64_t col, int64_t cols, hid_t type, void *to);

/* A short text in an attribute; false where there is none. */
bool attribute_text(hid_t at, const char *name, char *text, size_t room);

/* `count` whole numbers in an attribute; false where there are not as many. */
bool attribute_integers(hid_t at, const char *name, int64_t *numbers, int count);

#endif
