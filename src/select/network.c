/*
 * What an iteration over several processes takes, by latency α, bandwidth 1/β and the time γ of arithmetic. Collectives
 * are those of Thakur, Rabenseifner & Gropp 2005 ("Optimization of collective communication operations in MPICH"), as
 * Kannan, Ballard & Park 2018 (MPI-FAUN) count them: over p processes, with N bytes in all,
 *
 *     all-gather, reduce-scatter     α·⌈log₂ p⌉ + β·N·(p − 1)/p
 *     all-reduce                     twice that
 *
 * Adding up what came is not counted, and neither is that one waits for another.
 */
#include "matrix/spread.h"
#include "select/starts.h"

#include <math.h>

/* A matrix as a process has it, without its entries: what it needs to be asked for its bytes. */
typedef struct share {
    nmf_matrix block, columns, all;
    spread over;
} share;

static nmf_matrix shape(nmf_context *context, const nmf_matrix_info *whole, int64_t rows, int64_t cols,
                        int64_t stored) {
    nmf_matrix_info info = *whole;
    info.rows = rows;
    info.cols = cols;
    info.stored = stored;
    return (nmf_matrix){.kind = info.sparse ? &matrix_sparse : &matrix_dense,
                        .context = context,
                        .simd = kernel_for(info.dtype),
                        .info = info,
                        .panel_rows = rows};
}

static void fill_side(spread_side *side, int64_t all, int64_t count, int64_t parts) {
    *side = (spread_side){.all = all, .parts = parts, .sharers = count / parts, .others = {.count = count / parts}};
}

/* The share of the process that has the most; it stays where it is made. */
static void share_fill(nmf_context *context, const nmf_matrix_info *info, int64_t count, bool by_lines, share *own) {
    int64_t down = by_lines ? count : spread_grid(count, info->rows, info->cols);
    int64_t stored = info->stored / count + (info->stored % count > 0);
    int64_t rows = spread_most(info->rows, count, count), cols = spread_most(info->cols, count, count);
    fill_side(&own->over.side[0], info->rows, count, down);
    fill_side(&own->over.side[1], info->cols, count, count / down);
    own->block = shape(context, info, spread_most(info->rows, count, down),
                       spread_most(info->cols, count, count / down), stored);
    own->columns = shape(context, info, info->rows, cols, stored);
    own->over.block = &own->block;
    own->over.columns = by_lines ? &own->columns : NULL;
    own->all = shape(context, info, rows, cols, stored);
    own->all.kind = &matrix_spread;
    own->all.as.spread = &own->over;
}

static double share_bytes(const share *own) {
    double columns = own->over.columns ? matrix_bytes(&own->columns.info, own->columns.info.dtype) : 0;
    return matrix_bytes(&own->block.info, own->block.info.dtype) + columns;
}

/* The part of the arithmetic that is done in one process: of the products with its block, or of its rows and columns.
 */
static double share_of_work(const share *own) {
    const spread_side *rows = &own->over.side[0], *cols = &own->over.side[1];
    const nmf_matrix_info *block = &own->block.info, *all = &own->all.info;
    return own->over.columns ? ((double)all->rows / (double)rows->all + (double)all->cols / (double)cols->all) / 2
                             : (double)block->rows / (double)rows->all * ((double)block->cols / (double)cols->all);
}

/* Seconds of an all-gather or a reduce-scatter over p processes. */
static double exchange(const nmf_network *network, int64_t p, double bytes) {
    double count = (double)p;
    return network->latency * ceil(log2(count)) + bytes * (count - 1) / count / network->bandwidth;
}

static double add_up(const nmf_network *network, int64_t p, int64_t numbers) {
    return 2 * exchange(network, p, (double)numbers * sizeof(double));
}

/*
 * A fit that reads panels: H of one's columns is met along a column of the grid and AᵀW shared out along it, and along
 * a row W and A·H likewise; beside them go WᵀW before and after W is made, HHᵀ, and the loss.
 */
static double panels_seconds(const nmf_network *network, const share *own, double item, int64_t k) {
    int64_t down = own->over.side[0].parts, across = own->over.side[1].parts;
    double rows = (double)own->over.side[0].all / (double)down, cols = (double)own->over.side[1].all / (double)across;
    return 2 * exchange(network, down, cols * item) + 2 * exchange(network, across, rows * item) +
           3 * add_up(network, down * across, k * k) + add_up(network, down * across, 1);
}

/*
 * A fit by lines: each half-step meets the whole of the other factor and adds up its sums and, for squares, its Gram
 * matrix; each ends by agreeing, the second with the loss.
 */
static double lines_seconds(const nmf_network *network, const share *own, double item, const plan *plan) {
    int64_t p = own->over.side[0].parts, k = plan->k, gram = plan->loss->zeros == ZEROS_SQUARES ? k * k : 0;
    return exchange(network, p, (double)own->over.side[0].all * item) +
           exchange(network, p, (double)own->over.side[1].all * item) + 2 * add_up(network, p, k) +
           (gram > 0 ? 2 * add_up(network, p, gram) : 0) + 3 * add_up(network, p, 1);
}

/* Panels in order: W comes whole three times, H twice. */
static double in_order_seconds(const nmf_network *network, const share *own, double item) {
    int64_t p = own->over.side[0].parts;
    return 3 * exchange(network, p, (double)own->over.side[0].all * item) +
           2 * exchange(network, p, (double)own->over.side[1].all * item) + add_up(network, p, 1);
}

static double network_seconds(const nmf_network *network, const share *own, const plan *plan) {
    double item = (double)plan->k * (double)dtype_size(plan->dtype), p = (double)own->over.side[0].parts;
    /* The loss is summed from process to process: a broadcast for each. */
    double in_turn = plan->reproducible ? p * network->latency * ceil(log2(p)) : 0;
    if (!own->over.columns) {
        return panels_seconds(network, own, item, plan->k);
    }
    return in_turn + (plan_takes_panels(plan, &own->block) ? in_order_seconds(network, own, item)
                                                           : lines_seconds(network, own, item, plan));
}

/* 2·((pr − 1)·n·k + (pc − 1)·m·k)/(pr·pc); by lines (m + n)·k·(p − 1)/p, in order of panels (3m + 2n)·k·(p − 1)/p. */
static double words_of(const share *own, const plan *plan) {
    const spread_side *rows = &own->over.side[0], *cols = &own->over.side[1];
    double down = (double)rows->parts, across = (double)cols->parts, m = (double)rows->all, n = (double)cols->all;
    double k = (double)plan->k, met = plan_takes_panels(plan, &own->block) ? 3 * m + 2 * n : m + n;
    return own->over.columns ? met * k * (down - 1) / down
                             : 2 * k * ((down - 1) * n + (across - 1) * m) / (down * across);
}

static void of_several(const plan *plan, const share *own, double work, const nmf_network *network,
                       nmf_crowd_forecast *out) {
    out->grid[0] = own->over.side[0].parts;
    out->grid[1] = own->over.side[1].parts;
    out->matrix_bytes = share_bytes(own);
    out->fit_bytes = starts_bytes(plan, &own->all);
    out->words = words_of(own, plan);
    out->work_seconds = work * share_of_work(own);
    out->network_seconds = network_seconds(network, own, plan);
    out->iteration_seconds = out->work_seconds + out->network_seconds;
}

static nmf_status check_numbers(nmf_context *context, const nmf_matrix_info *info, double work,
                                const nmf_network *network, int64_t processes) {
    if (processes < 1 || info->rows < 1 || info->cols < 1 || info->stored < 0) {
        return fail(context, NMF_ERROR_USAGE,
                    "%lld processes for a matrix of %lld × %lld; there is at least one of each", (long long)processes,
                    (long long)info->rows, (long long)info->cols);
    }
    if (!(work >= 0 && isfinite(work) && network->latency >= 0 && isfinite(network->latency) &&
          network->bandwidth > 0)) {
        return fail(context, NMF_ERROR_USAGE,
                    "an iteration of %g s over a network of %g bytes a second and a latency of %g s; seconds are 0 or "
                    "above and the bandwidth is above 0",
                    work, network->bandwidth, network->latency);
    }
    return spread_check_count(context, processes, info->rows, info->cols);
}

nmf_status nmf_forecast_crowd(nmf_context *context, const nmf_options *options, const nmf_matrix_info *info,
                              double work_seconds, const nmf_network *network, int64_t processes,
                              nmf_crowd_forecast *forecast) {
    plan plan;
    share own = {.over = {.words = 0}};
    *forecast = (nmf_crowd_forecast){.words = 0};
    nmf_status status = check_numbers(context, info, work_seconds, network, processes);
    if (status == NMF_OK) {
        status = plan_make(context, options, &plan);
    }
    if (status != NMF_OK) {
        return status;
    }
    nmf_matrix whole = shape(context, info, info->rows, info->cols, info->stored);
    if (processes == 1) {
        *forecast = (nmf_crowd_forecast){.grid = {1, 1},
                                         .matrix_bytes = matrix_bytes(info, info->dtype),
                                         .fit_bytes = starts_bytes(&plan, &whole),
                                         .work_seconds = work_seconds,
                                         .iteration_seconds = work_seconds};
        return NMF_OK;
    }
    own.over.in_order = plan.reproducible;
    share_fill(context, info, processes, plan.reproducible || !plan_takes_panels(&plan, &whole), &own);
    status = plan_check_spread(context, &own.all, &plan);
    if (status == NMF_OK) {
        of_several(&plan, &own, work_seconds, network, forecast);
    }
    return status;
}
