/* What an iteration takes on this machine: some are made, and timed, on the matrix or on blocks of its file. */
#include "matrix/streamed.h"
#include "select/starts.h"

#include <math.h>
#include <stdlib.h>

/* Iterations that are timed, however long they take, and at most; and blocks of a file that are worked on, or only
 * read.
 */
enum { LEAST_TIMED = 3, TIMED = 30, WORKED_BLOCKS = 8, READ_BLOCKS = 24 };

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The median time from one iteration to the next. The first is not counted: it meets memory for the first time. */
static double median_step(const nmf_summary *summary) {
    double each[TIMED];
    int64_t count = 0;
    for (int64_t t = summary->iterations > 2 ? 2 : 1; t < summary->iterations; t++) {
        each[count++] = summary->history[t].seconds - summary->history[t - 1].seconds;
    }
    qsort(each, (size_t)count, sizeof *each, ascending);
    return count > 0 ? each[count / 2] : summary->seconds;
}

/* An observer that stops a fit once its time is up. */
static int stop_in_time(void *user, const nmf_progress *progress) {
    const double *seconds = user;
    return progress->iteration >= LEAST_TIMED && progress->seconds >= *seconds;
}

static nmf_status time_iterations(nmf_context *context, const nmf_matrix *matrix, const nmf_options *options,
                                  double seconds, double *iteration) {
    nmf_options some = *options;
    nmf_result *result = NULL;
    some.init = options->start_w ? options->init : "random";
    some.max_iter = TIMED;
    some.stop = "error";
    some.tol = 1e-300;
    some.time = 0;
    some.restarts = 1;
    some.checkpoint = NULL;
    some.observer = stop_in_time;
    some.observer_user = &seconds;
    nmf_status status = nmf_fit(context, matrix, &some, &result);
    if (result) {
        *iteration = median_step(nmf_result_summary(result));
    }
    nmf_result_free(result);
    return status == NMF_INTERRUPTED ? NMF_OK : status;
}

static void leave_open(void *user) {
    (void)user;
}

/* The first blocks of a matrix in a file, as a matrix. */
static nmf_status first_blocks(const nmf_matrix *matrix, int64_t blocks, nmf_matrix **out) {
    block_source source = *streamed_source(matrix);
    nmf_matrix_info info = matrix->info;
    source.blocks = blocks;
    source.close = leave_open;
    info.rows = source.first[blocks];
    info.stored = info.sparse ? blocks * source.most_entries : info.rows * info.cols;
    return matrix_new_streamed(matrix->context, &info, matrix->allowed, &source, out);
}

/* Seconds for a block that is only brought to memory, of some behind those that were worked on. */
static nmf_status time_reading(const nmf_matrix *matrix, int64_t worked, double *each) {
    int64_t behind = streamed_source(matrix)->blocks - worked, read = behind < READ_BLOCKS ? behind : READ_BLOCKS;
    nmf_matrix *some;
    nmf_status status = first_blocks(matrix, worked + read, &some);
    if (status != NMF_OK) {
        return status;
    }
    double began = fit_clock();
    for (block b = {0}; matrix_next(some, &b);) {
        began = b.first < streamed_source(matrix)->first[worked] ? fit_clock() : began;
    }
    *each = read > 0 ? (fit_clock() - began) / (double)read : 0;
    status = matrix_status(some);
    nmf_matrix_free(some);
    return status;
}

/* Seconds for the arithmetic of a block. */
static nmf_status time_work(nmf_context *context, const nmf_matrix *matrix, const nmf_options *options, double seconds,
                            int64_t worked, double *each) {
    nmf_matrix *some;
    nmf_status status = first_blocks(matrix, worked, &some);
    if (status != NMF_OK) {
        return status;
    }
    status = matrix_check(some, streamed_source(matrix)->path);
    if (status == NMF_OK) {
        status = time_iterations(context, some, options, seconds, each);
        *each /= (double)worked;
    }
    nmf_matrix_free(some);
    return status;
}

/*
 * Blocks are read while others are worked on: an iteration takes the longer of the two. Those worked on come from the
 * system's cache the second time, those read need not be there.
 */
static nmf_status forecast_streamed(nmf_context *context, const nmf_matrix *matrix, const nmf_options *options,
                                    double seconds, nmf_forecast *out) {
    int64_t blocks = streamed_source(matrix)->blocks, worked = blocks < WORKED_BLOCKS ? blocks : WORKED_BLOCKS;
    nmf_status status = time_work(context, matrix, options, seconds, worked, &out->work_seconds);
    if (status == NMF_OK) {
        status = time_reading(matrix, worked, &out->read_seconds);
    }
    out->work_seconds *= (double)blocks;
    out->read_seconds *= (double)blocks;
    return status;
}

nmf_status nmf_forecast_fit(nmf_context *context, const nmf_matrix *matrix, const nmf_options *options, double seconds,
                            nmf_forecast *forecast) {
    *forecast = (nmf_forecast){.iteration_seconds = 0};
    nmf_status status = matrix_is_streamed(matrix)
                            ? forecast_streamed(context, matrix, options, seconds, forecast)
                            : time_iterations(context, matrix, options, seconds, &forecast->work_seconds);
    forecast->iteration_seconds = fmax(forecast->work_seconds, forecast->read_seconds);
    return status;
}
