/* The one outer loop: half-steps, extrapolation with restarts, stopping, history. */
#include "fit/fit.h"

#include <math.h>

enum {
    KKT_EVERY = 10 /* iterations between looks at the KKT residual */
};

/* The parameters of Ang & Gillis 2019, algorithm 1. */
static const double beta_start = 0.5, beta_growth = 1.05, most_growth = 1.01, beta_cut = 1.5;

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

/* What must fall: the objective where there are penalties, else the error; in the units computed with, since in the
 * caller's an objective can be past every number. */
static double measure(const fit *f, score reached) {
    return f->summary.penalized ? total(reached) : f->plan.loss->error(reached.loss);
}

double fit_measure(const fit *f) {
    return measure(f, f->kept);
}

/* That of iteration t, one of the last. */
static double *measured(fit *f, int64_t t) {
    return &f->measured[t % (FIT_WINDOW + 1)];
}

nmf_status fit_record(fit *f, score reached) {
    nmf_status status = buffer_reserve(f->context, (void **)&f->history, &f->history_room, f->steps + 1,
                                       sizeof *f->history, "the history");
    if (status != NMF_OK) {
        return status;
    }
    nmf_step step = {f->steps + 1, fit_seconds(f), fit_error(f, reached.loss), fit_relative_error(f, reached.loss),
                     fit_objective(f, reached)};
    f->history[f->steps++] = step;
    double now = *measured(f, f->steps) = measure(f, reached);
    if (f->steps == 1 || now < f->best_measured) {
        f->best_measured = now;
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
    if (f->steps < 2) {
        return false;
    }
    int64_t span = f->steps - 1 < FIT_WINDOW ? f->steps - 1 : FIT_WINDOW;
    double now = *measured(f, f->steps), before = *measured(f, f->steps - 1), first = *measured(f, f->steps - span);
    return before - now < f->plan.tol * before && first - now < f->plan.tol * (double)span * first;
}

/* The KKT residual of (w, h), and their loss. */
static double residual(fit *f, bool w_fixed, double *loss) {
    double sum = f->engine->residual(f, w_fixed, loss);
    return f->size > 0 ? sqrt(sum / f->size) : 0;
}

/* The reason to stop after an iteration that was accepted, or NULL. */
static const char *reason_to_stop(fit *f) {
    double error = f->history[f->steps - 1].error;
    if (error == 0 && !f->summary.penalized) {
        return "exact";
    }
    switch (f->plan.stop) {
    case STOP_ERROR:
        return error < f->plan.tol ? "error" : NULL;
    case STOP_CHANGE:
        return settled(f) ? "change" : NULL;
    default:
        if (f->steps - f->looked >= KKT_EVERY) {
            double loss;
            f->looked = f->steps;
            return residual(f, false, &loss) < f->plan.tol ? "kkt" : NULL;
        }
        return NULL;
    }
}

static void stop(fit *f, const char *reason, bool converged) {
    f->done = true;
    f->summary.stop_reason = reason;
    f->summary.converged = converged;
}

/* What an iteration found is finite, and has not risen where it must not: it is the iterate. */
static nmf_status go_on(fit *f) {
    accept(f);
    f->kept = f->found;
    momentum_fell(&f->momentum);
    nmf_status status = fit_record(f, f->found);
    const char *reason = status == NMF_OK ? reason_to_stop(f) : NULL;
    if (reason) {
        stop(f, reason, true);
    }
    return status;
}

/* It is not. */
static nmf_status go_back(fit *f) {
    bool finite = isfinite(total(f->found));
    /* A plain step of a monotone update can only fail to lower the error within rounding. */
    if (f->beta == 0) {
        stop(f, finite ? "stalled" : "overflow", finite && f->plan.stop == STOP_CHANGE);
    } else {
        reject(f);
    }
    momentum_rose(&f->momentum);
    return f->steps == 0 ? fail(f->context, NMF_ERROR_INPUT, "the first iteration gave factors that are not finite")
                         : fit_record(f, f->kept);
}

/* What becomes of the iteration a fit has made. */
static nmf_status settle(fit *f) {
    bool finite = isfinite(total(f->found)), rose = f->steps > 0 && !(total(f->found) <= total(f->kept));
    return !finite || (rose && f->plan.update->monotone) ? go_back(f) : go_on(f);
}

/* One iteration of all. */
static nmf_status iterate(const team *all) {
    const engine *engine = all->fits[0]->engine;
    for (int64_t t = 0; t < all->count; t++) {
        fit *f = all->fits[t];
        f->beta = f->plan.update->extrapolates && !f->momentum.plain ? f->momentum.beta : 0;
        f->update.iteration = f->worked + f->steps;
    }
    nmf_status status = engine->half_step_h(all);
    if (status == NMF_OK) {
        status = engine->half_step_w(all);
    }
    for (int64_t t = 0; t < all->count && status == NMF_OK; t++) {
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
    summary->iterations = f->steps;
    summary->history = f->history;
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
    if (f->best_w.count > 0 && f->steps > 0) {
        fit_swap(&f->w, &f->best_w);
        fit_swap(&f->h, &f->best_h);
    }
    if (f->plan.symmetric) {
        join(f);
    }
    fit_sum_up(f, false);
    nmf_status status = fit_make_canonical(f);
    f->summary.seconds = fit_seconds(f);
    return status;
}

/* Fits that are done, or have made so many iterations, leave the team; the others close ranks. */
static void leave(team *all, int64_t until) {
    int64_t left = 0;
    for (int64_t t = 0; t < all->count; t++) {
        fit *f = all->fits[t];
        f->done = f->done || f->steps >= f->plan.max_iter;
        if (!f->done && f->steps < until) {
            all->fits[left++] = f;
        }
    }
    all->count = left;
}

/* Does the observer wish to stop? It hears of the best. */
static bool interrupted(const team *all) {
    const fit *best = all->fits[0];
    for (int64_t t = 1; t < all->count; t++) {
        best = fit_measure(all->fits[t]) < fit_measure(best) ? all->fits[t] : best;
    }
    const nmf_step *step = &best->history[best->steps - 1];
    nmf_progress progress = {step->iteration, best->plan.max_iter, step->seconds, step->error, step->relative_error};
    return best->plan.observer && best->plan.observer(best->plan.observer_user, &progress) != 0;
}

static nmf_status interrupt(team *all) {
    int64_t steps = all->fits[0]->steps;
    for (int64_t t = 0; t < all->count; t++) {
        stop(all->fits[t], "interrupted", false);
    }
    return fail(all->context, NMF_INTERRUPTED, "interrupted after %lld iterations", (long long)steps);
}

static nmf_status begin(const team *all) {
    for (int64_t t = 0; t < all->count; t++) {
        all->fits[t]->momentum = (momentum){.beta = beta_start, .last = beta_start, .most = 1};
        all->fits[t]->begun = true;
    }
    return fit_start(all);
}

nmf_status fit_run(team *all, int64_t until) {
    nmf_status status = all->fits[0]->begun ? NMF_OK : begin(all);
    while (status == NMF_OK && all->count > 0) {
        status = iterate(all);
        bool stopping = status == NMF_OK && interrupted(all);
        if (status == NMF_OK) {
            leave(all, stopping ? INT64_MAX : until);
        }
        if (stopping && all->count > 0) {
            status = interrupt(all);
        }
    }
    return status;
}
