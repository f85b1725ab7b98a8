#include "made.h"

#include "say.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/*
 * Entries of a matrix that is large enough to tell how long larger ones take; and the fewest rows of it. A sparse one
 * keeps its sides, since what an entry takes hangs on how far apart the items are that it meets, as far as most_bytes
 * go.
 */
enum { DENSE_ENTRIES = 1 << 24, SPARSE_ENTRIES = 1 << 23, LEAST_SIDE = 1024 };

/* Factors past every cache, at most, and what else a fit takes. */
static const double most_bytes = 3e9;

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

static int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static bool is_handy(nmf_context *context, const nmf_matrix_info *info, const nmf_options *options) {
    nmf_placement placement;
    return nmf_place_sizes(context, options, info, &placement) == NMF_OK && placement.fit_bytes <= most_bytes &&
           strcmp(placement.place, "memory") == 0;
}

/* One with the same sides or, where such factors are too large, with the longer side halved until they are not. */
static nmf_matrix_info handy(nmf_context *context, const nmf_matrix_info *info, const nmf_options *options) {
    nmf_matrix_info made = *info;
    made.stored = least(info->stored, SPARSE_ENTRIES);
    while (!is_handy(context, &made, options) && (made.rows > LEAST_SIDE || made.cols > LEAST_SIDE)) {
        int64_t *longer = made.rows > made.cols ? &made.rows : &made.cols;
        *longer /= 2;
        made.stored = least(made.stored, made.rows * made.cols);
    }
    return made;
}

/* Of all, or by two that differ in nothing but how many entries there are: items take the rest, each as long. */
static nmf_status sparse(nmf_context *context, const nmf_matrix_info *info, const nmf_options *options, double seconds,
                         nmf_forecast *forecast) {
    const nmf_matrix_info made = handy(context, info, options);
    bool all = made.stored == info->stored && made.rows == info->rows && made.cols == info->cols;
    int64_t many = made.stored, few = many / 4;
    double with_few = 0, with_many = 0;
    nmf_status status = time_sparse(context, &made, many, options, seconds / 2, &with_many);
    if (status == NMF_OK && !all) {
        status = time_sparse(context, &made, few, options, seconds / 2, &with_few);
    }
    double each = all ? 0 : fmax(0, with_many - with_few) / (double)(many - few);
    double items = ((double)info->rows + (double)info->cols) / (double)(made.rows + made.cols);
    forecast->work_seconds = all ? with_many : items * (with_many - each * (double)many) + each * (double)info->stored;
    return status;
}

nmf_status made_forecast(nmf_context *context, const nmf_matrix_info *info, const nmf_options *options, double seconds,
                         nmf_forecast *forecast) {
    *forecast = (nmf_forecast){.read_seconds = 0};
    /* What is odd about a matrix that is made up is of no interest. */
    nmf_context_on_warning(context, NULL, NULL);
    nmf_status status = info->sparse ? sparse(context, info, options, seconds, forecast)
                                     : dense(context, info, options, seconds, forecast);
    nmf_context_on_warning(context, say_warning, NULL);
    forecast->iteration_seconds = forecast->work_seconds;
    return status;
}
