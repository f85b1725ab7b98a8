/* One panel of the picture of a rank survey: curves over the number of components. */
#ifndef CLI_RANK_PANEL_H
#define CLI_RANK_PANEL_H

#include "canvas.h"

#include <stddef.h>

/* The axis that all panels share. */
typedef struct rank_axis {
    double low, high; /* of ranks, or of their logarithms */
    bool logarithmic; /* where ranks grow by factors rather than by steps */
    double from, to;  /* on the canvas */
} rank_axis;

typedef struct rank_curve {
    const char *name; /* NULL past the last */
    size_t field;     /* of nmf_rank_row: a double */
    size_t spread;    /* of the standard error, or 0 */
    const ink *color;
    canvas_mark mark;
    canvas_dash dash;
} rank_curve;

enum { RANK_CURVES_MOST = 4 };

typedef struct rank_panel {
    const char *heading;
    rank_curve curves[RANK_CURVES_MOST + 1];
    bool least; /* the lowest point of the first curve is marked */
} rank_panel;

/* Rows by rank, lowest first. */
rank_axis rank_axis_over(const nmf_rank_row *rows, int64_t count, double from, double to);
double rank_axis_at(const rank_axis *along, double rank);

/* The curves between `top` and `bottom`, their legend to the right of the axis, as wide as `legend`. */
void rank_panel_draw(canvas *on, const rank_panel *panel, const nmf_rank_row *rows, int64_t count,
                     const rank_axis *across, double top, double bottom, double legend);

#endif
