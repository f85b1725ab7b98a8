/* Gray pictures. */
#ifndef CLI_PICTURE_H
#define CLI_PICTURE_H

#include "nmf/nmf.h"

typedef struct gray_picture {
    int64_t width, height;
    unsigned char *pixels; /* row by row, 0 black … 255 white; width*height of them */
} gray_picture;

/* Write a PNG, whole or not at all. Complains. */
nmf_status picture_write(nmf_context *context, const gray_picture *picture, const char *path);

#endif
