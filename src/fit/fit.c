#include "fit/fit.h"
#include "fit/batches.h"
#include "fit/sample.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

/* Entries up to 2^±this are computed with as they are; others are scaled by a power of two first, which is exact. */
static int harmless_exponent(nmf_dtype dtype) {
    return dtype == NMF_F64 ? 200 : 30;
}

double fit_clock(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

double fit_seconds(const fit *f) {
    return fit_clock() - f->began;
}

double fit_error(const fit *f, double loss) {
    double error = f->plan.loss->error(loss);
    /* Of the sum of squares the error is its root, which scales as A does. */
    return f->plan.loss->quadratic ? ldexp(error, -f->exponent) : fit_objective(f, (score){error, 0});
}

double fit_times_power(double value, double power) {
    double whole = fmax(-1e6, fmin(1e6, floor(power)));
    return value == 0 ? 0 : ldexp(value * exp2(power - whole), (int)whole);
}

double fit_objective(const fit *f, score reached) {
    double sum = reached.loss + reached.penalty;
    return fit_times_power(sum, -f->degree * f->exponent);
}

double fit_relative_error(const fit *f, double loss) {
    return f->null_error > 0 ? f->plan.loss->error(loss) / f->null_error : 0;
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

/* The largest |a| that counts. Only where one is of no harmless size is A looked through for those that are hidden. */
static nmf_status find_most(const fit *f, const nmf_matrix *matrix, double *most) {
    observation seen = plan_observation(&f->plan, matrix);
    observe_room room;
    const nmf_crowd *crowd = matrix_crowd(matrix);
    *most = fmax(matrix->info.max, -matrix->info.min);
    if ((!seen.mask && !seen.weights) || fit_harmless_exponent(f->plan.dtype, *most) == 0) {
        return NMF_OK;
    }
    seen.implicit = 0;
    *most = 0;
    nmf_status status = observe_room_new(f->context, &seen, &room);
    for (int64_t i = 0; i < matrix->info.rows && status == NMF_OK; i++) {
        entry_list list;
        observe_line(&seen, &room, false, i, &list);
        for (int64_t e = 0; e < list.count; e++) {
            *most = fmax(*most, fabs(list.value[e]));
        }
    }
    observe_room_free(&room);
    if (crowd) {
        status = nmf_context_agree(f->context, status);
    }
    if (crowd && status == NMF_OK) {
        crowd->largest(crowd->user, most, 1);
    }
    return status;
}

/* The matrix as another fit has it, and its clock. */
static void share_matrix(fit *f, const fit *like) {
    f->began = like->began;
    f->matrix = like->matrix;
    f->a_exponent = like->a_exponent;
    f->exponent = like->exponent;
    f->w_exponent = like->w_exponent;
    f->h_exponent = like->h_exponent;
    f->degree = like->degree;
}

/* W's part of the exponent. */
static int exponent_of_w(const fit *f) {
    /* Items that sum to 1 take none of it; W and Hᵀ that are to be equal share it evenly. */
    if (f->plan.side[SIDE_H].simplex) {
        return f->exponent;
    }
    bool sized = f->plan.given && !f->plan.symmetric;
    return sized ? fit_harmless_exponent(f->plan.dtype, f->plan.most_w) : f->exponent / 2;
}

static nmf_status take_matrix(fit *f, const nmf_matrix *matrix) {
    double most;
    nmf_status status = find_most(f, matrix, &most);
    if (status != NMF_OK) {
        return status;
    }
    f->a_exponent = fit_harmless_exponent(f->plan.dtype, most);
    f->a_exponent -= f->plan.symmetric ? f->a_exponent % 2 : 0;
    /* With `implicit` what is fitted is 0 and 1, whatever A's entries are. */
    f->exponent = f->plan.implicit > 0 ? 0 : f->a_exponent;
    f->w_exponent = exponent_of_w(f);
    f->h_exponent = f->exponent - f->w_exponent;
    f->degree = f->plan.loss->degree(f->plan.loss_parameter);
    f->matrix = matrix;
    if (f->a_exponent == 0 && matrix->info.dtype == f->plan.dtype) {
        return NMF_OK;
    }
    status = matrix->kind->convert(matrix, f->plan.dtype, ldexp(1.0, f->a_exponent), &f->own);
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

double fit_history_bytes(const plan *plan) {
    return (double)steps_at_once(plan) * sizeof(nmf_step);
}

/* The items of a fit: where each is kept, and whether it has rows of A or columns, if it is needed. */
enum { ITEMS = 9 };

typedef struct wanted {
    items *items;
    int64_t count;
} wanted;

static void list_items(fit *f, const plan *plan, int64_t rows, int64_t cols, wanted out[ITEMS]) {
    bool keeps = plan->keep_best && !plan->update->monotone;
    const wanted all[ITEMS] = {
        {&f->w, rows},
        {&f->w_next, rows},
        {&f->w_hat, rows},
        {&f->h, cols},
        {&f->h_next, cols},
        {&f->h_hat, cols},
        {&f->h_last, cols},
        {&f->best_w, keeps ? rows : 0},
        {&f->best_h, keeps ? cols : 0},
    };
    for (int i = 0; i < ITEMS; i++) {
        out[i] = all[i];
    }
}

/* The copy that take_matrix makes. */
static double copy_bytes(const plan *plan, const nmf_matrix *matrix) {
    const nmf_matrix_info *info = &matrix->info;
    const spread *over = matrix_spread_of(matrix);
    if (info->dtype == plan->dtype && fit_harmless_exponent(plan->dtype, fmax(info->max, -info->min)) == 0) {
        return 0;
    }
    return matrix_bytes(&matrix_block(matrix)->info, plan->dtype) +
           (over && over->columns ? matrix_bytes(&over->columns->info, plan->dtype) : 0);
}

/* What a start takes for a while. */
static double start_bytes(const plan *plan, const nmf_matrix *matrix) {
    if (plan->update->by_batches) {
        return batches_bytes(plan, matrix);
    }
    if (!plan->init) {
        return 0;
    }
    if (plan->init->on_sample) {
        return fit_sample_bytes(plan, matrix);
    }
    return plan->init->bytes ? plan->init->bytes(matrix, plan->dtype, plan->k, plan->threads) : 0;
}

static const engine *engine_of(const plan *plan, const nmf_matrix *matrix) {
    return plan_takes_panels(plan, matrix) ? &engine_panels : &engine_lines;
}

/* What each of several fits takes. */
static double bytes_each(const plan *plan, const nmf_matrix *matrix) {
    const nmf_matrix_info *info = &matrix->info;
    const kernel *simd = kernel_for(plan->dtype);
    int64_t k = plan->k, longer = matrix_longer(matrix);
    fit none = {0};
    wanted all[ITEMS];
    double bytes = sizeof(nmf_result) + update_bytes(plan->update, plan_update(plan, SIDE_W), simd, k, plan->threads) +
                   reduce_bytes(plan->dtype, longer, k, plan->threads) + (double)k * (double)k * sizeof(double) +
                   fit_history_bytes(plan) + engine_of(plan, matrix)->bytes(plan, matrix);
    list_items(&none, plan, info->rows, info->cols, all);
    for (int i = 0; i < ITEMS; i++) {
        bytes += items_bytes(plan->dtype, all[i].count, k);
    }
    return bytes;
}

int64_t fit_team_most(const plan *plan, const nmf_matrix *matrix) {
    /* Which fits are a team depends on who makes them, and their rounding on the team. */
    bool alone = matrix_spread_of(matrix) || plan->reproducible;
    return alone ? 1 : engine_of(plan, matrix)->most(plan);
}

double fit_bytes(const plan *plan, const nmf_matrix *matrix, int64_t count) {
    return copy_bytes(plan, matrix) + (double)count * bytes_each(plan, matrix) +
           engine_of(plan, matrix)->team_bytes(plan, matrix, count) + start_bytes(plan, matrix);
}

nmf_status fit_check_bytes(nmf_context *context, const plan *plan, double needed) {
    static const double small = 64e6;
    double there = needed > small ? context_memory(context) : needed;
    if (needed > there) {
        return fail(context, NMF_ERROR_MEMORY,
                    "%s of rank %lld would take %.3g GB, and %.3g GB may be used; %sa lower rank takes less",
                    plan->restarts > 1 ? "fits" : "a fit", (long long)plan->k, needed / 1e9, there / 1e9,
                    plan->restarts > 1 ? "fewer restarts or " : "");
    }
    return NMF_OK;
}

static nmf_status make_items(fit *f) {
    const nmf_matrix *matrix = f->matrix;
    wanted all[ITEMS];
    nmf_status status = NMF_OK;
    list_items(f, &f->plan, matrix->info.rows, matrix->info.cols, all);
    for (int i = 0; i < ITEMS && status == NMF_OK; i++) {
        status = items_new(f->context, f->plan.dtype, all[i].count, f->plan.k, "the factors", all[i].items);
    }
    return status;
}

static nmf_status make_rooms(fit *f) {
    int64_t k = f->plan.k, longer = matrix_longer(f->matrix);
    nmf_status status = array_new(f->context, k * k, sizeof(double), "the Gram matrices", (void **)&f->model);
    if (status == NMF_OK) {
        status = update_room_new(f->context, f->plan.update, plan_update(&f->plan, SIDE_W), f->simd, k, f->plan.threads,
                                 &f->update);
    }
    if (status == NMF_OK) {
        status = reduce_room_new(f->context, f->simd, longer, k, f->plan.threads, &f->room.reduce);
        matrix_join(f->matrix, &f->room.reduce);
    }
    if (status == NMF_OK && f->plan.unit != UNIT_NONE) {
        status = array_new(f->context, k, sizeof *f->d, "the scales of the components", (void **)&f->d);
    }
    return status;
}

static nmf_summary summary_of(const fit *f) {
    const nmf_matrix_info *info = &f->matrix->info;
    const plan *plan = &f->plan;
    int64_t held_w = plan->side[SIDE_W].held, held_h = plan->side[SIDE_H].held;
    return (nmf_summary){.rows = matrix_all(f->matrix, false),
                         .cols = matrix_all(f->matrix, true),
                         .nnz = info->nnz,
                         .rank = plan->k,
                         .solver = plan->update->name,
                         .loss = plan->loss->name,
                         .loss_parameter = plan->loss_parameter,
                         .penalized = plan_is_penalized(plan),
                         .init = plan->init ? plan->init->name : "start",
                         .seed = plan->seed,
                         .dtype = plan->dtype,
                         .threads = plan->threads,
                         .processes = matrix_crowd(f->matrix) ? matrix_crowd(f->matrix)->count : 1,
                         .deviance = NAN,
                         .log_likelihood = NAN,
                         .held = held_w > held_h ? held_w : held_h,
                         .observed = f->observed,
                         .stop_reason = "max-iter"};
}

/* Where extrapolation begins (Ang & Gillis 2019, algorithm 1). */
static const double beta_start = 0.5;

/* The loop allocates nothing. */
static nmf_status make_history(fit *f) {
    return buffer_reserve(f->context, (void **)&f->course.history, &f->course.history_room, steps_at_once(&f->plan),
                          sizeof *f->course.history, "the history");
}

nmf_status fit_begin(fit *f, uint64_t seed) {
    /* Starts may leave some of them as they are, and updates look at what was there before. */
    items *const used[] = {&f->w, &f->w_next, &f->w_hat, &f->h, &f->h_next, &f->h_hat, &f->h_last, NULL};
    f->plan.seed = seed;
    f->summary = summary_of(f);
    f->course = (course){.momentum = {.beta = beta_start, .last = beta_start, .most = 1}};
    for (int i = 0; used[i]; i++) {
        items_zero(used[i]);
    }
    return make_history(f);
}

nmf_status fit_go_on(fit *f) {
    items_copy(&f->w, &f->w_hat);
    items_copy(&f->h, &f->h_last);
    return make_history(f);
}

/* Each step is begun by all processes of the matrix, or by none. */
nmf_status fit_new(nmf_context *context, const nmf_matrix *matrix, const plan *plan, const fit *like, fit *out) {
    const nmf_crowd *crowd = matrix_crowd(matrix);
    *out = (fit){
        .context = context, .plan = *plan, .asked = matrix, .simd = kernel_for(plan->dtype), .began = fit_clock()};
    nmf_status status = fit_check_bytes(context, plan, fit_bytes(plan, matrix, 1));
    status = crowd_agree(context, crowd, status);
    if (status == NMF_OK && like) {
        share_matrix(out, like);
    } else if (status == NMF_OK) {
        status = take_matrix(out, matrix);
    }
    if (status == NMF_OK) {
        out->engine = engine_of(plan, matrix);
        fit_make_rules(out);
        status = make_items(out);
    }
    if (status == NMF_OK) {
        status = make_rooms(out);
    }
    status = crowd_agree(context, crowd, status);
    return status == NMF_OK ? out->engine->open(out) : status;
}

half fit_half(fit *f, side which) {
    return which == SIDE_W ? (half){.which = which,
                                    .rules = &f->rules[which],
                                    .from = &f->w_hat,
                                    .last = &f->w,
                                    .next = &f->w_next,
                                    .hat = &f->w_hat,
                                    .fixed = &f->h_hat}
                           : (half){.which = which,
                                    .rules = &f->rules[which],
                                    .from = &f->h,
                                    .around = &f->h,
                                    .last = &f->h_last,
                                    .next = &f->h_next,
                                    .hat = &f->h_hat,
                                    .fixed = &f->w_hat};
}

void fit_swap(items *a, items *b) {
    items held = *a;
    *a = *b;
    *b = held;
}

void fit_shrink(fit *f) {
    items *const spare[] = {&f->w_next, &f->w_hat,     &f->h_next, &f->h_hat, &f->h_last,
                            &f->best_w, &f->room.tile, &f->best_h, NULL};
    if (f->engine) {
        f->engine->close(f);
    }
    for (int i = 0; spare[i]; i++) {
        items_free(f->context, spare[i]);
    }
    array_free(f->context, f->model);
    array_free(f->context, f->fingerprint);
    f->model = NULL;
    f->fingerprint = NULL;
    update_room_free(&f->update);
    reduce_room_free(&f->room.reduce);
    nmf_matrix_free(f->own);
    f->own = NULL;
    f->matrix = f->asked = NULL;
}

void fit_free(fit *f) {
    fit_shrink(f);
    items_free(f->context, &f->w);
    items_free(f->context, &f->h);
    array_free(f->context, f->d);
    buffer_free(f->context, f->course.history);
    f->course.history = NULL;
    f->d = NULL;
}
