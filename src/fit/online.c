/* W from batches of the columns of A, by multiplicative updates that forget (Lefèvre, Bach & Févotte 2011). */
#include "fit/forces.h"
#include "fit/lines.h"

#include <math.h>

/* A batch at work. Nothing of the caller's changes before all that it is to become is there. */
typedef struct lesson {
    nmf_context *context;
    const nmf_matrix *batch;
    const nmf_online_options *how;
    const nmf_online *state;
    fit fit;             /* of the batch alone, from the W so far; w_next is to be W, h_hat H */
    double *pull, *push; /* rows × rank: of the batch and, later, of all so far */
} lesson;

static nmf_status check_numbers(nmf_context *context, const char *name, const double *values, int64_t rows,
                                int64_t cols) {
    for (int64_t e = 0; e < rows * cols; e++) {
        if (!(values[e] >= 0 && isfinite(values[e]))) {
            return fail(context, NMF_ERROR_INPUT, "%s is %g in row %lld, column %lld; all must be finite, 0 or above",
                        name, values[e], (long long)(e / cols) + 1, (long long)(e % cols) + 1);
        }
    }
    return NMF_OK;
}

static nmf_status check_state(nmf_context *context, const nmf_matrix *batch, const nmf_online *state) {
    if (matrix_need_whole(batch, "a batch") != NMF_OK) {
        return NMF_ERROR_USAGE;
    }
    if (state->rank < 1) {
        return fail(context, NMF_ERROR_USAGE, "rank is %lld; it must be 1 or above", (long long)state->rank);
    }
    if (batch->info.rows != state->rows) {
        return fail(context, NMF_ERROR_INPUT,
                    "the batch has %lld rows and W %lld; they must have the same rows, in the same order",
                    (long long)batch->info.rows, (long long)state->rows);
    }
    nmf_status status = check_numbers(context, "W", state->w, state->rows, state->rank);
    if (status == NMF_OK) {
        status = check_numbers(context, "what pulled W", state->pull, state->rows, state->rank);
    }
    return status == NMF_OK ? check_numbers(context, "what pushed W", state->push, state->rows, state->rank) : status;
}

static nmf_status check(nmf_context *context, const nmf_matrix *batch, const nmf_online_options *how,
                        const nmf_online *state, const double *h) {
    if (!(how->forget >= 0 && how->forget <= 1)) {
        return fail(context, NMF_ERROR_USAGE, "forget is %g; it must be from 0 (all before) to 1 (nothing)",
                    how->forget);
    }
    nmf_status status = check_state(context, batch, state);
    return status == NMF_OK && !how->solve_h ? check_numbers(context, "H", h, state->rank, batch->info.cols) : status;
}

/* Those that count. */
static nmf_options options_of_batch(const nmf_options *all, int64_t rank) {
    nmf_options of_batch;
    nmf_options_init(&of_batch);
    of_batch.rank = rank;
    of_batch.loss = all->loss;
    of_batch.loss_parameter = all->loss_parameter;
    of_batch.dtype = all->dtype;
    of_batch.threads = all->threads;
    of_batch.observed = all->observed;
    of_batch.mask = all->mask;
    of_batch.weights = all->weights;
    of_batch.implicit = all->implicit;
    of_batch.alpha_w = all->alpha_w;
    of_batch.alpha_h = all->alpha_h;
    of_batch.l1_ratio = all->l1_ratio;
    of_batch.l1_w = all->l1_w;
    of_batch.l1_h = all->l1_h;
    of_batch.l2_w = all->l2_w;
    of_batch.l2_h = all->l2_h;
    return of_batch;
}

static double largest(const double *values, int64_t count) {
    double most = 0;
    for (int64_t e = 0; e < count; e++) {
        most = fmax(most, values[e]);
    }
    return most;
}

static nmf_status make_plan(const lesson *l, const nmf_options *options, plan *out) {
    nmf_status status = plan_make(l->context, options, out);
    if (status == NMF_OK) {
        /* W is updated by mu; where H is solved for, that is by the default. */
        out->update = &update_mu;
        out->init = NULL;
        out->max_iter = 1;
        out->given = out->batch = true;
        out->most_w = largest(l->state->w, l->state->rows * l->state->rank);
        status = plan_meet(l->context, l->batch, out);
    }
    return status;
}

static nmf_status begin(lesson *l, const nmf_options *options) {
    plan plan;
    nmf_status status = make_plan(l, options, &plan);
    if (status == NMF_OK) {
        status = fit_new(l->context, l->batch, &plan, NULL, &l->fit);
    }
    if (status == NMF_OK) {
        status = fit_begin(&l->fit, 0);
    }
    int64_t numbers = l->state->rows * l->state->rank;
    if (status == NMF_OK) {
        status = array_new(l->context, numbers, sizeof *l->pull, "what pulls W", (void **)&l->pull);
    }
    if (status == NMF_OK) {
        status = array_new(l->context, numbers, sizeof *l->push, "what pushes W", (void **)&l->push);
    }
    for (int64_t i = 0; i < l->state->rows && status == NMF_OK; i++) {
        for (int64_t c = 0; c < l->state->rank; c++) {
            double value = l->state->w[i * l->state->rank + c];
            items_set(&l->fit.w, i, c, ldexp(value, l->fit.w_exponent));
        }
    }
    if (status == NMF_OK) {
        items_copy(&l->fit.w, &l->fit.w_hat);
    }
    return status;
}

/* H, row by row, into items. */
static void take_h(const fit *f, const double *h, items *to) {
    for (int64_t c = 0; c < to->k; c++) {
        for (int64_t j = 0; j < to->count; j++) {
            items_set(to, j, c, ldexp(h[c * to->count + j], f->h_exponent));
        }
    }
}

/* h_hat by an update from what it was. */
static nmf_status update_h(lesson *l, const double *h) {
    fit *f = &l->fit;
    team alone = fit_alone(&f);
    take_h(f, h, &f->h);
    items_copy(&f->h, &f->h_last);
    return f->engine->half_step_h(&alone);
}

/* h_hat as it lowers the loss of the batch most, as far as a fit finds that. */
static nmf_status solve_h(lesson *l, const nmf_options *options) {
    const nmf_online *state = l->state;
    nmf_matrix *w;
    nmf_result *result = NULL;
    double *h = NULL;
    nmf_status status =
        nmf_matrix_dense(l->context, state->rows, state->rank, NMF_F64, state->w, state->rank, 1, 0, &w);
    if (status == NMF_OK) {
        status = nmf_transform(l->context, l->batch, w, options, &result);
    }
    if (status == NMF_OK) {
        status = array_new(l->context, state->rank * l->batch->info.cols, sizeof *h, "H", (void **)&h);
    }
    if (status == NMF_OK) {
        nmf_result_h(result, NMF_F64, h);
        take_h(&l->fit, h, &l->fit.h_hat);
    }
    array_free(l->context, h);
    nmf_result_free(result);
    nmf_matrix_free(w);
    return status;
}

/*
 * W of what pulls and pushes it, earlier batches included; where this one does neither, it rests. Sums are made of the
 * numbers that are computed with, which the caller's may be too large or too small for.
 */
static void learn(lesson *l) {
    fit *f = &l->fit;
    int64_t k = f->plan.k;
    double forget = l->how->forget, power = f->plan.loss->power(f->form.parameter);
    double push_exponent = f->degree * f->exponent - f->w_exponent,
           pull_exponent = push_exponent + f->w_exponent / power;
#pragma omp parallel for schedule(static) num_threads(f->plan.threads)
    for (int64_t i = 0; i < f->w.count; i++) {
        for (int64_t e = i * k; e < (i + 1) * k; e++) {
            double at = items_get(&f->w, i, e - i * k);
            bool rests = l->pull[e] == 0 && l->push[e] == 0;
            double pull = forget * fit_times_power(l->state->pull[e], pull_exponent) +
                          (power == 1 ? at : pow(at, 1 / power)) * l->pull[e];
            double push = forget * fit_times_power(l->state->push[e], push_exponent) + l->push[e];
            double ratio = push > 0 ? pull / push : 0;
            items_set(&f->w_next, i, e - i * k, rests ? at : power == 1 ? ratio : pow(ratio, power));
            l->pull[e] = fit_times_power(pull, -pull_exponent);
            l->push[e] = fit_times_power(push, -push_exponent);
        }
    }
}

/* The largest number of component c, or 1 where that is 0. */
static double size_of(const items *x, int64_t c) {
    double most = 0;
    for (int64_t i = 0; i < x->count; i++) {
        most = fmax(most, items_get(x, i, c));
    }
    return most > 0 ? most : 1;
}

/* What of row i shrinks and is less than `part` of the rest of it, components as large as their sizes say, is 0. */
static void let_go_of_row(lesson *l, int64_t i, const double *size, double part) {
    items *w = &l->fit.w_next;
    double most = 0;
    for (int64_t c = 0; c < w->k; c++) {
        most = fmax(most, items_get(w, i, c) / size[c]);
    }
    for (int64_t c = 0; c < w->k; c++) {
        double now = items_get(w, i, c), before = items_get(&l->fit.w, i, c);
        /* What is 0 already has no pull but that of the past, which shrinks too. */
        bool shrinks = now < before || before == 0;
        items_set(w, i, c, shrinks && now / size[c] < part * most ? 0 : now);
    }
}

/*
 * As in fits by mu (forces.c), what shrinks is 0 once it is negligible. What other batches stand on is not known here,
 * so that it must be so beside the rest of its row.
 */
static nmf_status let_go(lesson *l) {
    const items *w = &l->fit.w_next;
    double *size, part = forces_negligible(&l->fit);
    if (part == 0) {
        return NMF_OK;
    }
    nmf_status status = array_new(l->context, w->k, sizeof *size, "the sizes of the components", (void **)&size);
    for (int64_t c = 0; c < w->k && status == NMF_OK; c++) {
        size[c] = size_of(w, c);
    }
    for (int64_t i = 0; i < w->count && status == NMF_OK; i++) {
        let_go_of_row(l, i, size, part);
    }
    array_free(l->context, size);
    return status;
}

static double moved(const fit *f) {
    double squares = 0, changes = 0;
    for (int64_t i = 0; i < f->w.count; i++) {
        for (int64_t c = 0; c < f->w.k; c++) {
            double now = items_get(&f->w_next, i, c), change = now - items_get(&f->w, i, c);
            squares += now * now;
            changes += change * change;
        }
    }
    return changes > 0 ? sqrt(changes / squares) : 0;
}

static double w_at(const lesson *l, int64_t i, int64_t c) {
    return ldexp(items_get(&l->fit.w_next, i, c), -l->fit.w_exponent);
}

static double h_at(const lesson *l, int64_t c, int64_t j) {
    return ldexp(items_get(&l->fit.h_hat, j, c), -l->fit.h_exponent);
}

/* Is all that is to be handed back a number, in the caller's units? */
static nmf_status check_finite(const lesson *l) {
    int64_t rows = l->state->rows, k = l->state->rank, cols = l->batch->info.cols;
    bool finite = true;
    for (int64_t e = 0; e < rows * k; e++) {
        finite = finite && isfinite(l->pull[e]) && isfinite(l->push[e]) && isfinite(w_at(l, e / k, e % k));
    }
    for (int64_t e = 0; e < k * cols; e++) {
        finite = finite && isfinite(h_at(l, e / cols, e % cols));
    }
    return finite ? NMF_OK
                  : fail(l->context, NMF_ERROR_INPUT,
                         "what the batch makes of W, H or what pulls and pushes W is past every number; a matrix times "
                         "a small number would not be");
}

static void hand_back(const lesson *l, nmf_online *state, double *h) {
    int64_t k = state->rank, cols = l->batch->info.cols;
    for (int64_t e = 0; e < state->rows * k; e++) {
        state->w[e] = w_at(l, e / k, e % k);
        state->pull[e] = l->pull[e];
        state->push[e] = l->push[e];
    }
    for (int64_t e = 0; e < k * cols; e++) {
        h[e] = h_at(l, e / cols, e % cols);
    }
}

static nmf_status work(lesson *l, const nmf_options *options, const double *h, nmf_online_report *report) {
    fit *f = &l->fit;
    nmf_status status = begin(l, options);
    if (status == NMF_OK) {
        status = l->how->solve_h ? solve_h(l, options) : update_h(l, h);
    }
    if (status != NMF_OK) {
        return status;
    }
    double loss = lines_forces(f, l->pull, l->push);
    *report = (nmf_online_report){.objective = fit_objective(f, (score){loss, fit_penalty(f, &f->w, &f->h_hat)})};
    learn(l);
    status = let_go(l);
    report->moved = moved(f);
    return status == NMF_OK ? check_finite(l) : status;
}

void nmf_online_start(nmf_online *state) {
    for (int64_t e = 0; e < state->rows * state->rank; e++) {
        state->pull[e] = state->w[e];
        state->push[e] = 1;
    }
}

nmf_status nmf_online_learn(nmf_context *context, const nmf_matrix *batch, const nmf_options *options,
                            const nmf_online_options *how, nmf_online *state, double *h, nmf_online_report *report) {
    const nmf_options of_batch = options_of_batch(options, state->rank);
    nmf_online_report found;
    lesson l = {.context = context, .batch = batch, .how = how, .state = state};
    nmf_status status = check(context, batch, how, state, h);
    if (status != NMF_OK) {
        return status;
    }
    status = work(&l, &of_batch, h, &found);
    if (status == NMF_OK) {
        hand_back(&l, state, h);
        *report = found;
    }
    fit_free(&l.fit);
    array_free(context, l.pull);
    array_free(context, l.push);
    return status;
}
