#include "base/crowd.h"
#include "io/beside.h"
#include "io/bytes/packing.h"
#include "io/format.h"
#include "io/tenx/tenx.h"
#include "matrix/scattered.h"

#include <string.h>
#include <strings.h>

const format *const formats[] = {&format_csv,      &format_npy,  &format_mtx,  &format_tsv,
                                 &format_svmlight, &format_npz,  &format_nmfx, &format_wire,
                                 &format_h5,       &format_h5ad, NULL};

/* Does the name of a file, the ending of a packing aside, end in "." and `ending`? */
static bool has_ending(const char *path, const char *ending) {
    size_t length = packing_stem(path);
    size_t wanted = ending ? strlen(ending) : 0;
    return wanted > 0 && length > wanted && path[length - wanted - 1] == '.' &&
           strncasecmp(path + length - wanted, ending, wanted) == 0;
}

const format *format_by_ending(const char *path) {
    for (int i = 0; formats[i]; i++) {
        if (has_ending(path, formats[i]->name) || has_ending(path, formats[i]->other_endings[0]) ||
            has_ending(path, formats[i]->other_endings[1])) {
            return formats[i];
        }
    }
    return NULL;
}

/* By the first bytes, else by the name, else text. */
static const format *pick(const unsigned char *head, size_t bytes, const char *path) {
    for (int i = 0; formats[i]; i++) {
        if (formats[i]->recognises && formats[i]->recognises(head, bytes)) {
            return formats[i];
        }
    }
    const format *named = format_by_ending(path);
    return named && named->read ? named : &format_csv;
}

/* Past the mark that some programs put before UTF-8. */
static nmf_status skip_mark(stream *in) {
    const unsigned char *head;
    char mark[3];
    size_t bytes;
    nmf_status status = stream_peek(in, sizeof mark, &head, &bytes);
    if (status == NMF_OK && bytes == sizeof mark && memcmp(head, "\xef\xbb\xbf", sizeof mark) == 0) {
        status = stream_read(in, mark, sizeof mark, &bytes);
    }
    return status;
}

nmf_status format_find(stream *in, const char *path, const nmf_read_options *how, const format **found) {
    const unsigned char *head;
    size_t bytes;
    nmf_status status = skip_mark(in);
    if (status == NMF_OK) {
        status = stream_peek(in, STREAM_PEEK, &head, &bytes);
    }
    *found = status == NMF_OK ? pick(head, bytes, path) : NULL;
    if (*found && how->layer && !(*found)->has_layers) {
        return fail(stream_context(in), NMF_ERROR_USAGE, "%s holds one matrix, no layers: \"%.60s\" is not there", path,
                    how->layer);
    }
    return status;
}

nmf_status format_read(stream *in, const format *found, const nmf_read_options *how, nmf_matrix **matrix) {
    bool stays = how->in_file && found->stay && stream_mappable(in) >= 0;
    return stays ? found->stay(in, how, matrix) : found->read(in, how, matrix);
}

nmf_status format_read_file(nmf_context *context, const char *path, const nmf_read_options *how, nmf_matrix **matrix) {
    stream *in;
    const format *found;
    nmf_status status = stream_open(context, path, &in);
    if (status != NMF_OK) {
        return status;
    }
    status = format_find(in, path, how, &found);
    if (status == NMF_OK) {
        status = format_read(in, found, how, matrix);
    }
    stream_close(in);
    return status;
}

nmf_status read_options_check(nmf_context *context, const nmf_read_options *how) {
    return dtype_known(how->dtype)
               ? matrix_check_allowed(context, how->allowed)
               : fail(context, NMF_ERROR_USAGE, "dtype is %d; it must be NMF_F64 or NMF_F32", (int)how->dtype);
}

nmf_status format_complete(const char *path, const nmf_read_options *how, nmf_status status, bool check,
                           nmf_matrix **matrix) {
    if (status == NMF_OK) {
        status = names_from_files(*matrix, path, how);
    }
    if (status == NMF_OK) {
        status = tenx_names_beside(*matrix, path);
    }
    if (status == NMF_OK && check) {
        status = matrix_check(*matrix, path);
    }
    if (status != NMF_OK) {
        nmf_matrix_free(*matrix);
        *matrix = NULL;
    }
    return status;
}

nmf_status nmf_matrix_read(nmf_context *context, const char *path, const nmf_read_options *options,
                           nmf_matrix **matrix) {
    static const nmf_read_options plain;
    const nmf_read_options *how = options ? options : &plain;
    *matrix = NULL;
    nmf_status status = read_options_check(context, how);
    if (status == NMF_OK) {
        status =
            tenx_is_folder(path) ? tenx_read(context, path, how, matrix) : format_read_file(context, path, how, matrix);
    }
    /* What is to be spread is looked at by each process in its part. */
    bool later = status == NMF_OK && context_crowd(context) && matrix_is_in_file(*matrix);
    return format_complete(path, how, status, !later, matrix);
}
