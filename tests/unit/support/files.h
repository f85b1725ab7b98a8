/* Small files in a folder of the test's own. */
#ifndef SUPPORT_FILES_H
#define SUPPORT_FILES_H

#include "nmf/nmf.h"

/* For cmocka's setup and teardown: the state is a fresh folder with a fresh context; all of it goes at the end. */
typedef struct folder {
    char path[64];
    nmf_context *context;
    int warnings;
    char warning[512]; /* the last one */
} folder;

int folder_setup(void **state);
int folder_teardown(void **state);

/* "FOLDER/NAME", good until the 16th next call. */
const char *folder_path(const folder *in, const char *name);

/* Write a file and return its path, as folder_path does. */
const char *folder_text(const folder *in, const char *name, const char *text);
const char *folder_bytes(const folder *in, const char *name, const void *bytes, size_t count);

/* Can files of this format be packed, and go to pipes? Others are made by a library of their own. */
bool format_flows(const char *format);

/* The bytes gzipped, as one member; returns how many there are in `packed`. */
size_t gzip_bytes(const void *bytes, size_t count, void *packed, size_t room);

/* The same by zstd, as one frame with a checksum. */
size_t zstd_bytes(const void *bytes, size_t count, void *packed, size_t room);

/* Everything in a file, and a NUL; at most `room`-1 bytes. Returns the count, or -1 where there is no such file. */
long slurp(const char *path, char *bytes, size_t room);

/* How many files there are in the folder. */
int folder_count(const folder *in);

/* An NPY file of version 1 with this dict for a header; returns its size in `file`. */
size_t npy_bytes(const char *dict, const void *numbers, size_t count, unsigned char *file);

#endif
