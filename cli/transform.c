/* nmf transform DIR FILE: H for new columns, W fixed. */
#include "command.h"
#include "factors.h"
#include "folder.h"
#include "input.h"
#include "report.h"
#include "say.h"
#include "sides.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const own_option output = {{.name = "output",
                                   .letter = 'o',
                                   .argument = "DIR2",
                                   .value = "FILE.nmf",
                                   .help = "The folder for H and transform.json; made where missing. Not one that "
                                           "holds a fit, whose H this would replace."},
                                  OPTION_TEXT,
                                  offsetof(cli_settings, output),
                                  0};
static const own_option *const own[] = {&output,       &option_format, &option_missing, &option_mask, &option_weights,
                                        INPUT_OPTIONS, &option_quiet,  &option_json,    NULL};
static const char *const taken[] = {"dtype",    "threads",  "loss", "observed", "implicit", "alpha-h",
                                    "l1-ratio", "l1-h",     "l2-h", "ortho-h",  "max-h",    "simplex",
                                    "free",     "max-iter", "tol",  "stop",     NULL};
static const char *const factors_written[] = {"H", NULL};

static void compare_names(const cli_settings *settings, const nmf_matrix *w, const nmf_matrix *matrix) {
    nmf_matrix_info info;
    nmf_matrix_get_info(matrix, &info);
    for (int64_t i = 0; i < info.rows; i++) {
        const char *known = nmf_matrix_row_name(w, i);
        const char *given = nmf_matrix_row_name(matrix, i);
        if (!known || !given) {
            return;
        }
        if (strcmp(known, given) != 0) {
            char *sentence =
                text_of("row %" PRId64 " is \"%s\" in %s but \"%s\" in W: rows must come in the same order", i + 1,
                        given, settings->files[1], known);
            say_warning(NULL, sentence);
            free(sentence);
            return;
        }
    }
}

static nmf_status check_output(const cli_settings *settings, const char *path) {
    if (folder_same(path, settings->files[0]) || folder_has(path, FOLDER_FIT)) {
        return complain(NMF_ERROR_USAGE, "%s holds a fit, whose H would be lost: name another folder with -o", path);
    }
    const char *inputs[INPUT_FILES];
    input_files(settings, settings->files[1], inputs);
    return folder_spare(path, factors_written, inputs, INPUT_FILES);
}

static nmf_status check_rows(const cli_settings *settings, const nmf_matrix *w, const nmf_matrix *matrix) {
    nmf_matrix_info of_w, of_a;
    nmf_matrix_get_info(w, &of_w);
    nmf_matrix_get_info(matrix, &of_a);
    if (of_w.rows != of_a.rows) {
        return complain(NMF_ERROR_INPUT,
                        "%s has %" PRId64 " rows, but the W in %s has %" PRId64 ": both must have the same",
                        settings->files[1], of_a.rows, settings->files[0], of_w.rows);
    }
    compare_names(settings, w, matrix);
    return NMF_OK;
}

static nmf_status keep_result(nmf_context *context, const cli_settings *settings, const factor_files *factors) {
    const nmf_summary *summary = nmf_result_summary(factors->result);
    nmf_status status = folder_open(factors->path, factors_written, factors->format);
    if (status == NMF_OK) {
        status = factors_write_h(context, factors);
    }
    if (status != NMF_OK) {
        return status;
    }
    json_t *report = report_transform(summary, settings);
    status = report_write(context, factors->path, FOLDER_TRANSFORM, report);
    if (status == NMF_OK) {
        note("error    %.6g, relative %.6g, for %" PRId64 " columns in %.3g s", summary->error, summary->relative_error,
             summary->cols, summary->seconds);
        note("files    %s/H.%s, %s/" FOLDER_TRANSFORM, factors->path, settings->format, factors->path);
        if (settings->json) {
            report_print(report);
        }
    }
    json_decref(report);
    return status;
}

static nmf_status transform_into(nmf_context *context, const cli_settings *settings, const nmf_matrix *w,
                                 const nmf_matrix *matrix, const char *path) {
    bool made = false;
    nmf_status status = folder_make(path, &made);
    if (status != NMF_OK) {
        return status;
    }
    nmf_result *result = NULL;
    status = nmf_transform(context, matrix, w, &settings->fit, &result);
    if (status != NMF_OK) {
        complain_context(status, context);
        if (made) {
            rmdir(path);
        }
        return status;
    }
    factor_files factors = {matrix, result, path, settings->format, NULL};
    status = keep_result(context, settings, &factors);
    nmf_result_free(result);
    return status;
}

/* Unless told otherwise, the loss is that of the fit. */
static nmf_status take_loss(nmf_context *context, cli_settings *settings) {
    json_t *report = NULL;
    if (settings->fit.loss || !folder_has(settings->files[0], FOLDER_FIT)) {
        return NMF_OK;
    }
    nmf_status status = report_read(settings->files[0], FOLDER_FIT, "fit", &report);
    const char *loss = json_string_value(json_object_get(report, "loss"));
    if (status == NMF_OK && loss && strcmp(loss, "frobenius") != 0) {
        status = nmf_options_set(context, &settings->fit, "loss", loss);
        status = status == NMF_OK ? NMF_OK : complain_context(status, context);
        note("loss     %s, as the fit had it", loss);
    }
    json_decref(report);
    return status;
}

static nmf_status read_all(nmf_context *context, cli_settings *settings, nmf_matrix **w, nmf_matrix **matrix,
                           sides *given) {
    nmf_status status = folder_read(context, settings->files[0], "W", w);
    if (status == NMF_OK) {
        status = take_loss(context, settings);
    }
    if (status == NMF_OK) {
        status = sides_read(context, settings, given);
    }
    if (status == NMF_OK) {
        status = input_read(context, settings, settings->files[1], matrix);
    }
    return status == NMF_OK ? check_rows(settings, *w, *matrix) : status;
}

static nmf_status run(nmf_context *context, cli_settings *settings) {
    char *path = NULL;
    nmf_matrix *w = NULL, *matrix = NULL;
    sides given = {0};
    nmf_status status = folder_choose(settings->output, settings->files[1], "nmf", &path);
    if (status == NMF_OK) {
        status = check_output(settings, path);
    }
    if (status == NMF_OK) {
        status = read_all(context, settings, &w, &matrix, &given);
    }
    if (status == NMF_OK) {
        status = transform_into(context, settings, w, matrix, path);
    }
    nmf_matrix_free(matrix);
    nmf_matrix_free(w);
    sides_free(&given);
    free(path);
    return status;
}

const subcommand command_transform = {
    .name = "transform",
    .summary = "H for the columns of another matrix, with the W of a fit.",
    .arguments = "DIR FILE",
    .usage = "[OPTIONS]",
    .more = "DIR is the folder of a fit; FILE holds a matrix with the same rows. Writes the H that is best\n"
            "for that W and the loss of the fit (of frobenius exactly, by non-negative least squares), and\n"
            "transform.json, which says how close.\n",
    .fit = taken,
    .own = own,
    .run = run,
};
