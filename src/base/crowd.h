/* What the processes of a crowd (nmf_context_join) have to say to each other besides numbers of a matrix. */
#ifndef NMF_BASE_CROWD_H
#define NMF_BASE_CROWD_H

#include "base/context.h"

/* NULL: this process is alone. */
const nmf_crowd *context_crowd(const nmf_context *context);

/*
 * Sums that are made in order, from process to process: before one adds its numbers to them they become those of the
 * processes before it, and after the last one had its turn those of all.
 */
void crowd_before(const nmf_crowd *crowd, double *sums, int64_t count);
void crowd_after(const nmf_crowd *crowd, double *sums, int64_t count);

/*
 * nmf_context_agree among the processes of one crowd; NULL: alone. Where it is that of the context, this is of none
 * after a failure.
 */
nmf_status crowd_agree(nmf_context *context, const nmf_crowd *crowd, nmf_status status);

/* Does anybody say yes? */
bool crowd_any(const nmf_crowd *crowd, bool yes);

#endif
