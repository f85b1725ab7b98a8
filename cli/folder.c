#include "folder.h"

#include "say.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

nmf_status folder_choose(const char *given, const char *input, const char *ending, char **path) {
    struct stat about;
    size_t length = strlen(input);
    if (!given && strcmp(input, "-") == 0) {
        return complain(NMF_ERROR_USAGE,
                        "the standard input has no name that a folder could be named after: name one with -o");
    }
    if (!given && stat(input, &about) == 0 && !S_ISREG(about.st_mode) && !S_ISDIR(about.st_mode)) {
        return complain(NMF_ERROR_USAGE,
                        "%s is not a file that a folder for the result can stand beside: name one "
                        "with -o",
                        input);
    }
    while (length > 1 && input[length - 1] == '/') {
        length--;
    }
    *path = given ? text_of("%s", given) : text_of("%.*s.%s", (int)length, input, ending);
    return NMF_OK;
}

bool folder_is(const char *path) {
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

static void make_parents(const char *path) {
    char *part = text_of("%s", path);
    for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(part, 0777);
        *slash = '/';
    }
    free(part);
}

nmf_status folder_make(const char *path, bool *made) {
    *made = false;
    if (!folder_is(path)) {
        make_parents(path);
        if (mkdir(path, 0777) == 0) {
            *made = true;
        } else {
            int error = errno;
            if (!folder_is(path)) {
                return complain(NMF_ERROR_OUTPUT, "the folder %s for the result cannot be made: %s; -o names another",
                                path, error == EEXIST ? "there is a file of that name" : strerror(error));
            }
        }
    }
    if (access(path, W_OK | X_OK) != 0) {
        return complain(NMF_ERROR_OUTPUT, "the folder %s for the result cannot be written to: %s; -o names another",
                        path, strerror(errno));
    }
    return NMF_OK;
}

bool folder_same(const char *a, const char *b) {
    struct stat one, other;
    return stat(a, &one) == 0 && stat(b, &other) == 0 && one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

bool folder_has(const char *path, const char *name) {
    char *file = text_of("%s/%s", path, name);
    bool there = access(file, F_OK) == 0;
    free(file);
    return there;
}

static nmf_status take_away(const char *path, const char *name, const char *ending) {
    char *file = text_of("%s/%s%s", path, name, ending);
    nmf_status status = NMF_OK;
    if (unlink(file) != 0 && errno != ENOENT) {
        status = complain(NMF_ERROR_OUTPUT, "%s, left by an earlier run, cannot be removed: %s", file, strerror(errno));
    }
    free(file);
    return status;
}

/* Where names go beside a format that has no room for them. */
static const char *side_file(const char *name) {
    return name[0] == 'W' ? ".rows.txt" : ".cols.txt";
}

static nmf_status spare(const char *path, const char *name, const char *dot, const char *ending,
                        const char *const *inputs, int count) {
    char *file = text_of("%s/%s%s%s", path, name, dot, ending);
    nmf_status status = NMF_OK;
    for (int i = 0; i < count && status == NMF_OK; i++) {
        if (inputs[i] && folder_same(file, inputs[i])) {
            status = complain(NMF_ERROR_USAGE,
                              "%s is read, and the result would take its place: name another place "
                              "with -o",
                              file);
        }
    }
    free(file);
    return status;
}

nmf_status folder_spare(const char *path, const char *const *factors, const char *const *inputs, int count) {
    nmf_status status = spare(path, FOLDER_FIT, "", "", inputs, count);
    if (status == NMF_OK) {
        status = spare(path, FOLDER_TRANSFORM, "", "", inputs, count);
    }
    for (; *factors && status == NMF_OK; factors++) {
        const char *format = NULL;
        status = spare(path, *factors, "", side_file(*factors), inputs, count);
        for (int64_t i = 0; status == NMF_OK && (format = nmf_format_at(i)); i++) {
            status = spare(path, *factors, ".", format, inputs, count);
        }
    }
    return status;
}

nmf_status folder_spare_files(const char *path, const char *const *files, const char *const *inputs, int count) {
    nmf_status status = NMF_OK;
    for (; *files && status == NMF_OK; files++) {
        status = spare(path, *files, "", "", inputs, count);
    }
    return status;
}

/* In every format; `but` may be NULL. */
static nmf_status take_away_formats(const char *path, const char *name, const char *but) {
    nmf_status status = take_away(path, name, side_file(name));
    const char *format = NULL;
    for (int64_t i = 0; status == NMF_OK && (format = nmf_format_at(i)); i++) {
        if (!but || strcmp(format, but) != 0) {
            char *ending = text_of(".%s", format);
            status = take_away(path, name, ending);
            free(ending);
        }
    }
    return status;
}

static nmf_status take_away_consensus(const char *path) {
    static const char *const bounds[] = {FOLDER_BOUNDS, NULL};
    static const char *const files[] = {FOLDER_CONSENSUS, FOLDER_CONSENSUS_FILES, NULL};
    nmf_status status = NMF_OK;
    if (!folder_has(path, FOLDER_CONSENSUS)) {
        return NMF_OK;
    }
    for (int i = 0; files[i] && status == NMF_OK; i++) {
        status = take_away(path, files[i], "");
    }
    for (int i = 0; bounds[i] && status == NMF_OK; i++) {
        status = take_away_formats(path, bounds[i], NULL);
    }
    return status;
}

nmf_status folder_open(const char *path, const char *const *factors, const char *format) {
    bool ours = folder_has(path, FOLDER_FIT) || folder_has(path, FOLDER_TRANSFORM);
    nmf_status status = take_away(path, FOLDER_FIT, "");
    if (status == NMF_OK) {
        status = take_away(path, FOLDER_TRANSFORM, "");
    }
    if (status == NMF_OK) {
        status = take_away_consensus(path);
    }
    for (; ours && *factors && status == NMF_OK; factors++) {
        status = take_away_formats(path, *factors, format);
    }
    return status;
}

typedef struct name_list {
    const char *(*name)(const void *names, int64_t i);
    const void *names;
    int64_t count;
} name_list;

static char *lines_of(const name_list *list, size_t *bytes) {
    size_t size = 0, used = 0;
    for (int64_t i = 0; i < list->count; i++) {
        size += strlen(list->name(list->names, i)) + 1;
    }
    char *text = room_for(size, 1);
    for (int64_t i = 0; i < list->count; i++) {
        const char *name = list->name(list->names, i);
        /* A line a name: a line break inside one would shift all that follow. */
        for (; *name; name++) {
            text[used++] = (char)(*name == '\n' || *name == '\r' ? ' ' : *name);
        }
        text[used++] = '\n';
    }
    *bytes = used;
    return text;
}

static nmf_status write_side(nmf_context *context, const char *path, const char *name, const nmf_table *table) {
    bool of_rows = name[0] == 'W';
    name_list list = of_rows ? (name_list){table->row_name, table->row_names, table->rows}
                             : (name_list){table->col_name, table->col_names, table->cols};
    if (!list.name) {
        return NMF_OK;
    }
    size_t bytes = 0;
    char *text = lines_of(&list, &bytes);
    char *file = text_of("%s/%s%s", path, name, side_file(name));
    nmf_status status = nmf_text_write(context, file, text, bytes);
    free(file);
    free(text);
    return status == NMF_OK ? NMF_OK : complain_context(status, context);
}

/* Does a table in this format carry the names of its rows and columns? */
static bool carries_names(const char *format) {
    static const char *const with_names[] = {"csv", "tsv", "npz"};
    for (size_t i = 0; i < sizeof with_names / sizeof *with_names; i++) {
        if (strcmp(format, with_names[i]) == 0) {
            return true;
        }
    }
    return false;
}

nmf_status folder_write_names(nmf_context *context, const char *path, const char *name, const char *format,
                              const nmf_table *table) {
    return carries_names(format) ? NMF_OK : write_side(context, path, name, table);
}

nmf_status folder_write(nmf_context *context, const char *path, const char *name, const char *format,
                        const nmf_table *table) {
    nmf_status status = folder_write_names(context, path, name, format, table);
    if (status != NMF_OK) {
        return status;
    }
    char *file = text_of("%s/%s.%s", path, name, format);
    status = nmf_table_write(context, file, format, table);
    free(file);
    return status == NMF_OK ? NMF_OK : complain_context(status, context);
}

static nmf_status move_file(const char *from, const char *to, const char *name, const char *dot, const char *ending) {
    char *old = text_of("%s/%s%s%s", from, name, dot, ending), *new = text_of("%s/%s%s%s", to, name, dot, ending);
    nmf_status status = NMF_OK;
    if (rename(old, new) != 0 && errno != ENOENT) {
        status = complain(NMF_ERROR_OUTPUT, "%s is written, but cannot be moved to %s: %s", old, new, strerror(errno));
    }
    free(old);
    free(new);
    return status;
}

nmf_status folder_move(const char *from, const char *to, const char *const *factors, const char *format) {
    nmf_status status = NMF_OK;
    for (; *factors && status == NMF_OK; factors++) {
        status = move_file(from, to, *factors, "", side_file(*factors));
        if (status == NMF_OK) {
            status = move_file(from, to, *factors, ".", format);
        }
    }
    if (status == NMF_OK) {
        status = move_file(from, to, FOLDER_FIT, "", "");
    }
    if (status == NMF_OK) {
        rmdir(from);
    }
    return status;
}

void folder_remove(const char *path, const char *const *factors, const char *format) {
    for (; *factors; factors++) {
        char *ending = text_of(".%s", format);
        take_away(path, *factors, side_file(*factors));
        take_away(path, *factors, ending);
        free(ending);
    }
    take_away(path, FOLDER_FIT, "");
    rmdir(path);
}

/* The formats in which factor `name` is there: how many, and the last one's file in `file`, to be freed. */
static int look_for(const char *path, const char *name, char **file) {
    int found = 0;
    const char *format = NULL;
    *file = NULL;
    for (int64_t i = 0; (format = nmf_format_at(i)); i++) {
        char *candidate = text_of("%s/%s.%s", path, name, format);
        if (access(candidate, F_OK) == 0) {
            found++;
            free(*file);
            *file = candidate;
        } else {
            free(candidate);
        }
    }
    return found;
}

bool folder_has_factor(const char *path, const char *name) {
    char *file = NULL;
    bool there = look_for(path, name, &file) > 0;
    free(file);
    return there;
}

/* A free W has numbers below 0. */
static const nmf_read_options any_sign = {.allowed = NMF_ALLOW_NEGATIVE};

nmf_status folder_read(nmf_context *context, const char *path, const char *name, nmf_matrix **matrix) {
    *matrix = NULL;
    if (!folder_is(path)) {
        return complain(NMF_ERROR_INPUT, "%s is not a folder: expected what nmf fit wrote, with %s in it", path, name);
    }
    if (!folder_has(path, FOLDER_FIT) && !folder_has(path, FOLDER_TRANSFORM)) {
        return complain(NMF_ERROR_INPUT,
                        "%s holds no finished result: neither " FOLDER_FIT " nor " FOLDER_TRANSFORM
                        ", which are written last, is there",
                        path);
    }
    char *file = NULL;
    int found = look_for(path, name, &file);
    nmf_status status = NMF_OK;
    if (found == 0) {
        status = complain(NMF_ERROR_INPUT, "%s holds no %s.csv, %s.npy or %s.mtx: it is not what nmf fit wrote", path,
                          name, name, name);
    } else if (found > 1) {
        status = complain(NMF_ERROR_INPUT, "%s holds %s in %d formats, %s among them: remove all but the right one",
                          path, name, found, file);
    } else if ((status = nmf_matrix_read(context, file, &any_sign, matrix)) != NMF_OK) {
        complain_context(status, context);
    }
    free(file);
    return status;
}

double *folder_numbers(const nmf_matrix *matrix) {
    nmf_matrix_info info;
    nmf_matrix_get_info(matrix, &info);
    double *values = room_for((size_t)info.rows, (size_t)info.cols * sizeof *values);
    nmf_matrix_copy(matrix, values);
    return values;
}
