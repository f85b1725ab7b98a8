/* Fits that learn from a batch of A at a time (solver online). */
#ifndef NMF_FIT_BATCHES_H
#define NMF_FIT_BATCHES_H

#include "fit/fit.h"

/*
 * A batch is of columns, or where A has more rows of rows, which are turned into columns: samples are what there are
 * more of. W (of samples that are rows: Hᵀ) is what is learned. It begins as that of a fit of the first batch; then,
 * batch after batch, H is solved for and W is made of what this batch and the earlier ones ask of it, those counting
 * for less the longer ago they were (Mairal, Bach, Ponce & Sapiro 2010; for other losses than squares Lefèvre, Bach &
 * Févotte 2011). After a pass H is solved for with W as it is then. Every pass is an iteration.
 */

/* All fits of a team to their end. NMF_INTERRUPTED leaves the iterates as they were reached. */
nmf_status batches_run(team *all);

/* What that takes for a while; as a double, which does not overflow. */
double batches_bytes(const plan *plan, const nmf_matrix *matrix);

#endif
