/* W, then H, as np.random.seed(S); np.random.rand(m, k); np.random.rand(k, n) draws them. */
#include "base/mt19937.h"
#include "init/init.h"
#include "matrix/spread.h"

/* All are drawn, since each depends on those before, and those of one's own items are kept. */
static void take(items *factor, int64_t i, int64_t c, double value) {
    if (i >= 0 && i < factor->count) {
        items_set(factor, i, c, value);
    }
}

static nmf_status numpy_fill(const init_request *request, items *w, items *h) {
    if (request->seed > UINT32_MAX) {
        return fail(request->context, NMF_ERROR_USAGE, "seed is %llu; init numpy takes 0 to 4294967295, as NumPy does",
                    (unsigned long long)request->seed);
    }
    mt19937 state;
    mt19937_seed(&state, (uint32_t)request->seed);
    int64_t first_w = matrix_first(request->matrix, false), first_h = matrix_first(request->matrix, true);
    for (int64_t i = 0; i < matrix_all(request->matrix, false); i++) {
        for (int64_t c = 0; c < w->k; c++) {
            take(w, i - first_w, c, mt19937_uniform(&state));
        }
    }
    for (int64_t c = 0; c < h->k; c++) {
        for (int64_t j = 0; j < matrix_all(request->matrix, true); j++) {
            take(h, j - first_h, c, mt19937_uniform(&state));
        }
    }
    return NMF_OK;
}

const init init_numpy = {
    .name = "numpy",
    .summary = "those that np.random.seed(S) and rand(m, k), rand(k, n) draw",
    .fill = numpy_fill,
};
