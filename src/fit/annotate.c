/* A result, added to the AnnData file that its matrix came from. */
#include "base/number.h"
#include "fit/fit.h"
#include "io/hdf5/hdf5.h"

#include <inttypes.h>
#include <stdio.h>

enum { NOTES = 2048 };

typedef struct notes {
    char text[NOTES];
    size_t used;
} notes;

/* A line "KIND NAME VALUE" (io/hdf5/wire.h); all of them are short. */
static void add(notes *all, char kind, const char *name, const char *value) {
    int more = snprintf(all->text + all->used, NOTES - all->used, "%c %s %s\n", kind, name, value);
    all->used += more > 0 && (size_t)more < NOTES - all->used ? (size_t)more : 0;
    all->text[all->used] = '\0';
}

static void add_count(notes *all, const char *name, uint64_t count) {
    char text[NUMBER_ROOM];
    snprintf(text, sizeof text, "%" PRIu64, count);
    add(all, count <= INT64_MAX ? 'i' : 's', name, text);
}

static void add_number(notes *all, const char *name, double number) {
    char text[NUMBER_ROOM];
    text[number_print(number, NMF_F64, text)] = '\0';
    add(all, 'f', name, text);
}

static void fill(notes *all, const nmf_summary *summary) {
    add_count(all, "rank", (uint64_t)summary->rank);
    add(all, 's', "solver", summary->solver);
    add(all, 's', "loss", summary->loss);
    add(all, 's', "init", summary->init);
    add_count(all, "seed", summary->seed);
    add_count(all, "iterations", (uint64_t)summary->iterations);
    add(all, 's', "stop_reason", summary->stop_reason);
    add_count(all, "converged", summary->converged);
    add(all, 's', "dtype", summary->dtype == NMF_F32 ? "f32" : "f64");
    add_number(all, "error", summary->error);
    add_number(all, "relative_error", summary->relative_error);
    add_number(all, "kkt_residual", summary->kkt_residual);
    add_number(all, "seconds", summary->seconds);
    add(all, 's', "version", nmf_version());
}

nmf_status nmf_result_annotate(nmf_context *context, const nmf_result *result, const char *input, const char *path) {
    const nmf_summary *summary = nmf_result_summary(result);
    void *w = NULL, *h = NULL;
    notes all = {.used = 0};
    size_t size = dtype_size(summary->dtype);
    nmf_status status = array_new(context, summary->rows * summary->rank, size, "W", &w);
    if (status == NMF_OK) {
        status = array_new(context, summary->rank * summary->cols, size, "H", &h);
    }
    if (status == NMF_OK) {
        nmf_result_w(result, summary->dtype, w);
        nmf_result_h(result, summary->dtype, h);
        fill(&all, summary);
        nmf_table w_table = {.rows = summary->rows, .cols = summary->rank, .dtype = summary->dtype, .values = w};
        nmf_table h_table = {.rows = summary->rank, .cols = summary->cols, .dtype = summary->dtype, .values = h};
        status = hdf5_annotate(context, path, input, &w_table, &h_table, all.text);
    }
    array_free(context, w);
    array_free(context, h);
    return status;
}
