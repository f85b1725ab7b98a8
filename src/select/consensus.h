/* A consensus while it is made, and as it is handed out. */
#ifndef NMF_SELECT_CONSENSUS_H
#define NMF_SELECT_CONSENSUS_H

#include "select/survey.h"

struct nmf_consensus {
    nmf_context *context;
    nmf_consensus_summary summary;
    nmf_result *result;
    int64_t rows, cols, k;
    double *distance;          /* of every spectrum from its nearest ones */
    int64_t *sample, *cluster; /* in the order of the tree */
    double *together;
    double *w;             /* m×k: columns sum to 1 */
    double *w_bounds[2];   /* lower and upper, m×k */
    double *h_bounds[2];   /* k×n */
    int64_t *list, *label; /* spectra that are kept, and their clusters, the heaviest component first */
};

/* W from the spectra that are kept: clusters, their medians. */
nmf_status consensus_components(nmf_consensus *own, const gathered *all, const plan *plan);

/* Match every start's components to W, and find the intervals (select/bounds.c). */
nmf_status consensus_bounds(nmf_consensus *own, const gathered *all);

/* The value below which a share of `count` numbers lies, between two of them in proportion; sorts them. */
double consensus_quantile(double *values, int64_t count, double share);

#endif
