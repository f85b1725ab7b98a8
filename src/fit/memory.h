/*
 * What columns that are not at hand any more ask of W. With P = A·Hᵀ and G = H·Hᵀ of theirs, half their sum of squares
 * is
 *
 *     ½·squares − ⟨P, W⟩ + ½·⟨WᵀW, G⟩,    squares = ‖A‖²
 *
 * for any W, and other columns add to it (Mairal, Bach, Ponce & Sapiro 2010). A fit of new columns with a memory lowers
 * its own sum of squares and this one: a quadratic in W, which joins its G and P. The engine of panels takes it.
 */
#ifndef NMF_FIT_MEMORY_H
#define NMF_FIT_MEMORY_H

#include "fit/fit.h"

typedef struct memory {
    nmf_context *context;
    int64_t rows, k;
    int exponent, h_exponent; /* squares, P and G are of A and H times 2^these, so that their products are numbers */
    double squares;
    double *gram, *products; /* k×k; rows × k, row by row */
} memory;

/* Nothing remembered yet. `out` is to be freed in any case. */
nmf_status memory_new(nmf_context *context, int64_t rows, int64_t k, int exponent, int h_exponent, memory *out);
void memory_free(memory *m);

/*
 * That of columns to which W and H were fitted, taken for W·H. At the end of a fit A·Hᵀ = W·H·Hᵀ where W > 0, and so P
 * is what A would give: all that is not known is ‖A − WH‖², to which W's moves add. `out` is to be freed in any case.
 */
nmf_status memory_of_factors(nmf_context *context, const nmf_matrix *w, const nmf_matrix *h, memory *out);

/* What there was times `forget`. */
void memory_fade(memory *m, double forget);

/* What the columns of a fit, with its h_hat, ask besides. */
nmf_status memory_add(memory *m, const fit *f);

/* G and P in the units of a fit. */
void memory_recall(const memory *m, const fit *f, double *gram, items *products);

/* The quadratic at w, in the units of the fit, whose engine has recalled its memory; 0 without one. */
double memory_penalty(fit *f, const items *w);

#endif
