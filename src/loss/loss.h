/*
 * Contract of a loss: Σ ω·d(a, b) over the entries of A, with b those of W·H.
 *
 * A half-step fixes one factor Y and updates the items X of the other. For the entries of an item's line of A, where
 * b_e = x·y_e, the loss says how it pulls and pushes b and how it bends,
 *
 *     pull, push    d'(a, b) = push − pull, both ≥ 0
 *     curve         ≥ 0, the curvature of a convex function that touches the loss at b and bounds it from above
 *
 * from which the half-step makes the item's own model, G = Σ curve·y·yᵀ and the slope Σ (push − pull)·y, that an update
 * lowers. A term of d that is convex in b stays as it is in that bound, a concave one becomes its tangent (Févotte &
 * Idier 2011); where the model itself does not bound the loss, a search along its step does the rest, with `slope`.
 */
#ifndef NMF_LOSS_LOSS_H
#define NMF_LOSS_LOSS_H

#include "observe/observe.h"

/* What the entries of a sparse A that are not listed, all 0, add to the loss in closed form. */
typedef enum loss_zeros {
    ZEROS_LISTED, /* nothing has one: every entry must be listed */
    ZEROS_SUM,    /* Σ b */
    ZEROS_SQUARES /* ½·Σ b² */
} loss_zeros;

/* A loss with its number filled in. */
typedef struct loss_form {
    double parameter; /* B of beta, D of huber; in the units of the entries computed with */
    double floor;     /* b counts as at least this: losses that grow without bound as b goes to 0 stay finite */
} loss_form;

/* Loops over entries are built for several instruction sets, where the compiler can do that by itself. */
#if defined __GNUC__ && !defined __clang__ && defined __x86_64__ && !defined __SANITIZE_ADDRESS__ &&                   \
    !defined __SANITIZE_THREAD__
#define LOSS_LOOP __attribute__((target_clones("arch=x86-64-v4", "avx2", "default")))
#else
#define LOSS_LOOP
#endif

typedef struct loss {
    const char *name;
    const char *summary;   /* for help: one clause */
    const char *parameter; /* what stands behind the colon, as in "beta:B"; NULL: nothing does */
    loss_zeros zeros;
    bool quadratic; /* the model is the loss */
    bool bounded;   /* the model bounds the loss: its step needs no search */
    bool any_sign;  /* takes entries and b below 0 */
    bool positive;  /* b must not be 0 where a is above: zeros of a start are filled */
    /* The number of a loss that is given none; the form otherwise takes what the user gave. */
    double fixed;
    /* The parameter of fits whose entries are a·2^exponent, of mean `mean`. */
    double (*scaled)(double parameter, int exponent, double mean);
    /* A loss of entries times s is s^degree times the loss. */
    double (*degree)(double parameter);
    void (*terms)(const loss_form *form, const entry_list *list, const double *b, double *pull, double *push,
                  double *curve);
    /* Slope in t, along b + t·e, of the bound that touches at b; of ZEROS_SUM without what all zeros add. */
    double (*slope)(const loss_form *form, const entry_list *list, const double *b, const double *e, double t);
    /* Σ ω·d(a, b) over the list */
    double (*value)(const loss_form *form, const entry_list *list, const double *b);
    /* Σ ω·(what the loss measures itself against): the scale of KKT residuals, of the degree of the loss. */
    double (*size)(const loss_form *form, const entry_list *list);
    /* b of which the loss is what errors are relative to, for entries of this mean. */
    double (*null)(double mean);
    /* The power of pull/push by which mu multiplies, so that the loss cannot rise (Févotte & Idier 2011). */
    double (*power)(double parameter);
    /* The loss as it is reported, and back. */
    double (*error)(double value);
} loss;

extern const loss loss_frobenius, loss_kl, loss_is, loss_beta, loss_huber, loss_mae;

/* All losses, the default first; ended by NULL. */
extern const loss *const losses[];

/* Functions that losses share. */
double loss_keeps_parameter(double parameter, int exponent, double mean);
double loss_is_error(double value);
double loss_null_mean(double mean);
double loss_null_zero(double mean);
double loss_power_one(double parameter);

#endif
