/*
 * Contract of an update: one factor, the other fixed. For p items with products P (p×k) and a Gram matrix G (k×k), the
 * current items X (p×k) are replaced by ones that lower
 *
 *     ½·tr(X·G·Xᵀ) − tr(P·Xᵀ)    over X ≥ 0,
 *
 * which is ½‖A − X·Yᵀ‖² up to a constant when G = Yᵀ·Y and P = A·Y. Items are independent of each other, so an update
 * can be handed any range of them; with masks or weights each item brings its own G, and the range is one item.
 */
#ifndef NMF_UPDATE_UPDATE_H
#define NMF_UPDATE_UPDATE_H

#include "base/eigen.h"
#include "kernel/kernel.h"
#include "matrix/items.h"

/* Room that updates work in, made once per fit: the loop allocates nothing. */
typedef struct update_room {
    nmf_context *context;
    const kernel *simd;
    int64_t k;
    int64_t iteration; /* of the loop, counted from 0: updates may work harder as it goes on */
    items gram;        /* G, or what `prepare` makes of it, in the kernel's numbers: k items */
    double *square;    /* k×k doubles */
    eigen_room eigen;  /* of k×k, for the updates that ask for it */
    char *scratch;     /* a piece of scratch_bytes for every thread */
    size_t scratch_bytes;
} update_room;

typedef struct update {
    const char *name;
    const char *summary; /* for help: one clause */
    bool monotone;       /* the error never rises */
    bool keeps_zeros;    /* an entry once zero stays zero */
    bool extrapolates;   /* the loop may extrapolate between its half-steps */
    int64_t max_iter;    /* defaults of a fit by this update */
    double tol;
    const char *stop;
    const char *init;
    bool needs_eigen; /* prepare works in room->eigen */
    /* Scratch of one thread. */
    size_t (*scratch_bytes)(const kernel *simd, int64_t k);
    /* Once a half-step: make what all its items share of G (k×k). */
    nmf_status (*prepare)(update_room *room, const double *gram);
    /* Up to KERNEL_GRID items, on the calling thread, with its scratch. */
    void (*apply)(const update_room *room, const items *p, const items *x, void *scratch);
} update;

extern const update update_als, update_bpp, update_hals, update_mu;

/* All updates, the default first; ended by NULL. */
extern const update *const updates[];

nmf_status update_room_new(nmf_context *context, const update *how, const kernel *simd, int64_t k, int threads,
                           update_room *room);
/* Bytes of such a room. */
double update_bytes(const update *how, const kernel *simd, int64_t k, int threads);
void update_room_free(update_room *room);

/* A `prepare`: G itself, in the kernel's numbers. */
nmf_status update_prepare_gram(update_room *room, const double *gram);

#endif
