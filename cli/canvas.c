#include "canvas.h"

#include "legible.h"
#include "outlet.h"
#include "say.h"

#include <cairo-svg.h>
#include <cairo.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PIXELS_A_POINT = 2 };

struct canvas {
    cairo_t *pen;
};

static void dip(canvas *on, ink color) {
    cairo_set_source_rgba(on->pen, color.red, color.green, color.blue, color.alpha);
}

static void stroke(canvas *on, canvas_pen pen) {
    static const double dashes[][4] = {[DASH_NONE] = {0},
                                       [DASH_LONG] = {6, 3, 6, 3},
                                       [DASH_DOTS] = {1.5, 2.5, 1.5, 2.5},
                                       [DASH_MIXED] = {7, 2.5, 1.5, 2.5}};
    dip(on, pen.color);
    cairo_set_line_width(on->pen, pen.width);
    cairo_set_dash(on->pen, dashes[pen.dash], pen.dash == DASH_NONE ? 0 : 4, 0);
    cairo_stroke(on->pen);
}

void canvas_line(canvas *on, const canvas_point *points, int64_t count, canvas_pen pen) {
    bool drawing = false;
    for (int64_t i = 0; i < count; i++) {
        if (isnan(points[i].x) || isnan(points[i].y)) {
            drawing = false;
        } else if (drawing) {
            cairo_line_to(on->pen, points[i].x, points[i].y);
        } else {
            cairo_move_to(on->pen, points[i].x, points[i].y);
            drawing = true;
        }
    }
    stroke(on, pen);
}

void canvas_segment(canvas *on, canvas_point from, canvas_point to, canvas_pen pen) {
    cairo_move_to(on->pen, from.x, from.y);
    cairo_line_to(on->pen, to.x, to.y);
    stroke(on, pen);
}

static void polygon(canvas *on, canvas_point at, const double (*corner)[2], int corners) {
    for (int i = 0; i < corners; i++) {
        cairo_line_to(on->pen, at.x + corner[i][0], at.y + corner[i][1]);
    }
    cairo_close_path(on->pen);
}

void canvas_marker(canvas *on, canvas_point at, canvas_mark mark, ink color) {
    static const double square[][2] = {{-3.3, -3.3}, {3.3, -3.3}, {3.3, 3.3}, {-3.3, 3.3}};
    static const double triangle[][2] = {{0, -4}, {3.8, 2.8}, {-3.8, 2.8}};
    static const double diamond[][2] = {{0, -4.4}, {4.4, 0}, {0, 4.4}, {-4.4, 0}};
    switch (mark) {
    case MARK_NONE:
        return;
    case MARK_DISC:
        cairo_new_sub_path(on->pen);
        cairo_arc(on->pen, at.x, at.y, 3.2, 0, 2 * M_PI);
        break;
    case MARK_SQUARE:
        polygon(on, at, square, 4);
        break;
    case MARK_TRIANGLE:
        polygon(on, at, triangle, 3);
        break;
    case MARK_DIAMOND:
        polygon(on, at, diamond, 4);
        break;
    }
    dip(on, color);
    cairo_fill_preserve(on->pen);
    stroke(on, (canvas_pen){ink_white, 0.8, DASH_NONE});
}

void canvas_ring(canvas *on, canvas_point at, double radius, canvas_pen pen) {
    cairo_new_sub_path(on->pen);
    cairo_arc(on->pen, at.x, at.y, radius, 0, 2 * M_PI);
    stroke(on, pen);
}

void canvas_fill(canvas *on, canvas_box box, ink color) {
    dip(on, color);
    cairo_rectangle(on->pen, box.x, box.y, box.width, box.height);
    cairo_fill(on->pen);
}

void canvas_frame(canvas *on, canvas_box box, canvas_pen pen) {
    cairo_rectangle(on->pen, box.x, box.y, box.width, box.height);
    stroke(on, pen);
}

static void use_letters(canvas *on, const canvas_letters *letters) {
    cairo_select_font_face(on->pen, "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                           letters->bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(on->pen, letters->size);
}

double canvas_text_width(canvas *on, const canvas_letters *letters, const char *text) {
    cairo_text_extents_t extents;
    char *clean = legible(text);
    use_letters(on, letters);
    cairo_text_extents(on->pen, clean, &extents);
    free(clean);
    return extents.x_advance;
}

void canvas_text(canvas *on, canvas_point at, const canvas_letters *letters, const char *text) {
    static const double before[] = {[ALIGN_LEFT] = 0, [ALIGN_CENTER] = 0.5, [ALIGN_RIGHT] = 1};
    char *clean = legible(text);
    cairo_save(on->pen);
    cairo_translate(on->pen, at.x, at.y);
    cairo_rotate(on->pen, letters->turn * M_PI / 180);
    cairo_move_to(on->pen, -before[letters->align] * canvas_text_width(on, letters, clean), 0);
    dip(on, letters->color);
    cairo_show_text(on->pen, clean);
    cairo_restore(on->pen);
    cairo_new_path(on->pen);
    free(clean);
}

static uint32_t level(double share) {
    return (uint32_t)lround(255 * share);
}

static uint32_t pixel_of(ink color) {
    return level(color.red) << 16 | level(color.green) << 8 | level(color.blue);
}

/* Of a table of numbers; every cell is `down` pixels high and `across` wide. */
typedef struct cells {
    const double *values;
    int64_t rows, cols, down, across;
} cells;

static void fill_cells(cairo_surface_t *image, const cells *of, ink (*color)(double value)) {
    cairo_surface_flush(image);
    unsigned char *pixels = cairo_image_surface_get_data(image);
    const size_t stride = (size_t)cairo_image_surface_get_stride(image);
    for (int64_t i = 0; i < of->rows * of->down; i++) {
        uint32_t *line = (uint32_t *)(void *)(pixels + (size_t)i * stride);
        if (i % of->down != 0) {
            memcpy(line, pixels + (size_t)(i - 1) * stride, stride);
            continue;
        }
        const double *row = of->values + i / of->down * of->cols;
        for (int64_t j = 0; j < of->cols * of->across; j++) {
            line[j] = j % of->across == 0 ? pixel_of(color(row[j / of->across])) : line[j - 1];
        }
    }
    cairo_surface_mark_dirty(image);
}

/* An image of as many pixels as the box has: in an SVG there is no other way to keep the edges of cells from blurring.
 */
void canvas_cells(canvas *on, canvas_box box, const double *values, int64_t rows, int64_t cols,
                  ink (*color)(double value)) {
    const cells of = {values, rows, cols, (int64_t)ceil(PIXELS_A_POINT * box.height / (double)rows),
                      (int64_t)ceil(PIXELS_A_POINT * box.width / (double)cols)};
    const int64_t width = cols * of.across, height = rows * of.down;
    /* Beyond what a surface may measure, cairo refuses, and canvas_write says so. */
    const bool small = width <= INT16_MAX && height <= INT16_MAX;
    cairo_surface_t *image =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, small ? (int)width : -1, small ? (int)height : -1);
    if (cairo_surface_status(image) == CAIRO_STATUS_SUCCESS) {
        fill_cells(image, &of, color);
    }
    cairo_save(on->pen);
    cairo_translate(on->pen, box.x, box.y);
    cairo_scale(on->pen, box.width / (double)width, box.height / (double)height);
    cairo_set_source_surface(on->pen, image, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(on->pen), CAIRO_FILTER_NEAREST);
    cairo_rectangle(on->pen, 0, 0, (double)width, (double)height);
    cairo_fill(on->pen);
    cairo_restore(on->pen);
    cairo_surface_destroy(image);
}

static void prepare(cairo_t *pen) {
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_set_font_options(pen, options);
    cairo_font_options_destroy(options);
    cairo_set_line_join(pen, CAIRO_LINE_JOIN_ROUND);
    cairo_set_source_rgb(pen, 1, 1, 1);
    cairo_paint(pen);
}

/* Draw onto a surface; says how large the picture is. */
static cairo_status_t draw_onto(cairo_surface_t *surface, canvas_drawing *draw, const void *what, canvas_size *size) {
    canvas on = {cairo_create(surface)};
    prepare(on.pen);
    *size = draw(&on, what);
    cairo_status_t status = cairo_status(on.pen);
    cairo_destroy(on.pen);
    return status;
}

static cairo_status_t take(void *to, const unsigned char *bytes, unsigned count) {
    return fwrite(bytes, 1, count, to) == count ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

/* The surface ends here; what failed first is what is said. */
static cairo_status_t end(cairo_surface_t *surface, cairo_status_t status) {
    cairo_surface_finish(surface);
    status = status == CAIRO_STATUS_SUCCESS ? cairo_surface_status(surface) : status;
    cairo_surface_destroy(surface);
    return status;
}

static cairo_status_t draw_png(canvas_drawing *draw, const void *what, canvas_size size, FILE *to) {
    cairo_surface_t *image = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)ceil(size.width * PIXELS_A_POINT),
                                                        (int)ceil(size.height * PIXELS_A_POINT));
    cairo_surface_set_device_scale(image, PIXELS_A_POINT, PIXELS_A_POINT);
    cairo_status_t status = draw_onto(image, draw, what, &size);
    return end(image, status == CAIRO_STATUS_SUCCESS ? cairo_surface_write_to_png_stream(image, take, to) : status);
}

static cairo_status_t draw_svg(canvas_drawing *draw, const void *what, canvas_size size, FILE *to) {
    cairo_surface_t *svg = cairo_svg_surface_create_for_stream(take, to, size.width, size.height);
    return end(svg, draw_onto(svg, draw, what, &size));
}

static cairo_status_t measure(canvas_drawing *draw, const void *what, canvas_size *size) {
    cairo_surface_t *speck = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 1, 1);
    return end(speck, draw_onto(speck, draw, what, size));
}

static nmf_status write_as(nmf_context *context, canvas_drawing *draw, const void *what, const char *path, bool png) {
    char *name = text_of("%s%s", path, png ? ".png" : ".svg");
    canvas_size size;
    outlet out;
    outlet_open(&out, name);
    cairo_status_t drawn = measure(draw, what, &size);
    if (drawn == CAIRO_STATUS_SUCCESS) {
        drawn = (png ? draw_png : draw_svg)(draw, what, size, out.to);
    }
    nmf_status status = NMF_OK;
    if (drawn != CAIRO_STATUS_SUCCESS) {
        status = complain(drawn == CAIRO_STATUS_NO_MEMORY ? NMF_ERROR_MEMORY : NMF_ERROR_OUTPUT,
                          "%s: the picture could not be drawn: %s", name, cairo_status_to_string(drawn));
    }
    status = outlet_close(context, &out, status);
    free(name);
    return status;
}

nmf_status canvas_write(nmf_context *context, canvas_drawing *draw, const void *what, const char *path) {
    nmf_status status = write_as(context, draw, what, path, false);
    return status == NMF_OK ? write_as(context, draw, what, path, true) : status;
}
