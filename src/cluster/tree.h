/*
 * The tree of average linkage (UPGMA; Sokal & Michener 1958): the two clusters nearest each other are merged, again and
 * again, the distance of two being the mean over their pairs.
 */
#ifndef NMF_CLUSTER_TREE_H
#define NMF_CLUSTER_TREE_H

#include "base/context.h"

/* Nodes 0 … n−1 are the things themselves, node n + m is what merge m makes. */
typedef struct merge {
    int64_t left, right; /* left < right */
    int64_t count;       /* things below */
    double height;       /* the distance of the two */
} merge;

typedef struct tree {
    nmf_context *context;
    int64_t n;
    merge *merges;   /* n−1, lowest first */
    int64_t *leaves; /* the things from left to right */
    int64_t *joint;  /* joint[p]: the merge that brings leaves p and p+1 together */
} tree;

/*
 * The tree of n ≥ 1 things whose distances are n×n, row by row, symmetric; the diagonal is not looked at. Takes O(n²)
 * and, while it works, a copy of the distances. Of several that are equally near the first counts. On failure *out
 * is empty.
 */
nmf_status tree_new(nmf_context *context, int64_t n, const double *distance, tree *out);
void tree_free(tree *own);

/*
 * The cophenetic correlation (Sokal & Rohlf 1962): Pearson's, over all pairs, of their distances and the heights of the
 * merges that bring them together. Distances that are all the same have a tree that says just that: 1; and so for a
 * single thing, which has no pairs. (Heights are means of distances, none below the least: they vary where those do.)
 */
double tree_cophenetic(const tree *from, const double *distance);

/* The things in k clusters, 1 ≤ k ≤ n, as they are before the last k−1 merges: labels 0 … k−1 from left to right. */
void tree_cut(const tree *from, int64_t k, int64_t *labels);

/* The n things from left to right: at each merge the two halves are turned so that near ends meet. */
void tree_leaves(const tree *from, int64_t *order);

#endif
