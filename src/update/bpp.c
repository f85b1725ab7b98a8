/*
 * Exact non-negative least squares by block principal pivoting (Kim & Park 2011, algorithm 2). Each item splits its k
 * entries into a passive set F, where x_F = G_FF⁻¹·p_F, and the rest, where x = 0; entries that come out infeasible
 * change sides, all at once while that makes progress, else the last one alone. Items with the same F share a
 * factorization. Held entries are outside of F for good, and what they explain is taken from p beforehand.
 */
#include "update/update.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    FULL_EXCHANGES = 3, /* without progress, before the backup rule */
    MOST_SWEEPS = 1000, /* of coordinate descent, where exchanges fail */
};
/* Below this part of its largest term a number counts as zero. */
static const double rounding = 1e-12;

/* One item on its way to its solution. */
typedef struct pivoting {
    int64_t item;
    int64_t fewest;      /* infeasible entries, the fewest so far */
    int tries;           /* full exchanges left */
    unsigned char *free; /* k bytes: 1 where the entry is in F */
    double *x;           /* k */
    double *p;           /* k */
} pivoting;

static size_t bpp_scratch(const kernel *simd, int64_t k) {
    (void)simd;
    size_t each = sizeof(pivoting) + (size_t)k * (1 + 2 * sizeof(double));
    return KERNEL_GRID * (each + sizeof(double)) + (size_t)(k * k + k) * sizeof(double);
}

static nmf_status bpp_prepare(update_room *room, const double *gram) {
    memcpy(room->square, gram, (size_t)(room->k * room->k) * sizeof *gram);
    return NMF_OK;
}

/* L·Lᵀ = G_FF in the lower triangle; an entry that depends on those before it gets the diagonal 0 and stays out. */
static void factorize(const double *gram, const unsigned char *free, int64_t k, double *lower) {
    for (int64_t c = 0; c < k; c++) {
        for (int64_t d = 0; d <= c && free[c]; d++) {
            if (!free[d]) {
                continue;
            }
            double sum = gram[c * k + d];
            for (int64_t e = 0; e < d; e++) {
                sum -= free[e] ? lower[c * k + e] * lower[d * k + e] : 0;
            }
            if (d < c) {
                lower[c * k + d] = lower[d * k + d] > 0 ? sum / lower[d * k + d] : 0;
            } else {
                lower[c * k + c] = sum > (double)k * DBL_EPSILON * gram[c * k + c] ? sqrt(sum) : 0;
            }
        }
    }
}

/* x_F = (L·Lᵀ)⁻¹·p_F, 0 elsewhere. */
static void solve(const double *lower, const unsigned char *free, int64_t k, const double *p, double *x) {
    for (int64_t c = 0; c < k; c++) {
        double sum = p[c];
        for (int64_t d = 0; d < c; d++) {
            sum -= free[d] ? lower[c * k + d] * x[d] : 0;
        }
        x[c] = free[c] && lower[c * k + c] > 0 ? sum / lower[c * k + c] : 0;
    }
    for (int64_t c = k - 1; c >= 0; c--) {
        double sum = x[c];
        for (int64_t d = c + 1; d < k; d++) {
            sum -= free[d] ? lower[d * k + c] * x[d] : 0;
        }
        x[c] = free[c] && lower[c * k + c] > 0 ? sum / lower[c * k + c] : 0;
    }
}

/* Is entry c on the wrong side: negative in F, or with a slope that pulls it up from 0 outside? */
static bool infeasible(const double *gram, const pivoting *at, int64_t c, int64_t k) {
    double slope = -at->p[c], size = fabs(at->p[c]);
    for (int64_t d = 0; d < k; d++) {
        double term = gram[c * k + d] * at->x[d];
        slope += term;
        size += fabs(term);
    }
    double curvature = gram[c * k + c];
    return at->free[c] ? at->x[c] * curvature < -rounding * size : slope < -rounding * size && curvature > 0;
}

/* Let infeasible entries change sides; returns whether there were any. */
static bool exchange(const double *gram, pivoting *at, int64_t held, int64_t k, double *wrong) {
    int64_t count = 0, last = 0;
    for (int64_t c = held; c < k; c++) {
        wrong[c] = infeasible(gram, at, c, k);
        count += wrong[c] > 0;
        last = wrong[c] > 0 ? c : last;
    }
    if (count < at->fewest) {
        at->fewest = count;
        at->tries = FULL_EXCHANGES;
    } else if (--at->tries < 0) {
        at->free[last] ^= 1;
        return count > 0;
    }
    for (int64_t c = held; c < k; c++) {
        at->free[c] ^= wrong[c] > 0;
    }
    return count > 0;
}

static int by_pattern(const void *left, const void *right, void *k) {
    const pivoting *a = left, *b = right;
    int order = memcmp(a->free, b->free, (size_t) * (const int64_t *)k);
    return order != 0 ? order : (a->item > b->item) - (a->item < b->item);
}

/* Solve every open item on its own F, one factorization for neighbours with the same, and keep those still infeasible.
 */
static int64_t round_of(const double *gram, pivoting *open, int64_t count, int64_t held, int64_t k, double *lower,
                        double *wrong) {
    int64_t kept = 0;
    qsort_r(open, (size_t)count, sizeof *open, by_pattern, &k);
    for (int64_t i = 0; i < count; i++) {
        if (i == 0 || memcmp(open[i].free, open[i - 1].free, (size_t)k) != 0) {
            factorize(gram, open[i].free, k, lower);
        }
        solve(lower, open[i].free, k, open[i].p, open[i].x);
    }
    for (int64_t i = 0; i < count; i++) {
        if (exchange(gram, &open[i], held, k, wrong)) {
            pivoting still = open[i];
            open[i] = open[kept];
            open[kept++] = still;
        }
    }
    return kept;
}

/* Lay out an item's room and start from the signs of its current x. */
static void begin(const update_room *room, pivoting *at, int64_t item, const items *p, const items *x, double *numbers,
                  unsigned char *free) {
    int64_t held = room->rules.held;
    *at = (pivoting){
        .item = item, .fewest = p->k + 1, .tries = FULL_EXCHANGES, .free = free, .x = numbers, .p = numbers + p->k};
    for (int64_t c = 0; c < p->k; c++) {
        at->p[c] = items_get(p, item, c) - room->rules.l1;
        at->free[c] = c >= held && items_get(x, item, c) > 0;
        for (int64_t d = 0; d < held; d++) {
            at->p[c] -= room->square[c * p->k + d] * items_get(x, item, d);
        }
    }
}

/* ½·xᵀGx − pᵀx */
static double objective(const double *gram, const double *p, const double *x, int64_t k) {
    double sum = 0;
    for (int64_t c = 0; c < k; c++) {
        double row = -2 * p[c];
        for (int64_t d = 0; d < k; d++) {
            row += gram[c * k + d] * x[d];
        }
        sum += row * x[c] / 2;
    }
    return sum;
}

/* One sweep of coordinate descent; returns Σ G_cc·step². */
static double sweep(const double *gram, const double *p, double *x, int64_t held, int64_t k) {
    double moved = 0;
    for (int64_t c = held; c < k; c++) {
        double curvature = gram[c * k + c], slope = p[c];
        for (int64_t d = 0; d < k; d++) {
            slope -= gram[c * k + d] * x[d];
        }
        double now = curvature > DBL_MIN ? fmax(0, x[c] + slope / curvature) : x[c];
        moved += curvature * (now - x[c]) * (now - x[c]);
        x[c] = now;
    }
    return moved;
}

/*
 * Where G is singular to working precision an exchange may not end, or end above where it began. Coordinate descent
 * from the better of the two cannot fail, though it may be slow. `before` is the item as it was.
 */
static void settle(const double *gram, pivoting *at, bool open, const double *before, int64_t held, int64_t k) {
    for (int64_t c = 0; c < k; c++) {
        at->x[c] = fmax(at->x[c], 0);
    }
    bool worse = objective(gram, at->p, at->x, k) > objective(gram, at->p, before, k);
    if (worse) {
        memcpy(at->x, before, (size_t)k * sizeof *before);
    }
    if (open || worse) {
        double first = sweep(gram, at->p, at->x, held, k), moved = first;
        for (int s = 1; s < MOST_SWEEPS && moved > rounding * rounding * first; s++) {
            moved = sweep(gram, at->p, at->x, held, k);
        }
    }
}

static void bpp_apply(const update_room *room, const items *p, const items *x, void *scratch) {
    int64_t k = room->k, held = room->rules.held, count = x->count, open = count;
    double *lower = scratch, *wrong = lower + k * k, *numbers = wrong + k;
    pivoting *all = (pivoting *)(numbers + 2 * k * KERNEL_GRID);
    unsigned char *patterns = (unsigned char *)(all + KERNEL_GRID);
    for (int64_t i = 0; i < count; i++) {
        begin(room, &all[i], i, p, x, numbers + 2 * k * i, patterns + k * i);
    }
    /* The backup rule ends in finitely many exchanges; rounding could make it cycle, so it is bounded too. */
    for (int64_t rounds = 5 * k + 20; open > 0 && rounds > 0; rounds--) {
        open = round_of(room->square, all, open, held, k, lower, wrong);
    }
    items to = *x;
    double *before = wrong;
    for (int64_t i = 0; i < count; i++) {
        for (int64_t c = 0; c < k; c++) {
            before[c] = c < held ? 0 : items_get(x, all[i].item, c);
        }
        settle(room->square, &all[i], i < open, before, held, k);
        for (int64_t c = held; c < k; c++) {
            items_set(&to, all[i].item, c, all[i].x[c]);
        }
    }
}

const update update_bpp = {
    .name = "bpp",
    .summary = "exact non-negative least squares by block principal pivoting",
    .monotone = true,
    .extrapolates = true,
    .holds = true,
    .max_iter = 500,
    .tol = 1e-5,
    .stop = "change",
    .init = "nndsvd",
    .order = "weight",
    .scratch_bytes = bpp_scratch,
    .prepare = bpp_prepare,
    .apply = bpp_apply,
};
