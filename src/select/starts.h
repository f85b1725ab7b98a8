/* Fits of one matrix from several starts, and the best of them. */
#ifndef NMF_SELECT_STARTS_H
#define NMF_SELECT_STARTS_H

#include "fit/fit.h"

/* What is wanted of starts whose plan is the same but for the seed, which grows by 1 from one to the next. */
typedef struct starts_request {
    nmf_context *context;
    const nmf_matrix *matrix;
    const plan *plan; /* with the number of starts */
    /* Called once for every start that was fitted to its end, in order where all are, with its factors; may be NULL. */
    nmf_status (*visit)(void *user, const fit *f, int64_t start);
    void *user;
} starts_request;

/* Bytes they take together besides the matrix; as a double, which does not overflow. */
double starts_bytes(const plan *plan, const nmf_matrix *matrix);

/*
 * The best: the first of those whose objective, or error, is the lowest, with what became of each start. On
 * NMF_INTERRUPTED it is that of what there was.
 */
nmf_status starts_run(const starts_request *request, nmf_result **best);

#endif
