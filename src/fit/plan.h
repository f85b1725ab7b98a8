/* What a fit is asked to do, every name looked up and every default filled in. */
#ifndef NMF_FIT_PLAN_H
#define NMF_FIT_PLAN_H

#include "init/init.h"
#include "loss/loss.h"
#include "update/update.h"

typedef enum stop_rule { STOP_ERROR, STOP_CHANGE, STOP_KKT } stop_rule;
typedef enum unit_rule { UNIT_NONE, UNIT_SUM, UNIT_NORM } unit_rule;

/* The names of the rules, in the order of stop_rule; ended by NULL. So are the others. */
extern const char *const stop_names[];
/* "last", "best" */
extern const char *const keep_names[];
/* "f64", "f32", in the order of nmf_dtype */
extern const char *const dtype_names[];
/* "all", "stored" */
extern const char *const observed_names[];
/* "none", "h" and "none", "w" */
extern const char *const simplex_names[];
extern const char *const free_names[];
/* "weight", "start" */
extern const char *const order_names[];
/* In the order of unit_rule. */
extern const char *const unit_names[];

typedef enum side { SIDE_W, SIDE_H, SIDES } side;

/* What is asked of one factor. */
typedef struct side_plan {
    double alpha, l1, l2, ortho; /* as in nmf_options */
    double most;                 /* no entry above it; INFINITY */
    bool simplex, free;
    const nmf_matrix *fixed; /* NULL: nothing is held */
    int64_t held;            /* components that are */
} side_plan;

struct memory;

typedef struct plan {
    int64_t k;
    const update *update;
    const loss *loss;
    double loss_parameter;
    const init *init; /* NULL: the start is given */
    bool init_named;  /* it was asked for by name */
    uint64_t seed;
    uint64_t first_seed; /* of several starts */
    int64_t restarts;
    bool keep_all;
    int64_t max_iter;
    int64_t batch_size; /* of by_batches; 0: as many as are good */
    double tol;
    double time;            /* seconds; INFINITY */
    const char *checkpoint; /* NULL: none */
    double checkpoint_every;
    bool resume;
    stop_rule stop;
    bool keep_best;
    nmf_dtype dtype;
    int threads;
    bool reproducible;
    bool stored;
    const nmf_matrix *mask, *weights;
    double implicit;
    side_plan side[SIDES];
    double l1_ratio;
    const nmf_matrix *graph;
    double graph_weight;
    bool symmetric;
    const nmf_matrix *start_w, *start_h;
    bool given;                  /* W is given and taken as it is */
    double most_w;               /* the largest number of one that is given */
    const struct memory *memory; /* what columns that are not there ask of W (fit/memory.h); NULL: nothing */
    bool batch; /* A is some of the columns that W is for: each line by itself, and errors are not relative */
    bool by_weight;
    unit_rule unit;
    int (*observer)(void *user, const nmf_progress *progress);
    void *observer_user;
} plan;

/* NMF_ERROR_USAGE says which option is wrong and what is allowed. */
nmf_status plan_make(nmf_context *context, const nmf_options *options, plan *out);

/* Refuse options that make no sense together (fit/combine.c). */
nmf_status plan_combine(nmf_context *context, const plan *plan);

/* Refuse options with which a fit cannot go on to new columns, of which only W and H of the old ones are left. */
nmf_status plan_check_update(nmf_context *context, const plan *plan);

/* Refuse a matrix, which may be NULL, in which entries are missing or, unless they may, below 0. */
nmf_status plan_check_numbers(nmf_context *context, const char *what, const nmf_matrix *given, bool any_sign);

/*
 * Refuse options that do not go with this matrix (fit/meet.c), and choose what depends on it: a start that was not
 * named.
 */
nmf_status plan_meet(nmf_context *context, const nmf_matrix *matrix, plan *plan);

/* Refuse what several processes, over which the matrix is spread, do not do together. */
nmf_status plan_check_spread(nmf_context *context, const nmf_matrix *matrix, const plan *plan);

/* What of the matrix counts. */
observation plan_observation(const plan *plan, const nmf_matrix *matrix);

/* Is the loss the plain sum of squares over all of A, and are items independent of each other? Panels then do it. */
bool plan_takes_panels(const plan *plan, const nmf_matrix *matrix);

/* Can several processes make one fit of it together, with A spread over them? */
bool plan_spreads(const plan *plan);

/* Can it be fitted with A read block by block? */
bool plan_streams(const plan *plan, const nmf_matrix *matrix);

/* Is anything lowered besides the loss? */
bool plan_is_penalized(const plan *plan);

/* The update of one factor. */
const update *plan_update(const plan *plan, side which);

#endif
