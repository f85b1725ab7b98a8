/* nmf info FILE: what is in a file, and what a fit of it would take. */
#include "command.h"
#include "input.h"
#include "report.h"
#include "say.h"
#include "sides.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { RANK_WITHOUT_K = 10 };

static const own_option *const own[] = {&option_missing, INPUT_OPTIONS, &option_json, NULL};
static const char *const taken[] = {"rank", "solver", "loss", "init", "dtype", "threads", "observed", "free", NULL};

typedef struct findings {
    nmf_matrix_info info;
    bool row_names, col_names;
    double density;
    int64_t rank;
    size_t fit_bytes;
} findings;

static const char *names_of(const findings *found) {
    if (found->row_names) {
        return found->col_names ? "rows and columns" : "rows";
    }
    return found->col_names ? "columns" : "none";
}

static void print_text(const char *file, const findings *found) {
    const nmf_matrix_info *info = &found->info;
    char *matrix_size = size_text((double)info->bytes);
    char *fit_size = size_text((double)found->fit_bytes);
    printf("file          %s\n", file);
    printf("source        %s\n", info->source);
    printf("shape         %" PRId64 " rows x %" PRId64 " columns\n", info->rows, info->cols);
    printf("held as       %s, %s\n", info->sparse ? "sparse" : "dense", info->dtype == NMF_F32 ? "f32" : "f64");
    printf("non-zeros     %" PRId64 " (%.3g %%)\n", info->nnz, 100 * found->density);
    if (info->missing > 0) {
        printf("missing       %" PRId64 "\n", info->missing);
    }
    printf("zero rows     %" PRId64 "\n", info->zero_rows);
    printf("zero columns  %" PRId64 "\n", info->zero_cols);
    printf("range         %.10g to %.10g\n", info->min, info->max);
    printf("norm          %.10g\n", info->norm);
    printf("names         %s\n", names_of(found));
    printf("memory        %s, and %s for a fit of rank %" PRId64 "\n", matrix_size, fit_size, found->rank);
    free(fit_size);
    free(matrix_size);
}

static void print_json(const char *file, const findings *found) {
    const nmf_matrix_info *info = &found->info;
    json_t *report = json_object();
    json_object_set_new(report, "file", report_text(file));
    json_object_set_new(report, "source", report_text(info->source));
    json_object_set_new(report, "rows", json_integer(info->rows));
    json_object_set_new(report, "cols", json_integer(info->cols));
    json_object_set_new(report, "sparse", json_boolean(info->sparse));
    json_object_set_new(report, "dtype", json_string(info->dtype == NMF_F32 ? "f32" : "f64"));
    json_object_set_new(report, "nnz", json_integer(info->nnz));
    json_object_set_new(report, "density", report_number(found->density));
    json_object_set_new(report, "missing", json_integer(info->missing));
    json_object_set_new(report, "zero_rows", json_integer(info->zero_rows));
    json_object_set_new(report, "zero_cols", json_integer(info->zero_cols));
    json_object_set_new(report, "min", report_number(info->min));
    json_object_set_new(report, "max", report_number(info->max));
    json_object_set_new(report, "norm", report_number(info->norm));
    json_object_set_new(report, "row_names", json_boolean(found->row_names));
    json_object_set_new(report, "col_names", json_boolean(found->col_names));
    json_object_set_new(report, "bytes", json_integer((json_int_t)info->bytes));
    json_object_set_new(report, "fit_rank", json_integer(found->rank));
    json_object_set_new(report, "fit_bytes", json_integer((json_int_t)found->fit_bytes));
    report_print(report);
    json_decref(report);
}

static nmf_status look_at(nmf_context *context, const nmf_matrix *matrix, const nmf_options *options, findings *found) {
    nmf_matrix_get_info(matrix, &found->info);
    double entries = (double)found->info.rows * (double)found->info.cols;
    found->density = entries > 0 ? (double)found->info.nnz / entries : 0;
    found->row_names = nmf_matrix_row_name(matrix, 0) != NULL;
    found->col_names = nmf_matrix_col_name(matrix, 0) != NULL;
    found->rank = options->rank;
    return nmf_fit_memory(context, matrix, options, &found->fit_bytes);
}

static nmf_status run(nmf_context *context, cli_settings *settings) {
    if (!settings->rank_given) {
        settings->fit.rank = RANK_WITHOUT_K;
    }
    nmf_matrix *matrix = NULL;
    findings found = {.rank = 0};
    nmf_status status = input_open(context, settings, settings->files[0], &matrix);
    if (status != NMF_OK) {
        return status;
    }
    status = look_at(context, matrix, &settings->fit, &found);
    if (status != NMF_OK) {
        complain_context(status, context);
    } else if (settings->json) {
        print_json(settings->files[0], &found);
    } else {
        print_text(settings->files[0], &found);
    }
    nmf_matrix_free(matrix);
    return status;
}

const subcommand command_info = {
    .name = "info",
    .summary = "Say what is in a file, and what a fit of it would take.",
    .arguments = "FILE",
    .usage = "[OPTIONS]",
    .more = "Reads and checks the whole matrix, and says what it is once prepared. The memory of a fit is\n"
            "that at the rank of -k, 10 without it, besides the matrix itself.\n",
    .fit = taken,
    .own = own,
    .run = run,
};
