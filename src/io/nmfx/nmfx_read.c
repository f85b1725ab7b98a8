/* The block format among the others: read whole, or left in its file. */
#include "io/nmfx/nmfx.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static bool recognises(const unsigned char *head, size_t bytes) {
    return bytes >= 8 && memcmp(head, NMFX_MAGIC, 8) == 0;
}

static nmf_status add_names(const nmfx_file *file, nmf_status status, nmf_matrix **matrix) {
    if (status == NMF_OK) {
        status = nmfx_names(file, &(*matrix)->row_names, &(*matrix)->col_names);
        if (status != NMF_OK) {
            nmf_matrix_free(*matrix);
            *matrix = NULL;
        }
    }
    return status;
}

static nmf_status nmfx_read(stream *in, const nmf_read_options *how, nmf_matrix **matrix) {
    nmfx_file *file;
    int fd;
    *matrix = NULL;
    nmf_status status = stream_seekable(in, &fd);
    if (status == NMF_OK) {
        status = nmfx_open(in, fd, false, how, &file);
    }
    if (status == NMF_OK) {
        status = add_names(file, nmfx_whole(file, matrix), matrix);
        nmfx_close(file);
    }
    return status;
}

/* Is what the head says of the entries all that a check would find, and nothing to be refused? */
static bool is_known(const nmfx_file *file) {
    const nmfx_head *head = &file->head;
    bool exact = file->dtype == NMF_F64 || !(head->flags & NMFX_DOUBLE);
    bool allowed = (head->missing == 0 || file->allowed & NMF_ALLOW_MISSING) &&
                   (head->min >= 0 || file->allowed & NMF_ALLOW_NEGATIVE);
    return head->flags & NMFX_SUMMARY && exact && allowed;
}

nmf_status nmfx_stay(nmfx_file *file, nmf_matrix **matrix) {
    const block_source source = nmfx_source(file);
    nmf_matrix_info info = nmfx_info(file);
    nmf_status status = matrix_new_streamed(file->context, &info, file->allowed, &source, matrix);
    if (status == NMF_OK) {
        (*matrix)->checked = is_known(file);
    }
    return status;
}

static nmf_status stay(stream *in, const nmf_read_options *how, nmf_matrix **matrix) {
    nmf_context *context = stream_context(in);
    nmfx_file *file;
    *matrix = NULL;
    int fd = fcntl(stream_mappable(in), F_DUPFD_CLOEXEC, 0);
    if (fd < 0) {
        return fail(context, NMF_ERROR_INPUT, "%s cannot be kept open: %s", stream_path(in), strerror(errno));
    }
    nmf_status status = nmfx_open(in, fd, true, how, &file);
    if (status == NMF_OK) {
        status = add_names(file, nmfx_stay(file, matrix), matrix);
    }
    return status;
}

const format format_nmfx = {.name = "nmfx",
                            .has_names = true,
                            .takes_rows = true,
                            .begins_with_count = true,
                            .recognises = recognises,
                            .read = nmfx_read,
                            .stay = stay,
                            .write = nmfx_write};
