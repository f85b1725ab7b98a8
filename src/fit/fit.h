/* Everything one fit owns, made before its first iteration: the loop allocates nothing. */
#ifndef NMF_FIT_FIT_H
#define NMF_FIT_FIT_H

#include "fit/plan.h"
#include "matrix/products.h"

typedef struct fit {
    nmf_context *context;
    plan plan;
    const nmf_matrix *matrix; /* in the plan's dtype, its entries of a harmless size */
    nmf_matrix *own;          /* the copy, where the caller's matrix was not so */
    int exponent;             /* entries are the caller's times 2^exponent */
    int w_exponent;           /* W's are the caller's times 2^w_exponent; H takes the rest */
    const kernel *simd;
    double began; /* seconds on the monotonic clock */

    /*
     * The iterate is (w, h), h_last the H before its last extrapolation. While an iteration is on: w_next and h_next
     * are what the updates make, w_hat and h_hat the same extrapolated, where the other half-step looks from.
     */
    items w, w_next, w_hat;
    items h, h_next, h_hat, h_last;
    items best_w, best_h; /* only where the best iterate need not be the last */
    items n;              /* Aᵀ·w_hat */
    items p;              /* A·h_hatᵀ of the rows at hand: KERNEL_GRID items for every thread */
    double *gram_w, *gram_h;
    update_room update;
    loss_room room;
    double *own_part;                                 /* what each block of columns adds to the loss by itself */
    double *steps_part;                               /* a double a block, for the KKT residual */
    int rows_at_once, columns_at_once, items_at_once; /* blocks that a thread takes at a time */

    nmf_step *history;
    int64_t steps, history_room;
    int64_t worked; /* iterations spent on a sample of A before the first: updates go on from there */
    int64_t looked; /* the iteration after which --stop kkt last looked */
    nmf_summary summary;
} fit;

struct nmf_result {
    fit fit;
};

/* Bytes a fit takes besides the matrix; as a double, which does not overflow. */
double fit_bytes(const plan *plan, const nmf_matrix_info *info);

/* The power of two that brings numbers up to `max` to a harmless size; 0 where they have it. */
int fit_harmless_exponent(nmf_dtype dtype, double max);

nmf_status fit_new(nmf_context *context, const nmf_matrix *matrix, const plan *plan, fit *out);

/* A result whose fit is made, worked on and shrunk; none is left where that fails, but for NMF_INTERRUPTED. */
nmf_status fit_to_result(nmf_context *context, const nmf_matrix *matrix, const plan *plan,
                         nmf_status (*work)(fit *f, const void *data), const void *data, nmf_result **result);

/* Free what the result does not need any more, W and H excepted. */
void fit_shrink(fit *f);
void fit_free(fit *f);

/* The outer loop: from a start to the factors in w, h and the summary. NMF_INTERRUPTED leaves both as they were
 * reached. */
nmf_status fit_run(fit *f);

/* Append the iterate (w, h), of this loss, to the history. */
nmf_status fit_record(fit *f, double loss);

/* A loss as it is reported, in the caller's units, and relative to that of W·H = 0. */
double fit_error(const fit *f, double loss);
double fit_relative_error(const fit *f, double loss);

/* n = the products of all columns with w, h standing beside it: one pass over A. */
void fit_accumulate(fit *f, const items *w, const items *h, items *n);

/* h_next from h and n; then h_hat = max(0, h_next + beta·(h_next − h_last)). */
nmf_status fit_half_step_h(fit *f, double beta);

/*
 * w_next from w_hat, panel by panel, with h_hat fixed; then w_hat = max(0, w_next + beta·(w_next − w)) and n =
 * Aᵀ·w_hat. One pass over A. *loss is that of (w_next, h_hat).
 */
nmf_status fit_half_step_w(fit *f, double beta, double *loss);

/* The loss and the KKT residual of (w, h); with `w_fixed` that of h alone. Reads A twice; uses h_next and p. */
double fit_residual(fit *f, bool w_fixed, double *loss);

/* Seconds since the fit began. */
double fit_seconds(const fit *f);

#endif
