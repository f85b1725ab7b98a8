#include "fit/fit.h"

#include <math.h>

const char *nmf_version(void) {
    return NMF_VERSION;
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
