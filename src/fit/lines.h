/* What the engine of lines gives besides (fit.h: engine). */
#ifndef NMF_FIT_LINES_H
#define NMF_FIT_LINES_H

#include "fit/fit.h"

/* The forces on every number of w, h_hat fixed (forces.h): w.count × k doubles each. Returns the loss of (w, h_hat). */
double lines_forces(fit *f, double *above, double *below);

/* All of H, of which these are one's own items; of a fit by several processes it is there until the next half-step. */
const items *lines_whole_h(fit *f, const items *h);

#endif
