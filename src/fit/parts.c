/* The factors of a fit over a crowd, of which every process has its part: brought together, or written. */
#include "fit/fit.h"
#include "io/npy/npy.h"

#include <math.h>

/* The whole of a factor takes the place of one's own part, in the leading process. */
static nmf_status gather_side(nmf_context *context, const nmf_matrix *matrix, bool columns, items *own) {
    items all;
    nmf_status status = spread_whole(context, matrix, columns, own, &all);
    if (status == NMF_OK && matrix_crowd(matrix)->rank == 0) {
        fit_swap(own, &all);
    }
    items_free(context, &all);
    return status;
}

nmf_status nmf_result_gather(nmf_context *context, const nmf_matrix *matrix, nmf_result *result) {
    nmf_status status = NMF_OK;
    if (matrix_spread_of(matrix)) {
        status = gather_side(context, matrix, false, &result->fit.w);
    }
    if (status == NMF_OK && matrix_spread_of(matrix)) {
        status = gather_side(context, matrix, true, &result->fit.h);
    }
    return nmf_context_agree(context, status);
}

static void row_of_w(const void *user, int64_t i, void *numbers) {
    const fit *f = user;
    for (int64_t c = 0; c < f->w.k; c++) {
        dtype_set(f->plan.dtype, numbers, c, ldexp(items_get(&f->w, i, c), -f->w_exponent));
    }
}

static void row_of_h(const void *user, int64_t c, void *numbers) {
    const fit *f = user;
    for (int64_t j = 0; j < f->h.count; j++) {
        dtype_set(f->plan.dtype, numbers, j, ldexp(items_get(&f->h, j, c), -f->h_exponent));
    }
}

nmf_status nmf_result_write(nmf_context *context, const nmf_matrix *matrix, const nmf_result *result, bool h,
                            const char *path) {
    const fit *f = &result->fit;
    const nmf_crowd *peers = matrix_peers(matrix);
    /* Peers have the same part, and one of them writes it. */
    bool writes = !peers || peers->rank == 0;
    int64_t k = f->plan.k, own = h ? f->h.count : f->w.count, first = matrix_first(matrix, h);
    const npy_part of_w = {.rows = f->summary.rows,
                           .cols = k,
                           .first_row = first,
                           .own_rows = writes ? own : 0,
                           .own_cols = k,
                           .dtype = f->plan.dtype,
                           .row = row_of_w,
                           .user = f};
    const npy_part of_h = {.rows = k,
                           .cols = f->summary.cols,
                           .own_rows = writes ? k : 0,
                           .first_col = first,
                           .own_cols = own,
                           .dtype = f->plan.dtype,
                           .row = row_of_h,
                           .user = f};
    return npy_write_parts(context, path, h ? &of_h : &of_w);
}
