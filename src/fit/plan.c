#include "fit/plan.h"

#include <math.h>
#include <omp.h>
#include <string.h>

/* Sizes are summed and squared before memory is asked for; up to MOST_RANK those fit an int64_t. */
enum { MOST_THREADS = 1024, MOST_RANK = INT32_MAX, MOST_RESTARTS = 1000000 };

const char *const stop_names[] = {"error", "change", "kkt", NULL};
const char *const keep_names[] = {"last", "best", NULL};
const char *const dtype_names[] = {"f64", "f32", NULL};
const char *const observed_names[] = {"all", "stored", NULL};
const char *const simplex_names[] = {"none", "h", NULL};
const char *const free_names[] = {"none", "w", NULL};
const char *const order_names[] = {"weight", "start", NULL};
const char *const unit_names[] = {"none", "sum", "norm", NULL};

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
            out->loss_parameter = losses[i]->parameter ? out->loss_parameter : losses[i]->fixed;
            return NMF_OK;
        }
    }
    return unknown(context, "loss", name);
}

static nmf_status find_init(nmf_context *context, const char *name, plan *out) {
    /* The default may draw nothing, and all starts would be the same. */
    const char *wanted = name ? name : out->restarts > 1 ? init_random.name : out->update->init;
    out->init_named = name != NULL;
    for (int i = 0; inits[i]; i++) {
        if (strcmp(inits[i]->name, wanted) == 0) {
            out->init = inits[i];
            return NMF_OK;
        }
    }
    return unknown(context, "init", name);
}

/* The position of a name that may be left out, which then is the first; -1 with its sentence where it is unknown. */
static int choose(nmf_context *context, const char *option, const char *name, const char *const *names) {
    int found = name ? find(name, names) : 0;
    if (found < 0) {
        unknown(context, option, name);
    }
    return found;
}

static nmf_status find_choices(nmf_context *context, const nmf_options *options, plan *out) {
    /* The classic returns what it made as it made it, unless it is asked for more. */
    const char *order = options->order ? options->order : out->update->order;
    int keep = choose(context, "keep", options->keep, keep_names);
    int observed = keep < 0 ? -1 : choose(context, "observed", options->observed, observed_names);
    int simplex = observed < 0 ? -1 : choose(context, "simplex", options->simplex, simplex_names);
    int free = simplex < 0 ? -1 : choose(context, "free", options->free, free_names);
    int by_start = free < 0 ? -1 : choose(context, "order", order, order_names);
    int unit = by_start < 0 ? -1 : choose(context, "unit", options->unit, unit_names);
    out->keep_best = keep == 1;
    out->stored = observed == 1;
    out->side[SIDE_H].simplex = simplex == 1;
    out->side[SIDE_W].free = free == 1;
    out->by_weight = by_start == 0;
    out->unit = (unit_rule)unit;
    return unit < 0 ? NMF_ERROR_USAGE : NMF_OK;
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
    if (find(stop, stop_names) < 0) {
        return unknown(context, "stop", stop);
    }
    out->stop = (stop_rule)find(stop, stop_names);
    return find_choices(context, options, out);
}

/* A number that is to be finite and not negative. */
typedef struct amount {
    const char *name;
    double value;
} amount;

static nmf_status check_amounts(nmf_context *context, const nmf_options *options) {
    const amount amounts[] = {
        {"time", options->time},
        {"checkpoint-every", options->checkpoint_every},
        {"implicit", options->implicit},
        {"alpha-w", options->alpha_w},
        {"alpha-h", options->alpha_h == NMF_SAME ? 0 : options->alpha_h},
        {"l1-ratio", options->l1_ratio},
        {"l1-w", options->l1_w},
        {"l1-h", options->l1_h},
        {"l2-w", options->l2_w},
        {"l2-h", options->l2_h},
        {"ortho-w", options->ortho_w},
        {"ortho-h", options->ortho_h},
        {"graph-weight", options->graph_weight},
        {"max-w", options->max_w},
        {"max-h", options->max_h},
    };
    for (size_t t = 0; t < sizeof amounts / sizeof *amounts; t++) {
        if (!(amounts[t].value >= 0) || isinf(amounts[t].value)) {
            return fail(context, NMF_ERROR_USAGE, "%s is %g; it must be a finite number, 0 or above", amounts[t].name,
                        amounts[t].value);
        }
    }
    if (options->l1_ratio > 1) {
        return fail(context, NMF_ERROR_USAGE, "l1-ratio is %g; it must be from 0 (squares) to 1 (sums)",
                    options->l1_ratio);
    }
    return NMF_OK;
}

static int64_t components_of(const nmf_matrix *w, const nmf_matrix *h) {
    return w ? w->info.cols : h ? h->info.rows : 0;
}

static void take_sides(const nmf_options *options, plan *out) {
    double alpha_h = options->alpha_h == NMF_SAME ? options->alpha_w : options->alpha_h;
    out->side[SIDE_W] = (side_plan){.alpha = options->alpha_w,
                                    .l1 = options->l1_w,
                                    .l2 = options->l2_w,
                                    .ortho = options->ortho_w,
                                    .most = options->max_w > 0 ? options->max_w : INFINITY,
                                    .fixed = options->fix_w,
                                    .held = components_of(options->fix_w, NULL)};
    out->side[SIDE_H] = (side_plan){.alpha = alpha_h,
                                    .l1 = options->l1_h,
                                    .l2 = options->l2_h,
                                    .ortho = options->ortho_h,
                                    .most = options->max_h > 0 ? options->max_h : INFINITY,
                                    .fixed = options->fix_h,
                                    .held = components_of(NULL, options->fix_h)};
}

/* Where no rank is given it is that of what is. */
static int64_t rank_of(const nmf_options *options) {
    int64_t held_w = components_of(options->fix_w, NULL), held_h = components_of(NULL, options->fix_h);
    int64_t started = components_of(options->start_w, options->start_h);
    int64_t given = started > 0 ? started : held_w > held_h ? held_w : held_h;
    return options->rank != 0 ? options->rank : given;
}

nmf_status plan_make(nmf_context *context, const nmf_options *options, plan *out) {
    *out = (plan){.k = rank_of(options),
                  .seed = options->seed,
                  .first_seed = options->seed,
                  .restarts = options->restarts > 0 ? options->restarts : 1,
                  .keep_all = options->keep_all,
                  .time = options->time > 0 ? options->time : INFINITY,
                  .checkpoint = options->checkpoint,
                  .checkpoint_every = options->checkpoint_every > 0 ? options->checkpoint_every : 60,
                  .resume = options->resume,
                  .dtype = options->dtype,
                  .reproducible = options->reproducible,
                  .batch_size = options->batch,
                  .loss_parameter = options->loss_parameter,
                  .mask = options->mask,
                  .weights = options->weights,
                  .implicit = options->implicit,
                  .l1_ratio = options->l1_ratio,
                  .graph = options->graph_h,
                  .graph_weight = options->graph_weight > 0 ? options->graph_weight : 1,
                  .symmetric = options->symmetric,
                  .start_w = options->start_w,
                  .start_h = options->start_h,
                  .observer = options->observer,
                  .observer_user = options->observer_user};
    take_sides(options, out);
    if (out->k < 1 || out->k > MOST_RANK) {
        return fail(context, NMF_ERROR_USAGE, "rank is %lld; it must be a whole number from 1 to %d", (long long)out->k,
                    MOST_RANK);
    }
    if (options->max_iter < 0 || options->tol < 0 || !isfinite(options->tol)) {
        return fail(context, NMF_ERROR_USAGE, "max-iter is %lld and tol %g; both must be 0 or above, 0 for the default",
                    (long long)options->max_iter, options->tol);
    }
    if (options->batch < 0) {
        return fail(context, NMF_ERROR_USAGE, "batch is %lld; it must be 1 or above, or 0 for the default",
                    (long long)options->batch);
    }
    if (options->threads < 0 || options->threads > MOST_THREADS) {
        return fail(context, NMF_ERROR_USAGE, "threads is %lld; it must be from 1 to %d, or 0 for every core",
                    (long long)options->threads, MOST_THREADS);
    }
    if (options->restarts < 0 || options->restarts > MOST_RESTARTS) {
        return fail(context, NMF_ERROR_USAGE, "restarts is %lld; it must be from 1 to %d", (long long)options->restarts,
                    MOST_RESTARTS);
    }
    if (options->dtype != NMF_F64 && options->dtype != NMF_F32) {
        return fail(context, NMF_ERROR_USAGE, "dtype is %d; it must be NMF_F64 or NMF_F32", (int)options->dtype);
    }
    nmf_status status = check_amounts(context, options);
    if (status == NMF_OK) {
        status = find_names(context, options, out);
    }
    if (status == NMF_OK) {
        status = plan_combine(context, out);
    }
    if (status == NMF_OK) {
        out->init = out->start_w ? NULL : out->init;
        out->max_iter = options->max_iter > 0 ? options->max_iter : out->update->max_iter;
        out->tol = options->tol > 0 ? options->tol : out->update->tol;
        out->threads = options->threads > 0 ? (int)options->threads : omp_get_max_threads();
    }
    return status;
}
