/* A start fitted to a sample of A: a pass over that costs a fraction of one over A. */
#ifndef NMF_FIT_SAMPLE_H
#define NMF_FIT_SAMPLE_H

#include "fit/fit.h"

/*
 * Draw a tenth of the longer side of A, at least ten lines a component, and fit it from the plan's init->on_sample.
 * The factor of the other side, H where rows were drawn, W where columns were, is then what the fit starts from: it is
 * `sampled`, and its `worked` counts the iterations spent. Where that is most of A nothing is done, and it is not.
 */
nmf_status fit_sample(fit *f);

/* Is the longer side, from which the sample is drawn, that of the columns? */
bool fit_samples_columns(const nmf_matrix_info *info);

/* Bytes it takes for a while, what is drawn from a sparse A as many entries as there are on average. */
double fit_sample_bytes(const plan *plan, const nmf_matrix *matrix);

#endif
