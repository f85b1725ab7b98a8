/* NNDSVD whose zeros become random numbers below a hundredth of the mean of A (Boutsidis & Gallopoulos 2008). */
#include "init/fill.h"
#include "init/nndsvd.h"
#include "init/range.h"

enum { STREAM_W = 7, STREAM_H = 8 };

static const double part = 1e-2;

static nmf_status nndsvdar_fill(const init_request *request, items *w, items *h) {
    levels level;
    nmf_status status = nndsvd_fill(request, w, h);
    if (status == NMF_OK) {
        status = find_levels(request, w->k, &level);
    }
    if (status == NMF_OK) {
        fill_zeros(request, false, w, part * level.w, STREAM_W);
        fill_zeros(request, true, h, part * level.h, STREAM_H);
    }
    return status;
}

const init init_nndsvdar = {
    .name = "nndsvdar",
    .summary = "nndsvd with its zeros filled by small random numbers",
    .bytes = range_bytes,
    .looks_at_a = true,
    .fill = nndsvdar_fill,
};
