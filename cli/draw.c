/* nmf draw DIR --shape HxW: the components as pictures, side by side. */
#include "command.h"
#include "components.h"
#include "folder.h"
#include "say.h"
#include "tiles.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SCALE_MOST = 256, ACROSS_MOST = 1000 };

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
static const own_option across = {
    {.name = "across", .argument = "N", .value = "near square", .help = "Components side by side."},
    OPTION_COUNT,
    offsetof(cli_settings, across),
    ACROSS_MOST};
static const own_option samples = {{.name = "samples",
                                    .argument = "FILE",
                                    .help = "The matrix that was fitted: its first images are drawn above the "
                                            "components, and under them what W H makes of each."},
                                   OPTION_TEXT,
                                   offsetof(cli_settings, samples),
                                   0};
static const own_option *const own[] = {&shape, &order, &output, &scale, &across, &samples, &option_quiet, NULL};
static const char *const taken[] = {NULL};

/* What is drawn: samples and what W H makes of them, if asked for, then the components. */
typedef struct drawing {
    component_set components;
    weighted *by_weight; /* the components, heaviest first */
    nmf_matrix *samples;
    double *sample_values; /* rows x sample_cols; NULL without samples */
    int64_t sample_cols;
} drawing;

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

/* Entry `pixel` of column `sample` of W H. */
static double rebuilt(const component_set *c, int64_t sample, int64_t pixel) {
    double sum = 0;
    for (int64_t j = 0; j < c->rank; j++) {
        sum += c->w_values[pixel * c->rank + j] * c->h_values[j * c->cols + sample];
    }
    return sum;
}

/* Bands are samples, rebuilt samples, components; or components alone. */
static double value_of(const void *data, int64_t band, int64_t image, int64_t pixel) {
    const drawing *d = data;
    const component_set *c = &d->components;
    if (!d->sample_values || band == 2) {
        return c->w_values[pixel * c->rank + d->by_weight[image].index];
    }
    return band == 0 ? d->sample_values[pixel * d->sample_cols + image] : rebuilt(c, image, pixel);
}

static nmf_status read_samples(nmf_context *context, const char *path, drawing *d) {
    nmf_matrix_info info;
    nmf_status status = nmf_matrix_read(context, path, NULL, &d->samples);
    if (status != NMF_OK) {
        return complain_context(status, context);
    }
    nmf_matrix_get_info(d->samples, &info);
    if (info.rows != d->components.rows || info.cols != d->components.cols) {
        return complain(NMF_ERROR_INPUT,
                        "%s is %" PRId64 " x %" PRId64 ", but the result is of a matrix of %" PRId64 " x %" PRId64,
                        path, info.rows, info.cols, d->components.rows, d->components.cols);
    }
    d->sample_cols = info.cols;
    d->sample_values = room_for((size_t)(info.rows * info.cols), sizeof *d->sample_values);
    nmf_matrix_copy(d->samples, d->sample_values);
    return NMF_OK;
}

static void sort_components(drawing *d) {
    d->by_weight = room_for((size_t)d->components.rank, sizeof *d->by_weight);
    for (int64_t j = 0; j < d->components.rank; j++) {
        d->by_weight[j] = (weighted){j, d->components.share[j]};
    }
    weighted_sort(d->by_weight, d->components.rank);
}

static nmf_status draw(nmf_context *context, const cli_settings *settings, tile_grid *grid, drawing *d) {
    nmf_status status = check_shape(grid, d->components.rows);
    if (status == NMF_OK) {
        status = tiles_lay_out(grid, d->components.rank);
    }
    if (status == NMF_OK && settings->samples) {
        status = read_samples(context, settings->samples, d);
    }
    if (status != NMF_OK) {
        return status;
    }
    int64_t shown = d->sample_cols < grid->across ? d->sample_cols : grid->across;
    int64_t all[] = {shown, shown, d->components.rank};
    gray_picture picture =
        d->sample_values ? tiles_draw(grid, 3, all, value_of, d) : tiles_draw(grid, 1, all + 2, value_of, d);
    char *path = settings->output ? text_of("%s", settings->output) : text_of("%s/parts.png", settings->files[0]);
    status = picture_write(context, &picture, path);
    if (status == NMF_OK) {
        note("%s: %" PRId64 " components, heaviest first, %" PRId64 " x %" PRId64 " pixels", path, d->components.rank,
             picture.width, picture.height);
    }
    free(path);
    free(picture.pixels);
    return status;
}

/* The picture takes the place of nothing that it is drawn from. */
static nmf_status check_output(const cli_settings *settings) {
    static const char *const factors[] = {"W", "H", NULL};
    if (settings->output && settings->samples && folder_same(settings->output, settings->samples)) {
        return complain(NMF_ERROR_USAGE, "%s is read, and the picture would take its place: name another file with -o",
                        settings->output);
    }
    return folder_spare(settings->files[0], factors, &settings->output, 1);
}

static nmf_status run(nmf_context *context, cli_settings *settings) {
    tile_grid grid = {
        .by_columns = strcmp(settings->order, "col") == 0, .across = settings->across, .scale = settings->scale};
    if (!settings->shape) {
        return complain(NMF_ERROR_USAGE,
                        "draw needs the shape of a component in pixels, height x width: nmf draw "
                        "%s --shape 19x19",
                        settings->files[0]);
    }
    nmf_status status = read_shape(settings->shape, &grid);
    if (status == NMF_OK) {
        status = check_output(settings);
    }
    if (status != NMF_OK) {
        return status;
    }
    drawing d = {.by_weight = NULL};
    status = components_read(context, settings->files[0], settings->samples != NULL, &d.components);
    if (status == NMF_OK) {
        sort_components(&d);
        status = draw(context, settings, &grid, &d);
    }
    components_free(&d.components);
    nmf_matrix_free(d.samples);
    free(d.sample_values);
    free(d.by_weight);
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
