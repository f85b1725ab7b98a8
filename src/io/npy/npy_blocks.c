/* An NPY file whose numbers stay in it: blocks of its rows. */
#include "base/crowd.h"
#include "io/bytes/descriptor.h"
#include "io/npy/npy.h"
#include "io/values.h"
#include "matrix/streamed.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct npy_file {
    nmf_context *context;
    char *path;
    int fd;
    const npy_type *type;
    nmf_dtype dtype;
    unsigned allowed;
    bool direct;               /* numbers are as wanted */
    int64_t rows, cols, begin; /* where in the file the numbers are */
    int64_t *first;            /* the row each block begins with, and their number */
    int64_t blocks;
    int64_t *lost; /* of each block the numbers that are 0 as floats only */
} npy_file;

static nmf_status refuse(const npy_file *file, const block_room *room, const char *why) {
    snprintf(room->sentence, BLOCK_SENTENCE, "%.300s %s", file->path, why);
    return NMF_ERROR_INPUT;
}

/* Are the file's numbers the matrix's as they are? */
static bool is_as_wanted(const npy_type *type, nmf_dtype dtype) {
    return type == (dtype == NMF_F64 ? npy_type_named("f8", 2) : npy_type_named("f4", 2));
}

/* The numbers in the thread's spare room as numbers of the dtype. */
static nmf_status widen(void *user, int64_t b, block_room *room) {
    const npy_file *file = user;
    double wide[NPY_CHUNK];
    const unsigned char *from = room->spare;
    int64_t count = room->rows * room->cols, lost = 0;
    for (int64_t done = 0; done < count; done += NPY_CHUNK) {
        int64_t some = count - done < NPY_CHUNK ? count - done : NPY_CHUNK;
        file->type->widen(from + (size_t)done * file->type->size, some, wide);
        for (int64_t i = 0; i < some; i++) {
            dtype_set(file->dtype, room->values, done + i, wide[i]);
            double value = dtype_get(file->dtype, room->values, done + i);
            lost += value == 0 && wide[i] != 0;
            if (isinf(value) && !isinf(wide[i])) {
                return refuse(file, room, "has a number beyond float32, which ends at 3.4e38: use --dtype f64");
            }
        }
    }
    file->lost[b] = lost;
    return NMF_OK;
}

static nmf_status fetch(void *user, int64_t b, block_room *room) {
    const npy_file *file = user;
    int64_t row_bytes = file->cols * (int64_t)file->type->size, at = file->begin + file->first[b] * row_bytes;
    size_t bytes = (size_t)(room->rows * row_bytes);
    int error = descriptor_read_at(file->fd, file->direct ? room->values : room->spare, bytes, at);
    return error == 0
               ? NMF_OK
               : refuse(file, room, error == DESCRIPTOR_SHORT ? "has shrunk since it was opened" : strerror(error));
}

static void tell(void *user) {
    const npy_file *file = user;
    int64_t lost = 0;
    for (int64_t b = 0; b < file->blocks; b++) {
        lost += file->lost[b];
    }
    caution_lost(file->context, file->path, lost);
}

static nmf_status whole(void *user, nmf_matrix **matrix) {
    npy_file *file = user;
    nmf_read_options how = {.dtype = file->dtype, .allowed = file->allowed};
    nmf_status status = format_read_file(file->context, file->path, &how, matrix);
    if (status == NMF_OK && ((*matrix)->info.rows != file->rows || (*matrix)->info.cols != file->cols)) {
        nmf_matrix_free(*matrix);
        *matrix = NULL;
        status = fail(file->context, NMF_ERROR_INPUT, "%s has changed since it was opened", file->path);
    }
    return status;
}

static void close_file(void *user) {
    npy_file *file = user;
    if (file->fd >= 0) {
        close(file->fd);
    }
    array_free(file->context, file->path);
    array_free(file->context, file->first);
    array_free(file->context, file->lost);
    array_free(file->context, file);
}

/* Rows in blocks of about STREAMED_BLOCK. */
static nmf_status cut(npy_file *file) {
    int64_t row_bytes = file->cols * (int64_t)dtype_size(file->dtype);
    /* Processes beside each other that take their parts need no blocks of a disk's full speed. */
    int64_t bytes = context_crowd(file->context) ? STREAMED_BLOCK / 8 : STREAMED_BLOCK;
    int64_t each = bytes / row_bytes / KERNEL_GRID * KERNEL_GRID;
    each = each < KERNEL_GRID ? KERNEL_GRID : each;
    file->blocks = (file->rows + each - 1) / each;
    nmf_status status =
        array_new(file->context, file->blocks + 1, sizeof *file->first, "blocks of the matrix", (void **)&file->first);
    if (status == NMF_OK) {
        status =
            array_new(file->context, file->blocks, sizeof *file->lost, "blocks of the matrix", (void **)&file->lost);
    }
    for (int64_t b = 0; b <= file->blocks && status == NMF_OK; b++) {
        file->first[b] = b < file->blocks ? b * each : file->rows;
    }
    file->direct = is_as_wanted(file->type, file->dtype);
    return status;
}

static nmf_status open_file(const stream *in, const npy_header *header, const nmf_read_options *how, npy_file **out) {
    nmf_context *context = stream_context(in);
    size_t path_bytes = strlen(stream_path(in)) + 1;
    nmf_status status = array_new(context, 1, sizeof **out, "a file", (void **)out);
    if (status != NMF_OK) {
        return status;
    }
    npy_file *file = *out;
    *file = (npy_file){.context = context,
                       .fd = fcntl(stream_mappable(in), F_DUPFD_CLOEXEC, 0),
                       .type = header->type,
                       .dtype = how->dtype,
                       .allowed = how->allowed,
                       .rows = header->rows,
                       .cols = header->cols,
                       .begin = stream_offset(in)};
    if (file->fd < 0) {
        status = fail(context, NMF_ERROR_INPUT, "%s cannot be kept open: %s", stream_path(in), strerror(errno));
    }
    if (status == NMF_OK) {
        status = array_new(context, (int64_t)path_bytes, 1, "the name of a file", (void **)&file->path);
    }
    if (status == NMF_OK) {
        memcpy(file->path, stream_path(in), path_bytes);
        status = cut(file);
    }
    if (status != NMF_OK) {
        close_file(file);
        *out = NULL;
    }
    return status;
}

nmf_status npy_in_file(const stream *in, const npy_header *header, const nmf_read_options *how, nmf_matrix **matrix) {
    npy_file *file;
    nmf_status status = open_file(in, header, how, &file);
    if (status != NMF_OK) {
        return status;
    }
    int64_t row_bytes = header->cols * (int64_t)header->type->size;
    const block_source source = {.blocks = file->blocks,
                                 .first = file->first,
                                 .spare_bytes =
                                     file->direct ? 0 : (size_t)((file->first[1] - file->first[0]) * row_bytes),
                                 .file_bytes = (double)header->rows * (double)row_bytes,
                                 .path = file->path,
                                 .fetch = fetch,
                                 .make = file->direct ? NULL : widen,
                                 .tell = tell,
                                 .whole = whole,
                                 .close = close_file,
                                 .user = file};
    const nmf_matrix_info info = {.rows = header->rows,
                                  .cols = header->cols,
                                  .stored = header->rows * header->cols,
                                  .dtype = how->dtype,
                                  .source = header->type->source};
    return matrix_new_streamed(file->context, &info, how->allowed, &source, matrix);
}
