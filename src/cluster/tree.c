/* Merges are found by chains of nearest neighbours (Murtagh 1983): two that are each other's nearest may be merged at
 * once, since a mean of distances is never below the least of them. */
#include "cluster/tree.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct chains {
    nmf_context *context;
    int64_t n;
    double *distance; /* n×n: of clusters, each in the line of its first thing */
    int64_t *size;    /* things in the cluster; 0: merged into another */
    int64_t *chain;   /* each is the nearest of the one before it */
    int64_t length;
} chains;

static nmf_status chains_new(nmf_context *context, int64_t n, const double *distance, chains *c) {
    static const char what[] = "the distances";
    *c = (chains){.context = context, .n = n};
    size_t bytes;
    if (!checked_product(n, n, sizeof(double), &bytes)) {
        return fail(context, NMF_ERROR_MEMORY, "the distances of %lld things are more than can be addressed",
                    (long long)n);
    }
    nmf_status status = array_new(context, n * n, sizeof(double), what, (void **)&c->distance);
    if (status == NMF_OK) {
        memcpy(c->distance, distance, bytes);
        status = array_new(context, n, sizeof(int64_t), what, (void **)&c->size);
    }
    for (int64_t i = 0; i < n && status == NMF_OK; i++) {
        c->size[i] = 1;
    }
    return status == NMF_OK ? array_new(context, n, sizeof(int64_t), what, (void **)&c->chain) : status;
}

static void chains_free(chains *c) {
    array_free(c->context, c->distance);
    array_free(c->context, c->size);
    array_free(c->context, c->chain);
}

/* The cluster nearest to i: of equals the one before it in the chain, so that a chain ends, or else the first. */
static int64_t nearest(const chains *c, int64_t i) {
    const double *away = c->distance + i * c->n;
    int64_t best = c->length > 1 ? c->chain[c->length - 2] : -1;
    for (int64_t j = 0; j < c->n; j++) {
        if (c->size[j] > 0 && j != i && (best < 0 || away[j] < away[best])) {
            best = j;
        }
    }
    return best;
}

/* Distances to the union of i and j, i < j, which takes the line of i: means that no rounding puts below the lesser. */
static void unite(chains *c, int64_t i, int64_t j) {
    double *to_i = c->distance + i * c->n, *to_j = c->distance + j * c->n, both = (double)(c->size[i] + c->size[j]);
    for (int64_t t = 0; t < c->n; t++) {
        if (c->size[t] > 0 && t != i && t != j) {
            double low = fmin(to_i[t], to_j[t]), high = fmax(to_i[t], to_j[t]);
            double share = (double)(to_i[t] < to_j[t] ? c->size[j] : c->size[i]) / both;
            to_i[t] = c->distance[t * c->n + i] = low + (high - low) * share;
        }
    }
    c->size[i] += c->size[j];
    c->size[j] = 0;
}

/* Merges as they are found: `left` and `right` are first things, `count` is the position, for the sort. */
static void find_merges(chains *c, merge *merges) {
    for (int64_t m = 0, first = 0; m < c->n - 1; m++) {
        while (c->length == 0 && c->size[first] == 0) {
            first++;
        }
        if (c->length == 0) {
            c->chain[c->length++] = first;
        }
        int64_t next = nearest(c, c->chain[c->length - 1]);
        while (c->length < 2 || next != c->chain[c->length - 2]) {
            c->chain[c->length++] = next;
            next = nearest(c, next);
        }
        int64_t last = c->chain[c->length - 1], i = next < last ? next : last, j = next < last ? last : next;
        merges[m] = (merge){i, j, m, c->distance[i * c->n + j]};
        c->length -= 2;
        unite(c, i, j);
    }
}

static int by_height(const void *left, const void *right) {
    const merge *a = left, *b = right;
    return a->height != b->height ? (a->height > b->height) - (a->height < b->height)
                                  : (a->count > b->count) - (a->count < b->count);
}

/* First things become nodes. node[i]: the node whose first thing is i. */
static void name_nodes(tree *t, int64_t *node) {
    for (int64_t i = 0; i < t->n; i++) {
        node[i] = i;
    }
    for (int64_t m = 0; m < t->n - 1; m++) {
        merge *one = &t->merges[m];
        int64_t a = node[one->left], b = node[one->right];
        node[one->left] = t->n + m;
        one->left = a < b ? a : b;
        one->right = a < b ? b : a;
        one->count = (a < t->n ? 1 : t->merges[a - t->n].count) + (b < t->n ? 1 : t->merges[b - t->n].count);
    }
}

static int64_t below(const tree *t, int64_t node) {
    return node < t->n ? 1 : t->merges[node - t->n].count;
}

/* Every node's things fill the positions from start[m] on, the left half first. */
static void place(tree *t, int64_t *start) {
    for (int64_t m = t->n - 2; m >= 0; m--) {
        const int64_t half[] = {t->merges[m].left, t->merges[m].right};
        for (int64_t s = 0, from = start[m]; s < 2; from += below(t, half[s]), s++) {
            if (half[s] < t->n) {
                t->leaves[from] = half[s];
            } else {
                start[half[s] - t->n] = from;
            }
        }
    }
}

static void reverse(int64_t *list, int64_t count) {
    for (int64_t i = 0; i < count / 2; i++) {
        int64_t kept = list[i];
        list[i] = list[count - 1 - i];
        list[count - 1 - i] = kept;
    }
}

static void turn(tree *t, int64_t from, int64_t count) {
    reverse(t->leaves + from, count);
    reverse(t->joint + from, count - 1);
}

/* Of the four ways to lay two halves side by side the one whose meeting ends are nearest. */
static void lay(tree *t, const double *distance, int64_t m, int64_t start) {
    int64_t left = below(t, t->merges[m].left), right = below(t, t->merges[m].right), best = 0;
    double least = INFINITY;
    for (int64_t way = 0; way < 4; way++) {
        int64_t a = t->leaves[way & 1 ? start : start + left - 1];
        int64_t b = t->leaves[way & 2 ? start + left + right - 1 : start + left];
        if (distance[a * t->n + b] < least) {
            least = distance[a * t->n + b];
            best = way;
        }
    }
    if (best & 1) {
        turn(t, start, left);
    }
    if (best & 2) {
        turn(t, start + left, right);
    }
    t->joint[start + left - 1] = m;
}

static nmf_status tree_make(tree *t, const double *distance, chains *c) {
    nmf_status status = chains_new(t->context, t->n, distance, c);
    if (status == NMF_OK) {
        status = array_new(t->context, t->n - 1, sizeof *t->merges, "the tree", (void **)&t->merges);
    }
    if (status == NMF_OK) {
        status = array_new(t->context, t->n, sizeof *t->leaves, "the tree", (void **)&t->leaves);
    }
    if (status == NMF_OK) {
        status = array_new(t->context, t->n - 1, sizeof *t->joint, "the tree", (void **)&t->joint);
    }
    if (status != NMF_OK) {
        return status;
    }
    find_merges(c, t->merges);
    qsort(t->merges, (size_t)(t->n - 1), sizeof *t->merges, by_height);
    name_nodes(t, c->chain);
    memset(c->size, 0, (size_t)t->n * sizeof *c->size);
    place(t, c->size);
    for (int64_t m = 0; m < t->n - 1; m++) {
        lay(t, distance, m, c->size[m]);
    }
    return NMF_OK;
}

nmf_status tree_new(nmf_context *context, int64_t n, const double *distance, tree *out) {
    chains c = {0};
    *out = (tree){.context = context, .n = n};
    nmf_status status = tree_make(out, distance, &c);
    chains_free(&c);
    if (status != NMF_OK) {
        tree_free(out);
    }
    return status;
}

void tree_free(tree *own) {
    if (own->context) {
        array_free(own->context, own->merges);
        array_free(own->context, own->leaves);
        array_free(own->context, own->joint);
        *own = (tree){0};
    }
}

/* Sums over all pairs of products of what is left of distances and heights without their means. */
typedef struct pairs {
    double mean_distance, mean_height;
    double distances, heights, both;
    bool vary; /* distances do */
} pairs;

/* Two leaves are brought together by the last of the merges between them. */
static void add_pairs(const tree *t, const double *distance, bool centred, pairs *sum) {
    double first = distance[t->leaves[0] * t->n + t->leaves[1]];
    for (int64_t p = 0; p < t->n - 1; p++) {
        int64_t last = -1;
        for (int64_t q = p + 1; q < t->n; q++) {
            last = t->joint[q - 1] > last ? t->joint[q - 1] : last;
            double away = distance[t->leaves[p] * t->n + t->leaves[q]], height = t->merges[last].height;
            if (!centred) {
                sum->mean_distance += away;
                sum->mean_height += height;
                sum->vary = sum->vary || away != first;
                continue;
            }
            away -= sum->mean_distance;
            height -= sum->mean_height;
            sum->distances += away * away;
            sum->heights += height * height;
            sum->both += away * height;
        }
    }
}

double tree_cophenetic(const tree *from, const double *distance) {
    pairs sum = {0};
    if (from->n < 2) {
        return 1;
    }
    add_pairs(from, distance, false, &sum);
    if (!sum.vary) {
        return 1;
    }
    double count = (double)from->n * (double)(from->n - 1) / 2;
    sum.mean_distance /= count;
    sum.mean_height /= count;
    add_pairs(from, distance, true, &sum);
    return sum.both / (sqrt(sum.distances) * sqrt(sum.heights));
}

void tree_cut(const tree *from, int64_t k, int64_t *labels) {
    int64_t label = 0;
    for (int64_t p = 0; p < from->n; p++) {
        label += p > 0 && from->joint[p - 1] >= from->n - k;
        labels[from->leaves[p]] = label;
    }
}

void tree_leaves(const tree *from, int64_t *order) {
    memcpy(order, from->leaves, (size_t)from->n * sizeof *order);
}
