/*
 * Entries on their way to the processes that own them. They go in rounds of a few, from the end of the list to its
 * beginning, and what has gone is given back: what a process has left and what came to it are together about its share.
 */
#include "base/crowd.h"
#include "matrix/cut.h"
#include "matrix/scattered.h"
#include "matrix/triplets.h"

#include <math.h>
#include <string.h>

/* Entries that a process sends in a round; that all may send in one, where there are many; and the least. */
enum { MOST = 1 << 18, MOST_OF_ALL = 1 << 22, LEAST = 1 << 10 };

typedef struct post {
    const nmf_crowd *crowd;
    const block_owners *owners;
    int64_t each;           /* entries of a round */
    triplet *out, *in;      /* what is sent and received in one, process by process */
    int64_t *sent, *came;   /* how many, for each process and from each */
    int64_t *place, *bytes; /* room for a number for each */
    int64_t *end;           /* where in `arrived` what is still to come from each ends */
    triplet_list arrived;   /* process by process, that of each in the order of its list */
} post;

/* The part that row, or column, i is in. */
static int64_t part_of(const block_owners *owners, bool columns, int64_t i) {
    const int64_t *bounds = owners->bounds[columns];
    int64_t low = 0, high = owners->parts[columns];
    while (high - low > 1) {
        int64_t middle = (low + high) / 2;
        bool after = i >= bounds[middle * owners->step[columns]];
        low = after ? middle : low;
        high = after ? high : middle;
    }
    return low;
}

static range bounds_of(const block_owners *owners, bool columns, int64_t part) {
    const int64_t *bounds = owners->bounds[columns];
    int64_t step = owners->step[columns];
    return (range){bounds[part * step], bounds[(part + 1) * step]};
}

static uint32_t owner_of(const block_owners *owners, const triplet *entry) {
    return (uint32_t)(part_of(owners, false, entry->row) * owners->parts[1] + part_of(owners, true, entry->col));
}

/* How many go to each process. */
static void count_out(post *p, const triplet *list, int64_t count) {
    memset(p->sent, 0, (size_t)p->crowd->count * sizeof *p->sent);
    for (int64_t e = 0; e < count; e++) {
        p->sent[owner_of(p->owners, &list[e])]++;
    }
}

/* … and how many come from each; returns the sum of those. */
static int64_t tell_counts(post *p) {
    int64_t total = 0;
    for (int64_t r = 0; r < p->crowd->count; r++) {
        p->bytes[r] = (int64_t)sizeof *p->sent;
    }
    p->crowd->exchange(p->crowd->user, p->sent, p->bytes, p->came, p->bytes);
    for (int64_t r = 0; r < p->crowd->count; r++) {
        total += p->came[r];
    }
    return total;
}

/* The entries of a round process by process, each one's in their order. */
static void sort_out(post *p, const triplet *list, int64_t count) {
    int64_t at = 0;
    count_out(p, list, count);
    for (int64_t r = 0; r < p->crowd->count; r++) {
        p->place[r] = at;
        at += p->sent[r];
    }
    for (int64_t e = 0; e < count; e++) {
        p->out[p->place[owner_of(p->owners, &list[e])]++] = list[e];
    }
}

/* What came from each process before what has come from it. */
static void put_away(post *p) {
    const triplet *from = p->in;
    for (int64_t r = 0; r < p->crowd->count; r++) {
        p->end[r] -= p->came[r];
        memcpy(p->arrived.list + p->end[r], from, (size_t)p->came[r] * sizeof *from);
        from += p->came[r];
    }
}

static void send_some(post *p, const triplet *list, int64_t count) {
    sort_out(p, list, count);
    tell_counts(p);
    for (int64_t r = 0; r < p->crowd->count; r++) {
        p->bytes[r] = p->sent[r] * (int64_t)sizeof *p->out;
        p->place[r] = p->came[r] * (int64_t)sizeof *p->in;
    }
    p->crowd->exchange(p->crowd->user, p->out, p->bytes, p->in, p->place);
    put_away(p);
}

static nmf_status post_new(nmf_context *context, int64_t count, post *p) {
    int64_t **const each[] = {&p->sent, &p->came, &p->place, &p->bytes, &p->end};
    int64_t share = MOST_OF_ALL / count;
    nmf_status status = NMF_OK;
    p->each = share > MOST ? MOST : share < LEAST ? LEAST : share;
    for (size_t t = 0; t < sizeof each / sizeof *each && status == NMF_OK; t++) {
        status = array_new(context, count, sizeof **each[t], "what processes send each other", (void **)each[t]);
    }
    return status;
}

/* Room for all that will come, and for what is on its way in a round. */
static nmf_status make_room(nmf_context *context, int64_t total, post *p) {
    int64_t most = p->crowd->count * p->each, room[2] = {0, 0};
    int64_t at_once[2] = {p->each, total < most ? total : most};
    triplet **const way[] = {&p->out, &p->in};
    nmf_status status = buffer_reserve(context, (void **)&p->arrived.list, &p->arrived.room, total,
                                       sizeof *p->arrived.list, "the entries");
    for (int t = 0; t < 2 && status == NMF_OK; t++) {
        status = buffer_reserve(context, (void **)way[t], &room[t], at_once[t], sizeof **way[t], "the entries");
    }
    p->arrived.count = total;
    return status;
}

static void post_free(nmf_context *context, post *p) {
    int64_t *const each[] = {p->sent, p->came, p->place, p->bytes, p->end};
    for (size_t t = 0; t < sizeof each / sizeof *each; t++) {
        array_free(context, each[t]);
    }
    buffer_free(context, p->out);
    buffer_free(context, p->in);
    buffer_free(context, p->arrived.list);
}

/* From the end on. As many rounds as the longest list takes; memory that cannot be given back is kept. */
static void send_all(nmf_context *context, triplet_list *own, bool last, post *p) {
    double rounds = ceil((double)own->count / (double)p->each);
    int64_t left = own->count, at = 0;
    for (int64_t r = 0; r < p->crowd->count; r++) {
        at += p->came[r];
        p->end[r] = at;
    }
    p->crowd->largest(p->crowd->user, &rounds, 1);
    for (int64_t t = 0; t < (int64_t)rounds; t++) {
        int64_t some = left < p->each ? left : p->each;
        left -= some;
        send_some(p, own->list + left, some);
        if (last) {
            (void)buffer_trim(context, (void **)&own->list, &own->room, left, sizeof *own->list, "the entries");
            own->count = left;
        }
    }
}

/* The block of what came. All was said of its entries but how many were given again. */
static nmf_status make_block(const nmf_matrix *of, const nmf_crowd *crowd, post *p, int64_t *repeated,
                             nmf_matrix **block) {
    int64_t across = p->owners->parts[1];
    range rows = bounds_of(p->owners, false, crowd->rank / across);
    range cols = bounds_of(p->owners, true, crowd->rank % across);
    for (int64_t e = 0; e < p->arrived.count; e++) {
        p->arrived.list[e].row -= (uint32_t)rows.from;
        p->arrived.list[e].col -= (uint32_t)cols.from;
    }
    bool before = caution_hush(of->context, true);
    nmf_status status =
        matrix_new_sparse(of->context, scattered_path(of), rows.to - rows.from, cols.to - cols.from, of->info.dtype,
                          of->allowed, &p->arrived.list, p->arrived.count, repeated, block);
    caution_hush(of->context, before);
    return status;
}

nmf_status scattered_send(nmf_matrix *matrix, const block_owners *owners, bool last, int64_t *repeated,
                          nmf_matrix **block) {
    nmf_context *context = matrix->context;
    triplet_list *own = scattered_list(matrix);
    post p = {.crowd = context_crowd(context), .owners = owners};
    *block = NULL;
    *repeated = 0;
    nmf_status status = nmf_context_agree(context, post_new(context, p.crowd->count, &p));
    if (status == NMF_OK) {
        count_out(&p, own->list, own->count);
        status = nmf_context_agree(context, make_room(context, tell_counts(&p), &p));
    }
    if (status == NMF_OK) {
        send_all(context, own, last, &p);
        status = nmf_context_agree(context, make_block(matrix, p.crowd, &p, repeated, block));
    }
    if (status == NMF_OK) {
        crowd_sum_counts(p.crowd, repeated, 1);
    }
    post_free(context, &p);
    return status;
}
