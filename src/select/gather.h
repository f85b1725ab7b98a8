/* What is kept of every start: where its samples belong, its spectra, and, if asked for, its usages. */
#ifndef NMF_SELECT_GATHER_H
#define NMF_SELECT_GATHER_H

#include "select/starts.h"

typedef struct gathered {
    nmf_context *context;
    int64_t k, starts;
    int64_t samples; /* columns of A that are looked at for co-membership */
    int64_t *sample; /* which they are, ascending */
    int32_t *label;  /* starts×samples: the component of each, k where it has none */
    items spectra;   /* m items of starts·k: the columns of W of all starts, each of Euclidean norm 1, or 0 */
    items usages;    /* n items of starts·k: H's rows, as large as columns of W that sum to 1 make them; may be none */
    double *error;   /* relative, of every start */
    double *row;     /* k numbers, for a while */
} gathered;

/* Room for all starts of a plan; `usages` says whether those are wanted. NMF_ERROR_MEMORY says how much it would be. */
nmf_status gather_new(nmf_context *context, const nmf_matrix *matrix, const plan *plan, int64_t most_samples,
                      bool usages, gathered *out);
void gather_free(gathered *own);

/* Where each of the peers visited some of the starts, what is kept of all comes to each. */
void gather_share(const nmf_crowd *peers, gathered *own);

/* A visit of starts_run: `own` is a gathered. */
nmf_status gather_visit(void *own, const fit *f, int64_t start);

#endif
