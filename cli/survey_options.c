#include "survey_options.h"

#include "report.h"
#include "say.h"

#include <stdlib.h>
#include <string.h>

static void add_text(json_t *options, const char *key, const char *given, const char *otherwise) {
    json_object_set_new(options, key, report_text(given ? given : otherwise));
}

/* A file of the same name may hold something else by now. */
static void add_hash(json_t *options, const char *key, const nmf_matrix *matrix) {
    if (matrix) {
        json_object_set_new(options, key, report_hash(nmf_matrix_hash(matrix)));
    }
}

static void add_fit(json_t *options, const nmf_options *fit) {
    char *loss = report_loss_text(fit->loss ? fit->loss : "frobenius", fit->loss_parameter);
    add_text(options, "loss", loss, NULL);
    free(loss);
    add_text(options, "solver", fit->solver, "auto");
    add_text(options, "keep", fit->keep, "last");
    add_text(options, "observed", fit->observed, "all");
    add_text(options, "simplex", fit->simplex, "none");
    add_text(options, "free", fit->free, "none");
    add_text(options, "dtype", fit->dtype == NMF_F32 ? "f32" : "f64", NULL);
    json_object_set_new(options, "seed", report_seed(fit->seed));
    if (fit->init) {
        add_text(options, "init", fit->init, NULL);
    }
    if (fit->stop) {
        add_text(options, "stop", fit->stop, NULL);
    }
    if (fit->max_iter > 0) {
        json_object_set_new(options, "max_iter", json_integer(fit->max_iter));
    }
    if (fit->tol > 0) {
        json_object_set_new(options, "tol", report_number(fit->tol));
    }
    add_hash(options, "mask", fit->mask);
    add_hash(options, "weights", fit->weights);
    add_hash(options, "graph_h", fit->graph_h);
}

json_t *survey_options(const cli_settings *settings) {
    json_t *options = report_given(settings);
    /* It only lets a matrix have missing entries; whether this one has is in its hash. */
    json_object_del(options, "missing");
    json_object_set_new(options, "restarts", json_integer(settings->fit.restarts));
    json_object_set_new(options, "masks", json_integer(settings->masks));
    if (settings->masks > 0) {
        json_object_set_new(options, "held_out", report_number(settings->held_out));
    }
    json_object_set_new(options, "samples", json_integer(settings->most_samples));
    add_fit(options, &settings->fit);
    return options;
}

static char *text_of_value(const json_t *value) {
    if (!value) {
        return text_of("not given");
    }
    if (json_is_string(value)) {
        return text_of("%s", json_string_value(value));
    }
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(12));
    return text ? text : text_of("?");
}

/* Files have hashes, which say nothing to people. */
static bool is_file(const char *key) {
    return strcmp(key, "mask") == 0 || strcmp(key, "weights") == 0 || strcmp(key, "graph_h") == 0;
}

/* "--max-iter 100 there and 50 here" */
static char *difference(const char *key, const json_t *there, const json_t *here) {
    char *name = text_of("%s", key), *before = text_of_value(there), *now = text_of_value(here);
    for (char *c = strchr(name, '_'); c; c = strchr(c, '_')) {
        *c = '-';
    }
    char *text = is_file(key) ? text_of("--%s, %s", name,
                                        !there ? "which was not given there"
                                        : here ? "of another content"
                                               : "which is not given here")
                              : text_of("--%s, %s there and %s here", name, before, now);
    free(name);
    free(before);
    free(now);
    return text;
}

static void join(char **list, char *more) {
    char *longer = *list ? text_of("%s; %s", *list, more) : text_of("%s", more);
    free(*list);
    free(more);
    *list = longer;
}

char *survey_options_differ(const json_t *there, const json_t *here) {
    char *list = NULL;
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)here, key, value) {
        const json_t *before = json_object_get(there, key);
        if (!json_equal(before, value)) {
            join(&list, difference(key, before, value));
        }
    }
    json_object_foreach((json_t *)there, key, value) {
        if (!json_object_get(here, key)) {
            join(&list, difference(key, value, NULL));
        }
    }
    return list;
}
