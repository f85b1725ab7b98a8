#include "consensus_files.h"

#include "consensus_picture.h"
#include "factors.h"
#include "folder.h"
#include "rank_row.h"
#include "report.h"
#include "say.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Of more samples than these, the table is not for reading any more. */
enum { TABLE_MOST = 1000 };

static const char *col_name(const void *matrix, int64_t j) {
    return nmf_matrix_col_name(matrix, j);
}

bool consensus_has_table(const nmf_consensus_summary *found) {
    return found->row.samples <= TABLE_MOST;
}

/* In the order of the matrix: which cluster each sample that was looked at is in, from 1. */
static json_t *clusters_of(const consensus_files *files, const nmf_consensus_summary *found) {
    nmf_matrix_info info;
    nmf_matrix_get_info(files->matrix, &info);
    int64_t *cluster = room_for((size_t)info.cols, sizeof *cluster);
    json_t *list = json_array();
    for (int64_t t = 0; t < found->row.samples; t++) {
        cluster[found->sample[t]] = found->cluster[t] + 1;
    }
    for (int64_t j = 0; j < info.cols; j++) {
        if (cluster[j] > 0) {
            json_t *entry = json_object();
            json_object_set_new(entry, "column", json_integer(j + 1));
            json_object_set_new(entry, "name", report_text(nmf_matrix_col_name(files->matrix, j)));
            json_object_set_new(entry, "cluster", json_integer(cluster[j]));
            json_array_append_new(list, entry);
        }
    }
    free(cluster);
    return list;
}

static json_t *distances_of(const nmf_consensus_summary *found) {
    json_t *list = json_array();
    for (int64_t s = 0; s < found->spectra; s++) {
        json_array_append_new(list, report_number(found->distance[s]));
    }
    return list;
}

json_t *consensus_report(const consensus_files *files) {
    const cli_settings *settings = files->settings;
    const nmf_consensus_summary *found = nmf_consensus_get_summary(files->consensus);
    json_t *report = json_object();
    json_object_set_new(report, "version", report_text(nmf_version()));
    json_object_set_new(report, "input", report_text(settings->files[0]));
    json_object_set_new(report, "prepare", report_prepare(&settings->prepare));
    json_object_set_new(report, "hash", report_hash(nmf_matrix_hash(files->matrix)));
    json_object_set_new(report, "rank", json_integer(found->row.rank));
    json_object_set_new(report, "restarts", json_integer(found->row.restarts));
    json_object_set_new(report, "seed", report_seed(settings->fit.seed));
    json_object_set_new(report, "spectra", json_integer(found->spectra));
    json_object_set_new(report, "kept", json_integer(found->kept));
    json_object_set_new(report, "left_out", json_integer(found->spectra - found->kept));
    json_object_set_new(report, "density", report_number(found->density));
    json_object_set_new(report, "nearest", report_number(settings->nearest));
    json_object_set_new(report, "level", report_number(found->level));
    json_object_set_new(report, "agreement", rank_row_json(&found->row));
    json_object_set_new(report, "samples", clusters_of(files, found));
    json_object_set_new(report, "distance", distances_of(found));
    return report;
}

static const char *name_at(const void *names, int64_t t) {
    return ((char *const *)names)[t];
}

/* Samples without a name go by their number: the table has them in the order of the tree. */
static nmf_status write_table(nmf_context *context, const consensus_files *files, const nmf_consensus_summary *found) {
    int64_t count = found->row.samples;
    char **names = room_for((size_t)count, sizeof *names);
    for (int64_t t = 0; t < count; t++) {
        const char *name = nmf_matrix_col_name(files->matrix, found->sample[t]);
        names[t] = name ? text_of("%s", name) : text_of("%" PRId64, found->sample[t] + 1);
    }
    const nmf_table table = {.rows = count,
                             .cols = count,
                             .values = found->together,
                             .row_name = name_at,
                             .row_names = names,
                             .col_name = name_at,
                             .col_names = names};
    char *file = text_of("%s/consensus.csv", files->path);
    nmf_status status = nmf_table_write(context, file, "csv", &table);
    free(file);
    for (int64_t t = 0; t < count; t++) {
        free(names[t]);
    }
    free(names);
    return status == NMF_OK ? NMF_OK : complain_context(status, context);
}

static nmf_status draw(nmf_context *context, const consensus_files *files, const nmf_consensus_summary *found) {
    const char *input = files->settings->files[0], *slash = strrchr(input, '/');
    char *title = text_of("Consensus: %s", slash && slash[1] ? slash + 1 : input);
    char *path = text_of("%s/consensus", files->path);
    nmf_status status = consensus_picture(context, title, found, col_name, files->matrix, path);
    free(path);
    free(title);
    return status;
}

static nmf_status write_factors(nmf_context *context, const consensus_files *files) {
    static const char *const written[] = {"W", "H", NULL};
    const factor_files factors = {files->matrix, nmf_consensus_result(files->consensus), files->path,
                                  files->settings->format, NULL};
    nmf_status status = folder_open(files->path, written, files->settings->format);
    if (status == NMF_OK) {
        status = factors_write_w(context, &factors);
    }
    if (status == NMF_OK) {
        status = factors_write_h(context, &factors);
    }
    return status == NMF_OK ? factors_write_bounds(context, &factors, files->consensus) : status;
}

static nmf_status write_reports(nmf_context *context, const consensus_files *files, const json_t *report) {
    json_t *fit = report_fit(nmf_result_summary(nmf_consensus_result(files->consensus)), files->settings);
    nmf_status status = report_write(context, files->path, FOLDER_CONSENSUS, report);
    if (status == NMF_OK) {
        status = report_write(context, files->path, FOLDER_FIT, fit);
    }
    json_decref(fit);
    return status;
}

nmf_status consensus_write(nmf_context *context, const consensus_files *files, const json_t *report) {
    const nmf_consensus_summary *found = nmf_consensus_get_summary(files->consensus);
    nmf_status status = write_factors(context, files);
    if (status == NMF_OK && consensus_has_table(found)) {
        status = write_table(context, files, found);
    }
    if (status == NMF_OK) {
        status = draw(context, files, found);
    }
    return status == NMF_OK ? write_reports(context, files, report) : status;
}
