#include "io/bytes/packing.h"
#include "io/format.h"
#include "io/tenx/tenx.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { ID = 0, NAME = 1, TYPE = 2 };

bool tenx_is_folder(const char *path) {
    struct stat about;
    size_t length = strlen(path);
    return (length > 0 && path[length - 1] == '/') || (stat(path, &about) == 0 && S_ISDIR(about.st_mode));
}

/* FOLDER/NAME, or the same with the ending of a packing, whichever is there. */
static bool find_file(const char *folder, const char *name, char found[PATH_MAX]) {
    struct stat about;
    for (int i = -1; i < 0 || packings[i]; i++) {
        int length =
            snprintf(found, PATH_MAX, "%s/%s%s%s", folder, name, i < 0 ? "" : ".", i < 0 ? "" : packings[i]->ending);
        if (length < PATH_MAX && stat(found, &about) == 0 && S_ISREG(about.st_mode)) {
            return true;
        }
    }
    return false;
}

static nmf_status fail_missing(nmf_context *context, const char *folder, const char *what) {
    return fail(
        context, NMF_ERROR_INPUT,
        "%s is a folder, but holds no %s: expected matrix.mtx, features.tsv (or genes.tsv) and barcodes.tsv, each "
        "maybe .gz, as 10x Genomics writes them",
        folder, what);
}

/* Field `which` of a line of tabs. Where there are fewer, the last one is its name too, but not its type. */
static const char *field_of(const char *line, int which, size_t *length) {
    int left = which;
    for (const char *tab; left > 0 && (tab = strchr(line, '\t')); left--) {
        line = tab + 1;
    }
    *length = left > 0 && which == TYPE ? 0 : strcspn(line, "\t");
    return line;
}

/* Which names are read, and for what. */
typedef struct wanted {
    int field;
    int64_t count;
    const char *what; /* "rows" */
    names *list;
} wanted;

static nmf_status fail_count(const wanted *w, const stream *in, bool more) {
    return fail(w->list->context, NMF_ERROR_INPUT, "%s has %s%lld lines, but the matrix beside it %lld %s",
                stream_path(in), more ? "more than " : "", (long long)w->list->count, (long long)w->count, w->what);
}

static nmf_status add_field(const wanted *w, const stream *in, const char *line, size_t bytes, int64_t number) {
    size_t length;
    if (strlen(line) != bytes) {
        return fail(w->list->context, NMF_ERROR_INPUT, "%s, line %lld: a NUL byte is not allowed in a name",
                    stream_path(in), (long long)number);
    }
    if (w->list->count == w->count) {
        return fail_count(w, in, true);
    }
    const char *field = field_of(line, w->field, &length);
    return names_add(w->list, field, length);
}

static nmf_status read_fields(const wanted *w, stream *in) {
    for (;;) {
        char *line;
        size_t bytes;
        int64_t number;
        nmf_status status = stream_line(in, &line, &bytes, &number);
        if (status == NMF_OK && !line) {
            return w->list->count == w->count ? NMF_OK : fail_count(w, in, false);
        }
        if (status == NMF_OK) {
            status = add_field(w, in, line, bytes, number);
        }
        if (status != NMF_OK) {
            return status;
        }
    }
}

static nmf_status read_names(const char *path, const wanted *w) {
    stream *in;
    nmf_status status = stream_open(w->list->context, path, &in);
    if (status == NMF_OK) {
        status = read_fields(w, in);
        stream_close(in);
    }
    return status;
}

static int by_name(const void *left, const void *right, void *list) {
    const int64_t *a = left, *b = right;
    return strcmp(names_at(list, *a), names_at(list, *b));
}

/* The names of features, and in the place of those that come twice or more their ids. */
static nmf_status choose_names(const names *ids, names *symbols, names *chosen) {
    nmf_context *context = ids->context;
    int64_t *order = NULL, room = 0, count = ids->count;
    nmf_status status = buffer_reserve(context, (void **)&order, &room, 2 * count, sizeof *order, "the names of rows");
    if (status != NMF_OK) {
        return status;
    }
    int64_t *again = order + count;
    for (int64_t i = 0; i < count; i++) {
        order[i] = i;
        again[i] = 0;
    }
    qsort_r(order, (size_t)count, sizeof *order, by_name, symbols);
    for (int64_t i = 1; i < count; i++) {
        if (by_name(&order[i - 1], &order[i], symbols) == 0) {
            again[order[i - 1]] = again[order[i]] = 1;
        }
    }
    for (int64_t i = 0; i < count && status == NMF_OK; i++) {
        const char *name = names_at(again[i] ? ids : symbols, i);
        status = names_add(chosen, name, strlen(name));
    }
    buffer_free(context, order);
    return status;
}

/* Genes beside antibodies or peaks are rarely meant to be parts of one sum. */
static nmf_status tell_types(nmf_context *context, const char *path, int64_t count) {
    names types = names_empty(context);
    nmf_status status = read_names(path, &(wanted){TYPE, count, "rows", &types});
    const char *first = names_at(&types, 0);
    for (int64_t i = 1; status == NMF_OK && i < count; i++) {
        if (strcmp(names_at(&types, i), first) != 0) {
            caution(context,
                    "%s: rows are of several types, \"%.60s\" and \"%.60s\"; all are taken, --select-rows takes some",
                    path, first, names_at(&types, i));
            break;
        }
    }
    names_free(&types);
    return status;
}

static nmf_status read_features(nmf_context *context, const char *path, int64_t count, names *chosen) {
    names ids = names_empty(context), symbols = names_empty(context);
    nmf_status status = read_names(path, &(wanted){ID, count, "rows", &ids});
    if (status == NMF_OK) {
        status = read_names(path, &(wanted){NAME, count, "rows", &symbols});
    }
    if (status == NMF_OK) {
        status = choose_names(&ids, &symbols, chosen);
    }
    if (status == NMF_OK) {
        status = tell_types(context, path, count);
    }
    names_free(&ids);
    names_free(&symbols);
    return status;
}

nmf_status tenx_read(nmf_context *context, const char *path, const nmf_read_options *how, nmf_matrix **matrix) {
    char file[PATH_MAX];
    if (!find_file(path, "matrix.mtx", file)) {
        return fail_missing(context, path, "matrix.mtx");
    }
    nmf_status status = format_read_file(context, file, how, matrix);
    if (status != NMF_OK) {
        return status;
    }
    if (!find_file(path, "features.tsv", file) && !find_file(path, "genes.tsv", file)) {
        return fail_missing(context, path, "features.tsv");
    }
    status = read_features(context, file, (*matrix)->info.rows, &(*matrix)->row_names);
    if (status == NMF_OK && !find_file(path, "barcodes.tsv", file)) {
        return fail_missing(context, path, "barcodes.tsv");
    }
    wanted barcodes = {ID, (*matrix)->info.cols, "columns", &(*matrix)->col_names};
    return status == NMF_OK ? read_names(file, &barcodes) : status;
}

/* Is `path` a matrix.mtx, packed or not? Its folder. */
static bool is_matrix(const char *path, char folder[PATH_MAX]) {
    static const char name[] = "matrix.mtx";
    const char *slash = strrchr(path, '/'), *file = slash ? slash + 1 : path;
    size_t stem = packing_stem(path) - (size_t)(file - path);
    int length = slash ? (int)(slash - path) : 0;
    return stem == sizeof name - 1 && strncmp(file, name, stem) == 0 &&
           snprintf(folder, PATH_MAX, "%.*s", slash ? length : 1, slash ? path : ".") < PATH_MAX;
}

/* Names that do not fit are none. */
static nmf_status keep(nmf_status status, names *list) {
    if (status != NMF_OK) {
        names_free(list);
    }
    if (status == NMF_ERROR_INPUT) {
        caution(list->context, "names are not taken from beside the matrix: %s", nmf_context_message(list->context));
        return NMF_OK;
    }
    return status;
}

nmf_status tenx_names_beside(nmf_matrix *matrix, const char *path) {
    char folder[PATH_MAX], file[PATH_MAX];
    nmf_context *context = matrix->context;
    names *rows = &matrix->row_names, *cols = &matrix->col_names;
    nmf_status status = NMF_OK;
    if (!is_matrix(path, folder)) {
        return NMF_OK;
    }
    if (rows->count == 0 && (find_file(folder, "features.tsv", file) || find_file(folder, "genes.tsv", file))) {
        status = keep(read_features(context, file, matrix->info.rows, rows), rows);
    }
    if (status == NMF_OK && cols->count == 0 && find_file(folder, "barcodes.tsv", file)) {
        status = keep(read_names(file, &(wanted){ID, matrix->info.cols, "columns", cols}), cols);
    }
    return status;
}
