/*
 * NNDSVD (Boutsidis & Gallopoulos 2008): the leading singular vectors of A, each pair cut to its positive or its
 * negative part, whichever is larger.
 */
#include "init/nndsvd.h"
#include "init/fill.h"
#include "init/range.h"

#include <math.h>

enum { STREAM_REST = 3 };

/* The lengths of the positive and of the negative part of component c. */
static void part_norms(const reduce_room *sums, const items *x, int64_t c, double norm[2]) {
    double squares[2];
    reduce_begin(sums, squares, 2);
    for (int64_t i = 0; i < x->count; i++) {
        double value = items_get(x, i, c);
        squares[value < 0] += value * value;
    }
    reduce_all(sums, squares, 2);
    norm[0] = sqrt(squares[0]);
    norm[1] = sqrt(squares[1]);
}

static void copy_part(const items *from, int64_t c, double sign, double scale, items *to) {
    for (int64_t i = 0; i < from->count; i++) {
        double value = sign * items_get(from, i, c);
        items_set(to, i, c, value > 0 ? value * scale : 0);
    }
}

/* Component c of W and H: u·σ·v cut to the signs that keep more of it, its length split evenly. */
static void cut(const range_finder *r, int64_t c, items *w, items *h) {
    halves half = halve_exponent(&r->request->matrix->info);
    double left[2], right[2];
    part_norms(&r->reduce, &r->left, c, left);
    part_norms(&r->reduce, &r->right, c, right);
    int side = left[1] * right[1] > left[0] * right[0];
    double length = ldexp(left[side] * right[side], -half.whole), sign = side ? -1 : 1;
    if (length > 0) {
        copy_part(&r->left, c, sign, ldexp(sqrt(length), half.w) / left[side], w);
        copy_part(&r->right, c, sign, ldexp(sqrt(length), half.h) / right[side], h);
    }
}

/* Components past the rank of A are random. */
nmf_status nndsvd_fill(const init_request *request, items *w, items *h) {
    range_finder r;
    nmf_status status = range_new(request, w->k, &r);
    if (status == NMF_OK) {
        status = range_find(&r);
    }
    if (status == NMF_OK) {
        int64_t cuts = w->k < r.q ? w->k : r.q;
        for (int64_t c = 0; c < cuts; c++) {
            cut(&r, c, w, h);
        }
        fill_random(request, cuts, w->k, false, w, STREAM_REST);
        fill_random(request, cuts, h->k, true, h, STREAM_REST + 1);
    }
    range_free(&r);
    return status;
}

const init init_nndsvd = {
    .name = "nndsvd",
    .summary = "the positive parts of the leading singular vectors",
    .bytes = range_bytes,
    .makes_zeros = true,
    .settled = true,
    .looks_at_a = true,
    .fill = nndsvd_fill,
};
