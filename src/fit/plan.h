/* What a fit is asked to do, every name looked up and every default filled in. */
#ifndef NMF_FIT_PLAN_H
#define NMF_FIT_PLAN_H

#include "init/init.h"
#include "loss/loss.h"
#include "update/update.h"

typedef enum stop_rule { STOP_ERROR, STOP_CHANGE, STOP_KKT } stop_rule;

/* The names of the rules, in the order of stop_rule; ended by NULL. */
extern const char *const stop_names[];
/* "last", "best"; ended by NULL. */
extern const char *const keep_names[];
/* "f64", "f32", in the order of nmf_dtype; ended by NULL. */
extern const char *const dtype_names[];

typedef struct plan {
    int64_t k;
    const update *update;
    const loss *loss;
    const init *init;
    uint64_t seed;
    int64_t max_iter;
    double tol;
    stop_rule stop;
    bool keep_best;
    nmf_dtype dtype;
    int threads;
    int (*observer)(void *user, const nmf_progress *progress);
    void *observer_user;
} plan;

/* NMF_ERROR_USAGE says which option is wrong and what is allowed. */
nmf_status plan_make(nmf_context *context, const nmf_options *options, plan *out);

#endif
