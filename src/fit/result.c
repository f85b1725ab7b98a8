#include "fit/fit.h"

#include <math.h>

const char *nmf_version(void) {
    return NMF_VERSION;
}

nmf_status result_new(nmf_context *context, const nmf_matrix *matrix, const plan *plan, fit_work *work,
                      const void *with, nmf_result **result) {
    nmf_status status = array_new(context, 1, sizeof **result, "the result", (void **)result);
    if (status != NMF_OK) {
        return status;
    }
    fit *f = &(*result)->fit;
    status = fit_new(context, matrix, plan, NULL, f);
    if (status == NMF_OK) {
        status = fit_begin(f, plan->seed);
    }
    if (status == NMF_OK) {
        status = work(f, with);
    }
    fit_shrink(f);
    if (status != NMF_OK) {
        nmf_result_free(*result);
        *result = NULL;
    }
    return status;
}

void nmf_result_free(nmf_result *result) {
    if (result) {
        nmf_context *context = result->fit.context;
        fit_free(&result->fit);
        array_free(context, result->starts);
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
