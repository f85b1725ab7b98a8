/* What an iteration takes on this machine: some are made, and timed, on the matrix or on blocks of its file. */
#include "matrix/streamed.h"
#include "select/starts.h"

#include <math.h>
#include <stdlib.h>

/* Iterations that are timed, however long they take, and at most. */
enum { LEAST_TIMED = 3, TIMED = 30 };

/* Blocks of a file that are worked on: few, and more of them; and others that are only read. */
enum { FEW_BLOCKS = 8, MORE_BLOCKS = 24, READ_BLOCKS = 24 };

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

/* Some blocks of a matrix in a file. */
typedef struct part {
    nmf_context *context;
    const block_source *of;
    int64_t from;
    int64_t *first; /* rows counted from its own */
} part;

static nmf_status fetch_part(void *user, int64_t b, block_room *room) {
    const part *own = user;
    return own->of->fetch(own->of->user, own->from + b, room);
}

static nmf_status make_part(void *user, int64_t b, block_room *room) {
    const part *own = user;
    return own->of->make(own->of->user, own->from + b, room);
}

static nmf_status unpacker_of_part(void *user, void **unpacker) {
    const part *own = user;
    return own->of->unpacker_new(own->of->user, unpacker);
}

static void close_part(void *user) {
    part *own = user;
    array_free(own->context, own->first);
    array_free(own->context, own);
}

static nmf_status part_new(const nmf_matrix *matrix, int64_t from, int64_t count, part **out) {
    nmf_context *context = matrix->context;
    nmf_status status = array_new(context, 1, sizeof **out, "blocks of the matrix", (void **)out);
    if (status != NMF_OK) {
        return status;
    }
    part *own = *out;
    *own = (part){.context = context, .of = streamed_source(matrix), .from = from};
    status = array_new(context, count + 1, sizeof *own->first, "blocks of the matrix", (void **)&own->first);
    for (int64_t b = 0; b <= count && status == NMF_OK; b++) {
        own->first[b] = own->of->first[from + b] - own->of->first[from];
    }
    if (status != NMF_OK) {
        close_part(own);
    }
    return status;
}

/* `count` blocks as a matrix, which is not checked. */
static nmf_status some_blocks(const nmf_matrix *matrix, int64_t from, int64_t count, nmf_matrix **out) {
    part *own;
    nmf_status status = part_new(matrix, from, count, &own);
    if (status != NMF_OK) {
        return status;
    }
    const block_source source = {.blocks = count,
                                 .first = own->first,
                                 .most_entries = own->of->most_entries,
                                 .spare_bytes = own->of->spare_bytes,
                                 .path = own->of->path,
                                 .fetch = fetch_part,
                                 .make = own->of->make ? make_part : NULL,
                                 .unpacker_new = own->of->unpacker_new ? unpacker_of_part : NULL,
                                 .unpacker_free = own->of->unpacker_free,
                                 .close = close_part,
                                 .user = own};
    nmf_matrix_info info = matrix->info;
    info.rows = own->first[count];
    info.stored = info.sparse ? count * source.most_entries : info.rows * info.cols;
    return matrix_new_streamed(matrix->context, &info, matrix->allowed, &source, out);
}

/* Seconds for a block that is only brought to memory, of some behind those that were worked on. */
static nmf_status time_reading(const nmf_matrix *matrix, double *each) {
    nmf_matrix *some;
    nmf_status status = some_blocks(matrix, MORE_BLOCKS, READ_BLOCKS, &some);
    if (status != NMF_OK) {
        return status;
    }
    double began = fit_clock();
    for (block b = {0}; matrix_next(some, &b);) {
    }
    *each = (fit_clock() - began) / READ_BLOCKS;
    status = matrix_status(some);
    nmf_matrix_free(some);
    return status;
}

/* Seconds for an iteration over the first `count` blocks, which stay in memory if they are `kept`. */
static nmf_status time_work(nmf_context *context, const nmf_matrix *matrix, const nmf_options *options, double seconds,
                            int64_t count, bool kept, double *took) {
    nmf_matrix *some;
    nmf_status status = some_blocks(matrix, 0, count, &some);
    if (status != NMF_OK) {
        return status;
    }
    streamed_take_room(some, kept ? INFINITY : 0);
    status = matrix_check(some, streamed_source(matrix)->path);
    if (status == NMF_OK) {
        status = time_iterations(context, some, options, seconds, took);
    }
    nmf_matrix_free(some);
    return status;
}

/*
 * An iteration is what it takes without any blocks, and the blocks: those that stay in memory, and those that come from
 * the file, each as long as the longer of its reading, which nothing of it need be in the system's cache for, and its
 * arithmetic, timed on blocks that are there.
 */
static nmf_status forecast_streamed(nmf_context *context, const nmf_matrix *matrix, const nmf_options *options,
                                    double seconds, nmf_forecast *out) {
    double few = 0, more = 0, kept = 0, read = 0;
    nmf_status status = time_work(context, matrix, options, seconds / 4, FEW_BLOCKS, false, &few);
    if (status == NMF_OK) {
        status = time_work(context, matrix, options, seconds / 2, MORE_BLOCKS, false, &more);
    }
    if (status == NMF_OK) {
        status = time_work(context, matrix, options, seconds / 4, FEW_BLOCKS, true, &kept);
    }
    if (status == NMF_OK) {
        status = time_reading(matrix, &read);
    }
    int64_t stay = streamed_kept(matrix), come = streamed_source(matrix)->blocks - stay;
    double each = fmax(0, more - few) / (MORE_BLOCKS - FEW_BLOCKS), alone = fmax(0, few - FEW_BLOCKS * each);
    double at_hand = alone + (double)stay * fmax(0, kept - alone) / FEW_BLOCKS;
    out->work_seconds = at_hand + (double)come * each;
    out->read_seconds = (double)come * read;
    out->iteration_seconds = at_hand + (double)come * fmax(each, read);
    return status;
}

/* Is the file so long that a part of it tells of all of it? */
static bool is_long(const nmf_matrix *matrix) {
    return matrix_is_streamed(matrix) && streamed_source(matrix)->blocks >= MORE_BLOCKS + READ_BLOCKS;
}

nmf_status nmf_forecast_fit(nmf_context *context, const nmf_matrix *matrix, const nmf_options *options, double seconds,
                            nmf_forecast *forecast) {
    *forecast = (nmf_forecast){.iteration_seconds = 0};
    if (is_long(matrix)) {
        return forecast_streamed(context, matrix, options, seconds, forecast);
    }
    nmf_status status = time_iterations(context, matrix, options, seconds, &forecast->work_seconds);
    forecast->iteration_seconds = forecast->work_seconds;
    return status;
}
