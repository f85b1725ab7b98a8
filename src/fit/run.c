/* The one outer loop: half-steps, extrapolation with restarts, stopping, history. */
#include "fit/fit.h"

#include <math.h>

enum {
    KKT_EVERY = 10 /* iterations between looks at the KKT residual */
};

/*
 * Extrapolation with restarts (Ang & Gillis 2019, algorithm 1, its parameters): each half-step looks from a point moved
 * on by beta; beta grows while the error falls. Where the error rises, the iteration is undone, beta shrinks, and the
 * next iteration is a plain one, which cannot raise the error.
 */
typedef struct momentum {
    double beta, last, most;
    bool plain;
} momentum;

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
    items_copy(&f->w, &f->w_hat);
    f->engine->prepare(f);
}

static double total(score reached) {
    return reached.loss + reached.penalty;
}

/* What must fall: the objective where there are penalties, else the error; in the units computed with, since in the
 * caller's an objective can be past every number. */
static double measure(const fit *f, score reached) {
    return f->summary.penalized ? total(reached) : f->plan.loss->error(reached.loss);
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

static bool interrupted(const fit *f) {
    const nmf_step *step = &f->history[f->steps - 1];
    nmf_progress progress = {step->iteration, f->plan.max_iter, step->seconds, step->error, step->relative_error};
    return f->plan.observer && f->plan.observer(f->plan.observer_user, &progress) != 0;
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
    f->summary.stop_reason = reason;
    f->summary.converged = converged;
}

/* One iteration; *kept is the score of the iterate afterwards. Sets *done with the reason in the summary. */
static nmf_status iterate(fit *f, momentum *m, score *kept, bool *done) {
    bool moves = f->plan.update->extrapolates;
    double beta = moves && !m->plain ? m->beta : 0;
    score found;
    f->update.iteration = f->worked + f->steps;
    nmf_status status = f->engine->half_step_h(f, beta);
    if (status == NMF_OK) {
        status = f->engine->half_step_w(f, beta, &found);
    }
    if (status != NMF_OK) {
        return status;
    }
    bool first = f->steps == 0, rose = !first && !(total(found) <= total(*kept)), finite = isfinite(total(found));
    if (!finite || (rose && f->plan.update->monotone)) {
        /* A plain step of a monotone update can only fail to lower the error within rounding. */
        *done = beta == 0;
        momentum_rose(m);
        if (*done) {
            stop(f, finite ? "stalled" : "overflow", finite && f->plan.stop == STOP_CHANGE);
        } else {
            reject(f);
        }
        return first ? fail(f->context, NMF_ERROR_INPUT, "the first iteration gave factors that are not finite")
                     : fit_record(f, *kept);
    }
    accept(f);
    *kept = found;
    momentum_fell(m);
    status = fit_record(f, found);
    const char *reason = status == NMF_OK ? reason_to_stop(f) : NULL;
    if (reason) {
        *done = true;
        stop(f, reason, true);
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

static nmf_status finish(fit *f) {
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

nmf_status fit_run(fit *f) {
    momentum m = {.beta = beta_start, .last = beta_start, .most = 1};
    score kept = {0};
    bool done = false;
    nmf_status status = fit_start(f);
    while (status == NMF_OK && !done && f->steps < f->plan.max_iter) {
        status = iterate(f, &m, &kept, &done);
        if (status == NMF_OK && interrupted(f) && !done) {
            stop(f, "interrupted", false);
            finish(f);
            return fail(f->context, NMF_INTERRUPTED, "interrupted after %lld iterations", (long long)f->steps);
        }
    }
    return status == NMF_OK ? finish(f) : status;
}
