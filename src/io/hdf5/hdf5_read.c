#include "io/hdf5/hdf5.h"
#include "io/hdf5/helper.h"

#include <string.h>

static bool recognises(const unsigned char *head, size_t bytes) {
    static const char magic[] = "\x89HDF\r\n\x1a\n";
    return bytes >= sizeof magic - 1 && memcmp(head, magic, sizeof magic - 1) == 0;
}

static nmf_status read_helper(void *user, void *bytes, size_t room, size_t *got) {
    return helper_read(user, bytes, room, got);
}

static nmf_status read_wire(const stream *file, helper *h, const nmf_read_options *how, nmf_matrix **matrix) {
    stream *in;
    stream_source from = {.read = read_helper, .user = h};
    nmf_status status = stream_open_source(h->context, stream_path(file), from, &in);
    if (status == NMF_OK) {
        status = format_wire.read(in, how, matrix);
        stream_close(in);
    }
    return status;
}

static nmf_status hdf5_read(stream *in, const nmf_read_options *how, nmf_matrix **matrix) {
    nmf_context *context = stream_context(in);
    const char *arguments[] = {"nmf-hdf5", "read", how->layer, NULL};
    char path[PATH_MAX];
    helper h;
    helper_end end;
    int fd;
    *matrix = NULL;
    nmf_status status = hdf5_program(context, stream_path(in), path);
    if (status == NMF_OK) {
        status = stream_seekable(in, &fd);
    }
    if (status == NMF_OK) {
        status = helper_start(context, path, arguments, stream_path(in), fd, false, &h);
    }
    if (status != NMF_OK) {
        return status;
    }
    status = read_wire(in, &h, how, matrix);
    bool to_its_end = h.ended;
    helper_close(&h, &end);
    /* What went wrong there is why the wire broke off, unless it was us who ended it. */
    if (to_its_end && !end.well && (status == NMF_OK || status == NMF_ERROR_INPUT)) {
        nmf_matrix_free(*matrix);
        *matrix = NULL;
        return fail(context, NMF_ERROR_INPUT, "%s: %s", stream_path(in), end.sentence);
    }
    return status;
}

/* Both names are for writing: what is read is told by what it holds. */
const format format_h5 = {.name = "h5",
                          .other_endings = {"hdf5"},
                          .has_names = true,
                          .has_layers = true,
                          .by_helper = true,
                          .recognises = recognises,
                          .read = hdf5_read,
                          .write = hdf5_write_tenx};
const format format_h5ad = {.name = "h5ad",
                            .has_names = true,
                            .has_layers = true,
                            .by_helper = true,
                            .recognises = recognises,
                            .read = hdf5_read,
                            .write = hdf5_write_anndata};
