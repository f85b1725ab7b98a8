#include "matrix/reduce.h"
#include "base/crowd.h"

#include <omp.h>
#include <string.h>

/* Items at once of a cross product: they and what they add to stay in cache. */
enum { MOST_TILES = 32, CROSSED_AT_ONCE = 256 };

/* Multiplications that make up for waiting for another thread. */
static const double worth_a_thread = 1e6;

/* Items of a tile: at least 1024, at most MOST_TILES tiles. */
static int64_t tile_items(int64_t count) {
    int64_t each = (count + MOST_TILES - 1) / MOST_TILES;
    return each < 1024 ? 1024 : each;
}

int64_t reduce_tiles(int64_t count) {
    int64_t each = tile_items(count);
    return (count + each - 1) / each;
}

nmf_status reduce_room_new(nmf_context *context, const kernel *simd, int64_t count, int64_t k, int threads,
                           reduce_room *room) {
    *room = (reduce_room){.context = context, .simd = simd, .threads = threads};
    size_t scratch = (size_t)(k * items_stride(simd->dtype, k)) * dtype_size(simd->dtype);
    nmf_status status = array_new(context, reduce_tiles(count) * k * k, sizeof(double), "the Gram matrices",
                                  (void **)&room->gram_tiles);
    if (status == NMF_OK) {
        status = array_new(context, threads, scratch, "the Gram matrices", (void **)&room->scratch);
    }
    if (status == NMF_OK) {
        status = array_new(context, reduce_blocks(count), sizeof(double), "partial sums", (void **)&room->part);
    }
    return status;
}

double reduce_bytes(nmf_dtype dtype, int64_t count, int64_t k, int threads) {
    double square = (double)k * (double)k, item = (double)items_stride(dtype, k) * (double)dtype_size(dtype);
    return (double)reduce_tiles(count) * square * sizeof(double) + threads * (double)k * item +
           (double)reduce_blocks(count) * sizeof(double);
}

void reduce_room_free(reduce_room *room) {
    if (room->context) {
        array_free(room->context, room->gram_tiles);
        array_free(room->context, room->scratch);
        array_free(room->context, room->part);
        *room = (reduce_room){0};
    }
}

/* Of what was summed over the items here alone. */
static void add_up(const reduce_room *room, double *sums, int64_t count) {
    if (room->crowd && !room->in_order) {
        room->crowd->sum(room->crowd->user, sums, count);
    }
}

void reduce_gram(const reduce_room *room, const items *x, double *gram) {
    int64_t k = x->k, each = tile_items(x->count), tiles = reduce_tiles(x->count);
    size_t scratch = (size_t)(k * x->stride) * dtype_size(x->dtype);
    double *sums = room->gram_tiles;
    memset(sums, 0, (size_t)(tiles * k * k) * sizeof *sums);
#pragma omp parallel for schedule(static) num_threads(room->threads)
    for (int64_t t = 0; t < tiles; t++) {
        int64_t first = t * each, left = x->count - first;
        items tile = items_range(x, first, left < each ? left : each);
        room->simd->gram(tile.data, tile.count, k, x->stride, sums + t * k * k,
                         room->scratch + (size_t)omp_get_thread_num() * scratch);
    }
    memset(gram, 0, (size_t)(k * k) * sizeof *gram);
    for (int64_t t = 0; t < tiles; t++) {
        for (int64_t e = 0; e < k * k; e++) {
            gram[e] += sums[t * k * k + e];
        }
    }
    add_up(room, gram, k * k);
}

/* to += XᵀY */
static void cross_tile(const kernel *simd, const items *x, const items *y, const items *to) {
    for (int64_t first = 0; first < x->count; first += CROSSED_AT_ONCE) {
        int64_t left = x->count - first, count = left < CROSSED_AT_ONCE ? left : CROSSED_AT_ONCE;
        items some = items_range(x, first, count), with = items_range(y, first, count);
        simd->panel(some.data, x->k, 1, count, x->stride, with.data, to->data, to->k, to->stride);
    }
}

void reduce_cross(const reduce_room *room, const items *x, const items *y, const items *tiles, items *to) {
    int64_t each = tile_items(x->count), count = reduce_tiles(x->count);
    double *sums = room->gram_tiles;
#pragma omp parallel for schedule(static) num_threads(room->threads)
    for (int64_t t = 0; t < count; t++) {
        int64_t first = t * each, left = x->count - first, some = left < each ? left : each;
        items of_x = items_range(x, first, some), of_y = items_range(y, first, some);
        items sum = items_range(tiles, t * to->count, to->count);
        items_zero(&sum);
        cross_tile(room->simd, &of_x, &of_y, &sum);
    }
    for (int64_t i = 0; i < to->count; i++) {
        for (int64_t c = 0; c < to->k; c++) {
            sums[c] = 0;
            for (int64_t t = 0; t < count; t++) {
                sums[c] += items_get(tiles, t * to->count + i, c);
            }
        }
        add_up(room, sums, to->k);
        for (int64_t c = 0; c < to->k; c++) {
            items_set(to, i, c, sums[c]);
        }
    }
}

void reduce_sum(const reduce_room *room, const items *x, double *sum) {
    int64_t k = x->k, each = tile_items(x->count), tiles = reduce_tiles(x->count);
    double *sums = room->gram_tiles;
    memset(sums, 0, (size_t)(tiles * k) * sizeof *sums);
#pragma omp parallel for schedule(static) num_threads(room->threads)
    for (int64_t t = 0; t < tiles; t++) {
        int64_t end = (t + 1) * each < x->count ? (t + 1) * each : x->count;
        for (int64_t i = t * each; i < end; i++) {
            for (int64_t c = 0; c < k; c++) {
                sums[t * k + c] += items_get(x, i, c);
            }
        }
    }
    memset(sum, 0, (size_t)k * sizeof *sum);
    for (int64_t t = 0; t < tiles; t++) {
        for (int64_t c = 0; c < k; c++) {
            sum[c] += sums[t * k + c];
        }
    }
    add_up(room, sum, k);
}

void reduce_begin(const reduce_room *room, double *sums, int64_t count) {
    memset(sums, 0, (size_t)count * sizeof *sums);
    if (room->crowd && room->in_order) {
        crowd_before(room->crowd, sums, count);
    }
}

void reduce_all(const reduce_room *room, double *sums, int64_t count) {
    if (room->crowd && room->in_order) {
        crowd_after(room->crowd, sums, count);
    }
    add_up(room, sums, count);
}

double reduce_add(const reduce_room *room, const double *part, int64_t count) {
    double sum;
    reduce_begin(room, &sum, 1);
    for (int64_t b = 0; b < count; b++) {
        sum += part[b];
    }
    reduce_all(room, &sum, 1);
    return sum;
}

double reduce_dot(const reduce_room *room, const items *x, const items *y) {
    int64_t blocks = reduce_blocks(x->count);
#pragma omp parallel for schedule(static) num_threads(room->threads)
    for (int64_t b = 0; b < blocks; b++) {
        items left = reduce_block(x, b), right = reduce_block(y, b);
        room->part[b] = room->simd->dot(left.data, right.data, left.count, left.stride);
    }
    return reduce_add(room, room->part, blocks);
}

int reduce_threads(double multiplications, int threads) {
    double pays = 1 + multiplications / worth_a_thread;
    return pays < threads ? (int)pays : threads;
}
