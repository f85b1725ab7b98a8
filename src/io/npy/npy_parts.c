/* An array that several processes write to one file, each its part. */
#include "io/bytes/descriptor.h"
#include "io/npy/npy.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

enum { WRITTEN_AT_ONCE = 1 << 20 };

static nmf_status fail_written(nmf_context *context, const char *file, int error) {
    return fail(context, NMF_ERROR_OUTPUT, "%s could not be written: %s", file, strerror(error));
}

/* The file that waits to be renamed, with its header and as long as it is going to be. */
static nmf_status lay_out(sink *out, const npy_part *part, char file[PATH_MAX]) {
    nmf_context *context = sink_context(out);
    char header[NPY_HEADER];
    const char *name = NULL;
    size_t bytes;
    if (!checked_product(part->rows, part->cols, (int64_t)dtype_size(part->dtype), &bytes)) {
        return fail(context, NMF_ERROR_OUTPUT, "%s: %lld × %lld numbers are more than can be addressed", sink_path(out),
                    (long long)part->rows, (long long)part->cols);
    }
    nmf_status status = sink_expect(out, (double)bytes);
    if (status == NMF_OK) {
        status = sink_take_over(out, &name);
    }
    if (status != NMF_OK) {
        return status;
    }
    if (strlen(name) >= PATH_MAX || truncate(name, (off_t)(NPY_HEADER + bytes)) != 0) {
        return fail_written(context, sink_path(out), strlen(name) >= PATH_MAX ? ENAMETOOLONG : errno);
    }
    memcpy(file, name, strlen(name) + 1);
    npy_header_make(header, 'f', dtype_size(part->dtype), 2, part->rows, part->cols);
    int fd = open(file, O_WRONLY | O_CLOEXEC);
    int error = fd < 0 ? errno : descriptor_write_at(fd, header, NPY_HEADER, 0);
    if (fd >= 0 && close(fd) != 0 && error == 0) {
        error = errno;
    }
    return error == 0 ? NMF_OK : fail_written(context, sink_path(out), error);
}

/* Rows that lie one behind the other in the file are written together. */
static int write_rows(int fd, const npy_part *part, int64_t at_once, char *room) {
    int64_t size = (int64_t)dtype_size(part->dtype), own = part->own_cols * size;
    int error = 0;
    for (int64_t i = 0; i < part->own_rows && error == 0; i += at_once) {
        int64_t some = part->own_rows - i < at_once ? part->own_rows - i : at_once;
        for (int64_t r = 0; r < some; r++) {
            part->row(part->user, i + r, room + r * own);
        }
        int64_t place = (part->first_row + i) * part->cols + part->first_col;
        error = descriptor_write_at(fd, room, (size_t)(some * own), NPY_HEADER + place * size);
    }
    return error;
}

static nmf_status write_part(nmf_context *context, const char *file, const npy_part *part) {
    int64_t own = part->own_cols * (int64_t)dtype_size(part->dtype);
    int64_t at_once = part->own_cols == part->cols && own < WRITTEN_AT_ONCE ? WRITTEN_AT_ONCE / (own + 1) + 1 : 1;
    char *room;
    if (part->own_rows == 0 || own == 0) {
        return NMF_OK;
    }
    nmf_status status = array_new(context, at_once * own, 1, "writing a file", (void **)&room);
    if (status != NMF_OK) {
        return status;
    }
    int fd = open(file, O_WRONLY | O_CLOEXEC);
    int error = fd < 0 ? errno : write_rows(fd, part, at_once, room);
    if (fd >= 0 && fsync(fd) != 0 && error == 0) {
        error = errno;
    }
    if (fd >= 0 && close(fd) != 0 && error == 0) {
        error = errno;
    }
    array_free(context, room);
    return error == 0 ? NMF_OK : fail_written(context, file, error);
}

nmf_status npy_write_parts(nmf_context *context, const char *path, const npy_part *part) {
    char file[PATH_MAX] = "";
    sink *out = NULL;
    nmf_status status = NMF_OK;
    if (nmf_context_leads(context)) {
        status = sink_open(context, path, &out);
        status = status == NMF_OK ? lay_out(out, part, file) : status;
    }
    status = nmf_context_agree(context, status);
    if (status == NMF_OK) {
        nmf_context_share(context, file, sizeof file);
        status = nmf_context_agree(context, write_part(context, file, part));
    }
    if (out) {
        status = sink_finish(out, status);
    }
    return nmf_context_agree(context, status);
}
