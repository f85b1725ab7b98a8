#include "fit/fit.h"
#include "fit/sample.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* Entries up to 2^±this are computed with as they are; others are scaled by a power of two first, which is exact. */
static int harmless_exponent(nmf_dtype dtype) {
    return dtype == NMF_F64 ? 200 : 30;
}

static double clock_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

double fit_seconds(const fit *f) {
    return clock_seconds() - f->began;
}

double fit_error(const fit *f, double loss) {
    return f->plan.loss->error(loss, f->exponent);
}

double fit_relative_error(const fit *f, double loss) {
    return f->matrix->info.norm > 0 ? sqrt(fmax(loss, 0)) / f->matrix->info.norm : 0;
}

int fit_harmless_exponent(nmf_dtype dtype, double max) {
    int exponent = 0;
    frexp(max, &exponent);
    if (max == 0 || abs(exponent) <= harmless_exponent(dtype)) {
        return 0;
    }
    /* The inverse of the smallest numbers is past every number. */
    return exponent < -1023 ? 1023 : -exponent;
}

static nmf_status take_matrix(fit *f, const nmf_matrix *matrix) {
    f->exponent = fit_harmless_exponent(f->plan.dtype, matrix->info.max);
    f->w_exponent = f->exponent / 2;
    f->matrix = matrix;
    if (f->exponent == 0 && matrix->info.dtype == f->plan.dtype) {
        return NMF_OK;
    }
    nmf_status status = matrix->kind->convert(matrix, f->plan.dtype, ldexp(1.0, f->exponent), &f->own);
    if (status == NMF_OK) {
        status = matrix_check(f->own, "the matrix");
        f->matrix = f->own;
    }
    return status;
}

/* Steps that have their room before the loop begins; a longer history grows as it goes. */
static int64_t steps_at_once(const plan *plan) {
    static const int64_t most = 1 << 16;
    return plan->max_iter < most ? plan->max_iter : most;
}

/* The items of a fit: where each is kept, whether it has rows of A or columns, and whether it is needed. */
enum { ITEMS = 12 };

typedef struct wanted {
    items *items;
    int64_t count, k;
} wanted;

static void list_items(fit *f, const plan *plan, int64_t rows, int64_t cols, wanted out[ITEMS]) {
    int64_t k = plan->k, lanes = ARRAY_ALIGNMENT / (int64_t)dtype_size(plan->dtype);
    bool keeps = plan->keep_best && !plan->update->monotone;
    const wanted all[ITEMS] = {
        {&f->w, rows, k},
        {&f->w_next, rows, k},
        {&f->w_hat, rows, k},
        {&f->h, cols, k},
        {&f->h_next, cols, k},
        {&f->h_hat, cols, k},
        {&f->h_last, cols, k},
        {&f->n, cols, k},
        {&f->p, plan->threads * KERNEL_GRID, k},
        {&f->room.tile, plan->threads * loss_tile_items(cols, k), lanes},
        {&f->best_w, keeps ? rows : 0, k},
        {&f->best_h, keeps ? cols : 0, k},
    };
    for (int i = 0; i < ITEMS; i++) {
        out[i] = all[i];
    }
}

/* The copy that take_matrix makes. */
static double copy_bytes(const plan *plan, const nmf_matrix_info *info) {
    if (info->dtype == plan->dtype && fit_harmless_exponent(plan->dtype, info->max) == 0) {
        return 0;
    }
    return matrix_bytes(info, plan->dtype);
}

/* What a start takes for a while. */
static double start_bytes(const plan *plan, const nmf_matrix_info *info) {
    if (plan->init->on_sample) {
        return fit_sample_bytes(plan, info);
    }
    return plan->init->bytes ? plan->init->bytes(info, plan->dtype, plan->k, plan->threads) : 0;
}

double fit_bytes(const plan *plan, const nmf_matrix_info *info) {
    const kernel *simd = kernel_for(plan->dtype);
    int64_t k = plan->k, longer = info->rows > info->cols ? info->rows : info->cols;
    fit none = {0};
    wanted all[ITEMS];
    double bytes = copy_bytes(plan, info) + update_bytes(plan->update, simd, k, plan->threads) +
                   reduce_bytes(plan->dtype, longer, k, plan->threads) + 2 * (double)k * (double)k * sizeof(double) +
                   (double)steps_at_once(plan) * sizeof(nmf_step);
    list_items(&none, plan, info->rows, info->cols, all);
    for (int i = 0; i < ITEMS; i++) {
        bytes += items_bytes(plan->dtype, all[i].count, all[i].k);
    }
    return bytes + start_bytes(plan, info);
}

/* Memory that is not there must be refused here: the system promises more than it has, and ends the process later. */
static nmf_status check_bytes(nmf_context *context, const plan *plan, const nmf_matrix_info *info) {
    double needed = fit_bytes(plan, info), there = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE);
    if (there > 0 && needed > there) {
        return fail(context, NMF_ERROR_MEMORY,
                    "a fit of rank %lld would take %.3g GB, and this machine has %.3g GB; a lower rank takes less",
                    (long long)plan->k, needed / 1e9, there / 1e9);
    }
    return NMF_OK;
}

static nmf_status make_items(fit *f) {
    const nmf_matrix *matrix = f->matrix;
    wanted all[ITEMS];
    nmf_status status = NMF_OK;
    list_items(f, &f->plan, matrix->info.rows, matrix->info.cols, all);
    for (int i = 0; i < ITEMS && status == NMF_OK; i++) {
        status = items_new(f->context, f->plan.dtype, all[i].count, all[i].k, "the factors", all[i].items);
    }
    return status;
}

/* k² of the items' updates that make taking a block of them small change. */
enum { UPDATE_WORTH_TAKING = 2000 };

static nmf_status make_rooms(fit *f) {
    const nmf_matrix_info *info = &f->matrix->info;
    int64_t k = f->plan.k, longer = info->rows > info->cols ? info->rows : info->cols;
    nmf_status status = array_new(f->context, k * k, sizeof(double), "the Gram matrices", (void **)&f->gram_w);
    if (status == NMF_OK) {
        status = array_new(f->context, k * k, sizeof(double), "the Gram matrices", (void **)&f->gram_h);
    }
    if (status == NMF_OK) {
        status = update_room_new(f->context, f->plan.update, f->simd, k, f->plan.threads, &f->update);
    }
    if (status == NMF_OK) {
        status = reduce_room_new(f->context, f->simd, longer, k, f->plan.threads, &f->room.reduce);
    }
    if (status == NMF_OK) {
        status =
            array_new(f->context, reduce_blocks(info->cols), sizeof(double), "partial sums", (void **)&f->own_part);
    }
    if (status == NMF_OK) {
        status = array_new(f->context, reduce_blocks(longer), sizeof(double), "partial sums", (void **)&f->steps_part);
    }
    f->rows_at_once = matrix_blocks_at_once(f->matrix, false, k);
    f->columns_at_once = matrix_blocks_at_once(f->matrix, true, k);
    f->items_at_once = (int)(UPDATE_WORTH_TAKING / (k * k)) + 1;
    return status;
}

static nmf_status make_history(fit *f) {
    return buffer_reserve(f->context, (void **)&f->history, &f->history_room, steps_at_once(&f->plan),
                          sizeof *f->history, "the history");
}

nmf_status fit_new(nmf_context *context, const nmf_matrix *matrix, const plan *plan, fit *out) {
    *out = (fit){.context = context, .plan = *plan, .simd = kernel_for(plan->dtype), .began = clock_seconds()};
    nmf_status status = check_bytes(context, plan, &matrix->info);
    if (status == NMF_OK) {
        status = take_matrix(out, matrix);
    }
    if (status == NMF_OK) {
        status = make_items(out);
    }
    if (status == NMF_OK) {
        status = make_rooms(out);
    }
    if (status == NMF_OK) {
        status = make_history(out);
    }
    if (status == NMF_OK) {
        out->summary = (nmf_summary){.rows = matrix->info.rows,
                                     .cols = matrix->info.cols,
                                     .nnz = matrix->info.nnz,
                                     .rank = plan->k,
                                     .solver = plan->update->name,
                                     .loss = plan->loss->name,
                                     .init = plan->init->name,
                                     .seed = plan->seed,
                                     .dtype = plan->dtype,
                                     .threads = plan->threads,
                                     .stop_reason = "max-iter"};
    }
    return status;
}

void fit_shrink(fit *f) {
    items *const spare[] = {&f->w_next, &f->w_hat,     &f->h_next, &f->h_hat,  &f->h_last, &f->n,
                            &f->p,      &f->room.tile, &f->best_w, &f->best_h, NULL};
    for (int i = 0; spare[i]; i++) {
        items_free(f->context, spare[i]);
    }
    array_free(f->context, f->gram_w);
    array_free(f->context, f->gram_h);
    array_free(f->context, f->own_part);
    array_free(f->context, f->steps_part);
    f->gram_w = f->gram_h = f->own_part = f->steps_part = NULL;
    update_room_free(&f->update);
    reduce_room_free(&f->room.reduce);
    nmf_matrix_free(f->own);
    f->own = NULL;
    f->matrix = NULL;
}

void fit_free(fit *f) {
    fit_shrink(f);
    items_free(f->context, &f->w);
    items_free(f->context, &f->h);
    buffer_free(f->context, f->history);
    f->history = NULL;
}
