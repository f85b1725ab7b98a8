#include "made.h"

#include "say.h"

#include <math.h>
#include <stdlib.h>

/*
 * Entries of a matrix that is large enough to tell how long larger ones take; and the fewest rows of it. A sparse one
 * keeps its sides, since what an entry takes hangs on how far apart the items are that it meets.
 */
enum { DENSE_ENTRIES = 1 << 24, SPARSE_ENTRIES = 1 << 23, LEAST_SIDE = 1024 };

/* Any numbers of [0, 1). */
static double draw(uint64_t *state) {
    *state = *state * 6364136223846793005U + 1442695040888963407U;
    return (double)(*state >> 40) / (double)(1 << 24);
}

static void put(nmf_dtype dtype, void *values, int64_t at, double value) {
    if (dtype == NMF_F32) {
        ((float *)values)[at] = (float)value;
    } else {
        ((double *)values)[at] = value;
    }
}

static nmf_status time_dense(nmf_context *context, int64_t rows, int64_t cols, const nmf_options *options,
                             double seconds, nmf_forecast *forecast) {
    nmf_matrix *matrix;
    uint64_t state = 1;
    size_t size = options->dtype == NMF_F32 ? sizeof(float) : sizeof(double);
    void *values = room_for((size_t)(rows * cols), size);
    for (int64_t e = 0; e < rows * cols; e++) {
        put(options->dtype, values, e, draw(&state));
    }
    nmf_status status = nmf_matrix_dense(context, rows, cols, options->dtype, values, cols, 1, 0, &matrix);
    if (status == NMF_OK) {
        status = nmf_forecast_fit(context, matrix, options, seconds, forecast);
    }
    nmf_matrix_free(matrix);
    free(values);
    return status;
}

static nmf_status dense(nmf_context *context, const nmf_matrix_info *info, const nmf_options *options, double seconds,
                        nmf_forecast *forecast) {
    int64_t cols = info->cols < DENSE_ENTRIES / LEAST_SIDE ? info->cols : DENSE_ENTRIES / LEAST_SIDE;
    int64_t rows = info->rows < DENSE_ENTRIES / cols ? info->rows : DENSE_ENTRIES / cols;
    nmf_status status = time_dense(context, rows, cols, options, seconds, forecast);
    forecast->work_seconds *= (double)info->rows / (double)rows * (double)info->cols / (double)cols;
    return status;
}

/* A row with entry e of `entries` at random places, about as many in each. */
static nmf_status time_sparse(nmf_context *context, const nmf_matrix_info *info, int64_t entries,
                              const nmf_options *options, double seconds, double *work) {
    nmf_matrix *matrix;
    nmf_forecast forecast;
    uint64_t state = 1;
    size_t size = options->dtype == NMF_F32 ? sizeof(float) : sizeof(double);
    int64_t *start = room_for((size_t)info->rows + 1, sizeof *start);
    int64_t *index = room_for((size_t)entries, sizeof *index);
    void *values = room_for((size_t)entries, size);
    for (int64_t i = 0; i <= info->rows; i++) {
        start[i] = (int64_t)((double)entries / (double)info->rows * (double)i);
    }
    for (int64_t i = 0; i < info->rows; i++) {
        double gap = (double)info->cols / (double)(start[i + 1] - start[i]);
        for (int64_t e = start[i]; e < start[i + 1]; e++) {
            index[e] = (int64_t)(gap * ((double)(e - start[i]) + draw(&state)));
            put(options->dtype, values, e, 1 + draw(&state));
        }
    }
    nmf_compressed lines = {.rows = info->rows,
                            .cols = info->cols,
                            .index_bytes = sizeof *index,
                            .dtype = options->dtype,
                            .start = start,
                            .index = index,
                            .values = values};
    nmf_status status = nmf_matrix_sparse(context, &lines, 0, &matrix);
    free(start);
    free(index);
    free(values);
    if (status == NMF_OK) {
        status = nmf_forecast_fit(context, matrix, options, seconds, &forecast);
        *work = forecast.work_seconds;
    }
    nmf_matrix_free(matrix);
    return status;
}

/* Of all, or by two that differ in nothing but how many entries there are. */
static nmf_status sparse(nmf_context *context, const nmf_matrix_info *info, const nmf_options *options, double seconds,
                         nmf_forecast *forecast) {
    bool all = info->stored <= SPARSE_ENTRIES;
    int64_t many = all ? info->stored : SPARSE_ENTRIES, few = many / 4;
    double with_few = 0, with_many = 0;
    nmf_status status = time_sparse(context, info, many, options, seconds / 2, &with_many);
    if (status == NMF_OK && !all) {
        status = time_sparse(context, info, few, options, seconds / 2, &with_few);
    }
    double each = all ? 0 : fmax(0, with_many - with_few) / (double)(many - few);
    forecast->work_seconds = with_many + each * (double)(info->stored - many);
    return status;
}

nmf_status made_forecast(nmf_context *context, const nmf_matrix_info *info, const nmf_options *options, double seconds,
                         nmf_forecast *forecast) {
    *forecast = (nmf_forecast){.read_seconds = 0};
    nmf_status status = info->sparse ? sparse(context, info, options, seconds, forecast)
                                     : dense(context, info, options, seconds, forecast);
    forecast->iteration_seconds = forecast->work_seconds;
    return status;
}
