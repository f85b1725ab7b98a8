/* All of some bytes to a descriptor. */
#ifndef NMF_IO_DESCRIPTOR_H
#define NMF_IO_DESCRIPTOR_H

#include <stddef.h>

/* 0, or the error that it ended with. */
int descriptor_write(int fd, const void *bytes, size_t count);

#endif
