/* What starts share: how a size is split between W and H, and what fills where a start has nothing. */
#ifndef NMF_INIT_FILL_H
#define NMF_INIT_FILL_H

#include "init/init.h"

/*
 * A start scales with A by powers of two: where A is taken times 2^s, W and H are too, by parts of s. So what is split
 * between W and H is split without the exponent of A, of which each then gets half.
 */
typedef struct halves {
    int whole, w, h;
} halves;

halves halve_exponent(const nmf_matrix_info *info);

/* Components from `from` to before `to` of W, or H, become random numbers as small as the entries of A are. */
void fill_random(const init_request *request, int64_t from, int64_t to, bool columns, items *factor, uint32_t stream);

/* Is nothing but 0 in this component of a factor, wherever its items are? */
bool fill_is_dead(const init_request *request, const items *factor, int64_t component);

/* Numbers of W and of H. */
typedef struct levels {
    double w, h;
} levels;

/*
 * The numbers that all entries of W and H have where each of k components is a k-th of a matrix whose entries are all
 * the mean μ of A, split as nndsvd splits: both of one length. w = √(μ/k)·(n/m)^¼, h = √(μ/k)·(m/n)^¼.
 */
nmf_status find_levels(const init_request *request, int64_t k, levels *out);

/* The mean of the entries of A. Takes a number a row for a while. */
nmf_status find_mean(const init_request *request, double *mean);

/* Zeros become `value`, or, of a `stream` that is not 0, numbers of [0, value). */
void fill_zeros(const init_request *request, bool columns, items *factor, double value, uint32_t stream);

#endif
