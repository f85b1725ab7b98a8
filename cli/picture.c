#include "picture.h"

#include "say.h"

#include <png.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

/* The PNG grows in memory first: the file is then written as a whole or not at all. */
typedef struct file_image {
    unsigned char *bytes;
    size_t used, room;
} file_image;

static void append(png_structp png, png_bytep bytes, size_t count) {
    file_image *image = png_get_io_ptr(png);
    if (image->room - image->used < count) {
        size_t room = 2 * image->room + count;
        unsigned char *larger = room_for(room, 1);
        if (image->used > 0) {
            memcpy(larger, image->bytes, image->used);
        }
        free(image->bytes);
        image->bytes = larger;
        image->room = room;
    }
    memcpy(image->bytes + image->used, bytes, count);
    image->used += count;
}

static void flush(png_structp png) {
    (void)png;
}

/* libpng leaves by longjmp: what the caller holds must not live in this frame. */
static bool encode(png_structp png, png_infop info, const gray_picture *picture) {
    if (setjmp(png_jmpbuf(png))) {
        return false;
    }
    png_set_IHDR(png, info, (png_uint_32)picture->width, (png_uint_32)picture->height, 8, PNG_COLOR_TYPE_GRAY,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    for (int64_t y = 0; y < picture->height; y++) {
        png_write_row(png, picture->pixels + y * picture->width);
    }
    png_write_end(png, NULL);
    return true;
}

nmf_status picture_write(nmf_context *context, const gray_picture *picture, const char *path) {
    file_image image = {NULL, 0, 0};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    nmf_status status = NMF_OK;
    if (!info) {
        status = complain(NMF_ERROR_MEMORY, "memory for the picture could not be had");
    } else {
        png_set_write_fn(png, &image, append, flush);
        if (!encode(png, info, picture)) {
            status = complain(NMF_ERROR_OUTPUT, "%s: the picture could not be made into a PNG", path);
        } else if ((status = nmf_text_write(context, path, (const char *)image.bytes, image.used)) != NMF_OK) {
            complain_context(status, context);
        }
    }
    png_destroy_write_struct(&png, &info);
    free(image.bytes);
    return status;
}
