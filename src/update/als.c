/*
 * Clipped alternating least squares: the minimum-norm least squares solution of X·G = P, then negatives set to 0 (Berry
 * et al. 2007, section 3.3). Need not converge; the loop keeps the best iterate beside the last.
 */
#include "update/update.h"

#include <float.h>
#include <math.h>

static size_t als_scratch(const kernel *simd, int64_t k) {
    (void)simd, (void)k;
    return 0;
}

/* G⁺ = Σ v·vᵀ/λ over the eigenvalues that are not zero to working precision: λ > n·ε·λ_max, the rule of NumPy's lstsq.
 */
static nmf_status als_prepare(update_room *room, const double *gram) {
    int64_t k = room->k;
    double *vectors = room->eigen.vectors, *values = room->eigen.values;
    for (int64_t t = 0; t < k * k; t++) {
        vectors[t] = gram[t];
    }
    nmf_status status = eigen_solve(&room->eigen);
    if (status != NMF_OK) {
        return status;
    }
    double epsilon = room->simd->dtype == NMF_F64 ? DBL_EPSILON : FLT_EPSILON;
    double least = (double)k * epsilon * fabs(values[k - 1]);
    for (int64_t c = 0; c < k; c++) {
        for (int64_t d = 0; d < k; d++) {
            double sum = 0;
            for (int64_t e = 0; e < k; e++) {
                sum += values[e] > least ? vectors[e * k + c] * vectors[e * k + d] / values[e] : 0;
            }
            items_set(&room->gram, c, d, sum);
        }
    }
    return NMF_OK;
}

static void als_apply(const update_room *room, const items *p, const items *x, void *scratch) {
    (void)scratch;
    room->simd->project(room->gram.data, p->data, x->data, x->count, x->k, x->stride);
}

const update update_als = {
    .name = "als",
    .summary =
        "least squares with negatives set to 0, the classic, which need not converge: its error can rise and its last "
        "iterate need not be its best (see --keep)",
    .max_iter = 100,
    .tol = 1e-4,
    .stop = "error",
    .init = "random",
    .needs_eigen = true,
    .scratch_bytes = als_scratch,
    .prepare = als_prepare,
    .apply = als_apply,
};
