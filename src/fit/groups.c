#include "fit/groups.h"

#include <stdlib.h>
#include <string.h>

static nmf_status groups_new(nmf_context *context, int64_t count, groups *out) {
    *out = (groups){.context = context};
    nmf_status status = array_new(context, count, sizeof *out->order, "the groups of items", (void **)&out->order);
    return status == NMF_OK
               ? array_new(context, count + 1, sizeof *out->start, "the groups of items", (void **)&out->start)
               : status;
}

void groups_free(groups *all) {
    if (all->context) {
        array_free(all->context, all->order);
        array_free(all->context, all->start);
        *all = (groups){0};
    }
}

nmf_status groups_apart(nmf_context *context, int64_t count, groups *out) {
    nmf_status status = groups_new(context, count, out);
    for (int64_t i = 0; i < count && status == NMF_OK; i++) {
        out->order[i] = i;
        out->start[i + 1] = i + 1;
    }
    out->chunks = count;
    return status;
}

/* A line's item and a hash of its weights. */
typedef struct hashed {
    uint64_t hash;
    int64_t item;
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

/* Cut the sorted items where a hash, or the weights behind it, change, and where a chunk is full. */
static void cut(const observation *what, bool column, const hashed *all, int64_t count, observe_room rooms[2],
                groups *out) {
    for (int64_t i = 0; i < count; i++) {
        int64_t begin = out->chunks > 0 ? out->start[out->chunks - 1] : 0;
        bool new = i == 0 || all[i].hash != all[i - 1].hash || i - begin == KERNEL_GRID;
        if (!new) {
            entry_list first, here;
            observe_line(what, &rooms[0], column, all[begin].item, &first);
            observe_line(what, &rooms[1], column, all[i].item, &here);
            new = !same_weights(&first, &here);
        }
        if (new) {
            out->start[out->chunks++] = i;
        }
        out->order[i] = all[i].item;
    }
    out->start[out->chunks] = count;
}

nmf_status groups_by_weights(nmf_context *context, const observation *what, bool column, groups *out) {
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
            all[i] = (hashed){hash_of(&list), i};
        }
        qsort(all, (size_t)count, sizeof *all, by_hash);
        cut(what, column, all, count, rooms, out);
    }
    observe_room_free(&rooms[0]);
    observe_room_free(&rooms[1]);
    array_free(context, all);
    return status;
}
