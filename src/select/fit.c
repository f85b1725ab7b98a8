/* A fit as it is asked for: the best of its starts. */
#include "select/starts.h"

#include <math.h>

static void warn_of(nmf_context *context, const nmf_matrix *matrix, const plan *plan) {
    nmf_matrix_info all;
    nmf_matrix_get_info(matrix, &all);
    const nmf_matrix_info *info = &all;
    const observation seen = plan_observation(plan, matrix);
    int64_t least = info->rows < info->cols ? info->rows : info->cols;
    if (plan->k > least) {
        caution(context, "rank %lld is above the smaller side of the matrix (%lld); the factors will not be unique",
                (long long)plan->k, (long long)least);
    }
    if ((info->zero_rows > 0 || info->zero_cols > 0) && observe_is_plain(&seen)) {
        caution(context, "%lld rows and %lld columns of the matrix are all zero; so will be what W and H have for them",
                (long long)info->zero_rows, (long long)info->zero_cols);
    }
    if (plan->update->keeps_zeros && plan->init && plan->init->makes_zeros && !plan->loss->positive) {
        caution(context, "solver %s cannot leave the zeros that init %s starts from; init random suits it better",
                plan->update->name, plan->init->name);
    }
}

nmf_status nmf_fit(nmf_context *context, const nmf_matrix *matrix, const nmf_options *options, nmf_result **result) {
    plan plan;
    *result = NULL;
    nmf_status status = plan_make(context, options, &plan);
    if (status == NMF_OK) {
        status = plan_meet(context, matrix, &plan);
    }
    if (status != NMF_OK) {
        return status;
    }
    warn_of(context, matrix, &plan);
    const starts_request all = {.context = context, .matrix = matrix, .plan = &plan};
    return starts_run(&all, result);
}

nmf_status nmf_options_check(nmf_context *context, const nmf_options *options) {
    plan plan;
    return plan_make(context, options, &plan);
}

nmf_status nmf_fit_memory(nmf_context *context, const nmf_matrix *matrix, const nmf_options *options, size_t *bytes) {
    plan plan;
    *bytes = 0;
    nmf_status status = plan_make(context, options, &plan);
    if (status == NMF_OK) {
        status = plan_meet(context, matrix, &plan);
    }
    if (status == NMF_OK) {
        double needed = starts_bytes(&plan, matrix);
        *bytes = needed < (double)SIZE_MAX ? (size_t)needed : SIZE_MAX;
    }
    return status;
}
