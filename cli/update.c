#include "update.h"

#include "earlier.h"
#include "folder.h"
#include "input.h"
#include "progress.h"
#include "report.h"
#include "say.h"
#include "sides.h"
#include "signals.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Where the new W, H and fit.json are written, all of them, before any takes the place of an old one. */
#define FOLDER_AHEAD "update.new"

static const char *const factors_written[] = {"W", "H", NULL};

typedef struct update {
    cli_settings *settings;
    const char *from, *path; /* the folder of the fit, and that of the result */
    earlier_fit earlier;
    nmf_matrix *matrix;
    sides given;
    nmf_result *result;
    nmf_summary whole; /* of all columns */
    int64_t added;     /* new columns */
} update;

/* The numbers of all columns: what the fit's error was, and what W's moves and the new columns add to it. */
static void sum_up(update *u) {
    const nmf_summary *of_new = nmf_result_summary(u->result);
    const earlier_fit *before = &u->earlier;
    nmf_matrix_info info;
    nmf_matrix_get_info(u->matrix, &info);
    u->added = info.cols;
    u->whole = *of_new;
    u->whole.cols = before->factors.cols + info.cols;
    u->whole.nnz += earlier_count(before->report, "nnz");
    u->whole.observed = u->whole.rows * u->whole.cols;
    u->whole.error = hypot(before->error, sqrt(2 * of_new->objective));
    u->whole.objective = u->whole.error * u->whole.error / 2;
    double norm = hypot(before->norm, info.norm);
    u->whole.relative_error = norm > 0 ? u->whole.error / norm : 0;
}

static json_t *report_of(const update *u) {
    const nmf_summary *of_new = nmf_result_summary(u->result);
    json_t *report = report_fit(&u->whole, u->settings), *about = json_object();
    json_object_set_new(about, "updates", json_integer(u->earlier.updates + 1));
    json_object_set_new(about, "columns", json_integer(u->added));
    json_object_set_new(about, "columns_before", json_integer(u->earlier.factors.cols));
    json_object_set_new(about, "error", report_number(of_new->error));
    json_object_set_new(about, "relative_error", report_number(of_new->relative_error));
    json_object_set_new(about, "model", report_text(u->from));
    json_object_set_new(report, "update", about);
    return report;
}

static const char *name_of_row(const void *matrix, int64_t i) {
    return nmf_matrix_row_name(matrix, i);
}

static const char *name_of_column(const void *matrix, int64_t j) {
    return nmf_matrix_col_name(matrix, j);
}

/* The old columns, then the new ones. */
static const char *name_of_any_column(const void *of_update, int64_t j) {
    const update *u = of_update;
    int64_t old = u->earlier.factors.cols;
    return j < old ? nmf_matrix_col_name(u->earlier.factors.h, j) : nmf_matrix_col_name(u->matrix, j - old);
}

static nmf_status write_w(nmf_context *context, const update *u, const char *path) {
    const nmf_matrix *names = u->earlier.factors.w;
    double *values = room_for((size_t)u->whole.rows, (size_t)u->whole.rank * sizeof *values);
    nmf_table table = {.rows = u->whole.rows, .cols = u->whole.rank, .dtype = NMF_F64, .values = values};
    nmf_result_w(u->result, NMF_F64, values);
    if (nmf_matrix_row_name(names, 0)) {
        table.row_name = name_of_row;
        table.row_names = names;
    }
    if (nmf_matrix_col_name(names, 0)) {
        table.col_name = name_of_column;
        table.col_names = names;
    }
    nmf_status status = folder_write(context, path, "W", u->settings->format, &table);
    free(values);
    return status;
}

/* H of the old columns as it was, that of the new ones behind it. */
static nmf_status write_h(nmf_context *context, const update *u, const char *path) {
    const component_set *old = &u->earlier.factors;
    int64_t k = u->whole.rank, cols = u->whole.cols;
    double *values = room_for((size_t)k, (size_t)cols * sizeof *values);
    double *added = room_for((size_t)k, (size_t)u->added * sizeof *added);
    nmf_table table = {.rows = k, .cols = cols, .dtype = NMF_F64, .values = values};
    nmf_result_h(u->result, NMF_F64, added);
    for (int64_t c = 0; c < k; c++) {
        memcpy(values + c * cols, old->h_values + c * old->cols, (size_t)old->cols * sizeof *values);
        memcpy(values + c * cols + old->cols, added + c * u->added, (size_t)u->added * sizeof *values);
    }
    if (nmf_matrix_col_name(old->h, 0)) {
        table.col_name = name_of_any_column;
        table.col_names = u;
    }
    if (nmf_matrix_row_name(old->h, 0)) {
        table.row_name = name_of_row;
        table.row_names = old->h;
    }
    nmf_status status = folder_write(context, path, "H", u->settings->format, &table);
    free(added);
    free(values);
    return status;
}

static nmf_status write_ahead(nmf_context *context, const update *u, const char *ahead, const json_t *report) {
    bool made;
    nmf_status status = folder_make(ahead, &made);
    if (status == NMF_OK) {
        status = write_w(context, u, ahead);
    }
    if (status == NMF_OK) {
        status = write_h(context, u, ahead);
    }
    return status == NMF_OK ? report_write(context, ahead, FOLDER_FIT, report) : status;
}

/* All that was written ahead takes its place, fit.json last; where that cannot be, it stays where it is. */
static nmf_status put_in_place(const update *u, const char *ahead) {
    nmf_status status = folder_open(u->path, factors_written, u->settings->format);
    return status == NMF_OK ? folder_move(ahead, u->path, factors_written, u->settings->format) : status;
}

static nmf_status keep_result(nmf_context *context, const update *u) {
    char *ahead = text_of("%s/" FOLDER_AHEAD, u->path);
    json_t *report = report_of(u);
    nmf_status status = write_ahead(context, u, ahead, report);
    if (status == NMF_OK) {
        status = put_in_place(u, ahead);
    } else {
        folder_remove(ahead, factors_written, u->settings->format);
    }
    if (status == NMF_OK) {
        const nmf_summary *of_new = nmf_result_summary(u->result);
        note("update   %" PRId64 " columns behind %" PRId64 ", rank %" PRId64 ", %" PRId64 " iterations in %.3g s",
             u->added, u->earlier.factors.cols, u->whole.rank, of_new->iterations, of_new->seconds);
        note("error    %.6g, relative %.6g, of all columns; of the new ones %.6g, relative %.6g", u->whole.error,
             u->whole.relative_error, of_new->error, of_new->relative_error);
        note("files    %s/W.%s, %s/H.%s, %s/" FOLDER_FIT, u->path, u->settings->format, u->path, u->settings->format,
             u->path);
        if (u->settings->json) {
            report_print(report);
        }
    }
    json_decref(report);
    free(ahead);
    return status;
}

static nmf_status fit_on(nmf_context *context, update *u) {
    progress_line progress = {0};
    nmf_options options = u->settings->fit;
    options.observer = progress_observe;
    options.observer_user = &progress;
    signals_watch(say_live());
    nmf_status status = nmf_update(context, u->matrix, u->earlier.factors.w, u->earlier.h, &options, &u->result);
    say_line_clear();
    return u->result ? status : complain_context(status, context);
}

/* The folder is made before the fit, as that of any fit. */
static nmf_status update_into(nmf_context *context, update *u) {
    bool made;
    nmf_status status = folder_make(u->path, &made);
    if (status != NMF_OK) {
        return status;
    }
    status = fit_on(context, u);
    if (!u->result) {
        if (made) {
            rmdir(u->path);
        }
        return status;
    }
    sum_up(u);
    nmf_status kept = keep_result(context, u);
    return kept == NMF_OK ? status : kept;
}

/* What is not said is as the fit had it: the format of its files, the precision of its numbers. */
static void take_over(update *u) {
    const char *format = json_string_value(json_object_get(u->earlier.report, "format"));
    const char *dtype = json_string_value(json_object_get(u->earlier.report, "dtype")), *known = NULL;
    for (int64_t i = 0; u->settings->format == nmf_format_at(0) && format && (known = nmf_format_at(i)); i++) {
        if (strcmp(known, format) == 0) {
            u->settings->format = known;
            break;
        }
    }
    if (dtype && strcmp(dtype, "f32") == 0) {
        u->settings->fit.dtype = NMF_F32;
    }
}

/* A matrix that was prepared in another way is another matrix. */
static void compare_preparation(const update *u) {
    json_t *now = report_prepare(&u->settings->prepare), *before = json_object_get(u->earlier.report, "prepare");
    if (before && !json_equal(now, before)) {
        say_warning(NULL, "the matrix of the fit was prepared by other options (\"prepare\" of its " FOLDER_FIT
                          "): new columns mean the same only where they are prepared in the same way");
    }
    json_decref(now);
}

static nmf_status read_all(nmf_context *context, update *u) {
    nmf_status status = earlier_read(context, u->from, &u->earlier);
    if (status == NMF_OK) {
        take_over(u);
        compare_preparation(u);
        status = sides_read(context, u->settings, &u->given);
    }
    if (status == NMF_OK) {
        status = input_read(context, u->settings, u->settings->files[0], &u->matrix);
    }
    if (status == NMF_OK) {
        input_note(u->settings, u->matrix);
        status = earlier_check(&u->earlier, u->from, u->settings->files[0], u->matrix);
    }
    return status;
}

static nmf_status check(const cli_settings *settings, const char *path) {
    const char *inputs[INPUT_FILES];
    if (settings->resume || settings->h5ad) {
        return complain(NMF_ERROR_USAGE,
                        "--update goes on with a fit that came to its end, and writes its folder alone: "
                        "leave --resume and --h5ad out");
    }
    if (!folder_is(settings->update)) {
        return complain(NMF_ERROR_INPUT, "%s is not a folder: expected what nmf fit wrote, with W, H and " FOLDER_FIT,
                        settings->update);
    }
    input_files(settings, settings->files[0], inputs);
    return folder_spare(path, factors_written, inputs, INPUT_FILES);
}

nmf_status update_run(nmf_context *context, cli_settings *settings) {
    update u = {
        .settings = settings, .from = settings->update, .path = settings->output ? settings->output : settings->update};
    nmf_status status = check(settings, u.path);
    if (status == NMF_OK) {
        status = read_all(context, &u);
    }
    if (status == NMF_OK) {
        status = update_into(context, &u);
    }
    nmf_result_free(u.result);
    nmf_matrix_free(u.matrix);
    earlier_free(&u.earlier);
    sides_free(&u.given);
    return status;
}
