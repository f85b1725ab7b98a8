/*
 * Items: p×k numbers, the k of one item side by side. W has an item for every row of A; H, kept as its transpose, one
 * for every column of A; the products A·Hᵀ and Aᵀ·W have the same shape. Rows are padded with zeros to whole vectors,
 * so that inner loops run over k without remainders; the padding stays zero.
 */
#ifndef NMF_MATRIX_ITEMS_H
#define NMF_MATRIX_ITEMS_H

#include "base/context.h"
#include "base/dtype.h"

typedef struct items {
    nmf_dtype dtype;
    int64_t count;  /* p */
    int64_t k;      /* numbers that count in an item */
    int64_t stride; /* numbers from one item to the next: k padded */
    void *data;     /* aligned to ARRAY_ALIGNMENT */
} items;

/* k padded to whole vectors of ARRAY_ALIGNMENT bytes. */
int64_t items_stride(nmf_dtype dtype, int64_t k);

/* Zeroed items of one's own; free with items_free, which accepts empty ones. */
nmf_status items_new(nmf_context *context, nmf_dtype dtype, int64_t count, int64_t k, const char *what, items *out);
/* Items in memory that is there, aligned to ARRAY_ALIGNMENT: items_bytes() of it. Whoever gave it frees it. */
items items_at(nmf_dtype dtype, int64_t count, int64_t k, void *memory);
void items_free(nmf_context *context, items *own);

/* Bytes of `count` items of k; as a double, which does not overflow. */
double items_bytes(nmf_dtype dtype, int64_t count, int64_t k);

/* The view of `count` items from item `first` on. */
items items_range(const items *all, int64_t first, int64_t count);

double items_get(const items *all, int64_t item, int64_t component);
void items_set(items *all, int64_t item, int64_t component, double value);

void items_zero(const items *all);

/* Is a component 0 in all items? */
bool items_dead(const items *all, int64_t component);

/* k items of k numbers from a k×k matrix, row by row. */
void items_from_square(const double *square, items *to);

/* Add every number of `from` to that of `to`, padding included; shapes must agree. */
void items_add(const items *from, items *to);

/* Copy every number, padding included; shapes must agree. */
void items_copy(const items *from, items *to);

#endif
