/* Contract of a start: the first W and H. */
#ifndef NMF_INIT_INIT_H
#define NMF_INIT_INIT_H

#include "kernel/kernel.h"
#include "matrix/matrix.h"

typedef struct init_request {
    nmf_context *context;
    const nmf_matrix *matrix;
    const kernel *simd;
    uint64_t seed;
    int threads;
    int64_t
        *worked; /* NULL, or where a start that is a fit by itself counts its iterations: updates go on from there */
} init_request;

typedef struct init {
    const char *name;
    const char *summary;
    /* Memory it takes for a while beside W and H; NULL: none. */
    double (*bytes)(const nmf_matrix *matrix, nmf_dtype dtype, int64_t k, int threads);
    bool makes_zeros; /* factors that begin with zeros */
    bool settled;     /* the same from any seed, but for rounding */
    bool looks_at_a;  /* at every entry: none may be missing, hidden or below 0 */
    bool needs_lines; /* reads lines of A, and not only products with it */
    bool alone;       /* of a matrix that is spread over processes it cannot be made */
    /* Fill W (an item a row) and H (an item a column), both given as zeros. */
    nmf_status (*fill)(const init_request *request, items *w, items *h);
    /* Not NULL: the loop first fits a sample of A from this start (fit/sample.h), and fills only where A is small. */
    const struct init *on_sample;
} init;

extern const init init_kmeans, init_nndsvd, init_nndsvda, init_nndsvdar, init_numpy, init_random, init_sample,
    init_sketch, init_spa;

/* All starts, the default first; ended by NULL. */
extern const init *const inits[];

#endif
