/* How good factors are that came from elsewhere: a fit that begins with them, and ends there. */
#include "fit/fit.h"

#include <math.h>

static nmf_status check_shapes(nmf_context *context, const nmf_matrix *matrix, const nmf_matrix *w,
                               const nmf_matrix *h) {
    if (matrix_need_whole(matrix, "the error of factors from elsewhere") != NMF_OK ||
        matrix_need_whole(w, "W") != NMF_OK || matrix_need_whole(h, "H") != NMF_OK) {
        return NMF_ERROR_USAGE;
    }
    if (w->info.rows != matrix->info.rows || h->info.cols != matrix->info.cols || w->info.cols != h->info.rows) {
        return fail(context, NMF_ERROR_INPUT,
                    "W is %lld × %lld and H %lld × %lld; for a matrix of %lld × %lld W must have its rows, H its "
                    "columns, and W as many columns as H rows",
                    (long long)w->info.rows, (long long)w->info.cols, (long long)h->info.rows, (long long)h->info.cols,
                    (long long)matrix->info.rows, (long long)matrix->info.cols);
    }
    return NMF_OK;
}

/* What is lowered, and what it is held to: nothing of how a fit comes there. */
static nmf_options options_of_factors(const nmf_options *all, const nmf_matrix *w) {
    nmf_options of_factors = *all;
    of_factors.rank = w->info.cols;
    of_factors.solver = of_factors.init = of_factors.stop = of_factors.keep = of_factors.order = of_factors.unit = NULL;
    of_factors.start_w = of_factors.start_h = NULL;
    of_factors.seed = 0;
    of_factors.tol = 0;
    of_factors.max_iter = 1;
    of_factors.restarts = 0;
    of_factors.keep_all = false;
    of_factors.observer = NULL;
    return of_factors;
}

static nmf_status make_plan(nmf_context *context, const nmf_matrix *matrix, const nmf_matrix *w,
                            const nmf_options *options, plan *out) {
    const nmf_options of_factors = options_of_factors(options, w);
    nmf_status status = plan_make(context, &of_factors, out);
    if (status == NMF_OK) {
        out->init = NULL;
        out->given = true;
        out->most_w = fmax(w->info.max, -w->info.min);
        status = plan_meet(context, matrix, out);
    }
    return status;
}

static nmf_status sum_up(fit *f, const nmf_matrix *w, const nmf_matrix *h) {
    nmf_status status = fit_take(f, w, false, f->w_exponent, &f->w);
    if (status == NMF_OK) {
        status = fit_take(f, h, true, f->h_exponent, &f->h);
    }
    if (status != NMF_OK) {
        return status;
    }
    items_copy(&f->w, &f->w_hat);
    items_copy(&f->h, &f->h_hat);
    score reached = fit_sum_up(f, false);
    return isfinite(reached.loss + reached.penalty)
               ? NMF_OK
               : fail(f->context, NMF_ERROR_INPUT, "WH is so far from the matrix that its loss is past every number");
}

nmf_status nmf_evaluate(nmf_context *context, const nmf_matrix *matrix, const nmf_matrix *w, const nmf_matrix *h,
                        const nmf_options *options, nmf_summary *summary) {
    plan plan;
    *summary = (nmf_summary){0};
    nmf_status status = check_shapes(context, matrix, w, h);
    if (status == NMF_OK) {
        status = make_plan(context, matrix, w, options, &plan);
    }
    if (status == NMF_OK) {
        status = plan_check_numbers(context, "W", w, plan.side[SIDE_W].free);
    }
    if (status == NMF_OK) {
        status = plan_check_numbers(context, "H", h, false);
    }
    if (status != NMF_OK) {
        return status;
    }
    fit f;
    status = fit_new(context, matrix, &plan, NULL, &f);
    if (status == NMF_OK) {
        status = fit_begin(&f, 0);
    }
    if (status == NMF_OK) {
        status = sum_up(&f, w, h);
    }
    if (status == NMF_OK) {
        *summary = f.summary;
        summary->solver = summary->init = summary->stop_reason = "";
        summary->history = NULL;
        summary->restarts = 1;
        summary->seconds = fit_seconds(&f);
    }
    fit_free(&f);
    return status;
}
