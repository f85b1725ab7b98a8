/* The one outer loop: half-steps, extrapolation with restarts, stopping, history. */
#include "fit/fit.h"
#include "fit/sample.h"

#include <math.h>

enum {
    WINDOW = 5,       /* iterations over which --stop change looks back */
    KKT_EVERY = 10,   /* iterations between looks at the KKT residual */
    FIRST_STEPS = 256 /* room in a new history */
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

static void swap(items *a, items *b) {
    items held = *a;
    *a = *b;
    *b = held;
}

/* h times what the loss says fits A best. */
static void scale_start(fit *f) {
    const loss *by = f->plan.loss;
    double cross = reduce_dot(&f->room.reduce, &f->n, &f->h);
    by->share(&f->room, &f->w, f->gram_w);
    by->share(&f->room, &f->h, f->gram_h);
    double scale = by->scale(cross, f->gram_w, f->gram_h, f->plan.k);
    /* 0 − scale·(0 − h), with h_next still zero: one rounding, so that the start scales with A exactly */
    f->simd->extrapolate(f->h_next.data, f->h.data, -scale, f->h.data, f->h.count, f->h.stride);
}

static nmf_status start_filled(fit *f) {
    init_request request = {f->context, f->matrix, f->simd, f->plan.seed, f->plan.threads};
    nmf_status status = f->plan.init->fill(&request, &f->w, &f->h);
    if (status == NMF_OK) {
        items_copy(&f->w, &f->w_hat);
        fit_accumulate(f, &f->w_hat, &f->h, &f->n);
        scale_start(f);
        items_copy(&f->h, &f->h_last);
    }
    return status;
}

/* Of the factor that the sample did not give, the first iteration makes H, and W is made here. */
static nmf_status start_sampled(fit *f) {
    double loss;
    if (fit_samples_columns(&f->matrix->info)) {
        items_copy(&f->w, &f->w_hat);
        fit_accumulate(f, &f->w_hat, &f->h, &f->n);
        return NMF_OK;
    }
    items_copy(&f->h, &f->h_hat);
    items_copy(&f->h, &f->h_last);
    f->update.iteration = f->worked;
    nmf_status status = fit_half_step_w(f, 0, &loss);
    swap(&f->w, &f->w_next);
    return status;
}

static nmf_status start(fit *f) {
    nmf_status status = f->plan.init->on_sample ? fit_sample(f) : NMF_OK;
    if (status == NMF_OK) {
        status = f->worked > 0 ? start_sampled(f) : start_filled(f);
    }
    return status;
}

/* Make what an iteration found the iterate. */
static void accept(fit *f) {
    swap(&f->w, &f->w_next);
    swap(&f->h_last, &f->h_next);
    swap(&f->h, &f->h_hat);
}

/* Forget what an iteration found: the next one starts from (w, h), without extrapolation. */
static void reject(fit *f) {
    items_copy(&f->w, &f->w_hat);
    fit_accumulate(f, &f->w_hat, &f->h, &f->n);
}

nmf_status fit_record(fit *f, double loss) {
    nmf_status status = buffer_reserve(f->context, (void **)&f->history, &f->history_room, f->steps + 1,
                                       sizeof *f->history, "the history");
    if (status != NMF_OK) {
        return status;
    }
    nmf_step step = {f->steps + 1, fit_seconds(f), fit_error(f, loss), fit_relative_error(f, loss)};
    f->history[f->steps++] = step;
    if (f->steps == 1 || step.error < f->summary.best_error) {
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

/* Did the last iteration, and the last WINDOW on average, lower the error by less than tol of itself? */
static bool settled(const fit *f) {
    if (f->steps < 2) {
        return false;
    }
    int64_t span = f->steps - 1 < WINDOW ? f->steps - 1 : WINDOW;
    double now = f->history[f->steps - 1].error, before = f->history[f->steps - 2].error;
    double first = f->history[f->steps - 1 - span].error;
    return before - now < f->plan.tol * before && first - now < f->plan.tol * (double)span * first;
}

/* The reason to stop after an iteration that was accepted, or NULL. */
static const char *reason_to_stop(fit *f) {
    double error = f->history[f->steps - 1].error;
    if (error == 0) {
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
            return fit_residual(f, false, &loss) < f->plan.tol ? "kkt" : NULL;
        }
        return NULL;
    }
}

static void stop(fit *f, const char *reason, bool converged) {
    f->summary.stop_reason = reason;
    f->summary.converged = converged;
}

/* One iteration; *loss is that of the iterate afterwards. Sets *done with the reason in the summary. */
static nmf_status iterate(fit *f, momentum *m, double *loss, bool *done) {
    bool moves = f->plan.update->extrapolates;
    double beta = moves && !m->plain ? m->beta : 0, found;
    f->update.iteration = f->worked + f->steps;
    nmf_status status = fit_half_step_h(f, beta);
    if (status == NMF_OK) {
        status = fit_half_step_w(f, beta, &found);
    }
    if (status != NMF_OK) {
        return status;
    }
    bool first = f->steps == 0, rose = !first && !(found <= *loss);
    if (!isfinite(found) || (rose && f->plan.update->monotone)) {
        /* A plain step of a monotone update can only fail to lower the error within rounding. */
        *done = beta == 0 || !isfinite(found);
        momentum_rose(m);
        if (*done) {
            stop(f, isfinite(found) ? "stalled" : "overflow", isfinite(found) && f->plan.stop == STOP_CHANGE);
        } else {
            reject(f);
        }
        return first ? fail(f->context, NMF_ERROR_INPUT, "the first iteration gave factors that are not finite")
                     : fit_record(f, *loss);
    }
    accept(f);
    *loss = found;
    momentum_fell(m);
    status = fit_record(f, found);
    const char *reason = status == NMF_OK ? reason_to_stop(f) : NULL;
    if (reason) {
        *done = true;
        stop(f, reason, true);
    }
    return status;
}

static nmf_status finish(fit *f) {
    double loss;
    if (f->best_w.count > 0 && f->steps > 0) {
        swap(&f->w, &f->best_w);
        swap(&f->h, &f->best_h);
    }
    f->summary.kkt_residual = fit_residual(f, false, &loss);
    f->summary.error = fit_error(f, loss);
    f->summary.relative_error = fit_relative_error(f, loss);
    f->summary.iterations = f->steps;
    f->summary.history = f->history;
    f->summary.seconds = fit_seconds(f);
    return NMF_OK;
}

nmf_status fit_run(fit *f) {
    momentum m = {.beta = beta_start, .last = beta_start, .most = 1};
    double loss = 0;
    bool done = false;
    nmf_status status = start(f);
    while (status == NMF_OK && !done && f->steps < f->plan.max_iter) {
        status = iterate(f, &m, &loss, &done);
        if (status == NMF_OK && interrupted(f) && !done) {
            stop(f, "interrupted", false);
            finish(f);
            return fail(f->context, NMF_INTERRUPTED, "interrupted after %lld iterations", (long long)f->steps);
        }
    }
    return status == NMF_OK ? finish(f) : status;
}
