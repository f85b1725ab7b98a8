/* nmf recommend DIR: for every column the best rows that it has no entry for. */
#include "command.h"
#include "input.h"
#include "model.h"
#include "outlet.h"
#include "report.h"
#include "say.h"
#include "seen.h"

#include <inttypes.h>
#include <stdlib.h>

static const own_option count = {
    {.name = "count", .letter = 'n', .argument = "N", .value = "10", .help = "How many rows for each column, at most."},
    OPTION_COUNT,
    offsetof(cli_settings, count),
    INT32_MAX};
static const own_option column = {
    {.name = "column",
     .argument = "NAME",
     .value = "every one",
     .help = "For this column alone: its name where columns have names, else its number, counted from 1."},
    OPTION_TEXT,
    offsetof(cli_settings, column),
    0};
static const own_option seen = {{.name = "seen",
                                 .argument = "FILE",
                                 .value = "what was fitted",
                                 .help = "A file with a matrix of the same rows and columns: rows that a column has an "
                                         "entry for are not recommended. The options from --row-names on say how it "
                                         "is read."},
                                OPTION_TEXT,
                                offsetof(cli_settings, seen),
                                0};
static const own_option all = {
    {.name = "all", .help = "Leave out no row."}, OPTION_FLAG, offsetof(cli_settings, all), 0};
static const own_option output = {
    {.name = "output", .letter = 'o', .argument = "FILE", .help = "Write the table to FILE, not to stdout."},
    OPTION_TEXT,
    offsetof(cli_settings, output),
    0};
static const own_option *const own[] = {&count,        &column,       &seen,        &all, &output,
                                        INPUT_OPTIONS, &option_quiet, &option_json, NULL};
static const char *const taken[] = {NULL};

/* What is recommended: the rows of one column at a time. */
typedef struct advice {
    nmf_context *context;
    const model *from;
    const nmf_matrix *seen; /* NULL: nothing */
    int64_t first, end;     /* the columns asked about */
    int64_t most, found;
    int64_t *rows; /* room for `most`, the best first */
    double *values;
} advice;

static nmf_status advise(advice *a, int64_t col) {
    nmf_status status = nmf_recommend(a->context, a->from->components.w, a->from->h, a->seen, col, a->most, a->rows,
                                      a->values, &a->found);
    return status == NMF_OK ? NMF_OK : complain_context(status, a->context);
}

static void print_column(outlet *out, const advice *a, int64_t col) {
    char *called = lookup_field(&a->from->cols, col);
    for (int64_t i = 0; i < a->found; i++) {
        char *row = lookup_field(&a->from->rows, a->rows[i]);
        fprintf(out->to, "%s,%" PRId64 ",%s,", called, i + 1, row);
        outlet_number(out, a->values[i]);
        fputc('\n', out->to);
        free(row);
    }
    free(called);
}

static nmf_status print_table(advice *a, const char *path) {
    outlet out;
    nmf_status status = NMF_OK;
    outlet_open(&out, path);
    fputs("column,rank,row,value\n", out.to);
    for (int64_t j = a->first; j < a->end && status == NMF_OK && !ferror(out.to); j++) {
        status = advise(a, j);
        if (status == NMF_OK) {
            print_column(&out, a, j);
        }
    }
    return outlet_close(a->context, &out, status);
}

static json_t *column_json(const advice *a, int64_t col) {
    json_t *report = json_object(), *list = json_array();
    for (int64_t i = 0; i < a->found; i++) {
        json_t *item = json_object();
        report_place(item, "row", "name", &a->from->rows, a->rows[i]);
        json_object_set_new(item, "value", report_number(a->values[i]));
        json_array_append_new(list, item);
    }
    report_place(report, "column", "name", &a->from->cols, col);
    json_object_set_new(report, "best", list);
    return report;
}

static nmf_status print_json(advice *a) {
    json_t *report = json_array();
    nmf_status status = NMF_OK;
    for (int64_t j = a->first; j < a->end && status == NMF_OK; j++) {
        status = advise(a, j);
        json_array_append_new(report, column_json(a, j));
    }
    if (status == NMF_OK) {
        report_print(report);
    }
    json_decref(report);
    return status;
}

/* The table, unless JSON takes its place on stdout. */
static nmf_status print_all(advice *a, const cli_settings *settings) {
    nmf_status status = NMF_OK;
    a->rows = room_for((size_t)a->most, sizeof *a->rows);
    a->values = room_for((size_t)a->most, sizeof *a->values);
    if (settings->output || !settings->json) {
        status = print_table(a, settings->output);
    }
    if (status == NMF_OK && settings->json) {
        status = print_json(a);
    }
    free(a->values);
    free(a->rows);
    return status;
}

static nmf_status choose_columns(const cli_settings *settings, advice *a) {
    const lookup *cols = &a->from->cols;
    a->first = 0;
    a->end = cols->count;
    if (settings->column) {
        a->first = lookup_find(cols, settings->column);
        a->end = a->first + 1;
    }
    return a->first >= 0 ? NMF_OK : lookup_refuse(cols, settings->column, "--column", NMF_ERROR_USAGE);
}

static nmf_status recommend(nmf_context *context, const cli_settings *settings, const model *from) {
    nmf_matrix *known = NULL;
    int64_t rows = from->rows.count;
    advice a = {.context = context, .from = from, .most = settings->count < rows ? settings->count : rows};
    nmf_status status = choose_columns(settings, &a);
    if (status == NMF_OK) {
        status = seen_read(context, settings, from, &known);
    }
    if (status == NMF_OK) {
        a.seen = known;
        status = print_all(&a, settings);
    }
    nmf_matrix_free(known);
    return status;
}

static nmf_status run(nmf_context *context, cli_settings *settings) {
    model from = {.h = NULL};
    nmf_status status = seen_check(settings);
    if (status == NMF_OK) {
        status = model_read(context, settings->files[0], &from);
    }
    if (status == NMF_OK) {
        status = recommend(context, settings, &from);
    }
    model_free(&from);
    return status;
}

const subcommand command_recommend = {
    .name = "recommend",
    .summary = "The best rows for each column that the matrix had no entry for.",
    .arguments = "DIR",
    .usage = "[OPTIONS]",
    .more = "DIR is the folder of a fit. Lists for every column the rows with the largest W H among those that\n"
            "it has no entry for in the file that was fitted, where that is still there, or in --seen FILE.\n"
            "A zero of a dense matrix is no entry. Rows with a prediction of 0 are not recommended.\n"
            "Prints CSV: column, rank (1 is the best), row and value.\n",
    .fit = taken,
    .own = own,
    .run = run,
};
