/* What is written by nmf-hdf5: it fills the file that is to take the name, and we hand it the numbers by the wire. */
#include "io/bytes/descriptor.h"
#include "io/hdf5/hdf5.h"
#include "io/hdf5/helper.h"
#include "io/hdf5/wire_write.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static nmf_status write_helper(void *user, const void *bytes, size_t count) {
    helper *h = user;
    h->sent += (int64_t)count;
    nmf_status status = watched(h->context, h->name, h->sent, -1);
    return status != NMF_OK ? status
           : helper_write(h, bytes, count)
               ? NMF_OK
               : fail(h->context, NMF_ERROR_OUTPUT, "the program that writes HDF5 takes nothing more");
}

static nmf_status fail_write(const sink *out, int error) {
    return fail(sink_context(out), NMF_ERROR_OUTPUT, "%s could not be written: %s", sink_path(out), strerror(error));
}

/* The file of the sink, to be closed, and the program that is to fill it. */
static nmf_status open_both(sink *out, char program[PATH_MAX], int *fd) {
    const char *path;
    *fd = -1;
    nmf_status status = sink_take_over(out, &path);
    if (status == NMF_OK) {
        status = hdf5_program(sink_context(out), sink_path(out), program);
    }
    if (status != NMF_OK) {
        return status;
    }
    do {
        *fd = open(path, O_RDWR | O_CLOEXEC);
    } while (*fd < 0 && errno == EINTR);
    return *fd < 0 ? fail_write(out, errno) : NMF_OK;
}

static nmf_status start(const sink *out, const char *program, const char *word, int fd, helper *h) {
    const char *arguments[] = {"nmf-hdf5", word, NULL};
    return helper_start(sink_context(out), program, arguments, sink_path(out), fd, true, h);
}

/* What went wrong there is why it takes nothing more. */
static nmf_status end(const sink *out, helper *h, nmf_status status) {
    helper_end how;
    helper_close(h, &how);
    if (how.well || (status != NMF_OK && status != NMF_ERROR_OUTPUT)) {
        return status;
    }
    return fail(sink_context(out), how.status == NMF_OK ? NMF_ERROR_OUTPUT : how.status, "%s: %s", sink_path(out),
                how.sentence);
}

static nmf_status write_table(sink *out, const table *t, const char *word) {
    char program[PATH_MAX];
    helper h;
    int fd;
    nmf_status status = open_both(out, program, &fd);
    if (status == NMF_OK) {
        status = start(out, program, word, fd, &h);
        if (status == NMF_OK) {
            wire_out to = {sink_context(out), write_helper, &h};
            status = end(out, &h, wire_write(&to, t, true, NULL));
        }
    }
    if (fd >= 0) {
        close(fd);
    }
    return status;
}

nmf_status hdf5_write_tenx(sink *out, const table *t) {
    return write_table(out, t, "tenx");
}

nmf_status hdf5_write_anndata(sink *out, const table *t) {
    return write_table(out, t, "anndata");
}

static nmf_status copy(const sink *out, const char *input, int fd) {
    enum { PIECE = 1 << 16 };
    char piece[PIECE];
    size_t got = 1;
    stream *in;
    nmf_status status = stream_open(sink_context(out), input, &in);
    while (status == NMF_OK && got > 0) {
        status = stream_read(in, piece, sizeof piece, &got);
        if (status == NMF_OK) {
            int error = descriptor_write(fd, piece, got);
            status = error == 0 ? NMF_OK : fail_write(out, error);
        }
    }
    stream_close(in);
    return status;
}

/* H by its columns and W by its rows, so that each goes out as it is to stand in the file: k numbers a cell, a gene. */
static nmf_status send_factors(helper *h, const nmf_table *h_table, const nmf_table *w_table, const char *notes) {
    wire_out to = {h->context, write_helper, h};
    table first = table_of_numbers(h_table), second = table_of_numbers(w_table);
    nmf_status status = wire_write(&to, &first, true, notes);
    return status == NMF_OK ? wire_write(&to, &second, false, NULL) : status;
}

static nmf_status annotate(sink *out, const char *input, const nmf_table *w, const nmf_table *h, const char *notes) {
    char program[PATH_MAX];
    helper helper;
    int fd;
    nmf_status status = open_both(out, program, &fd);
    if (status == NMF_OK) {
        status = copy(out, input, fd);
    }
    if (status == NMF_OK) {
        status = start(out, program, "factors", fd, &helper);
        status = status == NMF_OK ? end(out, &helper, send_factors(&helper, h, w, notes)) : status;
    }
    if (fd >= 0) {
        close(fd);
    }
    return status;
}

nmf_status hdf5_annotate(nmf_context *context, const char *path, const char *input, const nmf_table *w,
                         const nmf_table *h, const char *notes) {
    sink *out;
    nmf_status status = sink_open(context, path, &out);
    if (status != NMF_OK) {
        return status;
    }
    status = annotate(out, input, w, h, notes);
    if (status != NMF_OK) {
        sink_abandon(out);
        return status;
    }
    return sink_commit(out);
}
