#include "io/bytes/descriptor.h"
#include "io/bytes/spool.h"
#include "io/spill/spill.h"

#include <errno.h>
#include <unistd.h>

const char spill_why[] = "its entries do not fit in memory";

nmf_status spill_fail(const spill *s, int error) {
    return spool_fail(s->context, stream_path(s->in), spill_why, error);
}

nmf_status spill_new(const stream *in, const nmf_read_options *how, int64_t most, spill **out) {
    nmf_context *context = stream_context(in);
    int64_t room = 0;
    nmf_status status = array_new(context, 1, sizeof **out, "entries on disk", (void **)out);
    if (status != NMF_OK) {
        return status;
    }
    spill *s = *out;
    *s = (spill){.in = in,
                 .context = context,
                 .dtype = how->dtype,
                 .allowed = how->allowed,
                 .most = most,
                 .fd = spool_open(),
                 .seen = {.dtype = how->dtype, .allowed = how->allowed}};
    status = s->fd < 0 ? spill_fail(s, errno) : NMF_OK;
    if (status == NMF_OK) {
        status = buffer_reserve(context, (void **)&s->room, &room, most, sizeof *s->room, "the sorting of entries");
    }
    if (status != NMF_OK) {
        spill_free(s);
        *out = NULL;
    }
    return status;
}

static nmf_status add_run(spill *s, triplet *list, int64_t count) {
    nmf_status status =
        buffer_reserve(s->context, (void **)&s->runs, &s->runs_room, s->count + 1, sizeof *s->runs, "entries on disk");
    if (status != NMF_OK) {
        return status;
    }
    const triplet *sorted = triplets_sort(list, s->room, count);
    int error = descriptor_write(s->fd, sorted, (size_t)count * sizeof *sorted);
    if (error != 0) {
        return spill_fail(s, error);
    }
    s->runs[s->count++] = (run){s->entries, count};
    s->entries += count;
    return NMF_OK;
}

nmf_status spill_add(spill *s, triplet *list, int64_t count) {
    nmf_status status = NMF_OK;
    triplets_look(&s->seen, list, count);
    for (int64_t done = 0; done < count && status == NMF_OK; done += s->most) {
        int64_t some = count - done < s->most ? count - done : s->most;
        status = add_run(s, list + done, some);
    }
    return status;
}

void spill_free(spill *s) {
    if (s) {
        if (s->fd >= 0) {
            close(s->fd);
        }
        buffer_free(s->context, s->room);
        buffer_free(s->context, s->runs);
        array_free(s->context, s);
    }
}
