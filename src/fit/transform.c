/*
 * H for the columns of a matrix, W fixed: of the plain sum of squares one product and one exact half-step, else a fit
 * all of whose W is held.
 */
#include "fit/fit.h"

#include <math.h>

static nmf_status check_w(nmf_context *context, const nmf_matrix *matrix, const nmf_matrix *w) {
    if (matrix_need_whole(matrix, "transform") != NMF_OK || matrix_need_whole(w, "W") != NMF_OK) {
        return NMF_ERROR_USAGE;
    }
    if (w->info.rows != matrix->info.rows) {
        return fail(context, NMF_ERROR_INPUT,
                    "W has %lld rows and the matrix %lld; they must have the same rows, in the same order",
                    (long long)w->info.rows, (long long)matrix->info.rows);
    }
    return NMF_OK;
}

/* The KKT residual below which a solution counts as exact: rounding, with room for an ill-conditioned W. */
static double solved(nmf_dtype dtype) {
    return dtype == NMF_F64 ? 1e-7 : 1e-3;
}

static nmf_status solve(fit *f, const void *w) {
    nmf_status status = fit_take(f, w, false, f->w_exponent, &f->w);
    if (status != NMF_OK) {
        return status;
    }
    team alone = fit_alone(&f);
    items_copy(&f->w, &f->w_hat);
    f->engine->prepare(&alone);
    status = f->engine->half_step_h(&alone);
    if (status == NMF_OK) {
        items_copy(&f->h_hat, &f->h);
        status = fit_record(f, fit_sum_up(f, true));
        f->summary.iterations = f->course.steps;
        f->summary.history = f->course.history;
        f->summary.converged = f->summary.kkt_residual < solved(f->plan.dtype);
        f->summary.stop_reason = f->summary.converged ? "kkt" : "stalled";
        f->summary.seconds = fit_seconds(f);
    }
    return status;
}

/* What is asked of H alone. */
static nmf_options options_of_h(const nmf_options *all, const nmf_matrix *w) {
    nmf_options of_h = *all;
    of_h.rank = w->info.cols;
    of_h.fix_w = w;
    of_h.fix_h = of_h.graph_h = of_h.start_w = of_h.start_h = NULL;
    of_h.alpha_h = all->alpha_h == NMF_SAME ? all->alpha_w : all->alpha_h;
    of_h.alpha_w = of_h.l1_w = of_h.l2_w = of_h.ortho_w = of_h.max_w = of_h.graph_weight = 0;
    of_h.l1_ratio = of_h.alpha_h > 0 ? all->l1_ratio : 0;
    of_h.symmetric = false;
    of_h.restarts = 0;
    of_h.checkpoint = NULL;
    of_h.resume = false;
    of_h.keep_all = false;
    of_h.init = of_h.order = of_h.unit = NULL;
    of_h.tol = all->tol > 0 ? all->tol : solved(NMF_F64);
    return of_h;
}

/* Is there a closed way to H: nothing but least squares over all of A, within x ≥ 0? */
static bool is_plain(const plan *plan, const nmf_matrix *matrix) {
    const side_plan *h = &plan->side[SIDE_H];
    bool free = h->alpha == 0 && h->l1 == 0 && h->l2 == 0 && h->ortho == 0 && !h->simplex && isinf(h->most);
    return plan_takes_panels(plan, matrix) && free;
}

static nmf_status transform_exactly(nmf_context *context, const nmf_matrix *matrix, const nmf_matrix *w,
                                    const nmf_options *options, nmf_result **result) {
    nmf_options exact;
    plan plan;
    nmf_options_init(&exact);
    exact.rank = w->info.cols;
    exact.solver = update_bpp.name;
    exact.dtype = options->dtype;
    exact.threads = options->threads;
    nmf_status status = plan_make(context, &exact, &plan);
    plan.given = true;
    plan.most_w = w->info.max;
    return status == NMF_OK ? result_new(context, matrix, &plan, solve, w, result) : status;
}

nmf_status nmf_transform(nmf_context *context, const nmf_matrix *matrix, const nmf_matrix *w,
                         const nmf_options *options, nmf_result **result) {
    plan plan;
    *result = NULL;
    nmf_options of_h = options_of_h(options, w), asked = of_h;
    asked.fix_w = NULL;
    nmf_status status = check_w(context, matrix, w);
    if (status == NMF_OK) {
        status = plan_make(context, &asked, &plan);
    }
    if (status != NMF_OK) {
        return status;
    }
    return is_plain(&plan, matrix) ? transform_exactly(context, matrix, w, options, result)
                                   : nmf_fit(context, matrix, &of_h, result);
}
