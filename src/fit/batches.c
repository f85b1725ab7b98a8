#include "fit/batches.h"
#include "fit/batch.h"
#include "fit/memory.h"
#include "fit/sample.h"

#include <math.h>

/*
 * Measured in docs/performance.md: what a batch has where nothing is said, how often its half-steps are made, and what
 * a pass leaves of an earlier one.
 */
enum { BATCH = 1024, LINES_A_COMPONENT = 10, ROUNDS = 4 };
static const double forget_a_pass = 0.7;

/* The fit of the first batch: what is learned later does not ask for more. */
enum { MOST_ITERATIONS = 30 };
static const double settled_change = 3e-4;

/* A fit that learns. W is of the samples' other side, rows × k, row by row, in the caller's units. */
typedef struct learner {
    nmf_context *context;
    fit *f;
    bool rows;                    /* samples are the rows of A */
    bool squares;                 /* of all of A, whose sums are kept; else the forces of a batch are */
    int64_t samples, size;        /* how many, and in a batch */
    plan plan;                    /* of a batch, whose W and H those are */
    int64_t seen;                 /* samples, in all passes */
    nmf_online state;             /* W, and the forces */
    memory past;                  /* the sums */
    double error, relative_error; /* of the batch learned from last */
} learner;

static int64_t samples_of(const nmf_matrix_info *info) {
    return fit_samples_columns(info) ? info->cols : info->rows;
}

static int64_t size_of(const plan *plan, const nmf_matrix_info *info) {
    int64_t least = plan->k < INT64_MAX / LINES_A_COMPONENT ? plan->k * LINES_A_COMPONENT : INT64_MAX;
    int64_t size = plan->batch_size > 0 ? plan->batch_size : least > BATCH ? least : BATCH;
    int64_t samples = samples_of(info);
    return size < samples ? size : samples;
}

/* Of a batch, the sides of A being those of its own W and H. */
static plan plan_of_batch(const plan *whole, bool rows) {
    plan some = *whole;
    some.update = &update_hals;
    some.init = NULL;
    some.start_w = some.start_h = NULL;
    some.side[SIDE_W] = whole->side[rows ? SIDE_H : SIDE_W];
    some.side[SIDE_H] = whole->side[rows ? SIDE_W : SIDE_H];
    some.by_weight = false;
    some.unit = UNIT_NONE;
    some.keep_best = false;
    some.observer = NULL;
    return some;
}

static plan plan_of_first(const learner *l) {
    plan first = l->plan;
    first.init = l->f->plan.init;
    first.stop = STOP_CHANGE;
    first.tol = settled_change;
    first.max_iter = MOST_ITERATIONS;
    return first;
}

double batches_bytes(const plan *plan, const nmf_matrix *matrix) {
    const nmf_matrix_info *info = &matrix->info;
    bool rows = !fit_samples_columns(info);
    struct plan how = plan_of_batch(plan, rows);
    nmf_matrix some = *matrix;
    int64_t features = rows ? info->cols : info->rows, size = size_of(plan, info);
    some.info.rows = features;
    some.info.cols = size;
    some.info.nnz = (int64_t)((double)info->nnz * (double)size / (double)samples_of(info));
    some.info.stored = some.info.nnz;
    how.init = plan->init;
    double kept = (double)features * (double)plan->k * sizeof(double);
    return 2 * kept + matrix_bytes(&some.info, info->dtype) + (double)size * sizeof(int64_t) +
           fit_bytes(&how, &some, 1);
}

static nmf_status learner_new(fit *f, learner *out) {
    const nmf_matrix_info *info = &f->asked->info;
    bool rows = !fit_samples_columns(info);
    *out = (learner){.context = f->context,
                     .f = f,
                     .rows = rows,
                     .squares = plan_takes_panels(&f->plan, f->asked),
                     .samples = samples_of(info),
                     .size = size_of(&f->plan, info),
                     .plan = plan_of_batch(&f->plan, rows),
                     .state = {.rows = rows ? info->cols : info->rows, .rank = f->plan.k},
                     .past = {.context = f->context}};
    int64_t numbers = out->state.rows * out->state.rank;
    nmf_status status = array_new(f->context, numbers, sizeof(double), "what is learned", (void **)&out->state.w);
    if (status == NMF_OK && out->squares) {
        return memory_new(f->context, out->state.rows, f->plan.k, f->exponent, rows ? f->w_exponent : f->h_exponent,
                          &out->past);
    }
    if (status == NMF_OK) {
        status = array_new(f->context, numbers, sizeof(double), "what pulls", (void **)&out->state.pull);
    }
    return status == NMF_OK ? array_new(f->context, numbers, sizeof(double), "what pushes", (void **)&out->state.push)
                            : status;
}

static void learner_free(learner *l) {
    array_free(l->context, l->state.w);
    array_free(l->context, l->state.pull);
    array_free(l->context, l->state.push);
    memory_free(&l->past);
}

/* W from items of a factor, or the factor from W. */
static void take_w(learner *l, const items *from, int exponent) {
    for (int64_t e = 0; e < l->state.rows * l->state.rank; e++) {
        l->state.w[e] = ldexp(items_get(from, e / l->state.rank, e % l->state.rank), -exponent);
    }
}

static void give_w(const learner *l, items *to, int exponent) {
    for (int64_t e = 0; e < l->state.rows * l->state.rank; e++) {
        items_set(to, e / l->state.rank, e % l->state.rank, ldexp(l->state.w[e], exponent));
    }
}

/* A fit of the batch that has begun. */
static nmf_status open_batch(const learner *l, const batch *b, const plan *how, fit *sub) {
    plan of_batch = *how;
    of_batch.mask = b->mask;
    of_batch.weights = b->weights;
    nmf_status status = fit_new(l->context, b->a, &of_batch, NULL, sub);
    return status == NMF_OK ? fit_begin(sub, of_batch.seed) : status;
}

/* W as it begins: as a fit of the first batch leaves it, which may know nothing of what later ones hold. */
static nmf_status begin(learner *l, const batch *b) {
    plan first = plan_of_first(l);
    fit sub, *only = &sub;
    nmf_status status = open_batch(l, b, &first, &sub);
    if (status == NMF_OK) {
        team alone = fit_alone(&only);
        status = fit_run(&alone, first.max_iter);
    }
    if (status == NMF_OK && !l->squares) {
        fit_fill_zeros(&sub.room.reduce, &sub.w);
    }
    if (status == NMF_OK) {
        take_w(l, &sub.w, sub.w_exponent);
    }
    fit_free(&sub);
    return status;
}

/* Or as it was given. */
static nmf_status begin_given(learner *l) {
    const plan *plan = &l->f->plan;
    items *w = l->rows ? &l->f->h : &l->f->w;
    int exponent = l->rows ? l->f->h_exponent : l->f->w_exponent;
    nmf_status status = fit_take(l->f, l->rows ? plan->start_h : plan->start_w, l->rows, exponent, w);
    if (status == NMF_OK) {
        take_w(l, w, exponent);
    }
    return status;
}

/* A fit of the batch in which W is as it is, and h_hat what is best for it by this update. */
static nmf_status solve_squares(const learner *l, const batch *b, const plan *how, fit *sub) {
    plan given = *how;
    given.given = true;
    for (int64_t e = 0; e < l->state.rows * l->state.rank; e++) {
        given.most_w = fmax(given.most_w, l->state.w[e]);
    }
    nmf_status status = open_batch(l, b, &given, sub);
    if (status != NMF_OK) {
        return status;
    }
    team alone = fit_alone(&sub);
    give_w(l, &sub->w, sub->w_exponent);
    items_copy(&sub->w, &sub->w_hat);
    sub->engine->prepare(&alone);
    sub->update.iteration = INT64_MAX;
    return sub->engine->half_step_h(&alone);
}

/* W's own penalties, which are of all samples, as far as they have been seen. */
static plan plan_of_lesson(const learner *l, const batch *b) {
    plan how = l->plan;
    side_plan *w = &how.side[SIDE_W];
    int64_t seen = l->seen + b->count < l->samples ? l->seen + b->count : l->samples;
    w->l1 *= (double)seen / (double)l->samples;
    w->l2 *= (double)seen / (double)l->samples;
    w->alpha *= (double)seen / (double)b->count;
    return how;
}

/* W of the sums of this batch and those before. */
static nmf_status learn_squares(learner *l, const batch *b, double forget) {
    plan how = plan_of_lesson(l, b);
    fit sub, *only = &sub;
    memory_fade(&l->past, forget);
    how.memory = &l->past;
    nmf_status status = solve_squares(l, b, &how, &sub);
    team alone = fit_alone(&only);
    for (int round = 0; round < ROUNDS && status == NMF_OK; round++) {
        items_copy(&sub.h_hat, &sub.h);
        status = sub.engine->half_step_h(&alone);
        if (status == NMF_OK) {
            status = sub.engine->half_step_w(&alone);
        }
    }
    if (status == NMF_OK) {
        take_w(l, &sub.w_next, sub.w_exponent);
        l->error = fit_error(&sub, sub.found.loss);
        l->relative_error = fit_relative_error(&sub, sub.found.loss);
        status = memory_add(&l->past, &sub);
    }
    fit_free(&sub);
    return status;
}

/* What nmf_transform and nmf_online_learn are told of a batch. */
static nmf_options options_of(const learner *l, const batch *b) {
    const plan *how = &l->plan;
    const side_plan *w = &how->side[SIDE_W], *h = &how->side[SIDE_H];
    double share = (double)b->count / (double)l->samples;
    nmf_options options;
    nmf_options_init(&options);
    options.loss = how->loss->name;
    options.loss_parameter = how->loss_parameter;
    options.dtype = how->dtype;
    options.threads = how->threads;
    options.observed = observed_names[how->stored];
    options.mask = b->mask;
    options.weights = b->weights;
    options.implicit = how->implicit;
    options.alpha_w = w->alpha;
    options.alpha_h = h->alpha;
    options.l1_ratio = how->l1_ratio;
    options.l1_w = w->l1 * share;
    options.l2_w = w->l2 * share;
    options.l1_h = h->l1;
    options.l2_h = h->l2;
    return options;
}

/* H of the batch, k × count, row by row. */
static nmf_status solve(learner *l, const batch *b, double *h) {
    const nmf_options options = options_of(l, b);
    nmf_matrix *w = NULL;
    nmf_result *result = NULL;
    nmf_status status =
        nmf_matrix_dense(l->context, l->state.rows, l->state.rank, NMF_F64, l->state.w, l->state.rank, 1, 0, &w);
    if (status == NMF_OK) {
        status = nmf_transform(l->context, b->a, w, &options, &result);
    }
    if (status == NMF_OK) {
        nmf_result_h(result, NMF_F64, h);
        l->error = nmf_result_summary(result)->error;
        l->relative_error = nmf_result_summary(result)->relative_error;
    }
    nmf_result_free(result);
    nmf_matrix_free(w);
    return status;
}

/* W of the forces of this batch and those before. */
static nmf_status learn_forces(learner *l, const batch *b, double forget) {
    const nmf_options options = options_of(l, b);
    const nmf_online_options how = {.forget = forget};
    nmf_online_report report;
    double *h;
    nmf_status status = array_new(l->context, l->state.rank * b->count, sizeof *h, "H of a batch", (void **)&h);
    if (status == NMF_OK) {
        status = solve(l, b, h);
    }
    if (status == NMF_OK) {
        status = nmf_online_learn(l->context, b->a, &options, &how, &l->state, h, &report);
    }
    array_free(l->context, h);
    return status;
}

static nmf_status learn(learner *l, const batch *b) {
    double forget = pow(forget_a_pass, (double)b->count / (double)l->samples);
    nmf_status status = l->seen > 0 || !l->f->plan.init ? NMF_OK : begin(l, b);
    if (l->seen == 0 && !l->squares) {
        nmf_online_start(&l->state);
    }
    if (status == NMF_OK) {
        status = l->squares ? learn_squares(l, b, forget) : learn_forces(l, b, forget);
    }
    l->seen += b->count;
    return status;
}

/* H of the batch, where it stands in the factor of the samples. */
static void put_h(const learner *l, int64_t item, int64_t component, double value) {
    fit *f = l->f;
    items_set(l->rows ? &f->w : &f->h, item, component, ldexp(value, l->rows ? f->w_exponent : f->h_exponent));
}

static nmf_status place_squares(learner *l, const batch *b) {
    plan exact = l->plan;
    fit sub;
    exact.update = &update_bpp;
    nmf_status status = solve_squares(l, b, &exact, &sub);
    for (int64_t e = 0; e < b->count * l->state.rank && status == NMF_OK; e++) {
        int64_t j = e / l->state.rank, c = e % l->state.rank;
        put_h(l, b->first + j, c, ldexp(items_get(&sub.h_hat, j, c), -sub.h_exponent));
    }
    fit_free(&sub);
    return status;
}

static nmf_status place_forces(learner *l, const batch *b) {
    double *h;
    nmf_status status = array_new(l->context, l->state.rank * b->count, sizeof *h, "H of a batch", (void **)&h);
    if (status == NMF_OK) {
        status = solve(l, b, h);
    }
    for (int64_t e = 0; e < b->count * l->state.rank && status == NMF_OK; e++) {
        put_h(l, b->first + e / l->state.rank, e % l->state.rank, h[e % l->state.rank * b->count + e / l->state.rank]);
    }
    array_free(l->context, h);
    return status;
}

static nmf_status place(learner *l, const batch *b) {
    return l->squares ? place_squares(l, b) : place_forces(l, b);
}

/* Does the observer wish to stop? It hears of the batch at hand while no pass is complete. */
static bool interrupted(const learner *l) {
    const fit *f = l->f;
    nmf_progress progress = {f->course.steps, f->plan.max_iter,  fit_seconds(f),
                             l->error,        l->relative_error, (int64_t)(f->plan.seed - f->plan.first_seed) + 1,
                             f->plan.restarts};
    return f->plan.observer && f->plan.observer(f->plan.observer_user, &progress) != 0;
}

/* Learning ends early where that is asked for: what has been learned is what is handed back. */
static bool ends(const learner *l, team *all) {
    all->stopped = all->stopped || interrupted(l);
    all->late = all->late || fit_seconds(l->f) > l->f->plan.time;
    return all->stopped || all->late;
}

typedef nmf_status visit(learner *l, const batch *b);

/* A pass: batches in their order, each handed over once. `all`: it may end early; NULL: not. */
static nmf_status pass(learner *l, visit *with, team *all) {
    nmf_status status = NMF_OK;
    for (int64_t first = 0; first < l->samples && status == NMF_OK; first += l->size) {
        batch b;
        int64_t left = l->samples - first;
        status = batch_take(l->f->asked, &l->f->plan, l->rows, first, left < l->size ? left : l->size, &b);
        if (status == NMF_OK) {
            status = with(l, &b);
        }
        batch_free(&b);
        if (status == NMF_OK && all && ends(l, all)) {
            break;
        }
    }
    return status;
}

/* Learn from all batches, then make the factors of what was learned, and measure them. */
static nmf_status iterate(learner *l, team *all) {
    fit *f = l->f;
    nmf_status status = pass(l, learn, all);
    if (status == NMF_OK) {
        status = pass(l, place, NULL);
    }
    if (status != NMF_OK) {
        return status;
    }
    give_w(l, l->rows ? &f->h : &f->w, l->rows ? f->h_exponent : f->w_exponent);
    items_copy(&f->w, &f->w_hat);
    items_copy(&f->h, &f->h_hat);
    f->course.kept = fit_sum_up(f, false);
    return isfinite(f->course.kept.loss + f->course.kept.penalty)
               ? fit_record(f, f->course.kept)
               : fail(f->context, NMF_ERROR_INPUT, "what was learned gives factors that are not finite");
}

static nmf_status learn_all(learner *l, team *all) {
    fit *f = l->f;
    const char *reason = NULL;
    nmf_status status = f->plan.init ? NMF_OK : begin_given(l);
    while (status == NMF_OK && !reason && f->course.steps < f->plan.max_iter && !all->stopped && !all->late) {
        status = iterate(l, all);
        reason = status == NMF_OK ? fit_reason_to_stop(f) : NULL;
    }
    if (status == NMF_OK) {
        const char *early = all->stopped ? "interrupted" : all->late ? "time" : "max-iter";
        fit_stop(f, reason ? reason : early, reason != NULL);
    }
    return status;
}

static nmf_status run_one(fit *f, team *all) {
    learner l;
    bool hushed = caution_hush(f->context, true);
    nmf_status status = learner_new(f, &l);
    if (status == NMF_OK) {
        status = learn_all(&l, all);
    }
    learner_free(&l);
    caution_hush(f->context, hushed);
    return status;
}

nmf_status batches_run(team *all) {
    nmf_status status = NMF_OK;
    for (int64_t t = 0; t < all->count && status == NMF_OK; t++) {
        status = run_one(all->fits[t], all);
    }
    all->count = 0;
    return status == NMF_OK && all->stopped
               ? fail(all->context, NMF_INTERRUPTED, "interrupted while batches were to follow")
               : status;
}
