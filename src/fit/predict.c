/* W·H where it is asked for, entry by entry: nothing the size of A is made. */
#include "matrix/matrix.h"

#include <math.h>
#include <string.h>

static nmf_status check_ranks(nmf_context *context, const nmf_matrix *w, const nmf_matrix *h) {
    if (w->info.cols != h->info.rows) {
        return fail(
            context, NMF_ERROR_INPUT,
            "W has %lld columns and H %lld rows; both must be the rank, as they are where W and H come from one "
            "fit",
            (long long)w->info.cols, (long long)h->info.rows);
    }
    return NMF_OK;
}

/* Room for a column of H, and that W and H belong together. */
static nmf_status column_new(nmf_context *context, const nmf_matrix *w, const nmf_matrix *h, double **column) {
    *column = NULL;
    nmf_status status = check_ranks(context, w, h);
    return status == NMF_OK ? array_new(context, h->info.rows, sizeof **column, "a column of H", (void **)column)
                            : status;
}

static void read_column(const nmf_matrix *h, int64_t j, double *column) {
    entry_line line = h->kind->line(h, true, j);
    memset(column, 0, (size_t)h->info.rows * sizeof *column);
    for (int64_t e = 0; e < line.count; e++) {
        column[entry_place(&line, e)] = entry_value(h->info.dtype, &line, e);
    }
}

static double row_times(const nmf_matrix *w, int64_t i, const double *column) {
    entry_line line = w->kind->line(w, false, i);
    double sum = 0;
    for (int64_t e = 0; e < line.count; e++) {
        sum += entry_value(w->info.dtype, &line, e) * column[entry_place(&line, e)];
    }
    return sum;
}

static nmf_status check_pairs(nmf_context *context, const nmf_matrix *w, const nmf_matrix *h, int64_t count,
                              const int64_t *rows, const int64_t *cols) {
    int64_t m = w->info.rows, n = h->info.cols;
    if (matrix_need_whole(w, "W") != NMF_OK || matrix_need_whole(h, "H") != NMF_OK) {
        return NMF_ERROR_USAGE;
    }
    if (count < 0) {
        return fail(context, NMF_ERROR_USAGE, "%lld pairs are asked for; 0 or more can be", (long long)count);
    }
    for (int64_t p = 0; p < count; p++) {
        if (rows[p] < 0 || rows[p] >= m || cols[p] < 0 || cols[p] >= n) {
            return fail(context, NMF_ERROR_USAGE,
                        "pair %lld is row %lld, column %lld; W·H has rows 1 to %lld and columns 1 to %lld",
                        (long long)p + 1, (long long)rows[p] + 1, (long long)cols[p] + 1, (long long)m, (long long)n);
        }
    }
    return NMF_OK;
}

nmf_status nmf_predict(nmf_context *context, const nmf_matrix *w, const nmf_matrix *h, int64_t count,
                       const int64_t *rows, const int64_t *cols, double *values) {
    double *column = NULL;
    nmf_status status = check_pairs(context, w, h, count, rows, cols);
    if (status == NMF_OK) {
        status = column_new(context, w, h, &column);
    }
    for (int64_t p = 0; p < count && status == NMF_OK; p++) {
        if (p == 0 || cols[p] != cols[p - 1]) {
            read_column(h, cols[p], column);
        }
        values[p] = row_times(w, rows[p], column);
    }
    array_free(context, column);
    return status;
}

/* A column of what was seen, walked from its first row on. */
typedef struct seen_walk {
    const nmf_matrix *matrix; /* NULL: nothing was seen */
    entry_line line;
    int64_t at;
} seen_walk;

static seen_walk seen_begin(const nmf_matrix *seen, int64_t col) {
    return (seen_walk){.matrix = seen, .line = seen ? seen->kind->line(seen, true, col) : (entry_line){.count = 0}};
}

/* Was row i, which is past every row asked about before, seen? A missing entry is one that nobody saw. */
static bool seen_at(seen_walk *walk, int64_t i) {
    while (walk->at < walk->line.count && entry_place(&walk->line, walk->at) < i) {
        walk->at++;
    }
    if (walk->at >= walk->line.count || entry_place(&walk->line, walk->at) != i) {
        return false;
    }
    double value = entry_value(walk->matrix->info.dtype, &walk->line, walk->at);
    return !isnan(value) && (walk->matrix->info.sparse || value != 0);
}

/* The best rows so far as a heap: each is no better than the two below it, so that the first is the worst. */
typedef struct best_rows {
    int64_t *rows;
    double *values;
    int64_t count, most;
} best_rows;

static bool is_worse(const best_rows *best, int64_t a, int64_t b) {
    return best->values[a] < best->values[b] || (best->values[a] == best->values[b] && best->rows[a] > best->rows[b]);
}

static void swap(best_rows *best, int64_t a, int64_t b) {
    int64_t row = best->rows[a];
    double value = best->values[a];
    best->rows[a] = best->rows[b];
    best->values[a] = best->values[b];
    best->rows[b] = row;
    best->values[b] = value;
}

static void sink_down(best_rows *best, int64_t at) {
    for (int64_t below = 2 * at + 1; below < best->count; below = 2 * at + 1) {
        if (below + 1 < best->count && is_worse(best, below + 1, below)) {
            below++;
        }
        if (!is_worse(best, below, at)) {
            return;
        }
        swap(best, at, below);
        at = below;
    }
}

static void rise(best_rows *best, int64_t at) {
    for (; at > 0 && is_worse(best, at, (at - 1) / 2); at = (at - 1) / 2) {
        swap(best, at, (at - 1) / 2);
    }
}

/* Rows come in order: of equal ones, the first to come stays. */
static void offer(best_rows *best, int64_t row, double value) {
    if (best->count < best->most) {
        int64_t at = best->count++;
        best->rows[at] = row;
        best->values[at] = value;
        rise(best, at);
    } else if (value > best->values[0]) {
        best->rows[0] = row;
        best->values[0] = value;
        sink_down(best, 0);
    }
}

/* The worst goes to the end, again and again. */
static void sort_best(best_rows *best) {
    int64_t all = best->count;
    while (best->count > 1) {
        swap(best, 0, --best->count);
        sink_down(best, 0);
    }
    best->count = all;
}

static nmf_status check_seen(nmf_context *context, const nmf_matrix *w, const nmf_matrix *h, const nmf_matrix *seen) {
    if (matrix_need_whole(w, "W") != NMF_OK || matrix_need_whole(h, "H") != NMF_OK ||
        (seen && matrix_need_whole(seen, "what was seen") != NMF_OK)) {
        return NMF_ERROR_USAGE;
    }
    if (seen && (seen->info.rows != w->info.rows || seen->info.cols != h->info.cols)) {
        return fail(context, NMF_ERROR_INPUT, "what was seen is %lld × %lld and W·H %lld × %lld; they must be the same",
                    (long long)seen->info.rows, (long long)seen->info.cols, (long long)w->info.rows,
                    (long long)h->info.cols);
    }
    return NMF_OK;
}

static nmf_status check_wish(nmf_context *context, const nmf_matrix *h, int64_t col, int64_t most) {
    if (col < 0 || col >= h->info.cols) {
        return fail(context, NMF_ERROR_USAGE, "column %lld is asked for; H has columns 1 to %lld", (long long)col + 1,
                    (long long)h->info.cols);
    }
    if (most < 1) {
        return fail(context, NMF_ERROR_USAGE, "%lld recommendations are asked for; at least 1 can be", (long long)most);
    }
    return NMF_OK;
}

nmf_status nmf_recommend(nmf_context *context, const nmf_matrix *w, const nmf_matrix *h, const nmf_matrix *seen,
                         int64_t col, int64_t most, int64_t *rows, double *values, int64_t *found) {
    double *column = NULL;
    *found = 0;
    nmf_status status = check_wish(context, h, col, most);
    if (status == NMF_OK) {
        status = check_seen(context, w, h, seen);
    }
    if (status == NMF_OK) {
        status = column_new(context, w, h, &column);
    }
    if (status != NMF_OK) {
        return status;
    }
    read_column(h, col, column);
    best_rows best = {.rows = rows, .values = values, .most = most};
    seen_walk walk = seen_begin(seen, col);
    for (int64_t i = 0; i < w->info.rows; i++) {
        double value = seen_at(&walk, i) ? 0 : row_times(w, i, column);
        if (value > 0) {
            offer(&best, i, value);
        }
    }
    sort_best(&best);
    *found = best.count;
    array_free(context, column);
    return NMF_OK;
}
