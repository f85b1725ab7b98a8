/*
 * What ties the items of a factor to each other, or to those of the other factor: a graph over the columns of A, with
 * ½·λ·tr(H·L·Hᵀ), L = D − S (GNMF: Cai et al. 2011); and W = Hᵀ, whose items a process owns both of, by ½·λ·‖W − Hᵀ‖²
 * (Kuang, Yun & Park 2015; with a λ that is large enough the two end up equal: Zhu et al. 2018). For one item, the
 * others as they are, either is bounded by ½·ridge·|x|² − pull·x, which touches it at the item at hand.
 */
#ifndef NMF_FIT_TIES_H
#define NMF_FIT_TIES_H

#include "fit/fit.h"

/* Is a half-step of this factor tied, and does the ridge differ from item to item? */
bool ties_bind(const fit *f, side which);
bool ties_vary(const fit *f, side which);

/* The ridge of an item; its pull (k doubles) is added to `pull`. */
double ties_of(const fit *f, const half *step, int64_t item, double *pull);

/* λ of W = Hᵀ, in the units computed with: ‖A‖/√k of the entries that count, times their mean weight. */
double ties_symmetric_weight(const fit *f);

/* All of it, of (w, h). */
double ties_penalty(fit *f, const items *w, const items *h);

#endif
