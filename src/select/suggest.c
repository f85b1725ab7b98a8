/* What the rows of a survey suggest: how far components are stable, and where held-out entries are foretold best. */
#include "nmf/nmf.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Components count as stable where those of two starts have a mean cosine, and the clusters of all a silhouette, of at
 * least so much.
 */
static const double stable_cosine = 0.9, stable_silhouette = 0.75;

/* What the rows say, as ranks; 0: nothing. */
typedef struct verdict {
    int64_t first, last; /* of the ranks looked at */
    int64_t stable;      /* the highest rank that is stable */
    int64_t best;        /* where held-out error is least */
    int64_t least, most; /* within a standard error of that */
    int64_t suggested;
} verdict;

static bool is_stable(const nmf_rank_row *row) {
    bool clusters = isnan(row->silhouette_spectra) || row->silhouette_spectra >= stable_silhouette;
    return row->stability >= stable_cosine && clusters;
}

static const nmf_rank_row *find_best(const nmf_rank_row *rows, int64_t count) {
    const nmf_rank_row *best = NULL;
    for (int64_t r = 0; r < count; r++) {
        bool better = !best || rows[r].held_out < best->held_out ||
                      (rows[r].held_out == best->held_out && rows[r].rank < best->rank);
        best = !isnan(rows[r].held_out) && better ? &rows[r] : best;
    }
    return best;
}

/* The ranks that are not to be told from the best: within two standard errors of it. */
static void look_at_held_out(const nmf_rank_row *rows, int64_t count, verdict *v) {
    const nmf_rank_row *best = find_best(rows, count);
    if (!best) {
        return;
    }
    double bar = best->held_out + (isnan(best->held_out_error) ? 0 : 2 * best->held_out_error);
    v->best = v->least = v->most = best->rank;
    for (int64_t r = 0; r < count; r++) {
        if (rows[r].held_out <= bar) {
            v->least = rows[r].rank < v->least ? rows[r].rank : v->least;
            v->most = rows[r].rank > v->most ? rows[r].rank : v->most;
        }
    }
}

/* The highest stable rank, of those up to `limit`; 0: none. */
static int64_t find_stable(const nmf_rank_row *rows, int64_t count, int64_t limit) {
    int64_t stable = 0;
    for (int64_t r = 0; r < count; r++) {
        if (rows[r].rank <= limit && rows[r].rank > stable && is_stable(&rows[r])) {
            stable = rows[r].rank;
        }
    }
    return stable;
}

static verdict judge(const nmf_rank_row *rows, int64_t count) {
    verdict v = {.first = rows[0].rank, .last = rows[0].rank};
    for (int64_t r = 1; r < count; r++) {
        v.first = rows[r].rank < v.first ? rows[r].rank : v.first;
        v.last = rows[r].rank > v.last ? rows[r].rank : v.last;
    }
    look_at_held_out(rows, count, &v);
    v.stable = find_stable(rows, count, INT64_MAX);
    int64_t within = v.best > 0 ? find_stable(rows, count, v.most) : v.stable;
    v.suggested = within > 1 ? within : v.best > 0 ? v.least : within;
    return v;
}

static void give_reason(const verdict *v, char *out, size_t room) {
    long long stable = (long long)v->stable, best = (long long)v->best;
    if (v->stable > 1 && v->best > 0) {
        snprintf(out, room,
                 "Components are the same from every start up to %lld, and held-out entries are foretold best at %lld, "
                 "as well within two standard errors from %lld to %lld.",
                 stable, best, (long long)v->least, (long long)v->most);
    } else if (v->stable > 1) {
        snprintf(out, room, "Components are the same from every start up to %lld.", stable);
    } else if (v->best > 0) {
        snprintf(out, room,
                 "Held-out entries are foretold best at %lld, as well within two standard errors from %lld to %lld.",
                 best, (long long)v->least, (long long)v->most);
    }
}

static void append(char *out, size_t room, const char *sentence) {
    size_t used = strlen(out);
    snprintf(out + used, room - used, "%s%s", used > 0 ? " " : "", sentence);
}

static void give_doubt(const verdict *v, char *out, size_t room) {
    char one[160];
    if (v->best > 0 && v->best == v->last) {
        snprintf(one, sizeof one, "Held-out error has no minimum before %lld, the highest rank looked at.",
                 (long long)v->last);
        append(out, room, one);
    }
    if (v->stable <= 1 && v->last > 1) {
        append(out, room, "At no rank above 1 are the components the same from every start.");
    } else if (v->stable == v->last) {
        append(out, room, "Components are stable up to the highest rank looked at: higher ones may be too.");
    } else if (v->best > 0 && v->stable > v->most) {
        append(out, room, "Components are stable beyond what foretells held-out entries.");
    } else if (v->best > 0 && v->stable < v->least) {
        append(out, room, "What foretells held-out entries best are more components than are stable.");
    }
}

void nmf_suggest(const nmf_rank_row *rows, int64_t count, nmf_suggestion *suggestion) {
    *suggestion = (nmf_suggestion){0};
    if (count < 1) {
        return;
    }
    verdict v = judge(rows, count);
    suggestion->rank = v.suggested;
    suggestion->low = v.best > 0 && v.least < v.suggested ? v.least : v.suggested;
    suggestion->high = v.most > v.suggested ? v.most : v.suggested;
    give_reason(&v, suggestion->reason, sizeof suggestion->reason);
    give_doubt(&v, suggestion->doubt, sizeof suggestion->doubt);
}
