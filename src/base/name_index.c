#include "base/names.h"

#include <stdlib.h>
#include <string.h>

static int by_name(const void *a, const void *b, void *user) {
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    const name_index *index = user;
    int order = strcmp(names_at(index->list, left), names_at(index->list, right));
    return order != 0 ? order : (left > right) - (left < right);
}

nmf_status name_index_new(const names *list, name_index *index) {
    index->list = list;
    nmf_status status =
        array_new(list->context, list->count, sizeof *index->places, "an index of names", (void **)&index->places);
    if (status != NMF_OK) {
        return status;
    }
    for (int64_t i = 0; i < list->count; i++) {
        index->places[i] = i;
    }
    qsort_r(index->places, (size_t)list->count, sizeof *index->places, by_name, index);
    return NMF_OK;
}

/* How many names come before `name`, or, where `equal` says so, are no later than it. */
static int64_t count_before(const name_index *index, const char *name, bool equal) {
    int64_t low = 0, high = index->list->count;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        int order = strcmp(names_at(index->list, index->places[middle]), name);
        if (order < 0 || (equal && order == 0)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

const int64_t *name_index_find(const name_index *index, const char *name, int64_t *count) {
    int64_t first = count_before(index, name, false);
    *count = count_before(index, name, true) - first;
    return index->places + first;
}

void name_index_free(name_index *index) {
    array_free(index->list->context, index->places);
}
