/* Runs that are sorted each, as one: what comes next of every run is in a heap, the least on top. */
#include "io/bytes/descriptor.h"
#include "io/spill/spill.h"

#include <errno.h>

/* Entries of a run that are read at a time. */
enum { LEAST_READ = 256, MOST_READ = 1 << 16 };

typedef struct cursor {
    int64_t at, left; /* in the file, of what is not in the buffer yet */
    int64_t next, held;
    triplet *buffer;
} cursor;

typedef struct ahead {
    uint64_t key; /* of the entry that comes next of the run */
    int64_t run;
} ahead;

struct merger {
    const spill *from;
    spill_shape shape;
    cursor *cursors;
    triplet *buffers;
    int64_t each; /* entries of a buffer */
    ahead *heap;
    int64_t alive;
    int64_t repeated;

    /* The row at hand. */
    int64_t count, columns_room, values_room;
    uint32_t *columns;
    void *values;
};

static nmf_status read_run(const merger *m, cursor *c) {
    int64_t want = c->left < m->each ? c->left : m->each;
    int error = descriptor_read_at(m->from->fd, c->buffer, (size_t)want * sizeof *c->buffer,
                                   c->at * (int64_t)sizeof *c->buffer);
    if (error != 0) {
        return spill_fail(m->from, error == DESCRIPTOR_SHORT ? EIO : error);
    }
    c->at += want;
    c->left -= want;
    c->next = 0;
    c->held = want;
    return NMF_OK;
}

static bool comes_before(const ahead *a, const ahead *b) {
    return a->key < b->key || (a->key == b->key && a->run < b->run);
}

/* Put heap[at], which may be too large for where it is, in its place. */
static void sink_down(merger *m, int64_t at) {
    ahead moved = m->heap[at];
    for (int64_t child = 2 * at + 1; child < m->alive; child = 2 * at + 1) {
        child += child + 1 < m->alive && comes_before(&m->heap[child + 1], &m->heap[child]);
        if (!comes_before(&m->heap[child], &moved)) {
            break;
        }
        m->heap[at] = m->heap[child];
        at = child;
    }
    m->heap[at] = moved;
}

/* The value on top, as a number of the dtype. */
static double value_on_top(const merger *m) {
    const cursor *c = &m->cursors[m->heap[0].run];
    double value = c->buffer[c->next].value;
    return m->from->dtype == NMF_F32 ? (double)(float)value : value;
}

/* From the entry on top to the one that comes next. */
static nmf_status step(merger *m) {
    cursor *c = &m->cursors[m->heap[0].run];
    if (++c->next == c->held && c->left > 0) {
        nmf_status status = read_run(m, c);
        if (status != NMF_OK) {
            return status;
        }
    }
    if (c->next < c->held) {
        m->heap[0].key = triplet_key(&c->buffer[c->next]);
    } else {
        m->heap[0] = m->heap[--m->alive];
    }
    sink_down(m, 0);
    return NMF_OK;
}

static nmf_status add_to_row(merger *m, uint64_t key, double value) {
    nmf_context *context = m->from->context;
    nmf_status status = buffer_reserve(context, (void **)&m->columns, &m->columns_room, m->count + 1,
                                       sizeof *m->columns, "a row of the matrix");
    if (status == NMF_OK) {
        status = buffer_reserve(context, &m->values, &m->values_room, m->count + 1, dtype_size(m->from->dtype),
                                "a row of the matrix");
    }
    if (status == NMF_OK) {
        m->columns[m->count] = (uint32_t)key - (uint32_t)m->shape.first_col;
        dtype_set(m->from->dtype, m->values, m->count++, value);
    }
    return status;
}

/* The sum of all that stand where the entry on top does, as matrix_new_sparse makes it. */
static nmf_status add_place(merger *m) {
    uint64_t key = m->heap[0].key;
    double sum = value_on_top(m);
    nmf_status status = step(m);
    while (status == NMF_OK && m->alive > 0 && m->heap[0].key == key) {
        sum += value_on_top(m);
        m->repeated++;
        status = step(m);
    }
    bool stays = sum != 0 || m->from->allowed & NMF_KEEP_ZEROS;
    return status == NMF_OK && stays ? add_to_row(m, key, sum) : status;
}

static nmf_status merged_line(const table *t, bool column, int64_t i, entry_line *line) {
    merger *m = (merger *)t->of;
    nmf_status status = NMF_OK;
    (void)column;
    m->count = 0;
    while (status == NMF_OK && m->alive > 0 && m->heap[0].key >> 32 == (uint64_t)i) {
        status = add_place(m);
    }
    *line = (entry_line){.count = m->count, .index = m->columns, .value = m->values, .stride = 1};
    return status;
}

table table_of_merger(merger *m) {
    return (table){.rows = m->shape.rows,
                   .cols = m->shape.cols,
                   .dtype = m->from->dtype,
                   .sparse = true,
                   .source = m->shape.source,
                   .line = merged_line,
                   .of = m};
}

int64_t merger_repeated(const merger *m) {
    return m->repeated;
}

static nmf_status reserve(merger *m, double memory) {
    nmf_context *context = m->from->context;
    int64_t room = 0, runs = m->from->count;
    double each = memory / (double)runs / (double)sizeof *m->buffers;
    m->each = each > MOST_READ ? MOST_READ : each < LEAST_READ ? LEAST_READ : (int64_t)each;
    nmf_status status = array_new(context, runs, sizeof *m->cursors, "the merging of entries", (void **)&m->cursors);
    if (status == NMF_OK) {
        status = array_new(context, runs, sizeof *m->heap, "the merging of entries", (void **)&m->heap);
    }
    return status == NMF_OK ? buffer_reserve(context, (void **)&m->buffers, &room, runs * m->each, sizeof *m->buffers,
                                             "the merging of entries")
                            : status;
}

static nmf_status begin(merger *m) {
    nmf_status status = NMF_OK;
    for (int64_t r = 0; r < m->from->count && status == NMF_OK; r++) {
        cursor *c = &m->cursors[r];
        *c = (cursor){.at = m->from->runs[r].at, .left = m->from->runs[r].count, .buffer = m->buffers + r * m->each};
        status = read_run(m, c);
        if (status == NMF_OK) {
            m->heap[m->alive++] = (ahead){triplet_key(c->buffer), r};
        }
    }
    for (int64_t at = m->alive / 2; at-- > 0;) {
        sink_down(m, at);
    }
    return status;
}

nmf_status merger_new(const spill *s, const spill_shape *shape, double memory, merger **out) {
    nmf_status status = array_new(s->context, 1, sizeof **out, "the merging of entries", (void **)out);
    if (status != NMF_OK) {
        return status;
    }
    (*out)->from = s;
    (*out)->shape = *shape;
    status = reserve(*out, memory);
    if (status == NMF_OK) {
        status = begin(*out);
    }
    if (status != NMF_OK) {
        merger_free(*out);
        *out = NULL;
    }
    return status;
}

void merger_free(merger *m) {
    nmf_context *context = m->from->context;
    array_free(context, m->cursors);
    array_free(context, m->heap);
    buffer_free(context, m->buffers);
    buffer_free(context, m->columns);
    buffer_free(context, m->values);
    array_free(context, m);
}
