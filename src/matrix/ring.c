#include "matrix/ring.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

/* One thread fetches while the other unpacks. Slots beyond MOST_AHEAD keep their block. */
enum { MOST_AHEAD = 3 * RING_READERS };

/*
 * Loads are counted: load n is that of block n in the first round, and in later rounds only of blocks that are not
 * kept. Block b of round p is load b where it is kept, else kept + p·(blocks − kept) + (b − kept).
 */
typedef struct slot {
    nmf_matrix *rows;
    int64_t loaded; /* the load it holds, plus 1; 0: none yet */
} slot;

typedef struct reader {
    ring *of;
    pthread_t thread;
    void *spare, *unpacker;
} reader;

struct ring {
    nmf_context *context;
    const block_source *source;
    slot *slots;
    int64_t count, kept; /* slots; the first `kept` keep their blocks */
    reader readers[RING_READERS];
    int started;

    pthread_mutex_t lock;
    pthread_cond_t changed;
    int64_t next;       /* the load that begins next */
    bool fetching;      /* a thread is at the file */
    int64_t given_back; /* loads of blocks that are not kept whose slots are free again */
    int64_t round, at;  /* of the block at hand; −1: none is */
    bool ending;
    nmf_status status;
    char sentence[BLOCK_SENTENCE];
};

static int64_t most_rows(const block_source *source) {
    int64_t most = 0;
    for (int64_t b = 0; b < source->blocks; b++) {
        int64_t rows = source->first[b + 1] - source->first[b];
        most = rows > most ? rows : most;
    }
    return most;
}

double ring_slot_bytes(const nmf_matrix *shape, const block_source *source) {
    const nmf_matrix_info *info = &shape->info;
    int64_t rows = most_rows(source);
    return info->sparse ? striped_bytes(rows, info->cols, source->most_entries, info->dtype)
                        : (double)rows * (double)info->cols * (double)dtype_size(info->dtype);
}

double ring_thread_bytes(const block_source *source) {
    return RING_READERS * (double)source->spare_bytes;
}

int64_t ring_least_slots(const block_source *source) {
    return source->blocks < RING_LEAST ? source->blocks : RING_LEAST;
}

int64_t ring_kept(const block_source *source, int64_t slots) {
    int64_t kept = slots < source->blocks ? slots - MOST_AHEAD : source->blocks;
    return kept < 0 ? 0 : kept;
}

static int64_t slot_of(const ring *r, int64_t load) {
    return load < r->kept ? load : r->kept + (load - r->kept) % (r->count - r->kept);
}

static int64_t block_of(const ring *r, int64_t load) {
    return load < r->kept ? load : r->kept + (load - r->kept) % (r->source->blocks - r->kept);
}

static int64_t load_of(const ring *r, int64_t round, int64_t b) {
    return b < r->kept ? b : b + round * (r->source->blocks - r->kept);
}

/* Is the slot of the next load free? */
static bool may_load(const ring *r) {
    return r->next < r->kept || r->next - r->kept - r->given_back < r->count - r->kept;
}

static void take_block(nmf_matrix *rows, const block_room *room) {
    if (rows->info.sparse) {
        striped_cut(rows, room->rows);
    } else {
        rows->info.rows = room->rows;
        rows->info.stored = room->rows * rows->info.cols;
    }
}

/* What block b is loaded with, into `rows`. */
static block_room room_for(const block_source *source, int64_t b, const nmf_matrix *rows, void *spare, void *unpacker,
                           char *sentence) {
    block_room room = {.dtype = rows->info.dtype,
                       .rows = source->first[b + 1] - source->first[b],
                       .cols = rows->info.cols,
                       .spare = spare,
                       .unpacker = unpacker,
                       .sentence = sentence};
    if (rows->info.sparse) {
        room.by_row = rows->as.striped.by_row;
    } else {
        room.values = rows->as.dense.owned;
    }
    return room;
}

static nmf_status make(const block_source *source, int64_t b, block_room *room, nmf_matrix *rows) {
    nmf_status status = source->make ? source->make(source->user, b, room) : NMF_OK;
    if (status == NMF_OK) {
        take_block(rows, room);
    }
    return status;
}

nmf_status ring_load(const block_source *source, int64_t b, nmf_matrix *rows, void *spare, void *unpacker,
                     char *sentence) {
    block_room room = room_for(source, b, rows, spare, unpacker, sentence);
    nmf_status status = source->fetch(source->user, b, &room);
    return status == NMF_OK ? make(source, b, &room, rows) : status;
}

/* The next load, whose turn at the file it is; the lock is held before and after. */
static nmf_status load_next(ring *r, const reader *by, char *sentence, slot **into, int64_t *load) {
    int64_t n = r->next++, b = block_of(r, n);
    r->fetching = true;
    pthread_mutex_unlock(&r->lock);
    *load = n;
    *into = &r->slots[slot_of(r, n)];
    block_room room = room_for(r->source, b, (*into)->rows, by->spare, by->unpacker, sentence);
    nmf_status status = r->source->fetch(r->source->user, b, &room);
    pthread_mutex_lock(&r->lock);
    r->fetching = false;
    pthread_cond_broadcast(&r->changed);
    pthread_mutex_unlock(&r->lock);
    status = status == NMF_OK ? make(r->source, b, &room, (*into)->rows) : status;
    pthread_mutex_lock(&r->lock);
    return status;
}

static void *read_ahead(void *argument) {
    const reader *by = argument;
    ring *r = by->of;
    char sentence[BLOCK_SENTENCE] = "";
    pthread_mutex_lock(&r->lock);
    while (!r->ending && r->status == NMF_OK) {
        if (r->fetching || !may_load(r)) {
            pthread_cond_wait(&r->changed, &r->lock);
            continue;
        }
        slot *into;
        int64_t load;
        nmf_status status = load_next(r, by, sentence, &into, &load);
        if (status == NMF_OK) {
            into->loaded = load + 1;
        } else if (r->status == NMF_OK) {
            r->status = status;
            memcpy(r->sentence, sentence, sizeof sentence);
        }
        pthread_cond_broadcast(&r->changed);
    }
    pthread_mutex_unlock(&r->lock);
    return NULL;
}

const nmf_matrix *ring_next(ring *r, int64_t *first) {
    const nmf_matrix *rows = NULL;
    pthread_mutex_lock(&r->lock);
    if (r->at >= r->kept) {
        r->given_back++;
        pthread_cond_broadcast(&r->changed);
    }
    if (++r->at == r->source->blocks) {
        r->at = -1;
        r->round++;
    } else {
        int64_t n = load_of(r, r->round, r->at);
        const slot *wanted = &r->slots[slot_of(r, n)];
        while (wanted->loaded != n + 1 && r->status == NMF_OK) {
            pthread_cond_wait(&r->changed, &r->lock);
        }
        rows = r->status == NMF_OK ? wanted->rows : NULL;
        *first = r->source->first[r->at];
    }
    pthread_mutex_unlock(&r->lock);
    return rows;
}

nmf_status ring_status(const ring *r, const char **sentence) {
    ring *own = (ring *)r;
    pthread_mutex_lock(&own->lock);
    nmf_status status = own->status;
    *sentence = own->sentence;
    pthread_mutex_unlock(&own->lock);
    return status;
}

nmf_status ring_slot_new(const nmf_matrix *shape, const block_source *source, nmf_matrix **out) {
    const nmf_matrix_info *info = &shape->info;
    int64_t rows = most_rows(source);
    return info->sparse ? matrix_new_striped(shape->context, rows, info->cols, source->most_entries, info->dtype,
                                             shape->allowed, out)
                        : matrix_new_own(shape->context, rows, info->cols, info->dtype, shape->allowed, out);
}

/* Signals are for the host's own threads. */
static int start_thread(reader *by) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&by->thread, NULL, read_ahead, by);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

static nmf_status start_readers(ring *r) {
    const block_source *source = r->source;
    nmf_status status = NMF_OK;
    for (int t = 0; t < RING_READERS && status == NMF_OK; t++) {
        r->readers[t].of = r;
        status = array_new(r->context, (int64_t)source->spare_bytes, 1, "the reading of blocks", &r->readers[t].spare);
        if (status == NMF_OK && source->unpacker_new) {
            status = source->unpacker_new(source->user, &r->readers[t].unpacker);
        }
    }
    for (; r->started < RING_READERS && status == NMF_OK; r->started += status == NMF_OK) {
        int error = start_thread(&r->readers[r->started]);
        status = error == 0 ? NMF_OK
                            : fail(r->context, NMF_ERROR_MEMORY, "%s: no thread can be started to read it: %s",
                                   source->path, strerror(error));
    }
    return status;
}

static nmf_status fill_ring(ring *r, const nmf_matrix *shape, int64_t slots) {
    nmf_status status = array_new(r->context, slots, sizeof *r->slots, "blocks of the matrix", (void **)&r->slots);
    for (; r->count < slots && status == NMF_OK; r->count++) {
        status = ring_slot_new(shape, r->source, &r->slots[r->count].rows);
    }
    r->kept = ring_kept(r->source, r->count);
    return status == NMF_OK ? start_readers(r) : status;
}

nmf_status ring_new(const nmf_matrix *shape, const block_source *source, int64_t slots, ring **out) {
    nmf_status status = array_new(shape->context, 1, sizeof **out, "blocks of the matrix", (void **)out);
    if (status != NMF_OK) {
        return status;
    }
    ring *r = *out;
    r->context = shape->context;
    r->source = source;
    r->at = -1;
    if (pthread_mutex_init(&r->lock, NULL) != 0 || pthread_cond_init(&r->changed, NULL) != 0) {
        array_free(shape->context, r);
        *out = NULL;
        return fail_memory(shape->context, "blocks of the matrix", sizeof *r);
    }
    status = fill_ring(r, shape, slots < source->blocks ? slots : source->blocks);
    if (status != NMF_OK) {
        ring_free(r);
        *out = NULL;
    }
    return status;
}

void ring_free(ring *r) {
    if (!r) {
        return;
    }
    pthread_mutex_lock(&r->lock);
    r->ending = true;
    pthread_cond_broadcast(&r->changed);
    pthread_mutex_unlock(&r->lock);
    for (int t = 0; t < r->started; t++) {
        pthread_join(r->readers[t].thread, NULL);
    }
    for (int t = 0; t < RING_READERS; t++) {
        array_free(r->context, r->readers[t].spare);
        if (r->readers[t].unpacker) {
            r->source->unpacker_free(r->readers[t].unpacker);
        }
    }
    for (int64_t s = 0; s < r->count; s++) {
        nmf_matrix_free(r->slots[s].rows);
    }
    array_free(r->context, r->slots);
    pthread_mutex_destroy(&r->lock);
    pthread_cond_destroy(&r->changed);
    array_free(r->context, r);
}
