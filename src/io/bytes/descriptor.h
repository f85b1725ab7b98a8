/* All of some bytes to a descriptor, or from one. */
#ifndef NMF_IO_DESCRIPTOR_H
#define NMF_IO_DESCRIPTOR_H

#include <stddef.h>
#include <stdint.h>

/* 0, or the error that it ended with. */
int descriptor_write(int fd, const void *bytes, size_t count);

/* The same to byte `at` of a file on. */
int descriptor_write_at(int fd, const void *bytes, size_t count, int64_t at);

/* Those from byte `at` of a file on: 0, the error, or DESCRIPTOR_SHORT where the file ends before. */
enum { DESCRIPTOR_SHORT = -1 };
int descriptor_read_at(int fd, void *bytes, size_t count, int64_t at);

#endif
