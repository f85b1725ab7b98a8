#include "report.h"

#include "say.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LAYOUT = JSON_INDENT(2) | JSON_REAL_PRECISION(17) };

json_t *report_number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

json_t *report_text(const char *text) {
    if (!text) {
        return json_null();
    }
    json_t *string = json_string(text);
    if (!string) {
        char *plain = text_of("%s", text);
        for (char *c = plain; *c; c++) {
            *c = (char)((unsigned char)*c < 0x80 ? *c : '?');
        }
        string = json_string(plain);
        free(plain);
    }
    return string;
}

void report_place(json_t *report, const char *key, const char *name, const lookup *in, int64_t place) {
    json_object_set_new(report, key, json_integer(place + 1));
    json_object_set_new(report, name, report_text(in->names ? in->names[place] : NULL));
}

/* JSON integers end at 2^63 in the library used and at 2^53 in many that will read this. */
json_t *report_seed(uint64_t seed) {
    if (seed <= INT64_MAX) {
        return json_integer((json_int_t)seed);
    }
    char *text = text_of("%" PRIu64, seed);
    json_t *string = json_string(text);
    free(text);
    return string;
}

json_t *report_hash(uint64_t hash) {
    char *text = text_of("%016" PRIx64, hash);
    json_t *string = json_string(text);
    free(text);
    return string;
}

static void add_shape(json_t *report, const nmf_summary *summary) {
    json_object_set_new(report, "rank", json_integer(summary->rank));
    json_object_set_new(report, "rows", json_integer(summary->rows));
    json_object_set_new(report, "cols", json_integer(summary->cols));
    json_object_set_new(report, "nnz", json_integer(summary->nnz));
}

static void add_numbers(json_t *report, const nmf_summary *summary) {
    json_object_set_new(report, "dtype", json_string(summary->dtype == NMF_F32 ? "f32" : "f64"));
    json_object_set_new(report, "threads", json_integer(summary->threads));
    json_object_set_new(report, "error", report_number(summary->error));
    json_object_set_new(report, "relative_error", report_number(summary->relative_error));
    json_object_set_new(report, "kkt_residual", report_number(summary->kkt_residual));
    json_object_set_new(report, "seconds", report_number(summary->seconds));
    json_object_set_new(report, "version", report_text(nmf_version()));
}

static void add_if(json_t *report, const char *key, bool done, json_t *value) {
    if (done) {
        json_object_set(report, key, value);
    }
    json_decref(value);
}

json_t *report_prepare(const nmf_prepare_options *how) {
    json_t *done = json_object();
    bool median = how->normalize == NMF_NORMALIZE_MEDIAN;
    add_if(done, "select_rows", how->select_rows, report_text(how->select_rows));
    add_if(done, "select_cols", how->select_cols, report_text(how->select_cols));
    add_if(done, "normalize", how->normalize != 0, median ? json_string("median") : report_number(how->normalize));
    add_if(done, "log1p", how->log1p, json_true());
    add_if(done, "tfidf", how->tfidf, json_true());
    add_if(done, "transpose", how->transpose, json_true());
    return done;
}

static void add_files(json_t *report, const nmf_prepare_options *prepare, const char *input, const char *format) {
    json_object_set_new(report, "input", report_text(input));
    json_object_set_new(report, "prepare", report_prepare(prepare));
    json_object_set_new(report, "format", report_text(format));
}

static json_t *history_of(const nmf_summary *summary) {
    json_t *history = json_array();
    for (int64_t i = 0; i < summary->iterations; i++) {
        const nmf_step *step = &summary->history[i];
        json_t *entry = json_object();
        json_object_set_new(entry, "iteration", json_integer(step->iteration));
        json_object_set_new(entry, "seconds", report_number(step->seconds));
        json_object_set_new(entry, "error", report_number(step->error));
        json_object_set_new(entry, "relative_error", report_number(step->relative_error));
        add_if(entry, "objective", summary->penalized, report_number(step->objective));
        json_array_append_new(history, entry);
    }
    return history;
}

char *report_loss_text(const char *loss, double parameter) {
    bool numbered = strcmp(loss, "beta") == 0 || strcmp(loss, "huber") == 0;
    return numbered ? text_of("%s:%.15g", loss, parameter) : text_of("%s", loss);
}

char *report_loss(const nmf_summary *summary) {
    return report_loss_text(summary->loss, summary->loss_parameter);
}

static json_t *starts_of(const nmf_summary *summary) {
    json_t *starts = json_array();
    for (int64_t i = 0; i < summary->restarts; i++) {
        const nmf_start *start = &summary->starts[i];
        json_t *entry = json_object();
        json_object_set_new(entry, "seed", report_seed(start->seed));
        json_object_set_new(entry, "iterations", json_integer(start->iterations));
        json_object_set_new(entry, "error", report_number(start->error));
        json_object_set_new(entry, "relative_error", report_number(start->relative_error));
        add_if(entry, "objective", summary->penalized, report_number(start->objective));
        json_object_set_new(entry, "dropped", json_boolean(start->dropped));
        json_array_append_new(starts, entry);
    }
    return starts;
}

static json_t *d_of(const nmf_summary *summary) {
    json_t *d = json_array();
    for (int64_t c = 0; c < summary->rank; c++) {
        json_array_append_new(d, report_number(summary->d[c]));
    }
    return d;
}

json_t *report_given(const cli_settings *settings) {
    const nmf_options *fit = &settings->fit;
    const struct {
        const char *name, *text;
    } texts[] = {{"missing", settings->missing}, {"observed", fit->observed},
                 {"mask", settings->mask},       {"weights", settings->weight_file},
                 {"graph_h", settings->graph},   {"fix_w", settings->fix_w},
                 {"fix_h", settings->fix_h},     {"start", settings->start},
                 {"simplex", fit->simplex},      {"free", fit->free},
                 {"order", fit->order},          {"unit", fit->unit}};
    const struct {
        const char *name;
        double number;
    } numbers[] = {{"implicit", fit->implicit}, {"alpha_w", fit->alpha_w},
                   {"l1_ratio", fit->l1_ratio}, {"l1_w", fit->l1_w},
                   {"l1_h", fit->l1_h},         {"l2_w", fit->l2_w},
                   {"l2_h", fit->l2_h},         {"ortho_w", fit->ortho_w},
                   {"ortho_h", fit->ortho_h},   {"graph_weight", fit->graph_weight},
                   {"max_w", fit->max_w},       {"max_h", fit->max_h}};
    json_t *given = json_object();
    for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
        add_if(given, texts[t].name, texts[t].text != NULL, report_text(texts[t].text));
    }
    for (size_t t = 0; t < sizeof numbers / sizeof *numbers; t++) {
        add_if(given, numbers[t].name, numbers[t].number != 0, report_number(numbers[t].number));
    }
    add_if(given, "alpha_h", fit->alpha_h != NMF_SAME, report_number(fit->alpha_h));
    add_if(given, "symmetric", fit->symmetric, json_true());
    add_if(given, "keep_all", fit->keep_all, json_true());
    return given;
}

/* What only some fits have. */
static void add_meaning(json_t *report, const nmf_summary *summary) {
    json_object_set_new(report, "observed", json_integer(summary->observed));
    json_object_set_new(report, "objective", report_number(summary->objective));
    add_if(report, "deviance", isfinite(summary->deviance), report_number(summary->deviance));
    add_if(report, "log_likelihood", isfinite(summary->log_likelihood), report_number(summary->log_likelihood));
    add_if(report, "held", summary->held > 0, json_integer(summary->held));
    if (summary->d) {
        json_object_set_new(report, "d", d_of(summary));
    }
}

json_t *report_fit(const nmf_summary *summary, const cli_settings *settings) {
    char *loss = report_loss(summary);
    json_t *report = json_object();
    add_shape(report, summary);
    json_object_set_new(report, "solver", report_text(summary->solver));
    json_object_set_new(report, "loss", report_text(loss));
    free(loss);
    json_object_set_new(report, "init", report_text(summary->init));
    json_object_set_new(report, "seed", report_seed(summary->seed));
    json_object_set_new(report, "processes", json_integer(summary->processes));
    add_if(report, "words_an_iteration", summary->processes > 1, report_number(summary->words));
    json_object_set_new(report, "iterations", json_integer(summary->iterations));
    json_object_set_new(report, "stop_reason", report_text(summary->stop_reason));
    json_object_set_new(report, "converged", json_boolean(summary->converged));
    add_numbers(report, summary);
    json_object_set_new(report, "best_iteration", json_integer(summary->best_iteration));
    json_object_set_new(report, "best_error", report_number(summary->best_error));
    add_meaning(report, summary);
    add_files(report, &settings->prepare, settings->files[0], settings->format);
    json_object_set_new(report, "given", report_given(settings));
    json_object_set_new(report, "restarts", json_integer(summary->restarts));
    if (summary->restarts > 1) {
        json_object_set_new(report, "starts", starts_of(summary));
    }
    json_object_set_new(report, "history", history_of(summary));
    return report;
}

json_t *report_transform(const nmf_summary *summary, const cli_settings *settings) {
    char *loss = report_loss(summary);
    json_t *report = json_object();
    add_shape(report, summary);
    add_numbers(report, summary);
    json_object_set_new(report, "loss", report_text(loss));
    json_object_set_new(report, "model", report_text(settings->files[0]));
    add_files(report, &settings->prepare, settings->files[1], settings->format);
    json_object_set_new(report, "given", report_given(settings));
    free(loss);
    return report;
}

nmf_status report_write(nmf_context *context, const char *folder, const char *name, const json_t *report) {
    char *body = json_dumps(report, LAYOUT);
    char *text = text_of("%s\n", body);
    char *file = text_of("%s/%s", folder, name);
    nmf_status status = nmf_text_write(context, file, text, strlen(text));
    free(file);
    free(text);
    free(body);
    return status == NMF_OK ? NMF_OK : complain_context(status, context);
}

nmf_status report_read(const char *folder, const char *name, const char *maker, json_t **report) {
    json_error_t error;
    char *file = text_of("%s/%s", folder, name);
    *report = json_load_file(file, 0, &error);
    if (*report && !json_is_object(*report)) {
        json_decref(*report);
        *report = NULL;
        snprintf(error.text, sizeof error.text, "expected what is in braces");
    }
    nmf_status status = *report ? NMF_OK
                                : complain(NMF_ERROR_INPUT, "%s, line %d: %s; it is not what nmf %s wrote", file,
                                           error.line > 0 ? error.line : 1, error.text, maker);
    free(file);
    return status;
}

void report_print(const json_t *report) {
    json_dumpf(report, stdout, LAYOUT);
    putchar('\n');
}
