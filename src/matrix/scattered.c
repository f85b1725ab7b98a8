#include "matrix/scattered.h"
#include "base/crowd.h"
#include "matrix/triplets.h"

typedef struct scattered {
    share_source source;
    triplet_list own;
} scattered;

static const char only_spread[] = "anything but a fit by several processes";

/* No block is at hand. */
static void scattered_next(const nmf_matrix *matrix, block *b) {
    (void)matrix;
    b->rows = NULL;
}

static nmf_status scattered_status(const nmf_matrix *matrix) {
    return matrix_need_whole(matrix, only_spread);
}

static nmf_status scattered_convert(const nmf_matrix *matrix, nmf_dtype dtype, double scale, nmf_matrix **copy) {
    (void)dtype, (void)scale;
    *copy = NULL;
    return matrix_need_whole(matrix, only_spread);
}

static nmf_status scattered_pick(const nmf_matrix *matrix, bool columns, const int64_t *list, int64_t count,
                                 nmf_matrix **copy) {
    (void)columns, (void)list, (void)count;
    *copy = NULL;
    return matrix_need_whole(matrix, only_spread);
}

static void scattered_scan(const nmf_matrix *matrix, double scale, scan *out, unsigned char *rows,
                           unsigned char *cols) {
    (void)matrix, (void)scale, (void)out, (void)rows, (void)cols;
}

static void scattered_release(nmf_matrix *matrix) {
    scattered *of = matrix->as.scattered;
    if (of) {
        of->source.close(of->source.user);
        buffer_free(matrix->context, of->own.list);
        array_free(matrix->context, of);
    }
}

const matrix_kind matrix_scattered = {
    .next = scattered_next,
    .status = scattered_status,
    .scan = scattered_scan,
    .convert = scattered_convert,
    .pick = scattered_pick,
    .release = scattered_release,
};

nmf_status matrix_new_scattered(nmf_context *context, const nmf_matrix_info *info, unsigned allowed,
                                const share_source *source, nmf_matrix **out) {
    nmf_status status = matrix_new(context, &matrix_scattered, info->rows, info->cols, info->dtype, allowed, out);
    if (status == NMF_OK) {
        status = array_new(context, 1, sizeof *(*out)->as.scattered, "a matrix", (void **)&(*out)->as.scattered);
        if (status != NMF_OK) {
            nmf_matrix_free(*out);
        }
    }
    if (status != NMF_OK) {
        *out = NULL;
        source->close(source->user);
        return status;
    }
    (*out)->as.scattered->source = *source;
    (*out)->info = *info;
    (*out)->info.sparse = true;
    (*out)->info.bytes = (size_t)matrix_bytes(&(*out)->info, info->dtype);
    return NMF_OK;
}

nmf_status scattered_whole(const nmf_matrix *matrix, nmf_matrix **whole) {
    const share_source *source = &matrix->as.scattered->source;
    return source->whole(source->user, whole);
}

const char *scattered_path(const nmf_matrix *matrix) {
    return matrix->as.scattered->source.path;
}

triplet_list *scattered_list(const nmf_matrix *matrix) {
    return &matrix->as.scattered->own;
}

/* The first entry of the file that cannot be is in the share of the lowest rank that has one. */
static nmf_status look(const nmf_matrix *matrix) {
    nmf_context *context = matrix->context;
    const nmf_crowd *crowd = context_crowd(context);
    const triplet_list *own = scattered_list(matrix);
    triplets_seen seen = {.dtype = matrix->info.dtype, .allowed = matrix->allowed};
    triplets_look(&seen, own->list, own->count);
    int64_t first = crowd_first(crowd, seen.bad);
    if (first >= 0) {
        nmf_status status = first == crowd->rank ? triplets_tell(context, scattered_path(matrix), &seen) : NMF_OK;
        return crowd_follow(context, first, status);
    }
    crowd_sum_counts(crowd, &seen.lost, 1);
    return triplets_tell(context, scattered_path(matrix), &seen);
}

nmf_status scattered_read(nmf_matrix *matrix) {
    scattered *of = matrix->as.scattered;
    nmf_status status = of->source.read(of->source.user, &of->own);
    return status == NMF_OK ? look(matrix) : status;
}

void scattered_count(const nmf_matrix *matrix, int64_t *of_rows, int64_t *of_cols) {
    const triplet_list *own = scattered_list(matrix);
    for (int64_t e = 0; e < own->count; e++) {
        of_rows[own->list[e].row]++;
        of_cols[own->list[e].col]++;
    }
}
