/* Intervals for the entries of a consensus, over the components of all starts that are matched to its own. */
#include "cluster/assign.h"
#include "select/consensus.h"

#include <math.h>
#include <string.h>

/* What matching takes. */
typedef struct matching {
    double *cost;     /* k×k */
    int64_t *to;      /* the component of a start that goes with each of W */
    int64_t *matched; /* k×starts: the spectra that go with each component, −1 where one is left out */
    double *sum;      /* Σ of every spectrum over its rows */
    double *values;   /* a number a start */
    bool *kept;       /* of every spectrum */
} matching;

static void matching_free(nmf_context *context, matching *m) {
    void *const arrays[] = {m->cost, m->to, m->matched, m->sum, m->values, m->kept};
    for (size_t t = 0; t < sizeof arrays / sizeof *arrays; t++) {
        array_free(context, arrays[t]);
    }
}

static nmf_status matching_new(const nmf_consensus *own, const gathered *all, matching *m) {
    *m = (matching){0};
    const struct {
        void **array;
        int64_t count;
        size_t size;
    } wanted[] = {{(void **)&m->cost, own->k * own->k, sizeof *m->cost},
                  {(void **)&m->to, own->k, sizeof *m->to},
                  {(void **)&m->matched, own->k * all->starts, sizeof *m->matched},
                  {(void **)&m->sum, all->spectra.k, sizeof *m->sum},
                  {(void **)&m->values, all->starts, sizeof *m->values},
                  {(void **)&m->kept, all->spectra.k, sizeof *m->kept}};
    nmf_status status = NMF_OK;
    for (size_t t = 0; t < sizeof wanted / sizeof *wanted && status == NMF_OK; t++) {
        status = array_new(own->context, wanted[t].count, wanted[t].size, "intervals", wanted[t].array);
    }
    return status;
}

/* Σ over rows, and which are kept. */
static void look_at_spectra(const nmf_consensus *own, const gathered *all, matching *m) {
    for (int64_t i = 0; i < own->rows; i++) {
        for (int64_t s = 0; s < all->spectra.k; s++) {
            m->sum[s] += fabs(items_get(&all->spectra, i, s));
        }
    }
    for (int64_t e = 0; e < own->summary.kept; e++) {
        m->kept[own->list[e]] = true;
    }
}

/* Spectra have norm 1, so that the largest product with a column of W is the largest cosine once W's have norm 1. */
static nmf_status match_start(const nmf_consensus *own, const gathered *all, int64_t start, matching *m) {
    int64_t k = own->k;
    memset(m->cost, 0, (size_t)(k * k) * sizeof *m->cost);
    for (int64_t c = 0; c < k; c++) {
        double square = 0;
        for (int64_t i = 0; i < own->rows; i++) {
            double w = own->w[i * k + c];
            square += w * w;
            for (int64_t d = 0; d < k; d++) {
                m->cost[c * k + d] -= w * items_get(&all->spectra, i, start * k + d);
            }
        }
        for (int64_t d = 0; d < k && square > 0; d++) {
            m->cost[c * k + d] /= sqrt(square);
        }
    }
    nmf_status status = assign_least(own->context, k, m->cost, m->to);
    for (int64_t c = 0; c < k && status == NMF_OK; c++) {
        int64_t spectrum = start * k + m->to[c];
        m->matched[c * all->starts + start] = m->kept[spectrum] ? spectrum : -1;
    }
    return status;
}

/* The interval of one entry, from item `i` of `from`; where nothing is matched it is the entry itself. */
static void find_interval(const nmf_consensus *own, const gathered *all, const items *from, int64_t i, int64_t c,
                          bool scaled, double entry, matching *m, double ends[2]) {
    int64_t count = 0;
    for (int64_t s = 0; s < all->starts; s++) {
        int64_t spectrum = m->matched[c * all->starts + s];
        if (spectrum >= 0) {
            double by = scaled && m->sum[spectrum] > 0 ? m->sum[spectrum] : 1;
            m->values[count++] = items_get(from, i, spectrum) / by;
        }
    }
    double tail = (1 - own->summary.level) / 2;
    ends[0] = count > 0 ? consensus_quantile(m->values, count, tail) : entry;
    ends[1] = count > 0 ? consensus_quantile(m->values, count, 1 - tail) : entry;
}

static void find_all(nmf_consensus *own, const gathered *all, matching *m) {
    const items *h = &own->result->fit.h;
    double ends[2];
    for (int64_t c = 0; c < own->k; c++) {
        for (int64_t i = 0; i < own->rows; i++) {
            find_interval(own, all, &all->spectra, i, c, true, own->w[i * own->k + c], m, ends);
            own->w_bounds[0][i * own->k + c] = ends[0];
            own->w_bounds[1][i * own->k + c] = ends[1];
        }
        for (int64_t j = 0; j < own->cols; j++) {
            double entry = ldexp(items_get(h, j, c), -own->result->fit.h_exponent);
            find_interval(own, all, &all->usages, j, c, false, entry, m, ends);
            own->h_bounds[0][c * own->cols + j] = ends[0];
            own->h_bounds[1][c * own->cols + j] = ends[1];
        }
    }
}

nmf_status consensus_bounds(nmf_consensus *own, const gathered *all) {
    matching m;
    nmf_status status = matching_new(own, all, &m);
    if (status == NMF_OK) {
        look_at_spectra(own, all, &m);
    }
    for (int64_t s = 0; s < all->starts && status == NMF_OK; s++) {
        status = match_start(own, all, s, &m);
    }
    if (status == NMF_OK) {
        find_all(own, all, &m);
    }
    matching_free(own->context, &m);
    return status;
}
