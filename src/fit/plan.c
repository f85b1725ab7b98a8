#include "fit/plan.h"

#include <math.h>
#include <omp.h>
#include <string.h>

/* Sizes are summed and squared before memory is asked for; up to MOST_RANK those fit an int64_t. */
enum { MOST_THREADS = 1024, MOST_RANK = INT32_MAX };

const char *const stop_names[] = {"error", "change", "kkt", NULL};
const char *const keep_names[] = {"last", "best", NULL};
const char *const dtype_names[] = {"f64", "f32", NULL};

/* The position of `name` in `names`, or -1. */
static int find(const char *name, const char *const *names) {
    for (int i = 0; names[i]; i++) {
        if (strcmp(names[i], name) == 0) {
            return i;
        }
    }
    return -1;
}

static nmf_status unknown(nmf_context *context, const char *option, const char *value) {
    nmf_options options;
    nmf_options_init(&options);
    /* The table refuses it too, and knows what is allowed. */
    nmf_status status = nmf_options_set(context, &options, option, value);
    return status != NMF_OK ? status : fail(context, NMF_ERROR_USAGE, "%s \"%s\" is not known", option, value);
}

static nmf_status find_solver(nmf_context *context, const char *name, plan *out) {
    out->update = updates[0];
    for (int i = 0; name && updates[i]; i++) {
        if (strcmp(updates[i]->name, name) == 0) {
            out->update = updates[i];
            return NMF_OK;
        }
    }
    return !name || strcmp(name, "auto") == 0 ? NMF_OK : unknown(context, "solver", name);
}

static nmf_status find_loss(nmf_context *context, const char *name, plan *out) {
    for (int i = 0; losses[i]; i++) {
        if (!name || strcmp(losses[i]->name, name) == 0) {
            out->loss = losses[i];
            return NMF_OK;
        }
    }
    return unknown(context, "loss", name);
}

/* After a sample, one of the factors begins as zeros. */
static nmf_status check_start(nmf_context *context, const plan *plan) {
    if (plan->init->on_sample && plan->update->keeps_zeros) {
        return fail(context, NMF_ERROR_USAGE, "solver %s never leaves the zeros that init %s starts from; use init %s",
                    plan->update->name, plan->init->name, plan->init->on_sample->name);
    }
    return NMF_OK;
}

static nmf_status find_init(nmf_context *context, const char *name, plan *out) {
    const char *wanted = name ? name : out->update->init;
    for (int i = 0; inits[i]; i++) {
        if (strcmp(inits[i]->name, wanted) == 0) {
            out->init = inits[i];
            return check_start(context, out);
        }
    }
    return unknown(context, "init", name);
}

static nmf_status find_names(nmf_context *context, const nmf_options *options, plan *out) {
    nmf_status status = find_solver(context, options->solver, out);
    if (status == NMF_OK) {
        status = find_loss(context, options->loss, out);
    }
    if (status == NMF_OK) {
        status = find_init(context, options->init, out);
    }
    if (status != NMF_OK) {
        return status;
    }
    const char *stop = options->stop ? options->stop : out->update->stop;
    const char *keep = options->keep ? options->keep : keep_names[0];
    if (find(stop, stop_names) < 0) {
        return unknown(context, "stop", stop);
    }
    if (find(keep, keep_names) < 0) {
        return unknown(context, "keep", keep);
    }
    out->stop = (stop_rule)find(stop, stop_names);
    out->keep_best = strcmp(keep, "best") == 0;
    return NMF_OK;
}

nmf_status plan_make(nmf_context *context, const nmf_options *options, plan *out) {
    *out = (plan){.k = options->rank,
                  .seed = options->seed,
                  .dtype = options->dtype,
                  .observer = options->observer,
                  .observer_user = options->observer_user};
    if (options->rank < 1 || options->rank > MOST_RANK) {
        return fail(context, NMF_ERROR_USAGE, "rank is %lld; it must be a whole number from 1 to %d",
                    (long long)options->rank, MOST_RANK);
    }
    if (options->max_iter < 0 || options->tol < 0 || !isfinite(options->tol)) {
        return fail(context, NMF_ERROR_USAGE, "max-iter is %lld and tol %g; both must be 0 or above, 0 for the default",
                    (long long)options->max_iter, options->tol);
    }
    if (options->threads < 0 || options->threads > MOST_THREADS) {
        return fail(context, NMF_ERROR_USAGE, "threads is %lld; it must be from 1 to %d, or 0 for every core",
                    (long long)options->threads, MOST_THREADS);
    }
    if (options->dtype != NMF_F64 && options->dtype != NMF_F32) {
        return fail(context, NMF_ERROR_USAGE, "dtype is %d; it must be NMF_F64 or NMF_F32", (int)options->dtype);
    }
    nmf_status status = find_names(context, options, out);
    if (status == NMF_OK) {
        out->max_iter = options->max_iter > 0 ? options->max_iter : out->update->max_iter;
        out->tol = options->tol > 0 ? options->tol : out->update->tol;
        out->threads = options->threads > 0 ? (int)options->threads : omp_get_max_threads();
    }
    return status;
}
