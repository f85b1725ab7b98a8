/* A plan meets its matrix: shapes, what A may hold, and the start where none was named. */
#include "fit/plan.h"
#include "fit/sample.h"
#include "matrix/scattered.h"
#include "matrix/spread.h"

#include <math.h>

observation plan_observation(const plan *plan, const nmf_matrix *matrix) {
    return (observation){.matrix = matrix,
                         .mask = plan->mask,
                         .weights = plan->weights,
                         .stored = plan->stored,
                         .implicit = plan->implicit,
                         .every = plan->loss->zeros == ZEROS_LISTED};
}

bool plan_takes_panels(const plan *plan, const nmf_matrix *matrix) {
    const observation seen = plan_observation(plan, matrix);
    return plan->loss == &loss_frobenius && observe_is_plain(&seen) && !plan->graph && !plan->symmetric && !plan->batch;
}

bool plan_streams(const plan *plan, const nmf_matrix *matrix) {
    bool by_columns = plan->update->by_batches && fit_samples_columns(&matrix->info);
    return plan_takes_panels(plan, matrix) && !(plan->init && plan->init->needs_lines) && !by_columns;
}

const update *plan_update(const plan *plan, side which) {
    const side_plan *side = &plan->side[which];
    return side->simplex ? &update_simplex : side->free ? &update_free : plan->update;
}

static nmf_status check_shape(nmf_context *context, const char *what, const nmf_matrix *given, int64_t rows,
                              int64_t cols) {
    if (given && matrix_need_whole(given, what) != NMF_OK) {
        return NMF_ERROR_USAGE;
    }
    if (given && (given->info.rows != rows || given->info.cols != cols)) {
        return fail(context, NMF_ERROR_INPUT, "%s has %lld rows and %lld columns; it must have %lld and %lld", what,
                    (long long)given->info.rows, (long long)given->info.cols, (long long)rows, (long long)cols);
    }
    return NMF_OK;
}

/* What stays in its file can be read from front to back, and no other way. */
static nmf_status check_streams(const nmf_matrix *matrix, const plan *plan) {
    if (matrix_spread_of(matrix)) {
        return NMF_OK;
    }
    if (!plan_takes_panels(plan, matrix)) {
        return matrix_need_whole(matrix, "any fit but that of loss frobenius without masks, weights or a graph");
    }
    if (plan->init && plan->init->needs_lines) {
        return matrix_need_whole(matrix, "a start that looks at columns (init random and nndsvd do not)");
    }
    return plan_streams(plan, matrix) ? NMF_OK : matrix_need_whole(matrix, "learning from columns");
}

static nmf_status check_shapes(nmf_context *context, const nmf_matrix *matrix, const plan *plan) {
    int64_t rows = matrix_all(matrix, false), cols = matrix_all(matrix, true);
    const side_plan *w = &plan->side[SIDE_W], *h = &plan->side[SIDE_H];
    nmf_status status = check_shape(context, "the mask", plan->mask, rows, cols);
    if (status == NMF_OK) {
        status = check_shape(context, "the matrix of weights", plan->weights, rows, cols);
    }
    if (status == NMF_OK) {
        status = check_shape(context, "the graph", plan->graph, cols, cols);
    }
    if (status == NMF_OK) {
        status = check_shape(context, "what is fixed of W", w->fixed, rows, w->held);
    }
    if (status == NMF_OK) {
        status = check_shape(context, "what is fixed of H", h->fixed, h->held, cols);
    }
    if (status == NMF_OK) {
        status = check_shape(context, "the W to start from", plan->start_w, rows, plan->k);
    }
    return status == NMF_OK ? check_shape(context, "the H to start from", plan->start_h, plan->k, cols) : status;
}

/* Value of the line at place j, which it may not store, from entry *e on; *e is then behind it. */
static double value_at(nmf_dtype dtype, const entry_line *line, int64_t j, int64_t *e) {
    bool stored = *e < line->count && entry_place(line, *e) == j;
    return stored ? entry_value(dtype, line, (*e)++) : 0;
}

/* The first place where two lines differ, as they do not where both are missing; -1: there is none. */
static int64_t first_difference(nmf_dtype dtype, const entry_line *row, const entry_line *col, double *here,
                                double *there) {
    int64_t in_row = 0, in_col = 0;
    while (in_row < row->count || in_col < col->count) {
        int64_t a = in_row < row->count ? entry_place(row, in_row) : INT64_MAX;
        int64_t b = in_col < col->count ? entry_place(col, in_col) : INT64_MAX, j = a < b ? a : b;
        *here = value_at(dtype, row, j, &in_row);
        *there = value_at(dtype, col, j, &in_col);
        if (*here != *there && !(isnan(*here) && isnan(*there))) {
            return j;
        }
    }
    return -1;
}

/* Row i is column i. Of a matrix that is spread a process has both. */
static nmf_status check_symmetric(nmf_context *context, const char *what, const nmf_matrix *matrix) {
    int64_t rows = matrix_all(matrix, false), cols = matrix_all(matrix, true), first = matrix_first(matrix, false);
    if (rows != cols) {
        return fail(context, NMF_ERROR_INPUT, "%s has %lld rows and %lld columns; a symmetric one has as many", what,
                    (long long)rows, (long long)cols);
    }
    for (int64_t i = 0; i < matrix->info.rows; i++) {
        double here, there;
        entry_line row = matrix->kind->line(matrix, false, i), col = matrix->kind->line(matrix, true, i);
        int64_t j = first_difference(matrix->info.dtype, &row, &col, &here, &there);
        if (j >= 0) {
            return fail(context, NMF_ERROR_INPUT,
                        "%s is not symmetric: row %lld, column %lld is %g, and row %lld, column %lld is %g", what,
                        (long long)(first + i) + 1, (long long)j + 1, here, (long long)j + 1,
                        (long long)(first + i) + 1, there);
        }
    }
    return NMF_OK;
}

static nmf_status check_symmetry(nmf_context *context, const nmf_matrix *matrix, const plan *plan) {
    nmf_status status = plan->graph ? check_symmetric(context, "the graph", plan->graph) : NMF_OK;
    if (status != NMF_OK || !plan->symmetric) {
        return status;
    }
    status = check_symmetric(context, "the matrix", matrix);
    if (status == NMF_OK && plan->mask) {
        status = check_symmetric(context, "the mask", plan->mask);
    }
    return status == NMF_OK && plan->weights ? check_symmetric(context, "the matrix of weights", plan->weights)
                                             : status;
}

nmf_status plan_check_numbers(nmf_context *context, const char *what, const nmf_matrix *given, bool any_sign) {
    if (given && (given->info.missing > 0 || (given->info.min < 0 && !any_sign))) {
        return fail(context, NMF_ERROR_INPUT, "%s has %s entries; all must be finite numbers%s", what,
                    given->info.missing > 0 ? "missing" : "negative", any_sign ? "" : ", 0 or above");
    }
    return NMF_OK;
}

/* Matrices other than A that are to be used as numbers of 0 and above, all of them known. */
static nmf_status check_numbers(nmf_context *context, const plan *plan) {
    const struct {
        const char *what;
        const nmf_matrix *given;
        bool any_sign;
    } all[] = {{"the mask", plan->mask, false},
               {"the matrix of weights", plan->weights, false},
               {"the graph", plan->graph, false},
               {"what is fixed of W", plan->side[SIDE_W].fixed, false},
               {"what is fixed of H", plan->side[SIDE_H].fixed, false},
               {"the W to start from", plan->start_w, plan->side[SIDE_W].free},
               {"the H to start from", plan->start_h, false}};
    nmf_status status = NMF_OK;
    for (size_t t = 0; t < sizeof all / sizeof *all && status == NMF_OK; t++) {
        status = plan_check_numbers(context, all[t].what, all[t].given, all[t].any_sign);
    }
    return status;
}

static nmf_status check_entries(nmf_context *context, const nmf_matrix *matrix, const plan *plan) {
    if (matrix->info.min < 0 && !plan->side[SIDE_W].free) {
        return fail(context, NMF_ERROR_INPUT,
                    "the matrix has entries below 0, which only a W that is free can be "
                    "fitted to (free w)");
    }
    if (plan->stored && !matrix->info.sparse) {
        return fail(context, NMF_ERROR_INPUT,
                    "observed stored counts what a sparse matrix stores, and this one is dense; a mask hides entries "
                    "of it");
    }
    return NMF_OK;
}

bool plan_spreads(const plan *plan) {
    return !plan->update->by_batches && !(plan->init && plan->init->alone);
}

nmf_status plan_check_spread(nmf_context *context, const nmf_matrix *matrix, const plan *plan) {
    const spread *over = matrix_spread_of(matrix);
    if (!plan_spreads(plan)) {
        return matrix_need_whole(matrix, "learning in batches, or a start that looks at columns,");
    }
    return plan_takes_panels(plan, matrix) || over->columns
               ? NMF_OK
               : fail(context, NMF_ERROR_USAGE,
                      "the matrix was spread for fits to all of it by the sum of squares; place it by the options of "
                      "this fit");
}

static nmf_status check_spread(nmf_context *context, const nmf_matrix *matrix, const plan *plan) {
    const spread *over = matrix_spread_of(matrix);
    if (!over) {
        return matrix_is_scattered(matrix) || (matrix_is_streamed(matrix) && !matrix->checked)
                   ? fail(context, NMF_ERROR_USAGE,
                          "a matrix in its file is to be placed (nmf_matrix_place) before several processes fit it")
                   : NMF_OK;
    }
    if (over->all != context_crowd(context)) {
        return fail(context, NMF_ERROR_USAGE,
                    "the matrix is spread over processes that this context is not of any "
                    "more: read and place it again");
    }
    return plan_check_spread(context, matrix, plan);
}

/* A start that looks at A reads it as it is. */
static nmf_status choose_init(nmf_context *context, const nmf_matrix *matrix, plan *plan) {
    bool unfit = matrix->info.missing > 0 || matrix->info.min < 0;
    if (!plan->init || !plan->init->looks_at_a || (!unfit && !plan->mask)) {
        return NMF_OK;
    }
    if (plan->init_named) {
        return fail(context, NMF_ERROR_USAGE, "init %s needs every entry, and none below 0; use init random",
                    plan->init->name);
    }
    plan->init = &init_random;
    return NMF_OK;
}

nmf_status plan_meet(nmf_context *context, const nmf_matrix *matrix, plan *plan) {
    nmf_status status = check_spread(context, matrix, plan);
    if (status == NMF_OK) {
        status = check_streams(matrix, plan);
    }
    if (status == NMF_OK) {
        status = check_shapes(context, matrix, plan);
    }
    if (status == NMF_OK) {
        status = check_numbers(context, plan);
    }
    if (status == NMF_OK) {
        status = check_entries(context, matrix, plan);
    }
    if (status == NMF_OK) {
        status = check_symmetry(context, matrix, plan);
    }
    if (status == NMF_OK && plan->update == &update_als && matrix->info.missing > 0) {
        status = fail(context, NMF_ERROR_USAGE,
                      "solver als is the classic, which needs every entry; solver hals passes over missing ones");
    }
    if (status == NMF_OK) {
        status = choose_init(context, matrix, plan);
    }
    /* Each process has looked at its part. */
    return matrix_spread_of(matrix) ? nmf_context_agree(context, status) : status;
}
