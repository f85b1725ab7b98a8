#include "fit/groups.h"

#include <stdlib.h>
#include <string.h>

static nmf_status groups_new(nmf_context *context, int64_t count, groups *out) {
    *out = (groups){.context = context};
    nmf_status status = array_new(context, count, sizeof *out->order, "the groups of items", (void **)&out->order);
    return status == NMF_OK ? array_new(context, count, sizeof *out->list, "the groups of items", (void **)&out->list)
                            : status;
}

void groups_free(groups *all) {
    if (all->context) {
        array_free(all->context, all->order);
        array_free(all->context, all->list);
        *all = (groups){0};
    }
}

static bool apart_blocks(const chunking *how, int64_t a, int64_t b) {
    return how->in_blocks && a / KERNEL_GRID != b / KERNEL_GRID;
}

/*
 * One more item, in its place in the order, which is not like the one before: with such as are by themselves too, while
 * there is room.
 */
static void add_apart(groups *out, int64_t begin, const chunking *how) {
    chunk *last = out->chunks > 0 ? &out->list[out->chunks - 1] : NULL;
    bool near = last && !apart_blocks(how, out->order[last->begin], out->order[begin]);
    if (near && !last->shared && last->count < how->at_once) {
        last->count++;
    } else {
        out->list[out->chunks++] = (chunk){begin, 1, false};
    }
}

nmf_status groups_apart(nmf_context *context, int64_t count, const chunking *how, groups *out) {
    nmf_status status = groups_new(context, count, out);
    for (int64_t i = 0; i < count && status == NMF_OK; i++) {
        out->order[i] = i;
        add_apart(out, i, how);
    }
    return status;
}

/* A line's item, a hash of its weights, and the first item of the same ones. */
typedef struct hashed {
    uint64_t hash;
    int64_t item, first;
} hashed;

static uint64_t mix(uint64_t hash, uint64_t with) {
    hash = (hash ^ with) * UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ (hash >> 29);
}

/* Where the weights differ from the base, and what they are there. */
static uint64_t hash_of(const entry_list *list) {
    uint64_t hash = list->base > 0;
    for (int64_t e = 0; e < list->count; e++) {
        if (list->weight[e] != list->base) {
            uint64_t bits;
            memcpy(&bits, &list->weight[e], sizeof bits);
            hash = mix(mix(hash, list->index ? list->index[e] : (uint64_t)e), bits);
        }
    }
    return hash;
}

static int64_t place_of(const entry_list *list, int64_t e) {
    return list->index ? (int64_t)list->index[e] : e;
}

static int64_t next_odd(const entry_list *list, int64_t e) {
    while (e < list->count && list->weight[e] == list->base) {
        e++;
    }
    return e;
}

static bool same_weights(const entry_list *a, const entry_list *b) {
    int64_t i = next_odd(a, 0), j = next_odd(b, 0);
    while (a->base == b->base && i < a->count && j < b->count && place_of(a, i) == place_of(b, j) &&
           a->weight[i] == b->weight[j]) {
        i = next_odd(a, i + 1);
        j = next_odd(b, j + 1);
    }
    return a->base == b->base && i == a->count && j == b->count;
}

static int by_hash(const void *left, const void *right) {
    const hashed *a = left, *b = right;
    if (a->hash != b->hash) {
        return a->hash < b->hash ? -1 : 1;
    }
    return (a->item > b->item) - (a->item < b->item);
}

static int by_first(const void *left, const void *right) {
    const hashed *a = left, *b = right;
    if (a->first != b->first) {
        return a->first < b->first ? -1 : 1;
    }
    return (a->item > b->item) - (a->item < b->item);
}

/* Of items sorted by hash: where the hash is that of the one before, so may be the weights. */
static void find_first(const observation *what, bool column, const chunking *how, hashed *all, int64_t count,
                       observe_room rooms[2]) {
    for (int64_t i = 0; i < count; i++) {
        all[i].first = all[i].item;
        if (i > 0 && all[i].hash == all[i - 1].hash && !apart_blocks(how, all[i].item, all[i - 1].item)) {
            entry_list first, here;
            observe_line(what, &rooms[0], column, all[i - 1].first, &first);
            observe_line(what, &rooms[1], column, all[i].item, &here);
            all[i].first = same_weights(&first, &here) ? all[i - 1].first : all[i].item;
        }
    }
}

/* Chunks in the order of their first items, so that neighbours in memory stay neighbours. */
static void cut(const hashed *all, int64_t count, const chunking *how, groups *out) {
    for (int64_t i = 0; i < count; i++) {
        out->order[i] = all[i].item;
    }
    for (int64_t i = 0; i < count;) {
        int64_t same = 1;
        while (i + same < count && same < KERNEL_GRID && all[i + same].first == all[i].first) {
            same++;
        }
        if (same > 1) {
            out->list[out->chunks++] = (chunk){i, same, true};
        } else {
            add_apart(out, i, how);
        }
        i += same;
    }
}

double groups_bytes(const observation *what) {
    const nmf_matrix_info *info = &what->matrix->info;
    return (double)(info->rows > info->cols ? info->rows : info->cols) * sizeof(hashed) + 2 * observe_bytes(what);
}

nmf_status groups_by_weights(nmf_context *context, const observation *what, bool column, const chunking *how,
                             groups *out) {
    int64_t count = column ? what->matrix->info.cols : what->matrix->info.rows;
    observe_room rooms[2] = {{0}, {0}};
    hashed *all = NULL;
    nmf_status status = groups_new(context, count, out);
    if (status == NMF_OK) {
        status = array_new(context, count, sizeof *all, "the groups of items", (void **)&all);
    }
    for (int t = 0; t < 2 && status == NMF_OK; t++) {
        status = observe_room_new(context, what, &rooms[t]);
    }
    if (status == NMF_OK) {
        for (int64_t i = 0; i < count; i++) {
            entry_list list;
            observe_line(what, &rooms[0], column, i, &list);
            all[i] = (hashed){hash_of(&list), i, i};
        }
        qsort(all, (size_t)count, sizeof *all, by_hash);
        find_first(what, column, how, all, count, rooms);
        qsort(all, (size_t)count, sizeof *all, by_first);
        cut(all, count, how, out);
    }
    observe_room_free(&rooms[0]);
    observe_room_free(&rooms[1]);
    array_free(context, all);
    return status;
}
