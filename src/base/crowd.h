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

/* Where any process has failed all have, as crowd_agree says it but shortly; and the crowd goes on. */
nmf_status crowd_together(nmf_context *context, const nmf_crowd *crowd, nmf_status status);

/* Does anybody say yes? */
bool crowd_any(const nmf_crowd *crowd, bool yes);

/* The lowest rank of those that say yes; -1: nobody does. */
int64_t crowd_first(const nmf_crowd *crowd, bool yes);

/* counts[i] ← its sum over everybody. */
void crowd_sum_counts(const nmf_crowd *crowd, int64_t *counts, int64_t count);

/* Where the share of process `rank` begins of so many things that are shared out evenly; of `count`, where all end. */
int64_t crowd_share(const nmf_crowd *crowd, int64_t total, int64_t rank);

/*
 * All fail as process `from` did, by its `status` and its sentence, which is of what they did together; everybody must
 * know who that is. The context is of no crowd afterwards, as with nmf_context_agree.
 */
nmf_status crowd_follow(nmf_context *context, int64_t from, nmf_status status);

#endif
