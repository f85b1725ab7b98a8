/* Uniform numbers of [0, 1), each a function of seed, row and component alone. */
#include "base/philox.h"
#include "init/init.h"
#include "matrix/spread.h"

enum { STREAM_W = 0, STREAM_H = 1 };

static void draw(const init_request *request, uint32_t stream, bool columns, items *factor) {
    int64_t first = matrix_first(request->matrix, columns);
#pragma omp parallel for schedule(static) num_threads(request->threads)
    for (int64_t i = 0; i < factor->count; i++) {
        for (int64_t c = 0; c < factor->k; c++) {
            items_set(factor, i, c, philox_uniform(request->seed, stream, (uint64_t)(first + i), (uint32_t)c));
        }
    }
}

static nmf_status random_fill(const init_request *request, items *w, items *h) {
    draw(request, STREAM_W, false, w);
    draw(request, STREAM_H, true, h);
    return NMF_OK;
}

const init init_random = {
    .name = "random",
    .summary = "uniform numbers",
    .fill = random_fill,
};
