#include "progress.h"

#include "say.h"
#include "signals.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { BAR_MOST = 30, BAR_LEAST = 8 };

static const double SECONDS_BETWEEN = 0.1;

static int terminal_width(void) {
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

static const char *color(void) {
    const char *no_color = getenv("NO_COLOR");
    return no_color && *no_color ? "" : "\033[32m";
}

static char *time_left(double seconds) {
    if (seconds < 60) {
        return text_of("%.0f s", seconds);
    }
    int64_t minutes = (int64_t)(seconds / 60);
    return minutes < 120 ? text_of("%" PRId64 " min", minutes) : text_of("%" PRId64 " h", minutes / 60);
}

/* "rank 4 (3 of 11), start 12 of 30, " */
static char *place_of(const nmf_progress *step, const char *where) {
    char *start = step->starts > 1 ? text_of("start %" PRId64 " of %" PRId64 ", ", step->start, step->starts) : NULL;
    char *place = text_of("%s%s%s", where ? where : "", where ? ", " : "", start ? start : "");
    free(start);
    return place;
}

static char *time_left_of(const nmf_progress *step, double rate) {
    char *left = rate > 0 ? time_left((double)(step->max_iter - step->iteration) / rate) : text_of("?");
    char *text = text_of("  %s left at most", left);
    free(left);
    return text;
}

/* How long it can take yet is known of a fit from one start alone. */
static char *numbers(const nmf_progress *step, const char *where) {
    double rate = step->seconds > 0 ? (double)step->iteration / step->seconds : 0;
    char *place = place_of(step, where);
    char *left = *place ? text_of("%s", "") : time_left_of(step, rate);
    char *text = text_of("%s%" PRId64 "/%" PRId64 "  relative error %.6f  %.*f/s%s", place, step->iteration,
                         step->max_iter, step->relative_error, rate < 10 ? 1 : 0, rate, left);
    free(left);
    free(place);
    return text;
}

static void fill_bar(char *bar, int length, const nmf_progress *step) {
    int done = step->max_iter > 0 ? (int)((double)step->iteration / (double)step->max_iter * length) : 0;
    done = done > length ? length : done;
    memset(bar, '=', (size_t)done);
    memset(bar + done, ' ', (size_t)(length - done));
    if (done < length) {
        bar[done] = '>';
    }
}

static void draw(const nmf_progress *step, const char *where) {
    char *text = numbers(step, where);
    /* One column stays free: some terminals wrap as soon as the last one is filled. */
    int room = terminal_width() - 1;
    int bar_length = room - (int)strlen(text) - 4;
    bar_length = bar_length > BAR_MOST ? BAR_MOST : bar_length;
    char bar[BAR_MOST] = "";
    char *line = NULL;
    if (bar_length >= BAR_LEAST) {
        fill_bar(bar, bar_length, step);
        line = text_of("[%.*s] %s", bar_length, bar, text);
    } else {
        line = text_of("%.*s", room, text);
    }
    say_line(line, color());
    free(line);
    free(text);
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

int progress_observe(void *user, const nmf_progress *step) {
    progress_line *progress = user;
    if (say_live() && now() - progress->shown >= SECONDS_BETWEEN) {
        draw(step, progress->where);
        progress->shown = now();
    }
    return signals_asked_to_stop();
}

static char *bytes_line(const char *path, int64_t done, int64_t total) {
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    return total > 0
               ? text_of("%.40s  %.0f %% of %.1f MB", name, 100 * (double)done / (double)total, (double)total / 1e6)
               : text_of("%.40s  %.1f MB", name, (double)done / 1e6);
}

int progress_bytes(void *user, const char *path, int64_t done, int64_t total) {
    static double shown;
    (void)user;
    if (!say_live() || now() - shown < SECONDS_BETWEEN) {
        return 0;
    }
    /* The first look only starts the clock: small files come and go without a line. */
    if (shown > 0) {
        char *line = bytes_line(path, done, total);
        say_line(line, "");
        free(line);
    }
    shown = now();
    return 0;
}

int progress_bytes_or_stop(void *user, const char *path, int64_t done, int64_t total) {
    progress_bytes(user, path, done, total);
    return signals_asked_to_stop();
}
