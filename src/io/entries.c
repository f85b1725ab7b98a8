#include "io/entries.h"
#include "base/crowd.h"
#include "io/size.h"
#include "io/values.h"

#include <math.h>

enum {
    /* An entry of the list, and of the rows that it is sorted into while the list is there. */
    HELD = sizeof(triplet) + sizeof(uint32_t) + sizeof(double),
    /* An entry of a run on its way to the disk, and of the room that it is sorted with. */
    SORTED = 2 * sizeof(triplet),
    LEAST_RUN = 1024
};
static const double share = 0.5;

static nmf_status grow(entries *all, int64_t total) {
    return buffer_reserve(stream_context(all->in), (void **)&all->list, &all->room, total, sizeof *all->list,
                          "the entries");
}

static void drop_list(entries *all) {
    buffer_free(stream_context(all->in), all->list);
    all->list = NULL;
    all->count = all->room = 0;
}

/* From now on the list is a run. */
static nmf_status begin_spilling(entries *all) {
    all->memory = share * context_memory(stream_context(all->in));
    int64_t most = (int64_t)fmax(LEAST_RUN, all->memory / SORTED);
    nmf_status status = spill_new(all->in, all->how, most, &all->on_disk);
    if (status == NMF_OK) {
        status = spill_add(all->on_disk, all->list, all->count);
    }
    drop_list(all);
    return status == NMF_OK ? grow(all, most) : status;
}

/* Processes of a crowd must come to the same answer, whatever each has free. */
static bool must_spill(const entries *all, double bytes) {
    const nmf_context *context = stream_context(all->in);
    double memory = context_crowd(context) ? context_limit(context) : context_memory(context);
    return all->how->in_file && bytes > share * memory;
}

nmf_status entries_expect(entries *all, int64_t total) {
    if (must_spill(all, (double)total * HELD)) {
        return begin_spilling(all);
    }
    nmf_status status = size_check_promised(all->in, total, HELD);
    return status == NMF_OK ? grow(all, total) : status;
}

nmf_status entries_grow(entries *all) {
    int64_t total = all->count + 1;
    if (all->on_disk) {
        nmf_status status = spill_add(all->on_disk, all->list, all->count);
        all->count = 0;
        return status;
    }
    if (must_spill(all, size_so_far(all->in, total, HELD))) {
        return begin_spilling(all);
    }
    nmf_status status = size_check_so_far(all->in, total, HELD);
    return status == NMF_OK ? grow(all, total) : status;
}

static nmf_status list_to_matrix(entries *all, int64_t rows, int64_t cols, int64_t *repeated, nmf_matrix **matrix) {
    nmf_context *context = stream_context(all->in);
    for (int64_t e = 0; all->first_col != 0 && e < all->count; e++) {
        all->list[e].col -= (uint32_t)all->first_col;
    }
    /* A list that grew may have twice the room it needs, and what it is sorted into comes on top. */
    nmf_status status =
        buffer_trim(context, (void **)&all->list, &all->room, all->count, sizeof *all->list, "the entries");
    return status == NMF_OK ? matrix_new_sparse(context, stream_path(all->in), rows, cols, all->how->dtype,
                                                all->how->allowed, &all->list, all->count, repeated, matrix)
                            : status;
}

static nmf_status disk_to_matrix(entries *all, int64_t rows, int64_t cols, const char *source, int64_t *repeated,
                                 nmf_matrix **matrix) {
    const spill_shape shape = {.rows = rows, .cols = cols, .first_col = all->first_col, .source = source};
    nmf_status status = spill_add(all->on_disk, all->list, all->count);
    drop_list(all);
    return status == NMF_OK ? spill_to_matrix(all->on_disk, &shape, all->memory, repeated, matrix) : status;
}

nmf_status entries_to_matrix(entries *all, int64_t rows, int64_t cols, const char *source, nmf_matrix **matrix) {
    int64_t repeated = 0;
    nmf_status status = shape_check(all->in, rows, cols);
    if (status == NMF_OK) {
        status = all->on_disk ? disk_to_matrix(all, rows, cols, source, &repeated, matrix)
                              : list_to_matrix(all, rows, cols, &repeated, matrix);
    }
    if (status == NMF_OK) {
        (*matrix)->info.source = source;
    }
    if (status == NMF_OK) {
        triplets_tell_repeated(stream_context(all->in), stream_path(all->in), repeated);
    }
    entries_free(all);
    return status;
}

void entries_free(entries *all) {
    spill_free(all->on_disk);
    buffer_free(stream_context(all->in), all->list);
    *all = (entries){.in = all->in, .how = all->how};
}
