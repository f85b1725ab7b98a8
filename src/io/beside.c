#include "io/beside.h"
#include "io/bytes/packing.h"
#include "io/bytes/stream.h"
#include "io/format.h"
#include "io/name_lines.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

/* Which names are looked for, and where they go. */
typedef struct wanted {
    nmf_context *context;
    const char *what;   /* "rows" */
    const char *ending; /* "rows.txt" */
    int64_t count;
    names *list;
} wanted;

static nmf_status read_file(const wanted *w, const char *path) {
    names list;
    bool more;
    nmf_status status = name_lines_read(w->context, path, w->count, &list, &more);
    if (status == NMF_OK && (more || list.count != w->count)) {
        status = fail(w->context, NMF_ERROR_INPUT,
                      "%s holds %s%lld names, the matrix has %lld %s; one name a line is needed", path,
                      more ? "more than " : "", (long long)list.count, (long long)w->count, w->what);
        names_free(&list);
    }
    if (status == NMF_OK) {
        names_free(w->list);
        *w->list = list;
    }
    return status;
}

/* Bytes of `path` up to its file's name, and up to that name's ending. */
static void split_path(const char *path, int *directory, int *stem) {
    const char *slash = strrchr(path, '/');
    size_t length = packing_stem(path);
    *directory = slash ? (int)(slash - path) + 1 : 0;
    *stem = (int)length;
    for (int i = (int)length - 1; i > *directory; i--) {
        if (path[i] == '.') {
            *stem = i;
            return;
        }
    }
}

/* Use a file that is there and fits; *used says whether it was. */
static nmf_status try_file(const wanted *w, const char *path, bool *used) {
    struct stat about;
    *used = false;
    if (stat(path, &about) != 0 || !S_ISREG(about.st_mode)) {
        return NMF_OK;
    }
    nmf_status status = read_file(w, path);
    *used = status == NMF_OK;
    if (status == NMF_ERROR_INPUT) {
        caution(w->context, "names of %s are not taken from beside the matrix: %s", w->what,
                nmf_context_message(w->context));
        return NMF_OK;
    }
    return status;
}

/* DIR/STEM.ENDING in memory of its own, with `directory` bytes before its file's name; freed by buffer_free. */
static nmf_status path_beside(nmf_context *context, const char *path, const char *ending, int *directory,
                              char **beside) {
    int stem;
    int64_t room = 0;
    size_t bytes = strlen(ending) + 1;
    *beside = NULL;
    split_path(path, directory, &stem);
    nmf_status status =
        buffer_reserve(context, (void **)beside, &room, (int64_t)(strlen(path) + 1 + bytes), 1, "the name of a file");
    if (status == NMF_OK) {
        memcpy(*beside, path, (size_t)stem);
        (*beside)[stem] = '.';
        memcpy(*beside + stem + 1, ending, bytes);
    }
    return status;
}

static nmf_status look_beside(const wanted *w, const char *path) {
    int directory;
    char *candidate;
    nmf_status status = path_beside(w->context, path, w->ending, &directory, &candidate);
    if (status != NMF_OK) {
        return status;
    }
    bool used;
    status = try_file(w, candidate, &used);
    if (status == NMF_OK && !used) {
        memcpy(candidate + directory, w->ending, strlen(w->ending) + 1);
        status = try_file(w, candidate, &used);
    }
    buffer_free(w->context, candidate);
    return status;
}

static nmf_status find_names(const wanted *w, const char *path, const char *given) {
    if (given) {
        return read_file(w, given);
    }
    bool alone = strcmp(path, STREAM_STANDARD) == 0; /* nothing lies beside the standard input */
    return alone || w->list->count > 0 ? NMF_OK : look_beside(w, path);
}

nmf_status names_from_files(nmf_matrix *matrix, const char *path, const nmf_read_options *options) {
    nmf_context *context = matrix->context;
    wanted rows = {context, "rows", "rows.txt", matrix->info.rows, &matrix->row_names};
    wanted cols = {context, "columns", "cols.txt", matrix->info.cols, &matrix->col_names};
    nmf_status status = find_names(&rows, path, options->row_names);
    return status == NMF_OK ? find_names(&cols, path, options->col_names) : status;
}

static bool lies_beside(const char *path, const char *ending) {
    char beside[PATH_MAX];
    struct stat about;
    int directory, stem;
    split_path(path, &directory, &stem);
    return (snprintf(beside, sizeof beside, "%.*s.%s", stem, path, ending) < PATH_MAX && stat(beside, &about) == 0) ||
           (snprintf(beside, sizeof beside, "%.*s%s", directory, path, ending) < PATH_MAX && stat(beside, &about) == 0);
}

bool names_lie_beside(const char *path, const nmf_read_options *options) {
    return options->row_names || options->col_names || lies_beside(path, "rows.txt") || lies_beside(path, "cols.txt");
}

/* A name a line; a line break within one becomes a blank. */
static nmf_status write_names(sink *out, const table *t, bool column) {
    nmf_status status = NMF_OK;
    int64_t count = column ? t->cols : t->rows;
    for (int64_t i = 0; i < count && status == NMF_OK; i++) {
        const char *name = t->name(t, column, i);
        for (size_t length = strcspn(name, "\r\n"); name[length] && status == NMF_OK; length = strcspn(name, "\r\n")) {
            status = sink_write(out, name, length);
            status = status == NMF_OK ? sink_write(out, " ", 1) : status;
            name += length + 1;
        }
        status = status == NMF_OK ? sink_write(out, name, strlen(name)) : status;
        status = status == NMF_OK ? sink_write(out, "\n", 1) : status;
    }
    return status;
}

static nmf_status write_row_names(sink *out, const table *t) {
    return write_names(out, t, false);
}

static nmf_status write_col_names(sink *out, const table *t) {
    return write_names(out, t, true);
}

static nmf_status names_to_side(nmf_context *context, const char *path, const table *t, bool column) {
    int directory;
    char *beside;
    struct stat about;
    nmf_status status = path_beside(context, path, column ? "cols.txt" : "rows.txt", &directory, &beside);
    if (status == NMF_OK && (column ? t->col_names : t->row_names)) {
        status = format_write_file(context, beside, column ? write_col_names : write_row_names, t);
    } else if (status == NMF_OK && stat(beside, &about) == 0) {
        caution(context, "%s was there already and may hold the names of another matrix: %s has none", beside, path);
    }
    buffer_free(context, beside);
    return status;
}

nmf_status names_to_files(nmf_context *context, const char *path, const table *t) {
    if (strcmp(path, SINK_STANDARD) == 0) {
        return NMF_OK;
    }
    nmf_status status = names_to_side(context, path, t, false);
    return status == NMF_OK ? names_to_side(context, path, t, true) : status;
}
