/* Uniform numbers of [0, 1), each a function of seed, row and component alone. */
#include "base/philox.h"
#include "init/init.h"

#include <omp.h>

enum { STREAM_W = 0, STREAM_H = 1 };

static void draw(const init_request *request, uint32_t stream, items *factor, double *rows) {
#pragma omp parallel for schedule(static) num_threads(request->threads)
    for (int64_t i = 0; i < factor->count; i++) {
        double *row = rows + omp_get_thread_num() * factor->stride;
        philox_uniform_row(request->seed, stream, (uint64_t)i, (uint32_t)factor->k, row);
        for (int64_t c = 0; c < factor->k; c++) {
            items_set(factor, i, c, row[c]);
        }
    }
}

static nmf_status random_fill(const init_request *request, items *w, items *h) {
    double *rows;
    nmf_status status =
        array_new(request->context, request->threads * w->stride, sizeof *rows, "the start", (void **)&rows);
    if (status == NMF_OK) {
        draw(request, STREAM_W, w, rows);
        draw(request, STREAM_H, h, rows);
    }
    array_free(request->context, rows);
    return status;
}

const init init_random = {
    .name = "random",
    .summary = "uniform numbers",
    .fill = random_fill,
};
