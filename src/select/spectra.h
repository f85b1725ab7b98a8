/* How alike the components of different starts are. */
#ifndef NMF_SELECT_SPECTRA_H
#define NMF_SELECT_SPECTRA_H

#include "select/gather.h"

/* Cosines of all spectra with each other: starts·k squared, row by row; of those that are 0 they are 0. */
typedef struct cosines {
    nmf_context *context;
    int64_t count;
    double *value;
} cosines;

nmf_status cosines_new(const gathered *all, cosines *out);
void cosines_free(cosines *own);

/* The Euclidean distance of two spectra, in place of every cosine. */
void cosines_to_distances(cosines *own);

/* Fill in stability and stability_least. */
nmf_status spectra_stability(const gathered *all, const cosines *own, nmf_rank_row *row);

/* The `count` spectra listed, ascending, in k clusters: labels 0 … k−1. */
nmf_status spectra_cluster(const gathered *all, const plan *plan, const int64_t *list, int64_t count, int64_t *labels);

#endif
