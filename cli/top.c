/* nmf top DIR: the strongest rows, or columns, of each component. */
#include "command.h"
#include "components.h"
#include "quote.h"
#include "report.h"
#include "say.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const own_option count = {
    {.name = "count", .letter = 'n', .argument = "N", .value = "10", .help = "How many of each component."},
    OPTION_COUNT,
    offsetof(cli_settings, count),
    INT32_MAX};
static const own_option columns = {
    {.name = "columns", .help = "The strongest columns, by H, rather than the strongest rows, by W."},
    OPTION_FLAG,
    offsetof(cli_settings, columns),
    0};
static const own_option weights = {
    {.name = "weights", .help = "Their weights too, one to a line."}, OPTION_FLAG, offsetof(cli_settings, weights), 0};
static const own_option *const own[] = {&count, &columns, &weights, &option_json, NULL};
static const char *const taken[] = {NULL};

/* What is listed: the rows of W or the columns of H. */
typedef struct listing {
    const component_set *from;
    bool columns;
    int64_t items, most;
    weighted *order; /* room for all items */
} listing;

static const char *name_of(const listing *list, int64_t item) {
    return list->columns ? nmf_matrix_col_name(list->from->h, item) : nmf_matrix_row_name(list->from->w, item);
}

/* Sort the items by their weight in one component; returns how many are to be shown: none that weigh nothing. */
static int64_t strongest(listing *list, int64_t component) {
    const component_set *c = list->from;
    for (int64_t i = 0; i < list->items; i++) {
        list->order[i].index = i;
        list->order[i].weight =
            list->columns ? c->h_values[component * c->cols + i] : c->w_values[i * c->rank + component];
    }
    weighted_sort(list->order, list->items);
    int64_t shown = 0;
    while (shown < list->items && shown < list->most && list->order[shown].weight > 0) {
        shown++;
    }
    return shown;
}

/* In a list, a name that looks like two, or that does not end where its line does, goes in quotes. */
static bool needs_quotes(const char *name) {
    return *name == '\0' || *name == '"' || strpbrk(name, ",\r\n") || name[0] == ' ' || name[strlen(name) - 1] == ' ';
}

static char *label_of(const listing *list, int64_t item) {
    const char *name = name_of(list, item);
    if (name) {
        return needs_quotes(name) ? quoted(name) : text_of("%s", name);
    }
    return text_of("%s %" PRId64, list->columns ? "column" : "row", item + 1);
}

/* "  1   6.5 %  film, music, show" */
static void print_line(listing *list, int64_t component) {
    int64_t shown = strongest(list, component);
    printf("%3" PRId64 "  %5.1f %%  %s", component + 1, 100 * list->from->share[component],
           shown == 0 ? "nothing: all its weights are 0" : "");
    for (int64_t i = 0; i < shown; i++) {
        char *label = label_of(list, list->order[i].index);
        printf("%s%s", i > 0 ? ", " : "", label);
        free(label);
    }
    printf("\n");
}

static void print_block(listing *list, int64_t component) {
    int64_t shown = strongest(list, component);
    printf("%scomponent %" PRId64 "  (%.1f %% of the weight)\n", component > 0 ? "\n" : "", component + 1,
           100 * list->from->share[component]);
    if (shown == 0) {
        printf("  nothing: all its weights are 0\n");
    }
    for (int64_t i = 0; i < shown; i++) {
        char *label = label_of(list, list->order[i].index);
        printf("  %-24s %12.5g\n", label, list->order[i].weight);
        free(label);
    }
}

static json_t *component_json(listing *list, int64_t component) {
    int64_t shown = strongest(list, component);
    json_t *top = json_array();
    for (int64_t i = 0; i < shown; i++) {
        json_t *item = json_object();
        json_object_set_new(item, list->columns ? "column" : "row", json_integer(list->order[i].index + 1));
        json_object_set_new(item, "name", report_text(name_of(list, list->order[i].index)));
        json_object_set_new(item, "weight", report_number(list->order[i].weight));
        json_array_append_new(top, item);
    }
    json_t *report = json_object();
    json_object_set_new(report, "component", json_integer(component + 1));
    json_object_set_new(report, "share", report_number(list->from->share[component]));
    json_object_set_new(report, "top", top);
    return report;
}

static void print_json(listing *list) {
    json_t *report = json_array();
    for (int64_t j = 0; j < list->from->rank; j++) {
        json_array_append_new(report, component_json(list, j));
    }
    report_print(report);
    json_decref(report);
}

static void print_all(const component_set *from, const cli_settings *settings) {
    listing list = {from, settings->columns, settings->columns ? from->cols : from->rows, settings->count, NULL};
    list.order = room_for((size_t)list.items, sizeof *list.order);
    if (settings->json) {
        print_json(&list);
    } else {
        for (int64_t j = 0; j < from->rank; j++) {
            (settings->weights ? print_block : print_line)(&list, j);
        }
    }
    free(list.order);
}

static nmf_status run(nmf_context *context, cli_settings *settings) {
    component_set components = {0};
    nmf_status status = components_read(context, settings->files[0], settings->columns, &components);
    if (status == NMF_OK) {
        print_all(&components, settings);
    }
    components_free(&components);
    return status;
}

const subcommand command_top = {
    .name = "top",
    .summary = "The strongest rows of each component: its words, genes, pixels.",
    .arguments = "DIR",
    .usage = "[OPTIONS]",
    .more = "DIR is the folder of a fit. Rows go by their names where the matrix had names, else by their\n"
            "number, counted from 1. The share of a component is its part of the sum of all entries of W H.\n",
    .fit = taken,
    .own = own,
    .run = run,
};
