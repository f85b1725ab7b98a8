#include "rank_picture.h"

#include "canvas.h"
#include "rank_panel.h"
#include "say.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    WIDTH = 680,
    MARGIN = 20,
    LEFT = 68,
    RIGHT = 492, /* of the panels; their legends are beyond it */
    LEGEND = WIDTH - RIGHT - 26,
    PANEL = 118,
    PANELS = 4,
    PANEL_GAP = 12,
    LEADING = 14
};

/* What is drawn; rows by rank. */
typedef struct survey {
    const char *title;
    const nmf_rank_row *rows;
    int64_t count;
    const nmf_suggestion *suggestion;
} survey;

static const canvas_letters title_letters = {{0.13, 0.13, 0.13, 1}, 15, true, ALIGN_LEFT, 0};
static const canvas_letters plain_letters = {{0.13, 0.13, 0.13, 1}, 10.5, false, ALIGN_LEFT, 0};
static const canvas_letters small_letters = {{0.3, 0.3, 0.3, 1}, 9.5, false, ALIGN_CENTER, 0};
static const canvas_letters bold_letters = {{0.13, 0.13, 0.13, 1}, 10, true, ALIGN_CENTER, 0};

#define CURVE(name, field, color, mark, dash)                                                                          \
    { name, offsetof(nmf_rank_row, field), 0, &(color), mark, dash }

static const rank_panel panels[PANELS] = {
    {"Relative error",
     {CURVE("best start", relative_error, ink_blue, MARK_DISC, DASH_NONE),
      CURVE("median of the starts", median_error, ink_vermilion, MARK_SQUARE, DASH_LONG)},
     false},
    {"Samples",
     {CURVE("cophenetic corr.", cophenetic, ink_blue, MARK_DISC, DASH_NONE),
      CURVE("dispersion", dispersion, ink_vermilion, MARK_SQUARE, DASH_LONG),
      CURVE("silhouette", silhouette_samples, ink_green, MARK_TRIANGLE, DASH_MIXED),
      CURVE("PAC (low is good)", pac, ink_purple, MARK_DIAMOND, DASH_DOTS)},
     false},
    {"Components",
     {CURVE("stability, mean", stability, ink_blue, MARK_DISC, DASH_NONE),
      CURVE("stability, least", stability_least, ink_vermilion, MARK_SQUARE, DASH_LONG),
      CURVE("silhouette", silhouette_spectra, ink_green, MARK_TRIANGLE, DASH_MIXED)},
     false},
    {"Held-out entries",
     {{"error \u00b1 std. error", offsetof(nmf_rank_row, held_out), offsetof(nmf_rank_row, held_out_error), &ink_blue,
       MARK_DISC, DASH_NONE}},
     true},
};

static char *suggestion_sentence(const nmf_suggestion *suggestion) {
    if (suggestion->rank < 1) {
        return text_of("suggested: none. %s %s", suggestion->reason, suggestion->doubt);
    }
    if (suggestion->low == suggestion->high) {
        return text_of("suggested: %" PRId64 ". %s %s", suggestion->rank, suggestion->reason, suggestion->doubt);
    }
    return text_of("suggested: %" PRId64 " (%" PRId64 " to %" PRId64 "). %s %s", suggestion->rank, suggestion->low,
                   suggestion->high, suggestion->reason, suggestion->doubt);
}

/* Returns where the panels may begin. */
static double draw_words(canvas *on, const char *title, const nmf_suggestion *suggestion) {
    canvas_text_within(on, (canvas_point){MARGIN, 30}, WIDTH - 2 * MARGIN, &title_letters, title);
    char *sentence = suggestion_sentence(suggestion);
    double y = canvas_paragraph(on, (canvas_point){MARGIN, 50}, WIDTH - 2 * MARGIN, LEADING, &plain_letters, sentence);
    free(sentence);
    return y + 16;
}

/* A position within the axis, whatever the suggestion says. */
static double held_in(const rank_axis *across, double x) {
    return fmin(fmax(x, across->from), across->to);
}

static void draw_suggestion(canvas *on, const nmf_suggestion *suggestion, const rank_axis *across, double top,
                            double bottom) {
    if (suggestion->rank < 1) {
        return;
    }
    double low = held_in(across, rank_axis_at(across, (double)suggestion->low));
    double high = held_in(across, rank_axis_at(across, (double)suggestion->high));
    double at = held_in(across, rank_axis_at(across, (double)suggestion->rank));
    canvas_fill(on, (canvas_box){low, top, high - low, bottom - top}, ink_band);
    canvas_segment(on, (canvas_point){at, top}, (canvas_point){at, bottom}, (canvas_pen){ink_black, 1, DASH_LONG});
}

/* Labels of ranks from left to right, those left out for which there is no room. */
static void draw_labels(canvas *on, const nmf_rank_row *rows, int64_t count, const rank_axis *across, double y,
                        int64_t bold, void (*text_at)(const nmf_rank_row *row, char *text, size_t room)) {
    const double gap = 6;
    double taken = -INFINITY, kept_from = INFINITY, kept_to = -INFINITY;
    char text[32];
    for (int pass = 0; pass < 2; pass++) {
        for (int64_t i = 0; i < count; i++) {
            bool first = rows[i].rank == bold;
            const canvas_letters *letters = first ? &bold_letters : &small_letters;
            text_at(&rows[i], text, sizeof text);
            double half = canvas_text_width(on, letters, text) / 2;
            double x = rank_axis_at(across, (double)rows[i].rank);
            if (first != (pass == 0) || !*text || x - half < taken + gap ||
                (x + half + gap > kept_from && x - half - gap < kept_to)) {
                continue;
            }
            canvas_text(on, (canvas_point){x, y}, letters, text);
            if (first) {
                kept_from = x - half;
                kept_to = x + half;
            } else {
                taken = x + half;
            }
        }
    }
}

static void rank_text(const nmf_rank_row *row, char *text, size_t room) {
    snprintf(text, room, "%" PRId64, row->rank);
}

static void explained_text(const nmf_rank_row *row, char *text, size_t room) {
    double percent = 100 * row->explained;
    if (!isfinite(percent)) {
        *text = '\0';
    } else if (fabs(percent) >= 1e4) {
        snprintf(text, room, "%.2g %%", percent);
    } else {
        snprintf(text, room, percent < 100 && percent >= 99.95 ? "> 99.9 %%" : "%.1f %%", percent);
    }
}

static void draw_explained(canvas *on, const nmf_rank_row *rows, int64_t count, const rank_axis *across, double y) {
    canvas_letters letters = small_letters;
    letters.align = ALIGN_LEFT;
    draw_labels(on, rows, count, across, y, 0, explained_text);
    for (int64_t i = 0; i < count; i++) {
        if (isfinite(rows[i].explained)) {
            canvas_text_within(on, (canvas_point){RIGHT + 16, y}, LEGEND, &letters, "explained by the best start");
            return;
        }
    }
}

static int by_rank(const void *a, const void *b) {
    int64_t x = ((const nmf_rank_row *)a)->rank, y = ((const nmf_rank_row *)b)->rank;
    return (x > y) - (x < y);
}

static canvas_size draw_survey(canvas *on, const void *what) {
    const survey *of = what;
    const rank_axis across = rank_axis_over(of->rows, of->count, LEFT, RIGHT);
    const double top = draw_words(on, of->title, of->suggestion);
    const double bottom = top + PANELS * PANEL + (PANELS - 1) * PANEL_GAP;
    draw_suggestion(on, of->suggestion, &across, top, bottom);
    draw_explained(on, of->rows, of->count, &across, top - 6);
    for (int i = 0; i < PANELS; i++) {
        double from = top + i * (PANEL + PANEL_GAP);
        rank_panel_draw(on, &panels[i], of->rows, of->count, &across, from, from + PANEL, LEGEND);
    }
    draw_labels(on, of->rows, of->count, &across, bottom + 15, of->suggestion->rank, rank_text);
    canvas_letters letters = plain_letters;
    letters.align = ALIGN_CENTER;
    canvas_text(on, (canvas_point){(LEFT + RIGHT) / 2.0, bottom + 32}, &letters, "components");
    return (canvas_size){WIDTH, bottom + 46};
}

nmf_status rank_picture(nmf_context *context, const char *title, const nmf_rank_row *rows, int64_t count,
                        const nmf_suggestion *suggestion, const char *path) {
    nmf_rank_row *sorted = room_for((size_t)count, sizeof *sorted);
    memcpy(sorted, rows, (size_t)count * sizeof *sorted);
    qsort(sorted, (size_t)count, sizeof *sorted, by_rank);
    const survey what = {title, sorted, count, suggestion};
    nmf_status status = canvas_write(context, draw_survey, &what, path);
    free(sorted);
    return status;
}
