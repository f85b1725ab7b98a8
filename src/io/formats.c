#include "io/beside.h"
#include "io/format.h"
#include "io/packing.h"

#include <string.h>
#include <strings.h>

const format *const formats[] = {&format_csv, &format_npy, &format_mtx, &format_svmlight, NULL};

/* Does the name of a file, the ending of a packing aside, end in "." and `ending`? */
static bool has_ending(const char *path, const char *ending) {
    size_t length = packing_stem(path);
    size_t wanted = ending ? strlen(ending) : 0;
    return wanted > 0 && length > wanted && path[length - wanted - 1] == '.' &&
           strncasecmp(path + length - wanted, ending, wanted) == 0;
}

/* By the first bytes, else by the name, else text. */
static const format *pick(const unsigned char *head, size_t bytes, const char *path) {
    for (int i = 0; formats[i]; i++) {
        if (formats[i]->recognises && formats[i]->recognises(head, bytes)) {
            return formats[i];
        }
    }
    for (int i = 0; formats[i]; i++) {
        if (has_ending(path, formats[i]->name) || has_ending(path, formats[i]->other_ending)) {
            return formats[i];
        }
    }
    return &format_csv;
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

static nmf_status read_numbers(nmf_context *context, const char *path, nmf_dtype dtype, nmf_matrix **matrix) {
    stream *in;
    const unsigned char *head;
    size_t bytes;
    nmf_status status = stream_open(context, path, &in);
    if (status != NMF_OK) {
        return status;
    }
    status = skip_mark(in);
    if (status == NMF_OK) {
        status = stream_peek(in, STREAM_PEEK, &head, &bytes);
    }
    if (status == NMF_OK) {
        status = pick(head, bytes, path)->read(in, dtype, matrix);
    }
    stream_close(in);
    return status;
}

nmf_status nmf_matrix_read(nmf_context *context, const char *path, const nmf_read_options *options,
                           nmf_matrix **matrix) {
    static const nmf_read_options plain;
    const nmf_read_options *how = options ? options : &plain;
    *matrix = NULL;
    if (!dtype_known(how->dtype)) {
        return fail(context, NMF_ERROR_USAGE, "dtype is %d; it must be NMF_F64 or NMF_F32", (int)how->dtype);
    }
    nmf_status status = read_numbers(context, path, how->dtype, matrix);
    if (status == NMF_OK) {
        status = names_from_files(*matrix, path, how);
    }
    if (status == NMF_OK) {
        status = matrix_check(*matrix, path);
    }
    if (status != NMF_OK) {
        nmf_matrix_free(*matrix);
        *matrix = NULL;
    }
    return status;
}

const char *nmf_format_at(int64_t index) {
    int64_t seen = 0;
    for (int i = 0; formats[i] && index >= 0; i++) {
        if (formats[i]->write && seen++ == index) {
            return formats[i]->name;
        }
    }
    return NULL;
}

static nmf_status find_writer(nmf_context *context, const char *name, const format **found) {
    char allowed[128] = "";
    for (int i = 0; formats[i]; i++) {
        if (formats[i]->write && strcmp(formats[i]->name, name) == 0) {
            *found = formats[i];
            return NMF_OK;
        }
        if (formats[i]->write) {
            strncat(allowed, allowed[0] ? ", " : "", sizeof allowed - strlen(allowed) - 1);
            strncat(allowed, formats[i]->name, sizeof allowed - strlen(allowed) - 1);
        }
    }
    return fail(context, NMF_ERROR_USAGE, "\"%s\" is not a format that can be written; allowed are %s", name, allowed);
}

nmf_status nmf_table_write(nmf_context *context, const char *path, const char *name, const nmf_table *table) {
    const format *writer = NULL;
    sink *out = NULL;
    if (!dtype_known(table->dtype) || table->rows < 0 || table->cols < 0) {
        return fail(
            context, NMF_ERROR_USAGE,
            "a table of %lld × %lld numbers of type %d cannot be written; sizes are 0 or above, types NMF_F64 and "
            "NMF_F32",
            (long long)table->rows, (long long)table->cols, (int)table->dtype);
    }
    nmf_status status = find_writer(context, name, &writer);
    if (status == NMF_OK) {
        status = sink_open(context, path, &out);
    }
    if (status != NMF_OK) {
        return status;
    }
    status = writer->write(out, table);
    if (status != NMF_OK) {
        sink_abandon(out);
        return status;
    }
    return sink_commit(out);
}

nmf_status nmf_text_write(nmf_context *context, const char *path, const char *text, size_t bytes) {
    sink *out;
    nmf_status status = sink_open(context, path, &out);
    if (status != NMF_OK) {
        return status;
    }
    status = sink_write(out, text, bytes);
    if (status != NMF_OK) {
        sink_abandon(out);
        return status;
    }
    return sink_commit(out);
}
