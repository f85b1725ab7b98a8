#include "network.h"

#include "report.h"
#include "say.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USUAL_NETWORK "100Gb,2us"

enum { PROCESSES_MOST = 1000000 };

const own_option option_processes = {{.name = "ranks",
                                      .argument = "LIST",
                                      .help = "Say what each of so many processes would have and take: 1,8,64,1024."},
                                     OPTION_TEXT,
                                     offsetof(cli_settings, ranks),
                                     0};
const own_option option_network = {{.name = "network",
                                    .argument = "B,L",
                                    .value = USUAL_NETWORK,
                                    .help = "With --ranks: what comes to a process in a second, in bits (Mb, Gb) or "
                                            "bytes (MB, GB), and how long a message takes at least (ns, us, ms)."},
                                   OPTION_TEXT,
                                   offsetof(cli_settings, network),
                                   0};

typedef struct unit {
    const char *name;
    double times;
} unit;

/* Bytes a second, and seconds. */
static const unit bandwidths[] = {{"Kb", 1e3 / 8}, {"Mb", 1e6 / 8}, {"Gb", 1e9 / 8}, {"Tb", 1e12 / 8}, {"KB", 1e3},
                                  {"MB", 1e6},     {"GB", 1e9},     {"TB", 1e12},    {NULL, 0}};
static const unit latencies[] = {{"ns", 1e-9}, {"us", 1e-6}, {"ms", 1e-3}, {"s", 1}, {NULL, 0}};

/* A number above 0 with one of the units, up to `end`; returns what follows that, or NULL. */
static const char *amount(const char *text, char end, const unit *units, double *value) {
    char *rest = NULL;
    double number = strtod(text, &rest);
    const char *close = strchr(rest, end);
    if (!close) {
        return NULL;
    }
    size_t length = (size_t)(close - rest);
    while (units->name && (strlen(units->name) != length || strncmp(units->name, rest, length) != 0)) {
        units++;
    }
    *value = number * units->times;
    return *value > 0 && isfinite(*value) ? close + (end != '\0') : NULL;
}

static nmf_status parse_network(const char *text, nmf_network *network) {
    const char *rest = amount(text, ',', bandwidths, &network->bandwidth);
    rest = rest ? amount(rest, '\0', latencies, &network->latency) : NULL;
    return rest ? NMF_OK
                : complain(NMF_ERROR_USAGE,
                           "--network takes a bandwidth (b for bits, B for bytes a second, after K, M, G or T) and a "
                           "latency (ns, us, ms or s), such as " USUAL_NETWORK " or 1.25GB,500ns, not \"%s\"",
                           text);
}

static nmf_status parse_processes(const char *text, network_request *request) {
    for (const char *part = text;; part++) {
        char *end = NULL;
        errno = 0;
        long long number = strtoll(part, &end, 10);
        if (end == part || (*end && *end != ',') || errno != 0 || number < 1 || number > PROCESSES_MOST) {
            return complain(NMF_ERROR_USAGE,
                            "--ranks takes numbers of processes, from 1 to %d each, such as 1,8,64, not \"%s\"",
                            PROCESSES_MOST, text);
        }
        if (request->count == NETWORK_COUNTS) {
            return complain(NMF_ERROR_USAGE, "--ranks takes at most %d numbers of processes", NETWORK_COUNTS);
        }
        request->processes[request->count++] = number;
        part = end;
        if (!*part) {
            return NMF_OK;
        }
    }
}

nmf_status network_parse(const cli_settings *settings, network_request *request) {
    *request = (network_request){.name = settings->network ? settings->network : USUAL_NETWORK,
                                 .given = settings->network != NULL};
    if (settings->network && !settings->ranks) {
        return complain(NMF_ERROR_USAGE, "--network goes with --ranks, the numbers of processes to plan for");
    }
    nmf_status status = settings->ranks ? parse_processes(settings->ranks, request) : NMF_OK;
    return status == NMF_OK ? parse_network(request->name, &request->network) : status;
}

static void print_row(int64_t processes, const nmf_crowd_forecast *found) {
    char *memory = size_text(found->matrix_bytes + found->fit_bytes);
    char *grid = text_of("%" PRId64 " x %" PRId64, found->grid[0], found->grid[1]);
    printf("%9" PRId64 "  %11s  %11s  %13.0f  %12.3g  %9.3g  %11.3g\n", processes, grid, memory, found->words,
           found->work_seconds, found->network_seconds, found->iteration_seconds);
    free(memory);
    free(grid);
}

void network_text(nmf_context *context, const nmf_options *fit, const nmf_matrix_info *info, double work_seconds,
                  const network_request *request) {
    printf("network     %s%s, each process alone on a machine like this one\n", request->name,
           request->given ? "" : " (--network gives another)");
    printf("of each process: its memory, and in an iteration the numbers that come to it and the seconds it takes\n");
    printf("%9s  %11s  %11s  %13s  %12s  %9s  %11s\n", "processes", "grid", "memory", "numbers", "arithmetic, s",
           "network, s", "together, s");
    for (int64_t t = 0; t < request->count; t++) {
        nmf_crowd_forecast found;
        nmf_status status =
            nmf_forecast_crowd(context, fit, info, work_seconds, &request->network, request->processes[t], &found);
        if (status == NMF_OK) {
            print_row(request->processes[t], &found);
        } else {
            printf("%9" PRId64 "  %s\n", request->processes[t], nmf_context_message(context));
        }
    }
}

static void add_findings(json_t *row, const nmf_crowd_forecast *found) {
    json_object_set_new(row, "grid", json_pack("[I,I]", (json_int_t)found->grid[0], (json_int_t)found->grid[1]));
    json_object_set_new(row, "matrix_bytes", report_number(found->matrix_bytes));
    json_object_set_new(row, "fit_bytes", report_number(found->fit_bytes));
    json_object_set_new(row, "words_an_iteration", report_number(found->words));
    json_object_set_new(row, "work_seconds", report_number(found->work_seconds));
    json_object_set_new(row, "network_seconds", report_number(found->network_seconds));
    json_object_set_new(row, "iteration_seconds", report_number(found->iteration_seconds));
}

void network_json(nmf_context *context, const nmf_options *fit, const nmf_matrix_info *info, double work_seconds,
                  const network_request *request) {
    json_t *report = json_array();
    for (int64_t t = 0; t < request->count; t++) {
        nmf_crowd_forecast found;
        json_t *row = json_object();
        nmf_status status =
            nmf_forecast_crowd(context, fit, info, work_seconds, &request->network, request->processes[t], &found);
        json_object_set_new(row, "processes", json_integer(request->processes[t]));
        json_object_set_new(row, "network", report_text(request->name));
        if (status == NMF_OK) {
            add_findings(row, &found);
        } else {
            json_object_set_new(row, "refused", report_text(nmf_context_message(context)));
        }
        json_array_append_new(report, row);
    }
    report_print(report);
    json_decref(report);
}
