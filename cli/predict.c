/* nmf predict DIR PAIRS: W H at the places that a file lists. */
#include "command.h"
#include "model.h"
#include "outlet.h"
#include "pairs.h"
#include "report.h"
#include "say.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

static const own_option output = {
    {.name = "output", .letter = 'o', .argument = "FILE", .help = "Write the table to FILE, not to stdout."},
    OPTION_TEXT,
    offsetof(cli_settings, output),
    0};
static const own_option *const own[] = {&output, &option_quiet, &option_json, NULL};
static const char *const taken[] = {NULL};

typedef struct prediction {
    const model *from;
    const pair_list *pairs;
    double *values;
    bool *blank;                /* the fit knows nothing of the row or of the column: its factor is all 0 */
    int64_t blanks;             /* such pairs */
    double rmse, mae;           /* of all pairs, where the true values are known */
    double rmse_rest, mae_rest; /* without the blank ones */
} prediction;

/* found[t]: line t of W (row by row), or column t of H, is all 0. */
static bool *find_blank(const double *values, int64_t count, int64_t rank, int64_t stride, int64_t step) {
    bool *found = room_for((size_t)count, sizeof *found);
    for (int64_t t = 0; t < count; t++) {
        found[t] = true;
        for (int64_t c = 0; c < rank; c++) {
            found[t] = found[t] && values[t * stride + c * step] == 0;
        }
    }
    return found;
}

static void find_blanks(prediction *p) {
    const component_set *from = &p->from->components;
    bool *rows = find_blank(from->w_values, from->rows, from->rank, from->rank, 1);
    bool *cols = find_blank(from->h_values, from->cols, from->rank, 1, from->cols);
    p->blank = room_for((size_t)p->pairs->count, sizeof *p->blank);
    for (int64_t i = 0; i < p->pairs->count; i++) {
        p->blank[i] = rows[p->pairs->rows[i]] || cols[p->pairs->cols[i]];
        p->blanks += p->blank[i];
    }
    free(rows);
    free(cols);
}

/* In parts of the largest gap, so that no square overflows; over all pairs, or those that are not blank. */
static void compare(const prediction *p, bool all, double *rmse, double *mae) {
    const pair_list *pairs = p->pairs;
    double most = 0, sum = 0, squares = 0, count = (double)(pairs->count - (all ? 0 : p->blanks));
    for (int64_t i = 0; i < pairs->count; i++) {
        most = fmax(most, fabs(p->values[i] - pairs->truths[i]));
    }
    for (int64_t i = 0; i < pairs->count && most > 0; i++) {
        double part = all || !p->blank[i] ? fabs(p->values[i] - pairs->truths[i]) / most : 0;
        sum += part;
        squares += part * part;
    }
    *mae = count > 0 ? most * (sum / count) : NAN;
    *rmse = count > 0 ? most * sqrt(squares / count) : NAN;
}

/* How far off it is, of what the fit knows something of too. */
static void note_errors(const prediction *p) {
    note("rmse %.6g, mae %.6g over %" PRId64 " pairs", p->rmse, p->mae, p->pairs->count);
    if (p->blanks > 0) {
        note("rmse %.6g, mae %.6g without the %" PRId64 " of rows or columns of which the fit saw nothing: they are 0",
             p->rmse_rest, p->mae_rest, p->blanks);
    }
}

static void print_pair(outlet *out, const prediction *p, int64_t i) {
    char *row = lookup_field(&p->from->rows, p->pairs->rows[i]);
    char *col = lookup_field(&p->from->cols, p->pairs->cols[i]);
    fprintf(out->to, "%s,%s,", row, col);
    outlet_number(out, p->values[i]);
    if (p->pairs->has_truths) {
        fputc(',', out->to);
        outlet_number(out, p->pairs->truths[i]);
    }
    fputc('\n', out->to);
    free(col);
    free(row);
}

static void print_table(outlet *out, const prediction *p) {
    fprintf(out->to, "row,column,value%s\n", p->pairs->has_truths ? ",true" : "");
    for (int64_t i = 0; i < p->pairs->count && !ferror(out->to); i++) {
        print_pair(out, p, i);
    }
}

static json_t *pair_json(const prediction *p, int64_t i) {
    json_t *pair = json_object();
    report_place(pair, "row", "row_name", &p->from->rows, p->pairs->rows[i]);
    report_place(pair, "column", "column_name", &p->from->cols, p->pairs->cols[i]);
    json_object_set_new(pair, "value", report_number(p->values[i]));
    if (p->pairs->has_truths) {
        json_object_set_new(pair, "true", report_number(p->pairs->truths[i]));
    }
    return pair;
}

static void print_json(const prediction *p) {
    json_t *report = json_object(), *list = json_array();
    for (int64_t i = 0; i < p->pairs->count; i++) {
        json_array_append_new(list, pair_json(p, i));
    }
    json_object_set_new(report, "count", json_integer(p->pairs->count));
    if (p->pairs->has_truths) {
        json_object_set_new(report, "rmse", report_number(p->rmse));
        json_object_set_new(report, "mae", report_number(p->mae));
        json_object_set_new(report, "rmse_of_known", report_number(p->rmse_rest));
        json_object_set_new(report, "mae_of_known", report_number(p->mae_rest));
    }
    json_object_set_new(report, "unknown", json_integer(p->blanks));
    json_object_set_new(report, "pairs", list);
    report_print(report);
    json_decref(report);
}

/* The table, unless JSON takes its place on stdout; and how far off it is. */
static nmf_status print_all(nmf_context *context, const cli_settings *settings, prediction *p) {
    nmf_status status = NMF_OK;
    if (settings->output || !settings->json) {
        outlet out;
        outlet_open(&out, settings->output);
        print_table(&out, p);
        status = outlet_close(context, &out, NMF_OK);
    }
    if (status == NMF_OK && p->pairs->has_truths) {
        compare(p, true, &p->rmse, &p->mae);
        compare(p, false, &p->rmse_rest, &p->mae_rest);
        note_errors(p);
    }
    if (status == NMF_OK && settings->json) {
        print_json(p);
    }
    return status;
}

static nmf_status predict(nmf_context *context, const cli_settings *settings, const model *from,
                          const pair_list *pairs) {
    prediction p = {.from = from, .pairs = pairs, .values = room_for((size_t)pairs->count, sizeof *p.values)};
    nmf_status status =
        nmf_predict(context, from->components.w, from->h, pairs->count, pairs->rows, pairs->cols, p.values);
    if (status == NMF_OK) {
        find_blanks(&p);
        status = print_all(context, settings, &p);
    } else {
        complain_context(status, context);
    }
    free(p.blank);
    free(p.values);
    return status;
}

static nmf_status run(nmf_context *context, cli_settings *settings) {
    model from = {.h = NULL};
    pair_list pairs = {.count = 0};
    nmf_status status = outlet_spare(settings->output, settings->files[0], &settings->files[1], 1);
    if (status == NMF_OK) {
        status = model_read(context, settings->files[0], &from);
    }
    if (status == NMF_OK) {
        status = pairs_read(settings->files[1], &from.rows, &from.cols, &pairs);
    }
    if (status == NMF_OK) {
        status = predict(context, settings, &from, &pairs);
    }
    pairs_free(&pairs);
    model_free(&from);
    return status;
}

const subcommand command_predict = {
    .name = "predict",
    .summary = "What a fit makes of chosen entries: W H at pairs of a row and a column.",
    .arguments = "DIR PAIRS",
    .usage = "[OPTIONS]",
    .more = "DIR is the folder of a fit; PAIRS a text file (CSV, TSV or blanks; - is the standard input) with a\n"
            "row and a column a line, by name where the matrix had names, else by number, counted from 1.\n"
            "A third number is the true value: then the root mean square error and the mean absolute error\n"
            "are told, once without the rows and columns of which the fit saw nothing. A Matrix Market file\n"
            "(coordinate, general) will do too; its entries go by number.\n"
            "Prints CSV: row, column, value and, where it is known, the true value.\n",
    .fit = taken,
    .own = own,
    .run = run,
};
