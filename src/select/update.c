/* A fit that goes on when columns come: of the old ones there are W and H, and what those remember. */
#include "fit/memory.h"
#include "select/starts.h"

/* Measured in docs/performance.md: one iteration does nearly all that more of them do, and after eight little is left.
 */
enum { MOST_ITERATIONS = 8 };
static const double settled_change = 3e-3;

static nmf_status check_factors(nmf_context *context, const nmf_matrix *matrix, const nmf_matrix *w,
                                const nmf_matrix *h) {
    if (matrix_spread_of(matrix)) {
        return matrix_need_whole(matrix, "an update");
    }
    if (w->info.rows != matrix->info.rows || w->info.cols != h->info.rows) {
        return fail(
            context, NMF_ERROR_INPUT,
            "W is %lld × %lld and H %lld × %lld; for new columns of %lld rows W must have as many, and H as many "
            "rows as W has columns",
            (long long)w->info.rows, (long long)w->info.cols, (long long)h->info.rows, (long long)h->info.cols,
            (long long)matrix->info.rows);
    }
    nmf_status status = plan_check_numbers(context, "W", w, false);
    if (status == NMF_OK) {
        status = plan_check_numbers(context, "H", h, false);
    }
    return status == NMF_OK ? plan_check_numbers(context, "the matrix of new columns", matrix, false) : status;
}

static nmf_status make_plan(nmf_context *context, const nmf_matrix *w, const nmf_options *options, plan *out) {
    nmf_options of_update = *options;
    of_update.rank = options->rank != 0 ? options->rank : w->info.cols;
    of_update.max_iter = options->max_iter > 0 ? options->max_iter : MOST_ITERATIONS;
    of_update.tol = options->tol > 0 ? options->tol : settled_change;
    nmf_status status = plan_make(context, &of_update, out);
    if (status == NMF_OK) {
        status = plan_check_update(context, out);
    }
    if (status == NMF_OK && out->k != w->info.cols) {
        status = fail(context, NMF_ERROR_USAGE, "rank is %lld; an update keeps that of the fit, %lld",
                      (long long)out->k, (long long)w->info.cols);
    }
    return status;
}

/* The fit of the new columns, from W and an H that it makes for that. */
static nmf_status fit_from(nmf_context *context, const nmf_matrix *matrix, const nmf_matrix *w, plan *plan,
                           nmf_result **result) {
    plan->init = NULL;
    plan->start_w = w;
    plan->given = true;
    plan->most_w = w->info.max;
    plan->by_weight = false;
    const starts_request all = {.context = context, .matrix = matrix, .plan = plan};
    return starts_run(&all, result);
}

nmf_status nmf_update(nmf_context *context, const nmf_matrix *matrix, const nmf_matrix *w, const nmf_matrix *h,
                      const nmf_options *options, nmf_result **result) {
    plan plan;
    memory past = {.context = context};
    double began = fit_clock();
    *result = NULL;
    nmf_status status = check_factors(context, matrix, w, h);
    if (status == NMF_OK) {
        status = make_plan(context, w, options, &plan);
    }
    if (status == NMF_OK) {
        status = memory_of_factors(context, w, h, &past);
    }
    if (status == NMF_OK) {
        plan.memory = &past;
        status = fit_from(context, matrix, w, &plan, result);
    }
    if (*result) {
        (*result)->fit.summary.seconds = fit_clock() - began;
    }
    memory_free(&past);
    return status;
}
