/* Random numbers, items with a guard behind them, and how far results may be from their long double references. */
#ifndef SUPPORT_NUMBERS_H
#define SUPPORT_NUMBERS_H

#include "matrix/items.h"

/* The next number of [low, high). */
double draw(uint64_t *seed, double low, double high);

/* Numbers of [low, high) in every item; the padding stays zero. */
void items_draw(items *x, uint64_t *seed, double low, double high);

/* Items of zeros with one more behind them that nobody may touch. */
items guarded_new(nmf_context *context, nmf_dtype dtype, int64_t count, int64_t k);

/* A guarded copy. */
items guarded_copy(nmf_context *context, const items *from);

/* The guard is whole and the padding is zero. */
void expect_guarded(const items *x);

/* Every bit of the items is the same. */
void expect_same_bits(const items *got, const items *expected);

/* The rounding unit of a type, 2^-52 or 2^-23. */
double epsilon_of(nmf_dtype dtype);

/*
 * A result of `terms` roundings on terms that add up to `size` in magnitude is near its reference: the scaled residual
 * |got − value| / (epsilon·terms·size) is below 30.
 */
void expect_near(double got, long double value, nmf_dtype dtype, int64_t terms, long double size);

/* A number on its way: the sum of its terms and of their magnitudes. */
typedef struct summed {
    long double value, size;
} summed;

static inline void sum_term(summed *sum, long double term) {
    sum->value += term;
    sum->size += term < 0 ? -term : term;
}

#endif
