/* Writing tables and matrices: which format, the file, the names beside it. */
#include "io/beside.h"
#include "io/format.h"
#include "io/tenx/tenx.h"

#include <string.h>

const char *nmf_format_at(int64_t index) {
    int64_t seen = 0;
    for (int i = 0; formats[i] && index >= 0; i++) {
        if (formats[i]->write && !formats[i]->by_helper && seen++ == index) {
            return formats[i]->name;
        }
    }
    return NULL;
}

static void list_writers(char *text, size_t room) {
    text[0] = '\0';
    for (int i = 0; formats[i]; i++) {
        if (formats[i]->write) {
            strncat(text, text[0] ? ", " : "", room - strlen(text) - 1);
            strncat(text, formats[i]->name, room - strlen(text) - 1);
        }
    }
}

static nmf_status find_named(nmf_context *context, const char *name, const format **found) {
    char allowed[128];
    for (int i = 0; formats[i]; i++) {
        if (formats[i]->write && strcmp(formats[i]->name, name) == 0) {
            *found = formats[i];
            return NMF_OK;
        }
    }
    list_writers(allowed, sizeof allowed);
    return fail(context, NMF_ERROR_USAGE, "\"%s\" is not a format that can be written; allowed are %s", name, allowed);
}

static nmf_status find_by_ending(nmf_context *context, const char *path, const format **found) {
    char allowed[128];
    *found = format_by_ending(path);
    if (*found && (*found)->write) {
        return NMF_OK;
    }
    list_writers(allowed, sizeof allowed);
    return fail(context, NMF_ERROR_USAGE,
                "%s does not end in a format that can be written: name one; allowed are %s, for csv, tsv, npy, mtx and "
                "svmlight also followed by .gz or .zst",
                path, allowed);
}

nmf_status format_find_writer(nmf_context *context, const char *path, const char *name, const format **found) {
    return name ? find_named(context, name, found) : find_by_ending(context, path, found);
}

nmf_status format_write_file(nmf_context *context, const char *path, nmf_status (*write)(sink *out, const table *t),
                             const table *t) {
    sink *out;
    nmf_status status = sink_open(context, path, &out);
    return status == NMF_OK ? sink_finish(out, write(out, t)) : status;
}

nmf_status nmf_table_write(nmf_context *context, const char *path, const char *name, const nmf_table *numbers) {
    const format *writer = NULL;
    if (!dtype_known(numbers->dtype) || numbers->rows < 0 || numbers->cols < 0) {
        return fail(
            context, NMF_ERROR_USAGE,
            "a table of %lld × %lld numbers of type %d cannot be written; sizes are 0 or above, types NMF_F64 and "
            "NMF_F32",
            (long long)numbers->rows, (long long)numbers->cols, (int)numbers->dtype);
    }
    nmf_status status = find_named(context, name, &writer);
    table t = table_of_numbers(numbers);
    return status == NMF_OK ? format_write_file(context, path, writer->write, &t) : status;
}

nmf_status nmf_matrix_write(nmf_context *context, const char *path, const char *name, const nmf_matrix *matrix) {
    const format *writer = NULL;
    table t = table_of_matrix(matrix);
    if (matrix_need_whole(matrix, "writing") != NMF_OK) {
        return NMF_ERROR_USAGE;
    }
    if (!name && tenx_is_folder(path)) {
        return tenx_write(context, path, &t);
    }
    nmf_status status = format_find_writer(context, path, name, &writer);
    if (status == NMF_OK) {
        status = format_write_file(context, path, writer->write, &t);
    }
    return status == NMF_OK && !writer->has_names ? names_to_files(context, path, &t) : status;
}

nmf_status nmf_text_write(nmf_context *context, const char *path, const char *text, size_t bytes) {
    sink *out;
    nmf_status status = sink_open(context, path, &out);
    return status == NMF_OK ? sink_finish(out, sink_write(out, text, bytes)) : status;
}
