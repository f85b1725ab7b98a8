/* NNDSVD without zeros, which become the mean of A (Boutsidis & Gallopoulos 2008): solvers that multiply can leave it.
 */
#include "init/fill.h"
#include "init/nndsvd.h"
#include "init/range.h"

static nmf_status nndsvda_fill(const init_request *request, items *w, items *h) {
    levels level;
    nmf_status status = nndsvd_fill(request, w, h);
    if (status == NMF_OK) {
        status = find_levels(request, w->k, &level);
    }
    if (status == NMF_OK) {
        fill_zeros(request, false, w, level.w, 0);
        fill_zeros(request, true, h, level.h, 0);
    }
    return status;
}

const init init_nndsvda = {
    .name = "nndsvda",
    .summary = "nndsvd with its zeros filled by the mean",
    .bytes = range_bytes,
    .settled = true,
    .looks_at_a = true,
    .fill = nndsvda_fill,
};
