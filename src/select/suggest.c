/* What the rows of a survey suggest: how far components are stable, and where held-out entries are foretold best. */
#include "nmf/nmf.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/*
 * Components count as stable where those of two starts have a mean cosine, and the clusters of all a silhouette, of at
 * least so much.
 */
static const double stable_cosine = 0.9, stable_silhouette = 0.75;

/* What the rows say, as ranks; 0: nothing. */
typedef struct verdict {
    int64_t last;        /* the highest looked at */
    int64_t best;        /* where held-out error is least */
    int64_t least, most; /* within two standard errors of that; without held-out error any rank is */
    int64_t stable;      /* the highest that is stable */
    int64_t within;      /* likewise, of least … most */
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

/* The highest stable rank from `least` to `most`; 0: none. */
static int64_t find_stable(const nmf_rank_row *rows, int64_t count, int64_t least, int64_t most) {
    int64_t stable = 0;
    for (int64_t r = 0; r < count; r++) {
        int64_t rank = rows[r].rank;
        if (rank >= least && rank <= most && rank > stable && is_stable(&rows[r])) {
            stable = rank;
        }
    }
    return stable;
}

static verdict judge(const nmf_rank_row *rows, int64_t count) {
    verdict v = {.most = INT64_MAX};
    for (int64_t r = 0; r < count; r++) {
        v.last = rows[r].rank > v.last ? rows[r].rank : v.last;
    }
    look_at_held_out(rows, count, &v);
    v.stable = find_stable(rows, count, 0, INT64_MAX);
    v.within = find_stable(rows, count, v.least, v.most);
    return v;
}

static void append(char *out, size_t room, const char *sentence) {
    size_t used = strlen(out);
    snprintf(out + used, room - used, "%s%s", used > 0 ? " " : "", sentence);
}

/* Where held-out entries are foretold best. */
static void tell_best(const verdict *v, char *out, size_t room) {
    if (v->least < v->most) {
        snprintf(
            out, room,
            "Held-out entries are foretold best at %lld, and as well within two standard errors from %lld to %lld.",
            (long long)v->best, (long long)v->least, (long long)v->most);
    } else {
        snprintf(out, room, "Held-out entries are foretold best at %lld.", (long long)v->best);
    }
}

static void give_reason(const verdict *v, char *out, size_t room) {
    char one[160] = "";
    if (v->best > 0) {
        tell_best(v, out, room);
    }
    if (v->within > 1 && v->best > 0 && v->least == v->most) {
        append(out, room, "Components are the same from every start there.");
    } else if (v->within > 1) {
        snprintf(one, sizeof one, "The highest rank%s with the same components from every start is %lld.",
                 v->best > 0 ? " of these" : "", (long long)v->within);
        append(out, room, one);
    }
    if (!*out) {
        append(out, room, "Nothing here tells ranks from each other.");
    }
}

/* What is to be said of where components are the same from every start; NULL: nothing. */
static const char *doubt_stable(const verdict *v) {
    if (v->stable <= 1) {
        return v->last > 1 ? "At no rank above 1 are the components the same from every start." : NULL;
    }
    if (v->stable > v->most) {
        return "Components are stable beyond what foretells held-out entries.";
    }
    return v->within == v->last ? "Components are stable up to the highest rank looked at: higher ones may be too."
                                : NULL;
}

static void give_doubt(const verdict *v, char *out, size_t room) {
    char one[160];
    if (v->best > 0 && v->best == v->last) {
        snprintf(one, sizeof one, "Held-out error has no minimum before %lld, the highest rank looked at.",
                 (long long)v->last);
        append(out, room, one);
    }
    if (v->within == 0 && v->stable > 1) {
        snprintf(
            one, sizeof one,
            "Of the ranks that held-out error leaves open none has the same components from every start; %lld has.",
            (long long)v->stable);
        append(out, room, one);
    } else if (doubt_stable(v)) {
        append(out, room, doubt_stable(v));
    }
}

void nmf_suggest(const nmf_rank_row *rows, int64_t count, nmf_suggestion *suggestion) {
    *suggestion = (nmf_suggestion){0};
    verdict v = judge(rows, count);
    suggestion->rank = v.within > 0 ? v.within : v.least;
    suggestion->low = v.best > 0 ? v.least : suggestion->rank;
    suggestion->high = v.best > 0 ? v.most : suggestion->rank;
    give_reason(&v, suggestion->reason, sizeof suggestion->reason);
    give_doubt(&v, suggestion->doubt, sizeof suggestion->doubt);
}
