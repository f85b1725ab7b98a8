/*
 * The Hungarian method (Kuhn 1955) by shortest augmenting paths (Jonker & Volgenant 1987). Prices u of rows and v of
 * columns keep every reduced cost c − u − v at 0 or above, and at 0 for the pairs made so far. A new row comes in by
 * the path of least reduced cost to a free column, along which pairs are exchanged.
 */
#include "cluster/assign.h"

#include <math.h>

typedef struct matching {
    nmf_context *context;
    int64_t n;
    const double *cost;
    double *row_price, *column_price;
    double *away;       /* reduced cost of the path to each column */
    int64_t *before;    /* the row from which that path comes */
    int64_t *row_of;    /* the row of each column; −1: free */
    int64_t *column_of; /* the column of each row; −1: none yet */
    bool *reached;      /* columns whose path is final */
} matching;

static nmf_status matching_new(nmf_context *context, int64_t n, const double *cost, int64_t *to, matching *m) {
    static const char what[] = "the assignment";
    *m = (matching){.context = context, .n = n, .cost = cost, .column_of = to};
    nmf_status status = array_new(context, n, sizeof(double), what, (void **)&m->row_price);
    if (status == NMF_OK) {
        status = array_new(context, n, sizeof(double), what, (void **)&m->column_price);
    }
    if (status == NMF_OK) {
        status = array_new(context, n, sizeof(double), what, (void **)&m->away);
    }
    if (status == NMF_OK) {
        status = array_new(context, n, sizeof(int64_t), what, (void **)&m->before);
    }
    if (status == NMF_OK) {
        status = array_new(context, n, sizeof(int64_t), what, (void **)&m->row_of);
    }
    return status == NMF_OK ? array_new(context, n, sizeof(bool), what, (void **)&m->reached) : status;
}

static void matching_free(matching *m) {
    array_free(m->context, m->row_price);
    array_free(m->context, m->column_price);
    array_free(m->context, m->away);
    array_free(m->context, m->before);
    array_free(m->context, m->row_of);
    array_free(m->context, m->reached);
}

/* Paths by way of `row`, to which one of reduced cost `behind` leads; the nearest column that is not reached yet. */
static int64_t extend(matching *m, int64_t row, double behind) {
    const double *cost = m->cost + row * m->n;
    int64_t nearest = -1;
    for (int64_t j = 0; j < m->n; j++) {
        if (m->reached[j]) {
            continue;
        }
        double path = behind + (cost[j] - m->row_price[row] - m->column_price[j]);
        if (path < m->away[j]) {
            m->away[j] = path;
            m->before[j] = row;
        }
        nearest = nearest < 0 || m->away[j] < m->away[nearest] ? j : nearest;
    }
    return nearest;
}

/* Prices under which the path to column `end` costs nothing. */
static void reprice(matching *m, int64_t row, int64_t end) {
    m->row_price[row] += m->away[end];
    for (int64_t j = 0; j < m->n; j++) {
        if (m->reached[j]) {
            m->row_price[m->row_of[j]] += m->away[end] - m->away[j];
            m->column_price[j] -= m->away[end] - m->away[j];
        }
    }
}

static void bring_in(matching *m, int64_t row) {
    for (int64_t j = 0; j < m->n; j++) {
        m->away[j] = INFINITY;
        m->reached[j] = false;
    }
    int64_t end = extend(m, row, 0);
    while (m->row_of[end] >= 0) {
        m->reached[end] = true;
        end = extend(m, m->row_of[end], m->away[end]);
    }
    reprice(m, row, end);
    while (end >= 0) {
        int64_t taken = m->before[end], left = m->column_of[taken];
        m->row_of[end] = taken;
        m->column_of[taken] = end;
        end = left;
    }
}

nmf_status assign_least(nmf_context *context, int64_t n, const double *cost, int64_t *to) {
    matching m;
    nmf_status status = matching_new(context, n, cost, to, &m);
    for (int64_t i = 0; i < n && status == NMF_OK; i++) {
        m.row_of[i] = to[i] = -1;
    }
    for (int64_t i = 0; i < n && status == NMF_OK; i++) {
        bring_in(&m, i);
    }
    matching_free(&m);
    return status;
}
