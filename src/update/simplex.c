/*
 * Items whose numbers are at least 0 and sum to 1. Moving d from entry b to entry a changes ½xᵀGx − pᵀx by
 * d·(s_b − s_a) + ½d²·(G_aa + G_bb − 2G_ab), s = p − Gx: the pair with the largest gap of slopes is moved to its
 * minimum, or until b is empty, again and again (the most violating pair of sequential minimal optimisation: Keerthi et
 * al. 2001). The first call finds the sum far from 1 and begins by scaling it.
 */
#include "update/update.h"

#include <math.h>
#include <string.h>

enum { MOVES_A_COMPONENT = 50 };
/* Gaps of slopes below this part of the largest slope are rounding. */
static const double settled = 1e-12;

static size_t simplex_scratch(const kernel *simd, int64_t k) {
    (void)simd;
    return (size_t)(2 * k) * sizeof(double);
}

static nmf_status simplex_prepare(update_room *room, const double *gram) {
    memcpy(room->square, gram, (size_t)(room->k * room->k) * sizeof *gram);
    return NMF_OK;
}

/* Into the simplex: by scaling, or evenly where there is nothing to scale. */
static void enter(double *x, int64_t k) {
    double sum = 0;
    for (int64_t c = 0; c < k; c++) {
        sum += x[c];
    }
    for (int64_t c = 0; c < k; c++) {
        x[c] = sum > 0 && isfinite(sum) ? x[c] / sum : 1 / (double)k;
    }
}

static void find_slopes(const double *gram, const double *p, const double *x, int64_t k, double *s) {
    for (int64_t c = 0; c < k; c++) {
        s[c] = p[c];
        for (int64_t d = 0; d < k; d++) {
            s[c] -= gram[c * k + d] * x[d];
        }
    }
}

/* The entry that gains most by growing, and the one above 0 that loses least by shrinking. */
static void find_pair(const double *s, const double *x, int64_t k, int64_t *grow, int64_t *shrink) {
    *grow = 0;
    *shrink = -1;
    for (int64_t c = 0; c < k; c++) {
        *grow = s[c] > s[*grow] ? c : *grow;
        if (x[c] > 0 && (*shrink < 0 || s[c] < s[*shrink])) {
            *shrink = c;
        }
    }
}

static bool move(const double *gram, double *x, int64_t k, double *s) {
    int64_t a, b;
    find_pair(s, x, k, &a, &b);
    double gap = b < 0 ? 0 : s[a] - s[b];
    if (!(gap > settled * (fabs(s[a]) + fabs(b < 0 ? 0 : s[b])))) {
        return false;
    }
    double curvature = gram[a * k + a] + gram[b * k + b] - 2 * gram[a * k + b];
    double step = curvature * x[b] > gap ? gap / curvature : x[b];
    x[a] += step;
    x[b] = step < x[b] ? x[b] - step : 0;
    for (int64_t c = 0; c < k; c++) {
        s[c] -= step * (gram[c * k + a] - gram[c * k + b]);
    }
    return true;
}

static void simplex_apply(const update_room *room, const items *p, const items *x, void *scratch) {
    int64_t k = room->k;
    double *now = scratch, *slopes = now + k;
    items to = *x;
    for (int64_t i = 0; i < x->count; i++) {
        for (int64_t c = 0; c < k; c++) {
            now[c] = items_get(x, i, c);
            slopes[c] = items_get(p, i, c);
        }
        enter(now, k);
        find_slopes(room->square, slopes, now, k, slopes);
        for (int64_t t = 0; t < MOVES_A_COMPONENT * k && move(room->square, now, k, slopes); t++) {
        }
        for (int64_t c = 0; c < k; c++) {
            items_set(&to, i, c, now[c]);
        }
    }
}

const update update_simplex = {
    .name = "simplex",
    .summary = "pairs of numbers, whose sum stays",
    .monotone = true,
    .scratch_bytes = simplex_scratch,
    .prepare = simplex_prepare,
    .apply = simplex_apply,
};
