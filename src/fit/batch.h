/* A batch: some columns of A, or rows turned into columns, with what is said of their entries. */
#ifndef NMF_FIT_BATCH_H
#define NMF_FIT_BATCH_H

#include "fit/plan.h"

typedef struct batch {
    nmf_matrix *a, *mask, *weights; /* mask and weights: NULL where there are none */
    int64_t first, count;
} batch;

/*
 * Columns first … first + count − 1 of A, or with `rows` such rows as columns, and of the plan's mask and weights. To
 * be freed in any case.
 */
nmf_status batch_take(const nmf_matrix *matrix, const plan *plan, bool rows, int64_t first, int64_t count, batch *out);
void batch_free(batch *b);

#endif
