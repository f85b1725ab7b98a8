/* Where a matrix is while it is fitted: in memory, mapped, or read block by block, whichever the memory allows. */
#include "matrix/scattered.h"
#include "matrix/spread.h"
#include "select/starts.h"

#include <math.h>

/* What a program takes by itself: code, the stacks of threads, what its allocator holds back. */
static const double program_bytes = 32e6;

/* Put `whole`, all that was in the file, in the place of *matrix. */
static void replace(nmf_matrix **matrix, nmf_matrix *whole) {
    nmf_matrix *before = *matrix;
    names rows = whole->row_names, cols = whole->col_names;
    whole->row_names = before->row_names;
    whole->col_names = before->col_names;
    before->row_names = rows;
    before->col_names = cols;
    nmf_matrix_free(before);
    *matrix = whole;
}

static nmf_status bring_to_memory(nmf_matrix **matrix) {
    const block_source *source = streamed_source(*matrix);
    nmf_matrix *whole = NULL;
    nmf_status status = source->whole(source->user, &whole);
    if (status == NMF_OK) {
        matrix_take_findings(*matrix, whole);
        replace(matrix, whole);
    }
    return status;
}

/* Of one whose processes were to read a share each. */
static nmf_status bring_all(nmf_matrix **matrix) {
    nmf_matrix *whole = NULL;
    nmf_status status = scattered_whole(*matrix, &whole);
    if (status == NMF_OK) {
        replace(matrix, whole);
    }
    return status;
}

static nmf_status refuse(nmf_context *context, const plan *plan, const nmf_placement *all, const char *path,
                         double most) {
    if (isfinite(all->least_bytes)) {
        return fail(context, NMF_ERROR_MEMORY,
                    "%s: a fit of rank %lld takes %.0f MB, blocks on their way from the file %.0f MB, the program "
                    "%.0f MB: %.0f MB is the least memory for it, and %.0f MB may be used",
                    path, (long long)plan->k, all->fit_bytes / 1e6,
                    (all->least_bytes - all->fit_bytes - program_bytes) / 1e6, program_bytes / 1e6,
                    ceil(all->least_bytes / 1e6), floor(most / 1e6));
    }
    return fail(context, NMF_ERROR_MEMORY,
                "%s takes %.0f MB in memory and a fit of rank %lld %.0f MB besides, and %.0f MB may be used; block by "
                "block it can be read for loss frobenius without masks, weights or a graph, and from init random or "
                "nndsvd",
                path, all->matrix_bytes / 1e6, (long long)plan->k, all->fit_bytes / 1e6, most / 1e6);
}

/* Of one that is in memory. */
static nmf_status refuse_whole(nmf_context *context, const plan *plan, const nmf_placement *all, double most) {
    return fail(
        context, NMF_ERROR_MEMORY,
        "the matrix takes %.0f MB in memory, a fit of rank %lld %.0f MB and the program %.0f MB, and %.0f MB may be "
        "used; as an .nmfx, which nmf convert writes, it can stay in its file",
        all->matrix_bytes / 1e6, (long long)plan->k, all->fit_bytes / 1e6, program_bytes / 1e6, floor(most / 1e6));
}

/* Of a matrix that is in a file. */
static nmf_status place_streamed(nmf_context *context, const plan *plan, double most, nmf_matrix **matrix,
                                 nmf_placement *out) {
    const block_source *source = streamed_source(*matrix);
    bool streams = plan_streams(plan, *matrix);
    double whole = matrix_bytes(&(*matrix)->info, (*matrix)->info.dtype), left = most - program_bytes - out->fit_bytes;
    out->matrix_bytes = whole;
    if (whole <= left) {
        return bring_to_memory(matrix);
    }
    /* Batches of rows come by way of a block of their own. */
    out->fit_bytes += plan->update->by_batches ? ring_slot_bytes(*matrix, source) + (double)source->spare_bytes : 0;
    out->least_bytes = streams ? program_bytes + out->fit_bytes + streamed_least_bytes(*matrix) : INFINITY;
    if (most < out->least_bytes) {
        return refuse(context, plan, out, source->path, most);
    }
    streamed_tell(*matrix);
    streamed_take_room(*matrix, most - program_bytes - out->fit_bytes);
    out->matrix_bytes = (double)(*matrix)->info.bytes;
    out->read_bytes = source->file_bytes;
    return NMF_OK;
}

/* What is not looked at yet may have missing entries, where those are allowed. */
static bool needs_lines(const plan *plan, const nmf_matrix *matrix) {
    bool unknown = matrix_is_in_file(matrix) && matrix->allowed & NMF_ALLOW_MISSING;
    return unknown || !plan_takes_panels(plan, matrix);
}

static spread_for spread_what(const plan *plan, const nmf_matrix *matrix) {
    return plan->reproducible ? SPREAD_IN_ORDER : needs_lines(plan, matrix) ? SPREAD_LINES : SPREAD_PRODUCTS;
}

/* Does a share of the matrix, and of what its fit takes, find room in one of so many processes? */
static bool fits_share(const plan *plan, const nmf_matrix *matrix, int64_t processes) {
    bool twice = processes > 1 && !matrix->info.sparse && spread_what(plan, matrix) != SPREAD_PRODUCTS;
    double bytes = matrix_bytes(&matrix->info, matrix->info.dtype) * (twice ? 2 : 1) + starts_bytes(plan, matrix);
    return !matrix_is_in_file(matrix) || bytes / (double)processes + program_bytes <= context_memory(matrix->context);
}

/* Groups of processes that share several starts out: as many as there is memory for, of as many processes each. */
static int64_t groups_of(const plan *plan, const nmf_matrix *matrix, int64_t processes) {
    int64_t groups = processes < plan->restarts ? processes : plan->restarts;
    while (groups > 1 && (processes % groups != 0 || !fits_share(plan, matrix, processes / groups))) {
        groups--;
    }
    return groups;
}

/*
 * Groups of processes over each of which the matrix is spread, as the one that has the least memory needs it. 0: every
 * process has all of it, for starts of its own; or for the same fit, which cannot be spread or is of a matrix too small
 * to be cut in whole blocks of items.
 */
static int64_t choose_groups(const plan *plan, const nmf_matrix *matrix) {
    const nmf_crowd *crowd = context_crowd(matrix->context);
    int64_t processes = nmf_context_processes(matrix->context);
    if (!plan_spreads(plan)) {
        return 0;
    }
    int64_t groups = groups_of(plan, matrix, processes), whole = groups > 1 ? processes / groups : processes;
    double each = (double)whole;
    if (crowd) {
        crowd->largest(crowd->user, &each, 1);
    }
    bool small = plan->reproducible && !spread_has_blocks(matrix, (int64_t)each);
    return small || (int64_t)each < (processes > 1 ? 2 : 1) ? 0 : processes / (int64_t)each;
}

/* Over the processes of each group. */
static nmf_status place_spread(const plan *plan, nmf_matrix **matrix, nmf_placement *out) {
    nmf_status status = spread_matrix(spread_what(plan, *matrix), out->groups, matrix);
    if (status == NMF_OK) {
        const spread *over = matrix_spread_of(*matrix);
        out->place = "spread";
        out->grid[0] = over->side[0].parts;
        out->grid[1] = over->side[1].parts;
        out->matrix_bytes = (double)(*matrix)->info.bytes;
        out->fit_bytes = starts_bytes(plan, *matrix);
    }
    return status;
}

nmf_status nmf_matrix_place(nmf_context *context, const nmf_options *options, nmf_matrix **matrix,
                            nmf_placement *placement) {
    plan plan;
    double most = context_memory(context);
    *placement = (nmf_placement){.least_bytes = INFINITY, .groups = 1, .grid = {1, 1}};
    nmf_status status = nmf_context_agree(context, plan_make(context, options, &plan));
    if (status == NMF_OK) {
        status = matrix_is_same(*matrix);
    }
    if (status != NMF_OK) {
        return status;
    }
    int64_t groups = choose_groups(&plan, *matrix);
    placement->groups = groups > 0 ? groups : nmf_context_processes(context);
    if (groups > 0 && context_crowd(context)) {
        return place_spread(&plan, matrix, placement);
    }
    if (matrix_is_scattered(*matrix)) {
        status = context_crowd(context) ? bring_all(matrix) : matrix_need_whole(*matrix, "a fit by one process");
    }
    placement->fit_bytes = starts_bytes(&plan, *matrix);
    if (status == NMF_OK && matrix_is_streamed(*matrix)) {
        status = matrix_check(*matrix, streamed_source(*matrix)->path);
    }
    if (status == NMF_OK && matrix_is_streamed(*matrix)) {
        status = place_streamed(context, &plan, most, matrix, placement);
    } else if (status == NMF_OK) {
        placement->matrix_bytes = (double)(*matrix)->info.bytes;
        status = placement->matrix_bytes + placement->fit_bytes + program_bytes <= context_limit(context)
                     ? NMF_OK
                     : refuse_whole(context, &plan, placement, most);
    }
    placement->place = matrix_is_streamed(*matrix) ? "streamed" : (*matrix)->mapped ? "mapped" : "memory";
    return nmf_context_agree(context, status);
}

nmf_status nmf_place_sizes(nmf_context *context, const nmf_options *options, const nmf_matrix_info *info,
                           nmf_placement *placement) {
    plan plan;
    double most = context_memory(context), number = (double)dtype_size(info->dtype);
    *placement = (nmf_placement){.least_bytes = INFINITY};
    nmf_status status = plan_make(context, options, &plan);
    if (status != NMF_OK) {
        return status;
    }
    const nmf_matrix shape = {.kind = info->sparse ? &matrix_sparse : &matrix_dense,
                              .context = context,
                              .simd = kernel_for(info->dtype),
                              .info = *info,
                              .panel_rows = info->rows};
    placement->fit_bytes = starts_bytes(&plan, &shape);
    placement->matrix_bytes = matrix_bytes(info, info->dtype);
    if (placement->matrix_bytes + placement->fit_bytes + program_bytes <= most) {
        placement->place = "memory";
        return NMF_OK;
    }
    placement->place = "streamed";
    placement->matrix_bytes = fmax(0, most - program_bytes - placement->fit_bytes);
    placement->least_bytes = program_bytes + placement->fit_bytes + RING_LEAST * (double)STREAMED_BLOCK;
    placement->read_bytes = info->sparse ? (double)info->stored * (sizeof(uint32_t) + number)
                                         : (double)info->rows * (double)info->cols * number;
    return placement->least_bytes <= most ? NMF_OK
                                          : fail(context, NMF_ERROR_MEMORY,
                                                 "a fit of rank %lld takes %.0f MB besides the matrix: %.0f MB is the "
                                                 "least memory for it, and %.0f "
                                                 "MB may be used",
                                                 (long long)plan.k, placement->fit_bytes / 1e6,
                                                 ceil(placement->least_bytes / 1e6), floor(most / 1e6));
}
