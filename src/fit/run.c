/* The one outer loop: half-steps, extrapolation with restarts, stopping, history. */
#include "base/crowd.h"
#include "fit/batches.h"
#include "fit/checkpoint.h"

#include <math.h>

enum {
    KKT_EVERY = 10 /* iterations between looks at the KKT residual */
};

/* The parameters of Ang & Gillis 2019, algorithm 1. */
static const double beta_growth = 1.05, most_growth = 1.01, beta_cut = 1.5;

static void momentum_fell(momentum *m) {
    m->last = m->beta;
    m->beta = fmin(m->most, m->beta * beta_growth);
    m->most = fmin(1, m->most * most_growth);
    m->plain = false;
}

static void momentum_rose(momentum *m) {
    m->most = m->last;
    m->beta /= beta_cut;
    m->plain = true;
}

/* Make what an iteration found the iterate. */
static void accept(fit *f) {
    fit_swap(&f->w, &f->w_next);
    fit_swap(&f->h_last, &f->h_next);
    fit_swap(&f->h, &f->h_hat);
}

/* Forget what an iteration found: the next one starts from (w, h), without extrapolation. */
static void reject(fit *f) {
    team alone = fit_alone(&f);
    items_copy(&f->w, &f->w_hat);
    f->engine->prepare(&alone);
}

static double total(score reached) {
    return reached.loss + reached.penalty;
}

double fit_measure(const fit *f, score reached) {
    return f->summary.penalized ? total(reached) : f->plan.loss->error(reached.loss);
}

/* That of iteration t, one of the last. */
static double *measured(fit *f, int64_t t) {
    return &f->course.measured[t % (FIT_WINDOW + 1)];
}

nmf_status fit_record(fit *f, score reached) {
    nmf_status status = buffer_reserve(f->context, (void **)&f->course.history, &f->course.history_room,
                                       f->course.steps + 1, sizeof *f->course.history, "the history");
    if (status != NMF_OK) {
        return status;
    }
    nmf_step step = {f->course.steps + 1, fit_seconds(f), fit_error(f, reached.loss),
                     fit_relative_error(f, reached.loss), fit_objective(f, reached)};
    f->course.history[f->course.steps++] = step;
    double now = *measured(f, f->course.steps) = fit_measure(f, reached);
    if (f->course.steps == 1 || now < f->course.best_measured) {
        f->course.best_measured = now;
        f->summary.best_error = step.error;
        f->summary.best_iteration = step.iteration;
        if (f->best_w.count > 0) {
            items_copy(&f->w, &f->best_w);
            items_copy(&f->h, &f->best_h);
        }
    }
    return NMF_OK;
}

/* Did the last iteration, and the last FIT_WINDOW on average, lower the error by less than tol of itself? */
static bool settled(fit *f) {
    if (f->course.steps < 2) {
        return false;
    }
    int64_t span = f->course.steps - 1 < FIT_WINDOW ? f->course.steps - 1 : FIT_WINDOW;
    double now = *measured(f, f->course.steps), before = *measured(f, f->course.steps - 1),
           first = *measured(f, f->course.steps - span);
    return before - now < f->plan.tol * before && first - now < f->plan.tol * (double)span * first;
}

/* The KKT residual of (w, h), and their loss. */
static double residual(fit *f, bool w_fixed, double *loss) {
    double sum = f->engine->residual(f, w_fixed, loss);
    return f->size > 0 ? sqrt(sum / f->size) : 0;
}

/* The reason to stop after an iteration that was accepted, or NULL. */
const char *fit_reason_to_stop(fit *f) {
    double error = f->course.history[f->course.steps - 1].error;
    if (error == 0 && !f->summary.penalized) {
        return "exact";
    }
    switch (f->plan.stop) {
    case STOP_ERROR:
        return error < f->plan.tol ? "error" : NULL;
    case STOP_CHANGE:
        return settled(f) ? "change" : NULL;
    default:
        if (f->course.steps - f->course.looked >= KKT_EVERY) {
            double loss;
            f->course.looked = f->course.steps;
            return residual(f, false, &loss) < f->plan.tol ? "kkt" : NULL;
        }
        return NULL;
    }
}

const char *const fit_reasons[] = {"error", "change",      "kkt",     "exact",    "max-iter",
                                   "time",  "interrupted", "stalled", "overflow", NULL};

void fit_stop(fit *f, const char *reason, bool converged) {
    f->course.done = true;
    f->summary.stop_reason = reason;
    f->summary.converged = converged;
}

/* What an iteration found is finite, and has not risen where it must not: it is the iterate. */
static nmf_status go_on(fit *f) {
    accept(f);
    f->course.kept = f->found;
    momentum_fell(&f->course.momentum);
    nmf_status status = fit_record(f, f->found);
    const char *reason = status == NMF_OK ? fit_reason_to_stop(f) : NULL;
    if (reason) {
        fit_stop(f, reason, true);
    }
    return status;
}

/* It is not. */
static nmf_status go_back(fit *f) {
    bool finite = isfinite(total(f->found));
    /* A plain step of a monotone update can only fail to lower the error within rounding. */
    if (f->beta == 0) {
        fit_stop(f, finite ? "stalled" : "overflow", finite && f->plan.stop == STOP_CHANGE);
    } else {
        reject(f);
    }
    momentum_rose(&f->course.momentum);
    return f->course.steps == 0
               ? fail(f->context, NMF_ERROR_INPUT, "the first iteration gave factors that are not finite")
               : fit_record(f, f->course.kept);
}

/* What becomes of the iteration a fit has made. */
static nmf_status settle(fit *f) {
    bool finite = isfinite(total(f->found)), rose = f->course.steps > 0 && !(total(f->found) <= total(f->course.kept));
    return !finite || (rose && f->plan.update->monotone) ? go_back(f) : go_on(f);
}

/* Room for another step in every history; they grow together in all processes. */
static nmf_status make_steps(const team *all) {
    nmf_status status = NMF_OK;
    bool grows = false;
    for (int64_t t = 0; t < all->count && status == NMF_OK; t++) {
        course *c = &all->fits[t]->course;
        grows = grows || c->steps == c->history_room;
        status = buffer_reserve(all->context, (void **)&c->history, &c->history_room, c->steps + 1, sizeof *c->history,
                                "the history");
    }
    return grows ? fit_agree(all->fits[0], status) : status;
}

/* One iteration of all. */
static nmf_status iterate(team *all) {
    const engine *engine = all->fits[0]->engine;
    all->began = fit_clock();
    for (int64_t t = 0; t < all->count; t++) {
        fit *f = all->fits[t];
        f->beta = f->plan.update->extrapolates && !f->course.momentum.plain ? f->course.momentum.beta : 0;
        f->update.iteration = f->course.worked + f->course.steps;
    }
    const spread *over = matrix_spread_of(all->fits[0]->matrix);
    double words = over ? over->words : 0;
    nmf_status status = make_steps(all);
    if (status == NMF_OK) {
        status = engine->half_step_h(all);
    }
    if (status == NMF_OK) {
        status = engine->half_step_w(all);
    }
    if (status == NMF_OK) {
        status = matrix_status(all->fits[0]->matrix);
    }
    for (int64_t t = 0; t < all->count && status == NMF_OK; t++) {
        all->fits[t]->summary.words = over ? over->words - words : 0;
        status = settle(all->fits[t]);
    }
    return status;
}

score fit_sum_up(fit *f, bool w_fixed) {
    nmf_summary *summary = &f->summary;
    score reached;
    summary->kkt_residual = residual(f, w_fixed, &reached.loss);
    reached.penalty = fit_penalty(f, &f->w, &f->h);
    summary->error = fit_error(f, reached.loss);
    summary->relative_error = fit_relative_error(f, reached.loss);
    summary->objective = fit_objective(f, reached);
    if (f->plan.loss == &loss_kl) {
        summary->deviance = 2 * summary->error;
        summary->log_likelihood = f->log_constant - summary->error;
    }
    summary->iterations = f->course.steps;
    summary->history = f->course.history;
    return reached;
}

/* W and Hᵀ, which were drawn together, are made the same. */
static void join(fit *f) {
    for (int64_t i = 0; i < f->w.count; i++) {
        for (int64_t c = 0; c < f->w.k; c++) {
            double mean = (items_get(&f->w, i, c) + items_get(&f->h, i, c)) / 2;
            items_set(&f->w, i, c, mean);
            items_set(&f->h, i, c, mean);
        }
    }
}

nmf_status fit_finish(fit *f) {
    if (f->plan.symmetric) {
        join(f);
    }
    fit_sum_up(f, false);
    nmf_status status = matrix_status(f->matrix);
    if (status == NMF_OK) {
        status = fit_make_canonical(f);
    }
    f->summary.seconds = fit_seconds(f);
    return status;
}

/* Where the best iterate is asked for, it need not be the last. */
static void give_best(fit *f) {
    if (f->best_w.count > 0) {
        fit_swap(&f->w, &f->best_w);
        fit_swap(&f->h, &f->best_h);
    }
}

/* What any process of the crowd finds, all of them do. */
static bool anywhere(const fit *f, bool here) {
    const nmf_crowd *crowd = matrix_crowd(f->matrix);
    return crowd ? crowd_any(crowd, here) : here;
}

/* Would another iteration, as long as the last one, and the pass that sums up at the end be too late? */
static bool is_late(const team *all, const fit *f) {
    return isfinite(f->plan.time) && anywhere(f, fit_seconds(f) + 2 * (fit_clock() - all->began) > f->plan.time);
}

/* Write a checkpoint where one is due. A fit that cannot be kept goes on all the same. */
static void keep(fit *f, bool due) {
    const char *path = f->plan.checkpoint;
    if (!path || !anywhere(f, due || fit_clock() - f->kept_at >= f->plan.checkpoint_every)) {
        return;
    }
    if (checkpoint_write(f, path) != NMF_OK) {
        caution(f->context, "%s; the fit goes on without a checkpoint", nmf_context_message(f->context));
    }
    f->kept_at = fit_clock();
}

/* Fits that are done, or have made so many iterations, leave the team; the others close ranks. */
static void leave(team *all, int64_t until) {
    int64_t left = 0;
    for (int64_t t = 0; t < all->count; t++) {
        fit *f = all->fits[t];
        f->course.done = f->course.done || f->course.steps >= f->plan.max_iter;
        if (!f->course.done && is_late(all, f)) {
            all->late = true;
            keep(f, true);
            fit_stop(f, "time", false);
        }
        if (!f->course.done && f->course.steps < until) {
            all->fits[left++] = f;
        } else if (f->course.done) {
            give_best(f);
        }
    }
    all->count = left;
}

/* Does the observer wish to stop? It hears of the best. */
static bool interrupted(const team *all) {
    const fit *best = all->fits[0];
    for (int64_t t = 1; t < all->count; t++) {
        const fit *f = all->fits[t];
        best = fit_measure(f, f->course.kept) < fit_measure(best, best->course.kept) ? f : best;
    }
    const nmf_step *step = &best->course.history[best->course.steps - 1];
    nmf_progress progress = {step->iteration,      best->plan.max_iter,
                             step->seconds,        step->error,
                             step->relative_error, (int64_t)(best->plan.seed - best->plan.first_seed) + 1,
                             best->plan.restarts};
    return anywhere(best, best->plan.observer && best->plan.observer(best->plan.observer_user, &progress) != 0);
}

static nmf_status interrupt(team *all) {
    int64_t steps = all->fits[0]->course.steps;
    for (int64_t t = 0; t < all->count; t++) {
        fit_stop(all->fits[t], "interrupted", false);
        give_best(all->fits[t]);
    }
    return fail(all->context, NMF_INTERRUPTED, "interrupted after %lld iterations", (long long)steps);
}

/* From a checkpoint, if there is one; else from a start. */
static nmf_status begin(team *all) {
    fit *f = all->fits[0];
    bool found = false;
    nmf_status status = NMF_OK;
    if (f->plan.checkpoint) {
        status = fingerprint_make(f);
        f->kept_at = fit_clock();
    }
    if (status == NMF_OK) {
        status = matrix_status(f->matrix);
    }
    if (status == NMF_OK && f->plan.checkpoint && f->plan.resume) {
        status = checkpoint_read(f, f->plan.checkpoint, &found);
        if (status == NMF_OK && !found) {
            caution(f->context, "there is no checkpoint %s yet: the fit begins", f->plan.checkpoint);
        }
    }
    status = fit_agree(f, status);
    return status != NMF_OK || found ? status : fit_start(all);
}

nmf_status fit_run(team *all, int64_t until) {
    if (all->fits[0]->plan.update->by_batches && all->fits[0]->course.steps == 0) {
        return batches_run(all);
    }
    nmf_status status = all->fits[0]->course.steps == 0 ? begin(all) : NMF_OK;
    const nmf_matrix *matrix = all->fits[0]->matrix;
    if (status == NMF_OK && all->fits[0]->course.steps > 0) {
        all->fits[0]->engine->prepare(all);
        all->began = fit_clock();
        leave(all, until);
    }
    if (status == NMF_OK) {
        status = matrix_status(matrix);
    }
    while (status == NMF_OK && all->count > 0) {
        status = iterate(all);
        bool stopping = status == NMF_OK && interrupted(all);
        if (status == NMF_OK) {
            leave(all, stopping ? INT64_MAX : until);
        }
        all->stopped = all->stopped || stopping;
        for (int64_t t = 0; t < all->count && status == NMF_OK; t++) {
            keep(all->fits[t], stopping);
        }
        if (stopping && all->count > 0) {
            status = interrupt(all);
        }
    }
    return status;
}
