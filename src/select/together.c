#include "select/together.h"
#include "cluster/silhouette.h"
#include "cluster/tree.h"

#include <math.h>

nmf_status together_new(const gathered *all, together *out) {
    static const char what[] = "co-membership";
    int64_t n = all->samples;
    *out = (together){.context = all->context, .n = n};
    nmf_status status = array_new(all->context, n * n, sizeof *out->distance, what, (void **)&out->distance);
    if (status == NMF_OK) {
        status = array_new(all->context, n, sizeof *out->order, what, (void **)&out->order);
    }
    if (status == NMF_OK) {
        status = array_new(all->context, n, sizeof *out->cluster, what, (void **)&out->cluster);
    }
    for (int64_t j = 0; j < n && status == NMF_OK; j++) {
        for (int64_t l = 0; l < j; l++) {
            int64_t apart = 0;
            for (int64_t s = 0; s < all->starts; s++) {
                apart += all->label[s * n + j] != all->label[s * n + l];
            }
            out->distance[j * n + l] = out->distance[l * n + j] = (double)apart / (double)all->starts;
        }
    }
    return status;
}

void together_free(together *own) {
    if (own->context) {
        array_free(own->context, own->distance);
        array_free(own->context, own->order);
        array_free(own->context, own->cluster);
        *own = (together){0};
    }
}

/* Mean of 4·(C − ½)² over all of C, and the share of the pairs that are neither together nor apart. */
static void share_out(const together *own, nmf_rank_row *row) {
    static const double surely = 0.1;
    double squares = 0, ambiguous = 0, n = (double)own->n;
    for (int64_t j = 0; j < own->n; j++) {
        for (int64_t l = 0; l < own->n; l++) {
            double d = own->distance[j * own->n + l];
            squares += 4 * (d - 0.5) * (d - 0.5);
            ambiguous += d > surely && d < 1 - surely;
        }
    }
    row->dispersion = squares / (n * n);
    row->pac = own->n > 1 ? ambiguous / (n * (n - 1)) : NAN;
}

nmf_status together_measure(const gathered *all, together *own, nmf_rank_row *row) {
    tree tree;
    int64_t clusters = all->k < own->n ? all->k : own->n;
    nmf_status status = tree_new(own->context, own->n, own->distance, &tree);
    if (status != NMF_OK) {
        return status;
    }
    tree_leaves(&tree, own->order);
    tree_cut(&tree, clusters, own->cluster);
    if (all->k > 1) {
        row->cophenetic = tree_cophenetic(&tree, own->distance);
        share_out(own, row);
        status = silhouette_mean(own->context, own->n, own->distance, clusters, own->cluster, &row->silhouette_samples);
    }
    tree_free(&tree);
    return status;
}
