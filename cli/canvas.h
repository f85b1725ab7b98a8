/* What one function draws, written as SVG and as PNG: a door to cairo. Lengths are points, y runs down. */
#ifndef CLI_CANVAS_H
#define CLI_CANVAS_H

#include "nmf/nmf.h"
#include "palette.h"

typedef struct canvas canvas;

typedef enum canvas_dash { DASH_NONE, DASH_LONG, DASH_DOTS, DASH_MIXED } canvas_dash;
typedef enum canvas_mark { MARK_NONE, MARK_DISC, MARK_SQUARE, MARK_TRIANGLE, MARK_DIAMOND } canvas_mark;
typedef enum canvas_align { ALIGN_LEFT, ALIGN_CENTER, ALIGN_RIGHT } canvas_align;

typedef struct canvas_point {
    double x, y;
} canvas_point;

typedef struct canvas_size {
    double width, height;
} canvas_size;

typedef struct canvas_box {
    double x, y, width, height;
} canvas_box;

typedef struct canvas_pen {
    ink color;
    double width;
    canvas_dash dash;
} canvas_pen;

typedef struct canvas_letters {
    ink color;
    double size;
    bool bold;
    canvas_align align;
    double turn; /* clockwise, in degrees, about the point where the text is put */
} canvas_letters;

/* Draws a picture, the same at every call, and returns how large it is. */
typedef canvas_size canvas_drawing(canvas *on, const void *what);

/* Write PATH.svg and PATH.png, two pixels a point; each whole or not at all. Complains. */
nmf_status canvas_write(nmf_context *context, canvas_drawing *draw, const void *what, const char *path);

/* A point with a NaN is a gap in the line. */
void canvas_line(canvas *on, const canvas_point *points, int64_t count, canvas_pen pen);
void canvas_segment(canvas *on, canvas_point from, canvas_point to, canvas_pen pen);
void canvas_marker(canvas *on, canvas_point at, canvas_mark mark, ink color);
void canvas_ring(canvas *on, canvas_point at, double radius, canvas_pen pen);
void canvas_fill(canvas *on, canvas_box box, ink color);
void canvas_frame(canvas *on, canvas_box box, canvas_pen pen);

/*
 * Text with `at` on its base line. Any bytes will do: a question mark stands for each that is not part of a printable
 * character in UTF-8.
 */
void canvas_text(canvas *on, canvas_point at, const canvas_letters *letters, const char *text);
double canvas_text_width(canvas *on, const canvas_letters *letters, const char *text);

/* Text that ends in an ellipsis where it is wider than `width`. */
void canvas_text_within(canvas *on, canvas_point at, double width, const canvas_letters *letters, const char *text);

/* Text in lines of at most `width`, broken at blanks, `leading` apart; returns the base line of the next one. */
double canvas_paragraph(canvas *on, canvas_point at, double width, double leading, const canvas_letters *letters,
                        const char *text);

/* Numbers, row by row, as crisp cells that fill the box. */
void canvas_cells(canvas *on, canvas_box box, const double *values, int64_t rows, int64_t cols,
                  ink (*color)(double value));

#endif
