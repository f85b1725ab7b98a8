/* The components of a written result, read back: their numbers, and how much of the whole each is. */
#ifndef CLI_COMPONENTS_H
#define CLI_COMPONENTS_H

#include "nmf/nmf.h"

typedef struct component_set {
    nmf_matrix *w, *h;        /* h: NULL where the folder has none */
    double *w_values;         /* rows x rank */
    double *d;                /* of a result A = W diag(d) H, a number a component; NULL where fit.json has none */
    double *h_values;         /* rank x cols, each row times its d; NULL without h */
    int64_t rows, cols, rank; /* cols 0 without h */
    double *share;            /* component j's part of the sum of all entries of W H (of W without h); sums to 1 */
} component_set;

/* A place in a list and its weight. */
typedef struct weighted {
    int64_t index;
    double weight;
} weighted;

/* Read W, and H where it is there or `need_h` asks for it. Complains. */
nmf_status components_read(nmf_context *context, const char *path, bool need_h, component_set *components);

/* H times d as a matrix over `h_values`, without names: W times it is what the fit makes of A. Complains. */
nmf_status components_weighted_h(nmf_context *context, const component_set *components, nmf_matrix **h);

/* Free what was read, of a half-read one too. */
void components_free(component_set *components);

/* Heaviest first; those of equal weight in their order. */
void weighted_sort(weighted *list, int64_t count);

#endif
