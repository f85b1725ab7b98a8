/* Everything one fit owns, made before its first iteration: the loop allocates nothing. */
#ifndef NMF_FIT_FIT_H
#define NMF_FIT_FIT_H

#include "fit/plan.h"
#include "loss/squares.h"
#include "matrix/products.h"
#include "matrix/spread.h"

/* How far a pair W, H is from what is wanted, in the units computed with. */
typedef struct score {
    double loss, penalty;
} score;

/* What one factor is held to, and what is added to the G of its items: l2·I + ortho·(1·1ᵀ − I). */
typedef struct side_rules {
    const update *update;
    kernel_rules bounds;
    double l2, ortho;
    double l1_each, l2_each; /* added to l1 and l2 for every entry that counts in the item's line of A */
    bool moves;              /* extrapolation may move it */
    bool simplex;            /* its items sum to 1 */
} side_rules;

struct fit;

/*
 * Fits of one matrix from several starts, whose plans differ in nothing but their seeds. They make every half-step
 * together, so that a pass over A serves all of them.
 */
typedef struct team {
    nmf_context *context;
    struct fit **fits; /* those at work */
    int64_t count;
    struct stack *stack; /* of panels; NULL for a single fit */
    bool stopped;        /* the observer asked to stop, be it in the last iteration */
    double began;        /* the iteration at hand, on fit_clock */
    bool late;           /* there is no time left for another iteration */
} team;

/* Iterations over which --stop change looks back. */
enum { FIT_WINDOW = 5 };

/*
 * Contract of an engine: how the two half-steps of an iteration are made. The loop (fit/run.c) knows nothing else of
 * A. Panels share one G among all items and read A once an iteration; lines give every item a model of its own.
 */
typedef struct engine {
    double (*bytes)(const plan *plan, const nmf_matrix *matrix);
    nmf_status (*open)(struct fit *f);
    void (*close)(struct fit *f);
    /* Fits that gain by being a team. */
    int64_t (*most)(const plan *plan);
    /* What a team of so many, or fewer, shares: as bytes, made, and freed. */
    double (*team_bytes)(const plan *plan, const nmf_matrix *matrix, int64_t fits);
    nmf_status (*join)(team *all);
    void (*part)(team *all);
    /* Whatever the next half-step of H needs to know of w_hat. */
    void (*prepare)(const team *all);
    /* Scale the h of a start, which was prepared, so that it fits A as well as it can. */
    void (*scale)(struct fit *f);
    /* Is (w·h) above 0 under every entry above 0 that counts? Only losses that must not have b = 0 ask. */
    bool (*covers)(struct fit *f);
    /* Of every fit h_next from h, w_hat fixed; then h_hat = h_next + beta·(h_next − h_last) within the bounds. */
    nmf_status (*half_step_h)(const team *all);
    /* w_next from w_hat, h_hat fixed; then w_hat = w_next + beta·(w_next − w); `found` is that of (w_next, h_hat). */
    nmf_status (*half_step_w)(const team *all);
    /* The loss of (w, h) and the sum Σ g·d² of the KKT residual; with `w_fixed` that of h alone. */
    double (*residual)(struct fit *f, bool w_fixed, double *loss);
} engine;

extern const engine engine_panels, engine_lines;

/*
 * Extrapolation with restarts (Ang & Gillis 2019, algorithm 1): each half-step looks from a point moved on by beta;
 * beta grows while the error falls. Where the error rises, the iteration is undone, beta shrinks, and the next
 * iteration is a plain one, which cannot raise the error.
 */
typedef struct momentum {
    double beta, last, most;
    bool plain;
} momentum;

/* How far a fit has come: with (w, h), all that it takes to go on. */
typedef struct course {
    momentum momentum;
    score kept; /* of the iterate */
    bool done;
    nmf_step *history;
    int64_t steps, history_room;
    double measured[FIT_WINDOW + 1]; /* what must fall, of the last iterations */
    double best_measured;
    int64_t worked; /* iterations spent on a sample or a sketch of A before the first: updates go on from there */
    int64_t looked; /* the iteration after which --stop kkt last looked */
} course;

typedef struct fit {
    nmf_context *context;
    plan plan;
    const engine *engine;
    const nmf_matrix *matrix; /* in the plan's dtype, its entries of a harmless size */
    const nmf_matrix *asked;  /* the caller's */
    nmf_matrix *own;          /* the copy, where the caller's matrix was not so */
    int a_exponent;           /* entries are the caller's times 2^a_exponent */
    int exponent;             /* what is fitted is the caller's times 2^exponent */
    int w_exponent;           /* W's are the caller's times 2^w_exponent */
    int h_exponent;           /* and H's times 2^h_exponent */
    const kernel *simd;
    bool sampled; /* one factor comes from the fit of a sample, and the other is still to be made */
    double began; /* seconds on the monotonic clock */
    char *
        fingerprint; /* where there are checkpoints: what the fit is of (fit/checkpoint.h); and when the last one was */
    double kept_at;  /* written */
    loss_form form;
    double size; /* s of the KKT residual */
    double draw; /* Σ ω·a²/‖a‖ over the entries that count: how hard W and Hᵀ are drawn together, but for k */
    double null_error;   /* what errors are relative to, in the units computed with */
    double degree;       /* a loss computed with is the caller's times 2^(degree·exponent) */
    double log_constant; /* of kl: log-likelihood + loss */
    int64_t observed;    /* entries that count */
    side_rules rules[SIDES];
    /* Entries that count in the line of every item; NULL: all of it, and the rules have l1_each and l2_each in them. */
    const double *entries[SIDES];

    /*
     * The iterate is (w, h), h_last the H before its last extrapolation. While an iteration is on: w_next and h_next
     * are what the updates make, w_hat and h_hat the same extrapolated, where the other half-step looks from.
     */
    items w, w_next, w_hat;
    items h, h_next, h_hat, h_last;
    items best_w, best_h; /* only where the best iterate need not be the last */
    double *model;        /* k×k: the G of a half-step, penalties included */
    update_room update;
    squares_room room;
    struct panels *panels; /* of the engine that is at work */
    struct lines *lines;

    double beta; /* of the iteration at hand */
    score found; /* of what that made */
    course course;
    nmf_summary summary;
    double *d; /* k numbers, or NULL */
} fit;

struct nmf_result {
    fit fit;
    nmf_start *starts; /* NULL where there was but one */
};

/* What makes the factors of a fit that has begun, and sums them up. */
typedef nmf_status fit_work(fit *f, const void *with);

/* The result of such work, which is not that of the outer loop; NULL where it failed. */
nmf_status result_new(nmf_context *context, const nmf_matrix *matrix, const plan *plan, fit_work *work,
                      const void *with, nmf_result **result);

/* One factor in a half-step. */
typedef struct half {
    side which;
    const side_rules *rules;
    const items *from;   /* the items as they are */
    const items *last;   /* where extrapolation comes from */
    items *next, *hat;   /* what is made, and moved on */
    const items *fixed;  /* the other factor */
    const items *around; /* with a graph: all items of this one as they are */
    bool apart;          /* only looked at: W and Hᵀ need not be drawn together */
} half;

half fit_half(fit *f, side which);

/* How a step came out for all the processes that fit the matrix; every one of them comes here. */
static inline nmf_status fit_agree(const fit *f, nmf_status status) {
    return crowd_agree(f->context, matrix_crowd(f->matrix), status);
}

/* A fit by itself, to be kept in *f. */
static inline team fit_alone(fit **f) {
    return (team){.context = (*f)->context, .fits = f, .count = 1};
}

/* Fits of this plan that gain by being a team. */
int64_t fit_team_most(const plan *plan, const nmf_matrix *matrix);

/* Bytes that `count` fits take together besides the matrix; as a double, which does not overflow. */
double fit_bytes(const plan *plan, const nmf_matrix *matrix, int64_t count);

/* Those of its history, which grows only in a fit of very many iterations. */
double fit_history_bytes(const plan *plan);

/* Memory that is not there must be refused here: the system promises more than it has, and ends the process later. */
nmf_status fit_check_bytes(nmf_context *context, const plan *plan, double needed);

/* The power of two that brings numbers up to `max` to a harmless size; 0 where they have it. */
int fit_harmless_exponent(nmf_dtype dtype, double max);

/*
 * A fit that has not begun. `like`: a fit of the same matrix and plan, whose copy of the matrix, if it has one, is
 * shared; NULL: none.
 */
nmf_status fit_new(nmf_context *context, const nmf_matrix *matrix, const plan *plan, const fit *like, fit *out);

/* Let it begin, from a start of this seed, with a history of its own; the one before is the caller's from now on. */
nmf_status fit_begin(fit *f, uint64_t seed);

/* Let it go on from (w, h) and its course, which were set. */
nmf_status fit_go_on(fit *f);

/* Free what the result does not need any more, W and H excepted. */
void fit_shrink(fit *f);
void fit_free(fit *f);

/*
 * The outer loop: from their starts, or from where they are, to the iterates (w, h) after `until` iterations or where
 * they stop by themselves, which is `done`. A fit that stops leaves the team. NMF_INTERRUPTED leaves the iterates as
 * they were reached.
 */
nmf_status fit_run(team *all, int64_t until);

/* What is handed back of a fit: the factors in w and h, in their order and units, and the summary. */
nmf_status fit_finish(fit *f);

/*
 * What must fall: the objective where there are penalties, else the error; in the units computed with, since in the
 * caller's an objective can be past every number.
 */
double fit_measure(const fit *f, score reached);

/* The reason to stop after the iteration recorded last, or NULL; and to stop for one. */
const char *fit_reason_to_stop(fit *f);
void fit_stop(fit *f, const char *reason, bool converged);

/* All reasons there are, ended by NULL. */
extern const char *const fit_reasons[];

/* From nothing to the first (w, h): the starts, scaled, with what is held in its place (fit/start.c). */
nmf_status fit_start(const team *all);

/* Numbers below a hundredth of the mean become that: what multiplies leaves no 0, and some losses bear none. */
void fit_fill_zeros(const reduce_room *room, items *x);

/* The first components of `to` become those of `values`, whose lines are items or, with `across`, components. */
nmf_status fit_take(fit *f, const nmf_matrix *values, bool across, int exponent, items *to);

/* Append the iterate (w, h), of this score, to the history. */
nmf_status fit_record(fit *f, score reached);

/* The summary of the factors handed back: their score, which is returned too, and the KKT residual. */
score fit_sum_up(fit *f, bool w_fixed);

/* Components in their order and of their units (fit/canonical.c); after fit_sum_up. */
nmf_status fit_make_canonical(fit *f);

/* A loss as it is reported, in the caller's units, and relative. */
double fit_error(const fit *f, double loss);
double fit_relative_error(const fit *f, double loss);
double fit_objective(const fit *f, score reached);

/* value·2^power; powers of two are exact, and what is between value and the result need not be a number. */
double fit_times_power(double value, double power);

/* A penalty on X^power as it stands beside the loss, where X's entries are the caller's times 2^exponent. */
double fit_in_units(const fit *f, double penalty, int power, int exponent);
/* The rules of both factors in the units computed with (fit/rules.c). */
void fit_make_rules(fit *f);
/* The rules of an item in whose line `entries` count. */
side_rules rules_of_item(const side_rules *rules, double entries);
/* Their part of the G (k×k) of an item, `ridge` on the diagonal besides. */
void rules_add(const side_rules *rules, int64_t k, double ridge, double *gram);
/* Let an update work for a factor. */
nmf_status rules_prepare(update_room *room, const side_rules *rules, const double *gram);
/* Σ G_cc·d² of up to KERNEL_GRID items (kernel.h: stationarity); where they sum to 1, p is shifted to that. */
double rules_stationarity(const update_room *room, const side_rules *rules, const double *gram, const items *p,
                          const items *x, void *scratch);

/* What is lowered besides the loss, of (w, h) (fit/penalty.c). */
double fit_penalty(fit *f, const items *w, const items *h);

/* Seconds since the fit began, and on the clock that counts them. */
double fit_seconds(const fit *f);
double fit_clock(void);

void fit_swap(items *a, items *b);

#endif
