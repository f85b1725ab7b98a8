#include "seen.h"

#include "folder.h"
#include "input.h"
#include "outlet.h"
#include "report.h"
#include "say.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

nmf_status seen_check(const cli_settings *settings) {
    if (settings->all && settings->seen) {
        return complain(NMF_ERROR_USAGE, "--all leaves out no row and --seen those in a file: only one of them can be");
    }
    if (!settings->seen && input_prepares(settings)) {
        return complain(NMF_ERROR_USAGE, "--transpose, --select-rows and the like are about --seen FILE: name one");
    }
    return NMF_OK;
}

/* What the fit did to the file that turns its rows and columns into others: the option, or NULL. */
static const char *moved_by(const json_t *report) {
    static const char *const keys[] = {"transpose", "select_rows", "select_cols"};
    static const char *const options[] = {"--transpose", "--select-rows", "--select-cols"};
    const json_t *prepare = json_object_get(report, "prepare");
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const json_t *done = json_object_get(prepare, keys[i]);
        if (done && !json_is_false(done) && !json_is_null(done)) {
            return options[i];
        }
    }
    return NULL;
}

static nmf_status check_fitted(const char *folder, const json_t *report) {
    static const char ask[] = "say what was seen with --seen FILE, or --all for nothing";
    const char *path = json_string_value(json_object_get(report, "input"));
    const char *moved = moved_by(report);
    if (!path) {
        return complain(NMF_ERROR_USAGE, "%s/" FOLDER_FIT " does not name the file that was fitted: %s", folder, ask);
    }
    if (strcmp(path, "-") == 0) {
        return complain(NMF_ERROR_USAGE, "what was fitted came from the standard input and is not kept: %s", ask);
    }
    if (moved) {
        return complain(NMF_ERROR_USAGE, "%s was fitted with %s: %s (%s goes with --seen too)", path, moved, ask,
                        moved);
    }
    if (access(path, F_OK) != 0) {
        return complain(NMF_ERROR_USAGE, "%s, which was fitted, is not there any more: %s", path, ask);
    }
    return NMF_OK;
}

/* The file that the fit was made of, to be freed. */
static nmf_status fitted_file(const char *folder, char **path) {
    json_t *report = NULL;
    nmf_status status = report_read(folder, FOLDER_FIT, "fit", &report);
    if (status == NMF_OK) {
        status = check_fitted(folder, report);
    }
    if (status == NMF_OK) {
        *path = text_of("%s", json_string_value(json_object_get(report, "input")));
    }
    json_decref(report);
    return status;
}

static nmf_status check_shape(const char *path, const model *from, const nmf_matrix *seen) {
    nmf_matrix_info info;
    nmf_matrix_get_info(seen, &info);
    if (info.rows != from->rows.count || info.cols != from->cols.count) {
        return complain(NMF_ERROR_INPUT,
                        "%s is %" PRId64 " x %" PRId64 ", but W H is %" PRId64 " x %" PRId64 ": both must be the same",
                        path, info.rows, info.cols, from->rows.count, from->cols.count);
    }
    return NMF_OK;
}

/* A warning where a row, or a column, goes by another name here: most likely they come in another order. */
static void compare_names(const char *path, const lookup *in, const nmf_matrix *seen,
                          const char *(*name_of)(const nmf_matrix *, int64_t)) {
    for (int64_t i = 0; i < in->count && in->names; i++) {
        const char *given = name_of(seen, i);
        if (!given) {
            return;
        }
        if (strcmp(in->names[i], given) != 0) {
            char *sentence =
                text_of("%s %" PRId64 " is \"%s\" in %s but \"%s\" in the fit: %ss must come in the same order",
                        in->what, i + 1, given, path, in->names[i], in->what);
            say_warning(NULL, sentence);
            free(sentence);
            return;
        }
    }
}

/* Whatever is in it counts as seen, be it zero, as far as it is stored, or below; only what is missing does not. */
static nmf_status read_matrix(nmf_context *context, const cli_settings *settings, const char *path, nmf_matrix **seen) {
    nmf_read_options how = input_reading(settings);
    how.allowed = NMF_ALLOW_MISSING | NMF_ALLOW_NEGATIVE | NMF_KEEP_ZEROS;
    nmf_status status = nmf_matrix_read(context, path, &how, seen);
    if (status == NMF_OK) {
        status = nmf_matrix_prepare(context, &settings->prepare, seen);
    }
    return status == NMF_OK ? NMF_OK : complain_context(status, context);
}

static nmf_status read_fitting(nmf_context *context, const cli_settings *settings, const char *path, const model *from,
                               nmf_matrix **seen) {
    nmf_status status = read_matrix(context, settings, path, seen);
    if (status == NMF_OK) {
        status = check_shape(path, from, *seen);
    }
    if (status == NMF_OK) {
        compare_names(path, &from->rows, *seen, nmf_matrix_row_name);
        compare_names(path, &from->cols, *seen, nmf_matrix_col_name);
    } else {
        nmf_matrix_free(*seen);
        *seen = NULL;
    }
    return status;
}

static nmf_status check_output(const cli_settings *settings, const char *path) {
    const char *inputs[INPUT_FILES];
    input_files(settings, path, inputs);
    return outlet_spare(settings->output, settings->files[0], inputs, INPUT_FILES);
}

/* Where what was seen is, to be freed; NULL: nowhere. */
static nmf_status choose_file(const cli_settings *settings, char **path) {
    *path = settings->seen ? text_of("%s", settings->seen) : NULL;
    return settings->seen || settings->all ? NMF_OK : fitted_file(settings->files[0], path);
}

nmf_status seen_read(nmf_context *context, const cli_settings *settings, const model *from, nmf_matrix **seen) {
    char *path = NULL;
    *seen = NULL;
    nmf_status status = choose_file(settings, &path);
    if (status == NMF_OK) {
        status = check_output(settings, path);
    }
    if (status == NMF_OK && path) {
        status = read_fitting(context, settings, path, from, seen);
    }
    free(path);
    return status;
}
