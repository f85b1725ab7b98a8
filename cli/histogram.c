#include "histogram.h"

#include "axis.h"
#include "say.h"

#include <math.h>
#include <stdlib.h>

enum { BINS = 40 };

static const canvas_letters label_letters = {{0.3, 0.3, 0.3, 1}, 9.5, false, ALIGN_CENTER, 0};
static const canvas_letters word_letters = {{0.13, 0.13, 0.13, 1}, 10, false, ALIGN_CENTER, 0};

/* Distances beyond `most` are counted as the farthest. */
typedef struct bins {
    double width, most;
    int64_t count[BINS];
    int64_t largest;
} bins;

static bool is_place(double value) {
    return value >= 0 && value <= 1e300;
}

/* A bin ends at the threshold where that is not too near 0, so that no bar is on both sides of it. */
static bins count_bins(const double *distance, int64_t count, double threshold) {
    bins made = {.most = is_place(threshold) ? threshold : 0};
    for (int64_t i = 0; i < count; i++) {
        made.most = is_place(distance[i]) ? fmax(made.most, distance[i]) : made.most;
    }
    made.most = made.most > 1e-290 ? 1.05 * made.most : 1;
    made.width = made.most / BINS;
    if (is_place(threshold) && threshold >= made.width) {
        made.width = threshold / floor(threshold / made.width);
    }
    for (int64_t i = 0; i < count; i++) {
        if (is_place(distance[i])) {
            int64_t bin = (int64_t)fmin(distance[i] / made.width, BINS - 1);
            made.largest = ++made.count[bin] > made.largest ? made.count[bin] : made.largest;
        }
    }
    return made;
}

static void draw_counts(canvas *on, canvas_box box, const axis *up) {
    canvas_letters letters = label_letters;
    letters.align = ALIGN_RIGHT;
    for (int i = 0; i < axis_ticks(up); i++) {
        char label[AXIS_LABEL];
        double value = axis_tick(up, i), y = axis_at(up, value);
        if (value == floor(value)) {
            axis_label(up, value, label);
            canvas_segment(on, (canvas_point){box.x, y}, (canvas_point){box.x + box.width, y},
                           (canvas_pen){ink_pale, 0.7, DASH_NONE});
            canvas_text(on, (canvas_point){box.x - 5, y + 3.4}, &letters, label);
        }
    }
}

static void draw_distances(canvas *on, canvas_box box, const axis *along) {
    double floor_y = box.y + box.height;
    for (int i = 0; i < axis_ticks(along); i++) {
        char label[AXIS_LABEL];
        double value = axis_tick(along, i), x = axis_at(along, value);
        axis_label(along, value, label);
        canvas_segment(on, (canvas_point){x, floor_y}, (canvas_point){x, floor_y + 3},
                       (canvas_pen){ink_gray, 0.8, DASH_NONE});
        canvas_text(on, (canvas_point){x, floor_y + 14}, &label_letters, label);
    }
}

/* A bar that is not empty is at least a point high: what is left out is often little. */
static void draw_bars(canvas *on, canvas_box box, const bins *counted, const axis *along, const axis *up,
                      double threshold) {
    double floor_y = box.y + box.height;
    for (int i = 0; i < BINS; i++) {
        if (counted->count[i] > 0) {
            double left = axis_at(along, i * counted->width), right = axis_at(along, (i + 1) * counted->width);
            double top = fmin(axis_at(up, (double)counted->count[i]), floor_y - 1);
            bool kept = (i + 0.5) * counted->width < threshold;
            canvas_fill(on, (canvas_box){left + 0.3, top, right - left - 0.6, floor_y - top},
                        kept ? ink_blue : ink_vermilion);
        }
    }
}

void histogram_draw(canvas *on, canvas_box box, const double *distance, int64_t count, double threshold) {
    const bins counted = count_bins(distance, count, threshold);
    const double floor_y = box.y + box.height, right = box.x + box.width;
    const axis along = axis_over(0, counted.most, 5, box.x, right);
    const axis up = axis_over(0, (double)counted.largest, 5, floor_y, box.y + 4);
    draw_counts(on, box, &up);
    draw_distances(on, box, &along);
    draw_bars(on, box, &counted, &along, &up, threshold);
    if (is_place(threshold)) {
        double x = axis_at(&along, threshold);
        canvas_segment(on, (canvas_point){x, box.y}, (canvas_point){x, floor_y},
                       (canvas_pen){ink_black, 1.2, DASH_LONG});
    }
    canvas_frame(on, box, (canvas_pen){ink_gray, 0.8, DASH_NONE});
    canvas_text(on, (canvas_point){box.x + box.width / 2, floor_y + 30}, &word_letters,
                "mean distance to the nearest spectra");
}
