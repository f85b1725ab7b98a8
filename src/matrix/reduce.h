/*
 * Sums over items, on several threads, the same bits on any number of them: items are cut into tiles that depend on
 * their count alone, each tile is summed by one thread, and the tiles are added in order.
 */
#ifndef NMF_MATRIX_REDUCE_H
#define NMF_MATRIX_REDUCE_H

#include "kernel/kernel.h"
#include "matrix/items.h"

/* Room for the sums of up to `count` items of k, made once per fit. */
typedef struct reduce_room {
    nmf_context *context;
    const kernel *simd;
    int threads;
    double *gram_tiles;     /* the Gram matrices of the tiles */
    char *scratch;          /* k items for every thread */
    double *part;           /* a double for every KERNEL_GRID items */
    const nmf_crowd *crowd; /* NULL: all items are here */
    bool in_order;          /* sums go from process to process, and items are summed all of them in every process */
} reduce_room;

nmf_status reduce_room_new(nmf_context *context, const kernel *simd, int64_t count, int64_t k, int threads,
                           reduce_room *room);
/* Bytes of such a room. */
double reduce_bytes(nmf_dtype dtype, int64_t count, int64_t k, int threads);
void reduce_room_free(reduce_room *room);

/* gram (k×k) = XᵀX; x: the items that are here or, in order, all of them. */
void reduce_gram(const reduce_room *room, const items *x, double *gram);

/* Tiles in which `count` items are summed. */
int64_t reduce_tiles(int64_t count);

/*
 * to = XᵀY: an item of Y's k numbers for each of X's numbers, summed within a tile in the kernel's own precision; of
 * the items that are here or, in order, of all.
 * `tiles`: reduce_tiles(count) times the items of `to`.
 */
void reduce_cross(const reduce_room *room, const items *x, const items *y, const items *tiles, items *to);

/* sum (k) = Σ x over all items; x likewise. */
void reduce_sum(const reduce_room *room, const items *x, double *sum);

/* Of `threads`, those whose share of so many multiplications makes up for waiting for each other. */
int reduce_threads(double multiplications, int threads);

/* Blocks of KERNEL_GRID items in `count`, the last one maybe shorter. */
static inline int64_t reduce_blocks(int64_t count) {
    return (count + KERNEL_GRID - 1) / KERNEL_GRID;
}

/* Block b of items. */
static inline items reduce_block(const items *all, int64_t b) {
    int64_t from = b * KERNEL_GRID, left = all->count - from;
    return items_range(all, from, left < KERNEL_GRID ? left : KERNEL_GRID);
}

/* part[0] + … + part[count-1], in that order. */
double reduce_add(const reduce_room *room, const double *part, int64_t count);

/*
 * What sums over the items that are here begin with: 0 or, in order, what the processes before came to. Then each of
 * them becomes that over all.
 */
void reduce_begin(const reduce_room *room, double *sums, int64_t count);
void reduce_all(const reduce_room *room, double *sums, int64_t count);

/* Σ x·y */
double reduce_dot(const reduce_room *room, const items *x, const items *y);

#endif
