#include "rank_panel.h"

#include "axis.h"
#include "say.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Values beyond this are not drawn: the ends of their axis would not be numbers. */
#define VALUE_MOST 1e300

enum { LEGEND_GAP = 16, LEGEND_LINE = 15, SAMPLE_WIDTH = 26 };

static const canvas_letters heading_letters = {{0.13, 0.13, 0.13, 1}, 11, true, ALIGN_LEFT, 0};
static const canvas_letters legend_letters = {{0.13, 0.13, 0.13, 1}, 10, false, ALIGN_LEFT, 0};
static const canvas_letters tick_letters = {{0.3, 0.3, 0.3, 1}, 9.5, false, ALIGN_RIGHT, 0};

rank_axis rank_axis_over(const nmf_rank_row *rows, int64_t count, double from, double to) {
    rank_axis across = {.from = from, .to = to};
    int64_t narrow = INT64_MAX, wide = 0;
    for (int64_t i = 1; i < count; i++) {
        int64_t step = rows[i].rank - rows[i - 1].rank;
        narrow = step > 0 && step < narrow ? step : narrow;
        wide = step > wide ? step : wide;
    }
    double first = (double)rows[0].rank, last = (double)rows[count - 1].rank;
    across.logarithmic = first > 0 && wide / 8 >= narrow;
    across.low = across.logarithmic ? log(first) : first;
    across.high = across.logarithmic ? log(last) : last;
    double margin = across.high > across.low ? 0.04 * (across.high - across.low) : 1;
    across.low -= margin;
    across.high += margin;
    return across;
}

double rank_axis_at(const rank_axis *along, double rank) {
    double value = along->logarithmic ? log(fmax(rank, 1)) : rank;
    double share = (value - along->low) / (along->high - along->low);
    return along->from + share * (along->to - along->from);
}

static double number_of(const nmf_rank_row *row, size_t field) {
    double value = *(const double *)(const void *)((const char *)row + field);
    return fabs(value) <= VALUE_MOST ? value : NAN;
}

static double spread_of(const nmf_rank_row *row, const rank_curve *curve) {
    double spread = curve->spread ? number_of(row, curve->spread) : 0;
    return isnan(spread) ? 0 : fabs(spread);
}

/* The range of all numbers of a panel; low > high where there are none. */
static void range_of(const rank_panel *panel, const nmf_rank_row *rows, int64_t count, double *low, double *high) {
    *low = INFINITY;
    *high = -INFINITY;
    for (const rank_curve *curve = panel->curves; curve->name; curve++) {
        for (int64_t i = 0; i < count; i++) {
            double value = number_of(&rows[i], curve->field), spread = spread_of(&rows[i], curve);
            if (!isnan(value)) {
                *low = fmin(*low, value - spread);
                *high = fmax(*high, value + spread);
            }
        }
    }
}

static void draw_ticks(canvas *on, const axis *up, const rank_axis *across) {
    for (int i = 0; i < axis_ticks(up); i++) {
        double value = axis_tick(up, i), y = axis_at(up, value);
        char label[AXIS_LABEL];
        axis_label(up, value, label);
        canvas_segment(on, (canvas_point){across->from, y}, (canvas_point){across->to, y},
                       (canvas_pen){ink_pale, 0.7, DASH_NONE});
        canvas_text(on, (canvas_point){across->from - 6, y + 3.4}, &tick_letters, label);
    }
}

static void draw_spread(canvas *on, canvas_point at, double half, ink color) {
    const canvas_pen pen = {color, 1.2, DASH_NONE};
    const double cap = 4;
    canvas_segment(on, (canvas_point){at.x, at.y - half}, (canvas_point){at.x, at.y + half}, pen);
    for (int side = -1; side <= 1; side += 2) {
        double y = at.y + side * half;
        canvas_segment(on, (canvas_point){at.x - cap, y}, (canvas_point){at.x + cap, y}, pen);
    }
}

static void draw_curve(canvas *on, const rank_curve *curve, const nmf_rank_row *rows, int64_t count,
                       const rank_axis *across, const axis *up) {
    canvas_point *points = room_for((size_t)count, sizeof *points);
    for (int64_t i = 0; i < count; i++) {
        double value = number_of(&rows[i], curve->field), spread = spread_of(&rows[i], curve);
        points[i] = (canvas_point){rank_axis_at(across, (double)rows[i].rank), axis_at(up, value)};
        if (spread > 0 && !isnan(value)) {
            draw_spread(on, points[i], fabs(axis_at(up, value + spread) - points[i].y), *curve->color);
        }
    }
    canvas_line(on, points, count, (canvas_pen){*curve->color, 1.6, curve->dash});
    for (int64_t i = 0; i < count; i++) {
        if (!isnan(points[i].y)) {
            canvas_marker(on, points[i], curve->mark, *curve->color);
        }
    }
    free(points);
}

/* The first one last, so that it is above the others. */
static void draw_curves(canvas *on, const rank_curve *curves, const nmf_rank_row *rows, int64_t count,
                        const rank_axis *across, const axis *up) {
    int number = 0;
    while (curves[number].name) {
        number++;
    }
    while (number-- > 0) {
        draw_curve(on, &curves[number], rows, count, across, up);
    }
}

static double legend_entry(canvas *on, const rank_curve *curve, canvas_point at, double width) {
    double middle = at.y - 3.5;
    canvas_segment(on, (canvas_point){at.x, middle}, (canvas_point){at.x + SAMPLE_WIDTH, middle},
                   (canvas_pen){*curve->color, 1.6, curve->dash});
    canvas_marker(on, (canvas_point){at.x + SAMPLE_WIDTH / 2.0, middle}, curve->mark, *curve->color);
    canvas_text_within(on, (canvas_point){at.x + SAMPLE_WIDTH + 6, at.y}, width - SAMPLE_WIDTH - 6, &legend_letters,
                       curve->name);
    return at.y + LEGEND_LINE;
}

/* A ring around the lowest point of the first curve, and its number in the legend. */
static void mark_least(canvas *on, const rank_curve *curve, const nmf_rank_row *rows, int64_t count,
                       const rank_axis *across, const axis *up, canvas_point legend) {
    const nmf_rank_row *least = NULL;
    for (int64_t i = 0; i < count; i++) {
        double value = number_of(&rows[i], curve->field);
        if (!isnan(value) && (!least || value < number_of(least, curve->field))) {
            least = &rows[i];
        }
    }
    double value = number_of(least, curve->field);
    const canvas_pen pen = {ink_black, 1.3, DASH_NONE};
    canvas_ring(on, (canvas_point){rank_axis_at(across, (double)least->rank), axis_at(up, value)}, 6.5, pen);
    canvas_ring(on, (canvas_point){legend.x + SAMPLE_WIDTH / 2.0, legend.y - 3.5}, 5, pen);
    char *text = text_of("least: %.3g at %" PRId64, value, least->rank);
    canvas_text(on, (canvas_point){legend.x + SAMPLE_WIDTH + 6, legend.y}, &legend_letters, text);
    free(text);
}

/* On white, for the line of the suggestion may be there. */
static void say_empty(canvas *on, canvas_box box) {
    const char *words = "not measured";
    const double half = canvas_text_width(on, &legend_letters, words) / 2;
    const canvas_point middle = {box.x + box.width / 2, box.y + box.height / 2};
    canvas_letters letters = legend_letters;
    letters.align = ALIGN_CENTER;
    letters.color = ink_gray;
    canvas_fill(on, (canvas_box){middle.x - half - 4, middle.y - 9, 2 * half + 8, 18}, ink_white);
    canvas_text(on, (canvas_point){middle.x, middle.y + 3.5}, &letters, words);
}

void rank_panel_draw(canvas *on, const rank_panel *panel, const nmf_rank_row *rows, int64_t count,
                     const rank_axis *across, double top, double bottom, double legend) {
    const canvas_box box = {across->from, top, across->to - across->from, bottom - top};
    canvas_point entry = {across->to + LEGEND_GAP, top + 10};
    double low, high;
    range_of(panel, rows, count, &low, &high);
    canvas_text_within(on, entry, legend, &heading_letters, panel->heading);
    entry.y += LEGEND_LINE + 3;
    if (low > high) {
        say_empty(on, box);
    } else {
        const double margin = 0.08 * (high - low);
        const axis up = axis_over(low - margin, high + margin, 6, bottom, top);
        draw_ticks(on, &up, across);
        draw_curves(on, panel->curves, rows, count, across, &up);
        for (const rank_curve *curve = panel->curves; curve->name; curve++) {
            entry.y = legend_entry(on, curve, entry, legend);
        }
        if (panel->least) {
            mark_least(on, panel->curves, rows, count, across, &up, entry);
        }
    }
    canvas_frame(on, box, (canvas_pen){ink_gray, 0.8, DASH_NONE});
}
