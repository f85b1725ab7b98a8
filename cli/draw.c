/* nmf draw DIR --shape HxW: the components as pictures, side by side. */
#include "command.h"
#include "components.h"
#include "picture.h"
#include "say.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WHITE = 255, FRAME_GRAY = 170, WIDTH_WANTED = 800, SIDE_MOST = 32768, SCALE_MOST = 256 };

static const own_option shape = {
    {.name = "shape", .argument = "HxW", .help = "Height and width of a component, in pixels: 19x19. Required."},
    OPTION_TEXT,
    offsetof(cli_settings, shape),
    0};
static const own_option order = {{.name = "order",
                                  .argument = "NAME",
                                  .choices = "row|col",
                                  .value = "row",
                                  .help = "Whether the rows of W run along the rows of the picture or down its "
                                          "columns."},
                                 OPTION_TEXT,
                                 offsetof(cli_settings, order),
                                 0};
static const own_option output = {
    {.name = "output", .letter = 'o', .argument = "FILE", .value = "DIR/parts.png", .help = "The picture, a PNG."},
    OPTION_TEXT,
    offsetof(cli_settings, output),
    0};
static const own_option scale = {{.name = "scale",
                                  .argument = "N",
                                  .value = "about 800 wide",
                                  .help = "Pixels of the picture for a pixel of a component, along each side."},
                                 OPTION_COUNT,
                                 offsetof(cli_settings, scale),
                                 SCALE_MOST};
static const own_option *const own[] = {&shape, &order, &output, &scale, &option_quiet, NULL};
static const char *const taken[] = {NULL};

/* Tiles of height x width, `across` of them side by side, each pixel scale x scale, with frames between. */
typedef struct tile_grid {
    int64_t height, width, across, down, scale, frame;
    bool by_columns;
} tile_grid;

static nmf_status read_shape(const char *text, tile_grid *grid) {
    char x = 0, rest = 0;
    int read = sscanf(text, "%9" SCNd64 "%c%9" SCNd64 "%c", &grid->height, &x, &grid->width, &rest);
    if (read != 3 || (x != 'x' && x != 'X') || grid->height < 1 || grid->width < 1) {
        return complain(NMF_ERROR_USAGE, "--shape takes height x width in pixels, such as 19x19, not \"%s\"", text);
    }
    return NMF_OK;
}

/* "1x361, 19x19": the shapes that `rows` pixels can have, each pair once. */
static char *shapes_of(int64_t rows) {
    char *shapes = text_of("%s", "");
    for (int64_t height = 1; height <= rows / height; height++) {
        if (rows % height == 0) {
            char *longer = text_of("%s%s%" PRId64 "x%" PRId64, shapes, *shapes ? ", " : "", height, rows / height);
            free(shapes);
            shapes = longer;
        }
    }
    return shapes;
}

static nmf_status check_shape(const tile_grid *grid, int64_t rows) {
    if (grid->height * grid->width == rows) {
        return NMF_OK;
    }
    char *shapes = shapes_of(rows);
    complain(NMF_ERROR_USAGE,
             "--shape %" PRId64 "x%" PRId64 " makes %" PRId64 " pixels, but W has %" PRId64
             " rows: that many can be %s (or the other way round)",
             grid->height, grid->width, grid->height * grid->width, rows, shapes);
    free(shapes);
    return NMF_ERROR_USAGE;
}

static int64_t clamp(int64_t value, int64_t least, int64_t most) {
    return value < least ? least : value > most ? most : value;
}

static nmf_status lay_out(tile_grid *grid, int64_t tiles, int64_t scale_wanted) {
    double square = sqrt((double)tiles * (double)grid->height / (double)grid->width);
    grid->across = clamp(llround(square), 1, tiles);
    grid->down = (tiles + grid->across - 1) / grid->across;
    double pixels = (double)grid->across * (double)grid->width;
    grid->scale = scale_wanted > 0 ? scale_wanted : clamp(llround(WIDTH_WANTED / pixels), 1, SCALE_MOST);
    grid->frame = clamp(grid->scale / 4, 1, 4);
    if (pixels * (double)grid->scale > SIDE_MOST ||
        (double)grid->down * (double)grid->height * (double)grid->scale > SIDE_MOST) {
        return complain(NMF_ERROR_USAGE,
                        "the picture would be over %d pixels wide or high: --scale 1 makes the smallest", SIDE_MOST);
    }
    return NMF_OK;
}

static void fill(const gray_picture *picture, int64_t x, int64_t y, int64_t side, unsigned char gray) {
    for (int64_t row = 0; row < side; row++) {
        memset(picture->pixels + (y + row) * picture->width + x, gray, (size_t)side);
    }
}

static double largest(const component_set *c, int64_t component) {
    double most = 0;
    for (int64_t i = 0; i < c->rows; i++) {
        most = fmax(most, c->w_values[i * c->rank + component]);
    }
    return most;
}

static void draw_tile(const gray_picture *picture, const tile_grid *grid, const component_set *c, int64_t component,
                      int64_t place) {
    int64_t left = grid->frame + place % grid->across * (grid->width * grid->scale + grid->frame);
    int64_t above = grid->frame + place / grid->across * (grid->height * grid->scale + grid->frame);
    double most = largest(c, component);
    for (int64_t y = 0; y < grid->height; y++) {
        for (int64_t x = 0; x < grid->width; x++) {
            int64_t row = grid->by_columns ? x * grid->height + y : y * grid->width + x;
            double part = most > 0 ? c->w_values[row * c->rank + component] / most : 0;
            fill(picture, left + x * grid->scale, above + y * grid->scale, grid->scale,
                 (unsigned char)lround(WHITE * (1 - part)));
        }
    }
}

static gray_picture draw_all(const tile_grid *grid, const component_set *c) {
    gray_picture picture = {.width = grid->across * (grid->width * grid->scale + grid->frame) + grid->frame,
                            .height = grid->down * (grid->height * grid->scale + grid->frame) + grid->frame};
    picture.pixels = room_for((size_t)picture.height, (size_t)picture.width);
    memset(picture.pixels, FRAME_GRAY, (size_t)(picture.width * picture.height));
    weighted *by_weight = room_for((size_t)c->rank, sizeof *by_weight);
    for (int64_t j = 0; j < c->rank; j++) {
        by_weight[j] = (weighted){j, c->share[j]};
    }
    weighted_sort(by_weight, c->rank);
    for (int64_t place = 0; place < c->rank; place++) {
        draw_tile(&picture, grid, c, by_weight[place].index, place);
    }
    free(by_weight);
    return picture;
}

static nmf_status draw(nmf_context *context, const cli_settings *settings, const component_set *components,
                       tile_grid *grid) {
    nmf_status status = check_shape(grid, components->rows);
    if (status == NMF_OK) {
        status = lay_out(grid, components->rank, settings->scale);
    }
    if (status != NMF_OK) {
        return status;
    }
    gray_picture picture = draw_all(grid, components);
    char *path = settings->output ? text_of("%s", settings->output) : text_of("%s/parts.png", settings->files[0]);
    status = picture_write(context, &picture, path);
    if (status == NMF_OK) {
        note("%s: %" PRId64 " components, heaviest first, %" PRId64 " x %" PRId64 " pixels", path, components->rank,
             picture.width, picture.height);
    }
    free(path);
    free(picture.pixels);
    return status;
}

static nmf_status run(nmf_context *context, cli_settings *settings) {
    tile_grid grid = {.by_columns = strcmp(settings->order, "col") == 0};
    if (!settings->shape) {
        return complain(NMF_ERROR_USAGE,
                        "draw needs the shape of a component in pixels, height x width: nmf draw "
                        "%s --shape 19x19",
                        settings->files[0]);
    }
    nmf_status status = read_shape(settings->shape, &grid);
    if (status != NMF_OK) {
        return status;
    }
    component_set components = {0};
    status = components_read(context, settings->files[0], false, &components);
    if (status == NMF_OK) {
        status = draw(context, settings, &components, &grid);
    }
    components_free(&components);
    return status;
}

const subcommand command_draw = {
    .name = "draw",
    .summary = "The components of images as a picture (PNG).",
    .arguments = "DIR",
    .usage = "--shape HxW [OPTIONS]",
    .more = "DIR is the folder of a fit whose matrix has pixels as rows, images as columns. Each component\n"
            "is drawn in grays, white for 0, black for its own largest weight; the heaviest come first.\n",
    .fit = taken,
    .own = own,
    .run = run,
};
