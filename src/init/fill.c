#include "init/fill.h"
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

void fill_random(const init_request *request, int64_t from, int64_t to, items *factor, uint32_t stream, int exponent) {
    const nmf_matrix_info *info = &request->matrix->info;
    double norm = ldexp(info->norm, -halve_exponent(info).whole);
    double scale =
        ldexp(sqrt(norm / sqrt((double)info->rows) / sqrt((double)info->cols) / (double)factor->k), exponent);
    for (int64_t i = 0; i < factor->count; i++) {
        for (int64_t c = from; c < to; c++) {
            items_set(factor, i, c, scale * philox_uniform(request->seed, stream, (uint64_t)i, (uint32_t)c));
        }
    }
}

nmf_status find_mean(const init_request *request, double *mean) {
    const nmf_matrix_info *info = &request->matrix->info;
    double *sums = NULL, sum = 0;
    nmf_status status = array_new(request->context, info->rows, sizeof *sums, "the start", (void **)&sums);
    if (status != NMF_OK) {
        return status;
    }
    matrix_line_sums(request->matrix, false, false, request->threads, sums);
    for (int64_t i = 0; i < info->rows; i++) {
        sum += sums[i];
    }
    *mean = sum / (double)info->rows / (double)info->cols;
    array_free(request->context, sums);
    return NMF_OK;
}

nmf_status find_levels(const init_request *request, int64_t k, levels *out) {
    const nmf_matrix_info *info = &request->matrix->info;
    halves half = halve_exponent(info);
    double mean = 0, longer = sqrt(sqrt((double)info->cols / (double)info->rows));
    nmf_status status = find_mean(request, &mean);
    double each = sqrt(ldexp(mean, -half.whole) / (double)k);
    *out = (levels){ldexp(each * longer, half.w), ldexp(each / longer, half.h)};
    return status;
}

void fill_zeros(const init_request *request, items *factor, double value, uint32_t stream) {
#pragma omp parallel for schedule(static) num_threads(request->threads)
    for (int64_t i = 0; i < factor->count; i++) {
        for (int64_t c = 0; c < factor->k; c++) {
            if (items_get(factor, i, c) == 0) {
                double part = stream ? philox_uniform(request->seed, stream, (uint64_t)i, (uint32_t)c) : 1;
                items_set(factor, i, c, value * part);
            }
        }
    }
}
