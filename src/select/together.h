/* Co-membership of samples over the starts, and what it says (Brunet et al. 2004). */
#ifndef NMF_SELECT_TOGETHER_H
#define NMF_SELECT_TOGETHER_H

#include "select/gather.h"

typedef struct together {
    nmf_context *context;
    int64_t n;
    double *distance; /* n×n: 1 − C, C the share of the starts in which two samples belong to one component */
    int64_t *order;   /* the samples as the leaves of the tree */
    int64_t *cluster; /* of each sample, the tree cut into k, in the order of the leaves */
} together;

nmf_status together_new(const gathered *all, together *out);
void together_free(together *own);

/* Fill in what co-membership says: cophenetic, dispersion, pac, silhouette_samples. */
nmf_status together_measure(const gathered *all, together *own, nmf_rank_row *row);

#endif
