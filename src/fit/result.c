#include "fit/fit.h"

#include <math.h>

const char *nmf_version(void) {
    return NMF_VERSION;
}

void nmf_result_free(nmf_result *result) {
    if (result) {
        nmf_context *context = result->fit.context;
        fit_free(&result->fit);
        array_free(context, result);
    }
}

const nmf_summary *nmf_result_summary(const nmf_result *result) {
    return &result->fit.summary;
}

void nmf_result_w(const nmf_result *result, nmf_dtype dtype, void *values) {
    const items *w = &result->fit.w;
    for (int64_t i = 0; i < w->count; i++) {
        for (int64_t c = 0; c < w->k; c++) {
            dtype_set(dtype, values, i * w->k + c, ldexp(items_get(w, i, c), -result->fit.w_exponent));
        }
    }
}

void nmf_result_h(const nmf_result *result, nmf_dtype dtype, void *values) {
    const items *h = &result->fit.h;
    for (int64_t c = 0; c < h->k; c++) {
        for (int64_t j = 0; j < h->count; j++) {
            dtype_set(dtype, values, c * h->count + j, ldexp(items_get(h, j, c), -result->fit.h_exponent));
        }
    }
}

static void warn_of(nmf_context *context, const nmf_matrix *matrix, const plan *plan) {
    const nmf_matrix_info *info = &matrix->info;
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

nmf_status fit_to_result(nmf_context *context, const nmf_matrix *matrix, const plan *plan,
                         nmf_status (*work)(fit *f, const void *data), const void *data, nmf_result **result) {
    nmf_status status = array_new(context, 1, sizeof **result, "the result", (void **)result);
    if (status != NMF_OK) {
        return status;
    }
    fit *f = &(*result)->fit;
    status = fit_new(context, matrix, plan, f);
    if (status == NMF_OK) {
        status = work(f, data);
    }
    fit_shrink(f);
    if (status != NMF_OK && status != NMF_INTERRUPTED) {
        nmf_result_free(*result);
        *result = NULL;
    }
    return status;
}

static nmf_status run(fit *f, const void *nothing) {
    (void)nothing;
    return fit_run(f);
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
    return fit_to_result(context, matrix, &plan, run, NULL, result);
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
        double needed = fit_bytes(&plan, matrix);
        *bytes = needed < (double)SIZE_MAX ? (size_t)needed : SIZE_MAX;
    }
    return status;
}
