/* nmf plan FILE -k K: what a fit would take, before it is begun. */
#include "command.h"
#include "input.h"
#include "made.h"
#include "network.h"
#include "report.h"
#include "say.h"
#include "sides.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Seconds to find out what an iteration takes. */
static const double CALIBRATION = 5;
enum { ITERATIONS = 100 };

static const own_option rows = {{.name = "rows", .argument = "M", .help = "Without FILE: the rows of the matrix."},
                                OPTION_COUNT,
                                offsetof(cli_settings, made_rows),
                                INT64_MAX};
static const own_option cols = {{.name = "cols", .argument = "N", .help = "Likewise its columns."},
                                OPTION_COUNT,
                                offsetof(cli_settings, made_cols),
                                INT64_MAX};
static const own_option nnz = {{.name = "nnz",
                                .argument = "Z",
                                .help = "Likewise its entries that are not zero, of a sparse one; else it is dense."},
                               OPTION_COUNT,
                               offsetof(cli_settings, made_entries),
                               INT64_MAX};
static const own_option *const own[] = {
    &rows, &cols, &nnz, NETWORK_OPTIONS, &option_memory, &option_missing, INPUT_OPTIONS, &option_json, NULL};
static const char *const taken[] = {"*", "-checkpoint-every", "-time", NULL};

typedef struct findings {
    nmf_matrix_info info;
    nmf_placement placement;
    nmf_forecast forecast;
} findings;

static void print_matrix(const nmf_matrix_info *info) {
    printf("matrix      %" PRId64 " rows x %" PRId64 " columns, %s, %s\n", info->rows, info->cols,
           info->sparse ? "sparse" : "dense", info->dtype == NMF_F32 ? "f32" : "f64");
}

static void print_text(const findings *found) {
    const nmf_placement *place = &found->placement;
    bool streamed = strcmp(place->place, "streamed") == 0;
    char *matrix = size_text(place->matrix_bytes), *fit = size_text(place->fit_bytes);
    char *read = size_text(place->read_bytes);
    print_matrix(&found->info);
    printf("place       %s\n", place->place);
    printf("memory      %s for %s, %s for the fit\n", matrix, streamed ? "blocks of the matrix" : "the matrix", fit);
    if (streamed) {
        printf("read        %s each iteration\n", read);
    }
    printf("iteration   %.3g s", found->forecast.iteration_seconds);
    if (streamed && found->forecast.read_seconds > 0) {
        printf(" (arithmetic %.3g s, beside it reading %.3g s)", found->forecast.work_seconds,
               found->forecast.read_seconds);
    }
    printf("; %d of them %.3g s\n", ITERATIONS, ITERATIONS * found->forecast.iteration_seconds);
    free(matrix);
    free(fit);
    free(read);
}

static void print_json(const findings *found) {
    json_t *report = json_object();
    json_object_set_new(report, "rows", json_integer(found->info.rows));
    json_object_set_new(report, "cols", json_integer(found->info.cols));
    json_object_set_new(report, "stored", json_integer(found->info.stored));
    json_object_set_new(report, "sparse", json_boolean(found->info.sparse));
    json_object_set_new(report, "dtype", json_string(found->info.dtype == NMF_F32 ? "f32" : "f64"));
    json_object_set_new(report, "place", report_text(found->placement.place));
    json_object_set_new(report, "matrix_bytes", report_number(found->placement.matrix_bytes));
    json_object_set_new(report, "fit_bytes", report_number(found->placement.fit_bytes));
    json_object_set_new(report, "least_bytes", report_number(found->placement.least_bytes));
    json_object_set_new(report, "read_bytes", report_number(found->placement.read_bytes));
    json_object_set_new(report, "iteration_seconds", report_number(found->forecast.iteration_seconds));
    json_object_set_new(report, "work_seconds", report_number(found->forecast.work_seconds));
    json_object_set_new(report, "read_seconds", report_number(found->forecast.read_seconds));
    report_print(report);
    json_decref(report);
}

/* One that is too large for this machine alone is no failure where several processes are asked for. */
static nmf_status of_file(nmf_context *context, const cli_settings *settings, findings *found) {
    nmf_matrix *matrix = NULL;
    nmf_status status = input_open(context, settings, settings->files[0], &matrix);
    if (status != NMF_OK) {
        return status;
    }
    nmf_matrix_get_info(matrix, &found->info);
    status = nmf_matrix_place(context, &settings->fit, &matrix, &found->placement);
    bool made = status == NMF_ERROR_MEMORY && settings->ranks;
    if (status == NMF_OK) {
        nmf_matrix_get_info(matrix, &found->info);
        status = nmf_forecast_fit(context, matrix, &settings->fit, CALIBRATION, &found->forecast);
    }
    nmf_matrix_free(matrix);
    if (made) {
        status = made_forecast(context, &found->info, &settings->fit, CALIBRATION, &found->forecast);
    }
    return status == NMF_OK ? NMF_OK : complain_context(status, context);
}

static nmf_status of_sizes(nmf_context *context, const cli_settings *settings, findings *found) {
    found->info = (nmf_matrix_info){.rows = settings->made_rows,
                                    .cols = settings->made_cols,
                                    .sparse = settings->made_entries > 0,
                                    .stored = settings->made_entries,
                                    .nnz = settings->made_entries,
                                    .dtype = settings->fit.dtype};
    nmf_status status = nmf_place_sizes(context, &settings->fit, &found->info, &found->placement);
    if (status == NMF_OK || (status == NMF_ERROR_MEMORY && settings->ranks)) {
        status = made_forecast(context, &found->info, &settings->fit, CALIBRATION, &found->forecast);
    }
    return status == NMF_OK ? NMF_OK : complain_context(status, context);
}

static nmf_status check(const cli_settings *settings) {
    bool sizes = settings->made_rows > 0 && settings->made_cols > 0, file = settings->files[0] != NULL;
    bool any = settings->made_rows > 0 || settings->made_cols > 0 || settings->made_entries > 0;
    double all = (double)settings->made_rows * (double)settings->made_cols;
    if (file ? any : !sizes) {
        return complain(NMF_ERROR_USAGE, "plan takes a FILE, or --rows and --cols, and --nnz of a sparse matrix");
    }
    if (!settings->rank_given) {
        return complain(NMF_ERROR_USAGE, "plan needs a rank, the number of components: -k 10");
    }
    if (!file &&
        ((double)settings->made_entries > all || all > (double)INT64_MAX / 64 ||
         (settings->made_entries > 0 && (settings->made_rows > UINT32_MAX || settings->made_cols > UINT32_MAX)))) {
        return complain(NMF_ERROR_USAGE, "%" PRId64 " x %" PRId64 " with %" PRId64 " entries cannot be a matrix here",
                        settings->made_rows, settings->made_cols, settings->made_entries);
    }
    return NMF_OK;
}

static void print_over(nmf_context *context, const cli_settings *settings, const findings *found,
                       const network_request *over) {
    if (settings->json) {
        network_json(context, &settings->fit, &found->info, found->forecast.work_seconds, over);
    } else {
        print_matrix(&found->info);
        network_text(context, &settings->fit, &found->info, found->forecast.work_seconds, over);
    }
}

static nmf_status run(nmf_context *context, cli_settings *settings) {
    findings found = {.info = {.rows = 0}};
    network_request over = {.count = 0};
    nmf_status status = check(settings);
    if (status == NMF_OK) {
        status = network_parse(settings, &over);
    }
    if (status != NMF_OK) {
        return status;
    }
    nmf_context_limit_memory(context, settings->memory);
    status = settings->files[0] ? of_file(context, settings, &found) : of_sizes(context, settings, &found);
    if (status != NMF_OK) {
        return status;
    }
    if (over.count > 0) {
        print_over(context, settings, &found, &over);
    } else if (settings->json) {
        print_json(&found);
    } else {
        print_text(&found);
    }
    return NMF_OK;
}

const subcommand command_plan = {
    .name = "plan",
    .summary = "Say what a fit would take, before it is begun.",
    .arguments = "[FILE]",
    .usage = "-k K [OPTIONS]",
    .more = "Memory, what is read from the file in an iteration where that stays there (--memory), and how long an\n"
            "iteration takes: some are made here for that, on the matrix, on its first blocks, or without FILE on a\n"
            "matrix of these sizes with random entries. With --ranks, what each of so many processes would have of it\n"
            "and wait for, each alone on a machine like this one.\n",
    .fit = taken,
    .own = own,
    .run = run,
};
