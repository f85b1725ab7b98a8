#include "tiles.h"

#include "say.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { WHITE = 255, FRAME_GRAY = 170, FRAME = 2, GAP = 10, WIDTH_WANTED = 800, SIDE_MOST = 32768, SCALE_MOST = 256 };

static int64_t clamp(int64_t value, int64_t least, int64_t most) {
    return value < least ? least : value > most ? most : value;
}

static int64_t rows_of(const tile_grid *grid, int64_t tiles) {
    return (tiles + grid->across - 1) / grid->across;
}

nmf_status tiles_lay_out(tile_grid *grid, int64_t tiles) {
    double square = sqrt((double)tiles * (double)grid->height / (double)grid->width);
    grid->across = grid->across > 0 ? grid->across : clamp(llround(square), 1, tiles);
    double pixels = (double)grid->across * (double)grid->width;
    grid->scale = grid->scale > 0 ? grid->scale : clamp(llround(WIDTH_WANTED / pixels), 1, SCALE_MOST);
    if (pixels * (double)grid->scale > SIDE_MOST ||
        (double)rows_of(grid, tiles) * (double)grid->height * (double)grid->scale > SIDE_MOST) {
        return complain(NMF_ERROR_USAGE,
                        "the picture would be over %d pixels wide or high: --scale 1 makes the smallest", SIDE_MOST);
    }
    return NMF_OK;
}

static double pixel_at(const tile_grid *grid, const double *image, int64_t y, int64_t x) {
    y = clamp(y, 0, grid->height - 1);
    x = clamp(x, 0, grid->width - 1);
    return image[grid->by_columns ? x * grid->height + y : y * grid->width + x];
}

/* Between the centres of the four pixels around it. */
static double between(const tile_grid *grid, const double *image, double y, double x) {
    double above = floor(y), left = floor(x), down = y - above, right = x - left;
    int64_t i = (int64_t)above, j = (int64_t)left;
    return (1 - down) * ((1 - right) * pixel_at(grid, image, i, j) + right * pixel_at(grid, image, i, j + 1)) +
           down * ((1 - right) * pixel_at(grid, image, i + 1, j) + right * pixel_at(grid, image, i + 1, j + 1));
}

static void draw_tile(const gray_picture *picture, const tile_grid *grid, const double *image, int64_t above,
                      int64_t left) {
    double most = 0;
    for (int64_t p = 0; p < grid->height * grid->width; p++) {
        most = fmax(most, image[p]);
    }
    for (int64_t y = 0; y < grid->height * grid->scale; y++) {
        for (int64_t x = 0; x < grid->width * grid->scale; x++) {
            double scale = (double)grid->scale;
            double value = between(grid, image, ((double)y + 0.5) / scale - 0.5, ((double)x + 0.5) / scale - 0.5);
            picture->pixels[(above + y) * picture->width + left + x] =
                (unsigned char)lround(WHITE * (1 - (most > 0 ? value / most : 0)));
        }
    }
}

gray_picture tiles_draw(const tile_grid *grid, int64_t bands, const int64_t *count,
                        double (*value)(const void *data, int64_t band, int64_t image, int64_t pixel),
                        const void *data) {
    int64_t high = grid->height * grid->scale + FRAME, wide = grid->width * grid->scale + FRAME,
            pixels = grid->height * grid->width;
    gray_picture picture = {.width = grid->across * wide + FRAME, .height = FRAME};
    for (int64_t b = 0; b < bands; b++) {
        picture.height += rows_of(grid, count[b]) * high + (b > 0 ? GAP : 0);
    }
    picture.pixels = room_for((size_t)picture.height, (size_t)picture.width);
    memset(picture.pixels, FRAME_GRAY, (size_t)(picture.width * picture.height));
    double *image = room_for((size_t)pixels, sizeof *image);
    int64_t above = FRAME;
    for (int64_t b = 0; b < bands; b++) {
        for (int64_t t = 0; t < count[b]; t++) {
            for (int64_t p = 0; p < pixels; p++) {
                image[p] = value(data, b, t, p);
            }
            draw_tile(&picture, grid, image, above + t / grid->across * high, FRAME + t % grid->across * wide);
        }
        above += rows_of(grid, count[b]) * high + GAP;
    }
    free(image);
    return picture;
}
