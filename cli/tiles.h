/* Images of one size, drawn side by side in a picture. */
#ifndef CLI_TILES_H
#define CLI_TILES_H

#include "picture.h"

typedef struct tile_grid {
    int64_t height, width; /* of an image, in its own pixels */
    int64_t across;        /* images side by side */
    int64_t scale;         /* pixels of the picture for one of an image, along each side */
    bool by_columns;       /* pixels run down the columns of an image */
} tile_grid;

/* Fill in across and scale where they are 0: near square, about 800 pixels wide. Complains of too large a picture. */
nmf_status tiles_lay_out(tile_grid *grid, int64_t tiles);

/*
 * A picture of `bands` bands of images, each band on rows of its own with a gap above; band b has count[b] images,
 * given by `value(data, b, image, pixel)`. Each image goes from white, for 0, to black, for its largest value.
 */
gray_picture tiles_draw(const tile_grid *grid, int64_t bands, const int64_t *count,
                        double (*value)(const void *data, int64_t band, int64_t image, int64_t pixel),
                        const void *data);

#endif
