#include "consensus_picture.h"

#include "canvas.h"
#include "histogram.h"
#include "say.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    MARGIN = 20,
    SIDE = 500, /* of the co-membership: a thousand samples have a pixel of the PNG each */
    BAR = 14,
    BAR_GAP = 3,
    TOP = 78,
    NAMED_MOST = 60,
    NAMES_WIDTH = 110,
    COLUMN_GAP = 34,
    COLUMN = 250, /* what is to the right of the co-membership */
    SCALE_STEPS = 200,
    LEADING = 14
};

typedef struct consensus {
    const char *title;
    const nmf_consensus_summary *summary;
    const char *(*name)(const void *names, int64_t column);
    const void *names;
} consensus;

/* What is drawn, and where. */
typedef struct sheet {
    canvas *on;
    const consensus *of;
    const nmf_consensus_summary *summary;
    canvas_box cells;
    double column, width; /* where the right column begins; of it all */
} sheet;

static const canvas_letters title_letters = {{0.13, 0.13, 0.13, 1}, 15, true, ALIGN_LEFT, 0};
static const canvas_letters plain_letters = {{0.13, 0.13, 0.13, 1}, 10.5, false, ALIGN_LEFT, 0};
static const canvas_letters heading_letters = {{0.13, 0.13, 0.13, 1}, 11, true, ALIGN_LEFT, 0};
static const canvas_letters tick_letters = {{0.3, 0.3, 0.3, 1}, 9.5, false, ALIGN_CENTER, 0};

static int64_t samples_of(const nmf_consensus_summary *summary) {
    return summary->together && summary->row.samples > 0 ? summary->row.samples : 0;
}

static char *name_of(const sheet *s, int64_t place) {
    int64_t column = s->summary->sample[place];
    const char *name = s->of->name ? s->of->name(s->of->names, column) : NULL;
    return name ? text_of("%s", name) : text_of("%" PRId64, column + 1);
}

static canvas_letters name_letters(int64_t samples) {
    canvas_letters letters = tick_letters;
    letters.align = ALIGN_RIGHT;
    letters.size = fmin(10, 0.9 * SIDE / (double)samples);
    return letters;
}

/* The room that names take to the left; 0 where they are not shown. */
static double names_width(const sheet *s) {
    int64_t samples = samples_of(s->summary);
    double width = 0;
    if (samples > 0 && samples <= NAMED_MOST) {
        const canvas_letters letters = name_letters(samples);
        for (int64_t i = 0; i < samples; i++) {
            char *name = name_of(s, i);
            width = fmax(width, canvas_text_width(s->on, &letters, name));
            free(name);
        }
    }
    return fmin(ceil(width), NAMES_WIDTH);
}

static void draw_names(const sheet *s, double width) {
    int64_t samples = samples_of(s->summary);
    const canvas_letters letters = name_letters(samples);
    for (int64_t i = 0; i < samples && width > 0; i++) {
        char *name = name_of(s, i);
        double y = s->cells.y + ((double)i + 0.5) * SIDE / (double)samples + 0.36 * letters.size;
        canvas_text_within(s->on, (canvas_point){s->cells.x - BAR - 2 * BAR_GAP - 2, y}, width, &letters, name);
        free(name);
    }
}

/* A stretch of the bar along the top and along the left, with the number of its cluster where there is room. */
static void draw_cluster(const sheet *s, double from, double to, int64_t cluster) {
    const double line = to - from > 3 ? 0.5 : 0;
    const double x = s->cells.x - BAR - BAR_GAP, y = s->cells.y - BAR - BAR_GAP;
    const ink color = palette_cluster(cluster);
    canvas_letters letters = tick_letters;
    char number[24];
    canvas_fill(s->on, (canvas_box){s->cells.x + from + line, y, to - from - 2 * line, BAR}, color);
    canvas_fill(s->on, (canvas_box){x, s->cells.y + from + line, BAR, to - from - 2 * line}, color);
    snprintf(number, sizeof number, "%" PRId64, cluster + 1);
    letters.bold = true;
    letters.color = palette_is_dark(color) ? ink_white : ink_black;
    double needed = canvas_text_width(s->on, &letters, number) + 2;
    if (needed <= to - from) {
        canvas_text(s->on, (canvas_point){s->cells.x + (from + to) / 2, y + BAR / 2.0 + 3.5}, &letters, number);
        letters.turn = -90;
        canvas_text(s->on, (canvas_point){x + BAR / 2.0 + 3.5, s->cells.y + (from + to) / 2}, &letters, number);
    }
}

static void draw_clusters(const sheet *s) {
    const int64_t samples = samples_of(s->summary), *cluster = s->summary->cluster;
    int64_t from = 0;
    for (int64_t i = 1; i <= samples; i++) {
        if (i == samples || cluster[i] != cluster[from]) {
            draw_cluster(s, SIDE * (double)from / (double)samples, SIDE * (double)i / (double)samples, cluster[from]);
            from = i;
        }
    }
}

static void draw_together(const sheet *s) {
    int64_t samples = samples_of(s->summary);
    if (samples > 0) {
        canvas_cells(s->on, s->cells, s->summary->together, samples, samples, palette_share);
        draw_clusters(s);
    } else {
        canvas_letters letters = plain_letters;
        letters.align = ALIGN_CENTER;
        letters.color = ink_gray;
        canvas_text(s->on, (canvas_point){s->cells.x + SIDE / 2.0, s->cells.y + SIDE / 2.0}, &letters, "not measured");
    }
    canvas_frame(s->on, s->cells, (canvas_pen){ink_gray, 0.8, DASH_NONE});
}

/* The colour scale; returns where the next thing may begin. */
static double draw_scale(const sheet *s, double y) {
    double steps[SCALE_STEPS];
    for (int i = 0; i < SCALE_STEPS; i++) {
        steps[i] = i / (SCALE_STEPS - 1.0);
    }
    const canvas_box bar = {s->column, y + 28, COLUMN - 50, 12};
    canvas_text(s->on, (canvas_point){s->column, y + 8}, &heading_letters, "Co-membership of samples");
    canvas_text(s->on, (canvas_point){s->column, y + 22}, &plain_letters, "share of the starts that join them");
    canvas_cells(s->on, bar, steps, 1, SCALE_STEPS, palette_share);
    canvas_frame(s->on, bar, (canvas_pen){ink_gray, 0.8, DASH_NONE});
    for (int i = 0; i <= 4; i++) {
        static const char *const labels[] = {"0", "0.25", "0.5", "0.75", "1"};
        canvas_text(s->on, (canvas_point){bar.x + i * bar.width / 4, bar.y + 25}, &tick_letters, labels[i]);
    }
    return bar.y + 40;
}

static double draw_bar_words(const sheet *s, double y) {
    return canvas_paragraph(s->on, (canvas_point){s->column, y}, COLUMN, LEADING, &plain_letters,
                            "Bars at the top and at the left: the clusters that the tree of the samples is cut into.");
}

static void draw_distances(const sheet *s, double y) {
    const nmf_consensus_summary *summary = s->summary;
    const double left = s->column + 34;
    canvas_text(s->on, (canvas_point){s->column, y}, &heading_letters, "Spectra of all starts");
    char *text = text_of("kept %" PRId64 " of %" PRId64 ": those nearer than %.3g", summary->kept, summary->spectra,
                         summary->density);
    canvas_text_within(s->on, (canvas_point){s->column, y + 15}, COLUMN, &plain_letters, text);
    free(text);
    const double top = y + 25;
    histogram_draw(s->on, (canvas_box){left, top, s->column + COLUMN - left, s->cells.y + SIDE - 34 - top},
                   summary->distance, summary->spectra, summary->density);
}

/* Adds "NAME NUMBER" where there is such a number. */
static void append_number(char **caption, const char *name, double value) {
    if (!isnan(value)) {
        char *longer = text_of("%s, %s %.3g", *caption, name, value);
        free(*caption);
        *caption = longer;
    }
}

static void draw_caption(const sheet *s) {
    const nmf_rank_row *row = &s->summary->row;
    const double width = s->width - 2 * MARGIN;
    char *caption = text_of("%" PRId64 " component%s, %" PRId64 " starts, %" PRId64 " samples", row->rank,
                            row->rank == 1 ? "" : "s", row->restarts, row->samples);
    append_number(&caption, "cophenetic correlation", row->cophenetic);
    append_number(&caption, "dispersion", row->dispersion);
    append_number(&caption, "PAC", row->pac);
    canvas_text_within(s->on, (canvas_point){MARGIN, 30}, width, &title_letters, s->of->title);
    canvas_text_within(s->on, (canvas_point){MARGIN, 49}, width, &plain_letters, caption);
    free(caption);
}

static canvas_size draw_consensus(canvas *on, const void *what) {
    const consensus *of = what;
    sheet s = {.on = on, .of = of, .summary = of->summary};
    double named = names_width(&s);
    s.cells = (canvas_box){MARGIN + BAR + BAR_GAP + (named > 0 ? named + 6 : 0), TOP, SIDE, SIDE};
    s.column = s.cells.x + SIDE + COLUMN_GAP;
    s.width = s.column + COLUMN + MARGIN;
    draw_caption(&s);
    draw_together(&s);
    draw_names(&s, named);
    double y = draw_bar_words(&s, draw_scale(&s, TOP) + 10);
    draw_distances(&s, y + 16);
    return (canvas_size){s.width, TOP + SIDE + MARGIN};
}

nmf_status consensus_picture(nmf_context *context, const char *title, const nmf_consensus_summary *summary,
                             const char *(*name)(const void *names, int64_t column), const void *names,
                             const char *path) {
    const consensus what = {title, summary, name, names};
    return canvas_write(context, draw_consensus, &what, path);
}
