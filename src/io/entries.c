#include "io/entries.h"
#include "io/size.h"
#include "io/values.h"

/* An entry of the list, and of the rows that it is sorted into while the list is there. */
enum { HELD = sizeof(triplet) + sizeof(uint32_t) + sizeof(double) };

static nmf_status grow(entries *all, int64_t total) {
    return buffer_reserve(stream_context(all->in), (void **)&all->list, &all->room, total, sizeof *all->list,
                          "the entries");
}

nmf_status entries_expect(entries *all, int64_t total) {
    nmf_status status = size_check_promised(all->in, total, HELD);
    return status == NMF_OK ? grow(all, total) : status;
}

nmf_status entries_reserve(entries *all, int64_t total) {
    nmf_status status = size_check_so_far(all->in, total, HELD);
    return status == NMF_OK ? grow(all, total) : status;
}

nmf_status entries_to_matrix(entries *all, int64_t rows, int64_t cols, const nmf_read_options *how, const char *source,
                             nmf_matrix **matrix) {
    nmf_context *context = stream_context(all->in);
    const char *path = stream_path(all->in);
    int64_t repeated = 0;
    nmf_status status = shape_check(all->in, rows, cols);
    if (status == NMF_OK) {
        /* A list that grew may have twice the room it needs, and what it is sorted into comes on top. */
        status = buffer_trim(context, (void **)&all->list, &all->room, all->count, sizeof *all->list, "the entries");
    }
    if (status == NMF_OK) {
        status = matrix_new_sparse(context, path, rows, cols, how->dtype, how->allowed, &all->list, all->count,
                                   &repeated, matrix);
    }
    if (status == NMF_OK) {
        (*matrix)->info.source = source;
    }
    if (repeated > 0) {
        caution(context, "%s: %lld entries stand at a place that has one already; they were summed", path,
                (long long)repeated);
    }
    entries_free(all);
    return status;
}

void entries_free(entries *all) {
    buffer_free(stream_context(all->in), all->list);
    *all = (entries){.in = all->in};
}
