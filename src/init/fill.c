#include "init/fill.h"
#include "base/crowd.h"
#include "base/philox.h"
#include "matrix/products.h"

#include <math.h>

halves halve_exponent(const nmf_matrix_info *info) {
    halves half;
    frexp(info->max, &half.whole);
    half.w = half.whole / 2;
    half.h = half.whole - half.w;
    return half;
}

void fill_random(const init_request *request, int64_t from, int64_t to, bool columns, items *factor, uint32_t stream) {
    const nmf_matrix *matrix = request->matrix;
    halves half = halve_exponent(&matrix->info);
    double norm = ldexp(matrix->info.norm, -half.whole);
    double rows = (double)matrix_all(matrix, false), cols = (double)matrix_all(matrix, true);
    double scale = ldexp(sqrt(norm / sqrt(rows) / sqrt(cols) / (double)factor->k), columns ? half.h : half.w);
    int64_t first = matrix_first(matrix, columns);
    for (int64_t i = 0; i < factor->count; i++) {
        for (int64_t c = from; c < to; c++) {
            items_set(factor, i, c, scale * philox_uniform(request->seed, stream, (uint64_t)(first + i), (uint32_t)c));
        }
    }
}

bool fill_is_dead(const init_request *request, const items *factor, int64_t component) {
    const nmf_crowd *crowd = matrix_crowd(request->matrix);
    bool dead = items_dead(factor, component);
    return crowd ? !crowd_any(crowd, !dead) : dead;
}

nmf_status find_mean(const init_request *request, double *mean) {
    const nmf_matrix *matrix = request->matrix, *here = matrix_block(matrix);
    double *sums = NULL, sum;
    reduce_room all = {0};
    nmf_status status = array_new(request->context, here->info.rows, sizeof *sums, "the start", (void **)&sums);
    status = crowd_agree(request->context, matrix_crowd(matrix), status);
    if (status != NMF_OK) {
        array_free(request->context, sums);
        return status;
    }
    matrix_join(matrix, &all);
    matrix_line_sums(here, false, false, request->threads, sums);
    reduce_begin(&all, &sum, 1);
    for (int64_t i = 0; i < here->info.rows; i++) {
        sum += sums[i];
    }
    reduce_all(&all, &sum, 1);
    *mean = sum / (double)matrix_all(matrix, false) / (double)matrix_all(matrix, true);
    array_free(request->context, sums);
    return NMF_OK;
}

nmf_status find_levels(const init_request *request, int64_t k, levels *out) {
    const nmf_matrix_info *info = &request->matrix->info;
    halves half = halve_exponent(info);
    double rows = (double)matrix_all(request->matrix, false), cols = (double)matrix_all(request->matrix, true);
    double mean = 0, longer = sqrt(sqrt(cols / rows));
    nmf_status status = find_mean(request, &mean);
    double each = sqrt(ldexp(mean, -half.whole) / (double)k);
    *out = (levels){ldexp(each * longer, half.w), ldexp(each / longer, half.h)};
    return status;
}

void fill_zeros(const init_request *request, bool columns, items *factor, double value, uint32_t stream) {
    int64_t first = matrix_first(request->matrix, columns);
#pragma omp parallel for schedule(static) num_threads(request->threads)
    for (int64_t i = 0; i < factor->count; i++) {
        for (int64_t c = 0; c < factor->k; c++) {
            if (items_get(factor, i, c) == 0) {
                double part = stream ? philox_uniform(request->seed, stream, (uint64_t)(first + i), (uint32_t)c) : 1;
                items_set(factor, i, c, value * part);
            }
        }
    }
}
