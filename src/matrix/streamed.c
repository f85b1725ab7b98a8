#include "matrix/streamed.h"
#include "matrix/scan.h"
#include "matrix/streamed_pick.h"

#include <math.h>
#include <pthread.h>

typedef struct streamed {
    block_source source;
    ring *ring;       /* from the first walk on */
    double room;      /* bytes that it may take */
    nmf_status begun; /* what the making of it came to */
    block now;        /* of the walk that is on */
    at_hand picked;   /* for rows that are asked for by their numbers */
    /* One walk at a time, whichever of the host's threads it is for. */
    pthread_mutex_t lock;
    pthread_cond_t ended;
    bool walking;
} streamed;

static int64_t slots_for(const nmf_matrix *matrix, double bytes) {
    const block_source *source = &matrix->as.streamed->source;
    double slots = floor((bytes - ring_thread_bytes(source)) / ring_slot_bytes(matrix, source));
    double least = (double)ring_least_slots(source), most = (double)source->blocks;
    return (int64_t)fmax(least, fmin(most, slots));
}

static void begin_walk(streamed *own) {
    pthread_mutex_lock(&own->lock);
    while (own->walking) {
        pthread_cond_wait(&own->ended, &own->lock);
    }
    own->walking = true;
    pthread_mutex_unlock(&own->lock);
}

static void end_walk(streamed *own) {
    pthread_mutex_lock(&own->lock);
    own->walking = false;
    pthread_cond_signal(&own->ended);
    pthread_mutex_unlock(&own->lock);
}

static void step(const nmf_matrix *matrix, bool first) {
    streamed *own = matrix->as.streamed;
    if (first) {
        begin_walk(own);
        if (!own->ring) {
            own->begun = ring_new(matrix, &own->source, slots_for(matrix, own->room), &own->ring);
        }
    }
    own->now.rows = own->ring ? ring_next(own->ring, &own->now.first) : NULL;
    if (!own->now.rows) {
        end_walk(own);
    }
}

static void streamed_next(const nmf_matrix *matrix, block *b) {
    bool first = !b->rows;
    /* Nobody is at work on the block at hand any more when it is given back. */
#pragma omp barrier
#pragma omp single
    step(matrix, first);
    *b = matrix->as.streamed->now;
}

static nmf_status streamed_status(const nmf_matrix *matrix) {
    const streamed *own = matrix->as.streamed;
    const char *sentence;
    nmf_status status = own->ring ? ring_status(own->ring, &sentence) : own->begun;
    return status == NMF_OK || !own->ring ? status : fail(matrix->context, status, "%s", sentence);
}

static void streamed_scan(const nmf_matrix *matrix, double scale, scan *out, unsigned char *rows, unsigned char *cols) {
    for (block b = {0}; matrix_next(matrix, &b);) {
        if (out->bad_row < 0) {
            b.rows->kind->scan(b.rows, scale, out, rows + b.first, cols);
            out->bad_row += out->bad_row < 0 ? 0 : b.first;
        }
    }
}

static nmf_status streamed_convert(const nmf_matrix *matrix, nmf_dtype dtype, double scale, nmf_matrix **copy) {
    (void)dtype, (void)scale;
    *copy = NULL;
    return matrix_need_whole(matrix, "a fit in numbers of another type than it was read in, or of entries past 2^30");
}

static nmf_status streamed_pick(const nmf_matrix *matrix, bool columns, const int64_t *list, int64_t count,
                                nmf_matrix **copy) {
    streamed *own = matrix->as.streamed;
    *copy = NULL;
    if (columns) {
        return matrix_need_whole(matrix, "learning from columns");
    }
    begin_walk(own);
    nmf_status status = own->picked.rows ? NMF_OK : at_hand_new(matrix, &own->source, &own->picked);
    if (status == NMF_OK) {
        status = at_hand_pick(&own->picked, list, count, copy);
    } else {
        at_hand_free(&own->picked);
    }
    end_walk(own);
    return status;
}

static void streamed_release(nmf_matrix *matrix) {
    streamed *own = matrix->as.streamed;
    if (own) {
        ring_free(own->ring);
        at_hand_free(&own->picked);
        own->source.close(own->source.user);
        pthread_mutex_destroy(&own->lock);
        pthread_cond_destroy(&own->ended);
        array_free(matrix->context, own);
    }
}

const matrix_kind matrix_streamed = {
    .next = streamed_next,
    .status = streamed_status,
    .scan = streamed_scan,
    .convert = streamed_convert,
    .pick = streamed_pick,
    .release = streamed_release,
};

static nmf_status own_new(nmf_matrix *matrix, const block_source *source) {
    streamed *own;
    nmf_status status = array_new(matrix->context, 1, sizeof *own, "a matrix", (void **)&own);
    if (status != NMF_OK) {
        return status;
    }
    if (pthread_mutex_init(&own->lock, NULL) != 0 || pthread_cond_init(&own->ended, NULL) != 0) {
        array_free(matrix->context, own);
        return fail_memory(matrix->context, "a matrix", sizeof *own);
    }
    own->source = *source;
    matrix->as.streamed = own;
    return NMF_OK;
}

nmf_status matrix_new_streamed(nmf_context *context, const nmf_matrix_info *info, unsigned allowed,
                               const block_source *source, nmf_matrix **out) {
    nmf_status status = matrix_new(context, &matrix_streamed, info->rows, info->cols, info->dtype, allowed, out);
    if (status == NMF_OK) {
        status = own_new(*out, source);
        if (status != NMF_OK) {
            nmf_matrix_free(*out);
        }
    }
    if (status != NMF_OK) {
        *out = NULL;
        source->close(source->user);
        return status;
    }
    (*out)->info = *info;
    (*out)->info.bytes = (size_t)matrix_bytes(info, info->dtype);
    return NMF_OK;
}

double streamed_least_bytes(const nmf_matrix *matrix) {
    const block_source *source = &matrix->as.streamed->source;
    return ring_thread_bytes(source) + (double)ring_least_slots(source) * ring_slot_bytes(matrix, source);
}

void streamed_take_room(nmf_matrix *matrix, double bytes) {
    streamed *own = matrix->as.streamed;
    const block_source *source = &own->source;
    ring_free(own->ring);
    own->ring = NULL;
    own->room = bytes;
    matrix->info.bytes =
        (size_t)(ring_thread_bytes(source) + (double)slots_for(matrix, bytes) * ring_slot_bytes(matrix, source));
}

int64_t streamed_kept(const nmf_matrix *matrix) {
    const streamed *own = matrix->as.streamed;
    return ring_kept(&own->source, slots_for(matrix, own->room));
}

void streamed_tell(const nmf_matrix *matrix) {
    const block_source *source = &matrix->as.streamed->source;
    if (source->tell) {
        source->tell(source->user);
    }
}

const block_source *streamed_source(const nmf_matrix *matrix) {
    return &matrix->as.streamed->source;
}
