/* Which spectra have others near them: those that lie apart are of starts that ended badly (Kotliar et al. 2019). */
#ifndef NMF_SELECT_DENSITY_H
#define NMF_SELECT_DENSITY_H

#include "base/context.h"

/*
 * apart[i] = the mean of the `nearest` smallest distances of spectrum i from others, given count×count distances;
 * `nearest` counts as at most count − 1.
 */
nmf_status density_measure(nmf_context *context, const double *distance, int64_t count, int64_t nearest, double *apart);

#endif
