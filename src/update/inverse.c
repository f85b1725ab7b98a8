/* The pseudo-inverse of G, for the updates that solve X·G = P. */
#include "update/update.h"

#include <float.h>
#include <math.h>

size_t update_no_scratch(const kernel *simd, int64_t k) {
    (void)simd, (void)k;
    return 0;
}

/* G⁺ = Σ v·vᵀ/λ over the eigenvalues that are not zero to working precision: λ > n·ε·λ_max, the rule of NumPy's lstsq.
 */
nmf_status update_prepare_inverse(update_room *room, const double *gram) {
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
