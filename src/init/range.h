/*
 * A ≈ left·rightᵀ of few vectors, by a randomized range finder with one power iteration (Halko, Martinsson & Tropp
 * 2011, algorithms 4.4 and 5.1) whose products are the matrix's own; docs/performance.md says why one. A is met in
 * RANGE_PASSES products, each a pass from front to back, and nowhere else.
 */
#ifndef NMF_INIT_RANGE_H
#define NMF_INIT_RANGE_H

#include "base/eigen.h"
#include "init/init.h"
#include "matrix/reduce.h"
#include "matrix/spread.h"

enum { RANGE_POWERS = 1, RANGE_PASSES = 2 + 2 * RANGE_POWERS };

typedef struct range_finder {
    const init_request *request;
    int64_t q;        /* vectors */
    items left;       /* m×q, orthonormal: singular vectors; of a matrix that is spread one's own items */
    items right;      /* n×q: Aᵀ·left, singular vectors as long as their values, the largest first */
    items spare;      /* KERNEL_GRID×q for every thread, for products that cannot be made in place */
    items turn;       /* q×q in the kernel's numbers */
    eigen_room eigen; /* q×q */
    reduce_room reduce;
    spread_room others;
} range_finder;

/* Vectors for k components: of a few, for which so many more would be most of the work, twice as many. */
int64_t range_vectors(const nmf_matrix *matrix, int64_t k);

/* Room for them; free with range_free whatever comes back, which is the same in all processes of the matrix. */
nmf_status range_new(const init_request *request, int64_t k, range_finder *r);
/* Bytes of such a room. */
double range_bytes(const nmf_matrix *matrix, nmf_dtype dtype, int64_t k, int threads);
void range_free(range_finder *r);

/* Fill left and right. */
nmf_status range_find(range_finder *r);

#endif
