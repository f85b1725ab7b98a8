#include "support/asked.h"
#include "support/expect.h"

#include <math.h>

/* A number of the n×n matrix of each kind. */
static double entry_of(const asked *all, int kind, int64_t i, int64_t j) {
    int64_t apart = i > j ? i - j : j - i;
    switch (kind) {
    case 0:
        return (i + j) % 5 == 1;
    case 1:
        return 1 + (double)((i + j) % 3);
    default:
        return apart == 1 || apart == all->n / 2;
    }
}

void asked_new(nmf_context *context, int64_t n, int64_t k, shape as, asked *out) {
    *out = (asked){.n = n, .k = k, .a = problem_random(n, n, 1, 31)};
    for (int64_t i = 0; i < n; i++) {
        for (int64_t j = 0; j < i; j++) {
            out->a.values[i * n + j] = out->a.values[j * n + i];
        }
    }
    problem_lay_out(&out->a);
    for (int kind = 0; kind < 3; kind++) {
        out->with[kind] = problem_random(n, n, 1, 32);
        for (int64_t e = 0; e < n * n; e++) {
            out->with[kind].values[e] = entry_of(out, kind, e / n, e % n);
        }
        problem_lay_out(&out->with[kind]);
    }
    out->with[3] = problem_random(n, k, 1, 33);
    out->with[4] = problem_random(k, n, 1, 34);
    out->matrix = problem_matrix(context, &out->a, as, NMF_F64);
    out->mask = problem_matrix(context, &out->with[0], as == SPARSE ? BY_ROW : SPARSE, NMF_F64);
    out->weights = problem_matrix(context, &out->with[1], BY_COLUMN, NMF_F64);
    out->graph = problem_matrix(context, &out->with[2], SPARSE, NMF_F64);
    out->w = problem_matrix(context, &out->with[3], BY_ROW, NMF_F64);
    out->h = problem_matrix(context, &out->with[4], BY_ROW, NMF_F64);
}

void asked_free(asked *all) {
    nmf_matrix *const matrices[] = {all->matrix, all->mask, all->weights, all->graph, all->w, all->h};
    for (size_t t = 0; t < sizeof matrices / sizeof *matrices; t++) {
        nmf_matrix_free(matrices[t]);
    }
    problem_free(&all->a);
    for (int t = 0; t < 5; t++) {
        problem_free(&all->with[t]);
    }
}

const char *asked_name(int what) {
    static const char *const names[ASKED] = {"kl",         "mask",       "weights", "graph",    "symmetric",
                                             "simplex",    "free",       "fix_w",   "start",    "unit",
                                             "kl simplex", "mask graph", "mae bpp", "free mask"};
    return names[what];
}

void asked_set(const asked *all, int what, nmf_options *o) {
    bool kl = what == 0 || what == 10, starts = what == 8;
    o->rank = all->k + (what == 7);
    o->init = starts ? NULL : "random";
    o->loss = kl ? "kl" : what == 12 ? "mae" : NULL;
    o->solver = what == 12 || what == 5 ? "bpp" : "hals";
    o->mask = what == 1 || what == 11 || what == 13 ? all->mask : NULL;
    o->weights = what == 2 ? all->weights : NULL;
    o->graph_h = what == 3 || what == 11 ? all->graph : NULL;
    o->symmetric = what == 4;
    o->simplex = what == 5 || what == 10 ? "h" : NULL;
    o->free = what == 6 || what == 13 ? "w" : NULL;
    o->fix_w = what == 7 ? all->w : NULL;
    o->start_w = starts ? all->w : NULL;
    o->start_h = starts ? all->h : NULL;
    o->unit = what == 9 ? "norm" : NULL;
}
