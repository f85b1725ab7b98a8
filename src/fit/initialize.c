/* The W and H that a fit begins with, for those who go on from there by other means. */
#include "fit/fit.h"

static nmf_status start(fit *f, const void *with) {
    (void)with;
    team alone = fit_alone(&f);
    nmf_status status = fit_start(&alone);
    if (status == NMF_OK) {
        fit_sum_up(f, false);
        f->summary.seconds = fit_seconds(f);
    }
    return status;
}

nmf_status nmf_initialize(nmf_context *context, const nmf_matrix *matrix, const nmf_options *options,
                          nmf_result **result) {
    plan plan;
    *result = NULL;
    nmf_status status = matrix_spread_of(matrix) ? matrix_need_whole(matrix, "a start by itself") : NMF_OK;
    if (status == NMF_OK) {
        status = plan_make(context, options, &plan);
    }
    if (status == NMF_OK) {
        status = plan_meet(context, matrix, &plan);
    }
    return status == NMF_OK ? result_new(context, matrix, &plan, start, NULL, result) : status;
}
