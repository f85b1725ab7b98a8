#include "fit/ties.h"
#include "fit/lines.h"

#include <math.h>

bool ties_bind(const fit *f, side which) {
    return f->plan.symmetric || (which == SIDE_H && f->plan.graph);
}

bool ties_vary(const fit *f, side which) {
    return which == SIDE_H && f->plan.graph;
}

double ties_symmetric_weight(const fit *f) {
    return f->plan.symmetric ? f->draw / sqrt((double)f->plan.k) : 0;
}

static double graph_weight(const fit *f) {
    return fit_in_units(f, f->plan.graph_weight, 2, f->h_exponent);
}

/* Row i of the graph, h all items: pull += Σ_l s_il·h_l; returns the degree Σ_l s_il. */
static double neighbours(const nmf_matrix *graph, const items *h, int64_t i, double *pull, double weight) {
    entry_line row = graph->kind->line(graph, false, i);
    double degree = 0;
    for (int64_t e = 0; e < row.count; e++) {
        double s = entry_value(graph->info.dtype, &row, e);
        int64_t l = entry_place(&row, e);
        degree += s;
        for (int64_t c = 0; c < h->k && s != 0; c++) {
            pull[c] += weight * s * items_get(h, l, c);
        }
    }
    return degree;
}

/*
 * Of ½λ·tr(H·L·Hᵀ), with L ≼ 2D: λ·(Lh₀)·(h − h₀) + λ·d·|h − h₀|² is a bound, whose ridge is 2λd and whose pull
 * λ·(d·h₀ + Σ s·h_l), every item with the others as they were.
 */
static double graph_of(const fit *f, const items *h, int64_t item, double *pull) {
    double weight = graph_weight(f), degree = neighbours(f->plan.graph, h, item, pull, weight);
    for (int64_t c = 0; c < h->k; c++) {
        pull[c] += weight * degree * items_get(h, item, c);
    }
    return 2 * weight * degree;
}

double ties_of(const fit *f, const half *step, int64_t item, double *pull) {
    double ridge = 0;
    if (ties_vary(f, step->which)) {
        ridge += graph_of(f, step->around, matrix_first(f->matrix, true) + item, pull);
    }
    if (f->plan.symmetric && !step->apart) {
        double weight = ties_symmetric_weight(f);
        int64_t same = matrix_first(f->matrix, step->which == SIDE_H) + item;
        ridge += weight;
        for (int64_t c = 0; c < step->from->k; c++) {
            pull[c] += weight * items_get(step->fixed, same, c);
        }
    }
    return ridge;
}

static double graph_penalty(fit *f, const items *own) {
    const nmf_matrix *graph = f->plan.graph;
    const items *h = lines_whole_h(f, own);
    int64_t first = matrix_first(f->matrix, true);
    double sum;
    reduce_begin(&f->room.reduce, &sum, 1);
    for (int64_t i = first; i < first + own->count; i++) {
        entry_line row = graph->kind->line(graph, false, i);
        for (int64_t e = 0; e < row.count; e++) {
            double s = entry_value(graph->info.dtype, &row, e);
            for (int64_t c = 0; c < h->k && s != 0; c++) {
                double gap = items_get(h, i, c) - items_get(h, entry_place(&row, e), c);
                sum += s * gap * gap;
            }
        }
    }
    reduce_all(&f->room.reduce, &sum, 1);
    return graph_weight(f) / 4 * sum;
}

static double gap_penalty(const fit *f, const items *w, const items *h) {
    double sum;
    reduce_begin(&f->room.reduce, &sum, 1);
    for (int64_t i = 0; i < w->count; i++) {
        for (int64_t c = 0; c < w->k; c++) {
            double gap = items_get(w, i, c) - items_get(h, i, c);
            sum += gap * gap;
        }
    }
    reduce_all(&f->room.reduce, &sum, 1);
    return ties_symmetric_weight(f) / 2 * sum;
}

double ties_penalty(fit *f, const items *w, const items *h) {
    double sum = f->plan.graph ? graph_penalty(f, h) : 0;
    return f->plan.symmetric ? sum + gap_penalty(f, w, h) : sum;
}
