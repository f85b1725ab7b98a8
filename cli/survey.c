#include "survey.h"

#include "folder.h"
#include "outlet.h"
#include "rank_picture.h"
#include "rank_row.h"
#include "report.h"
#include "say.h"
#include "survey_options.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static json_t *head_of(const cli_settings *settings, const nmf_matrix *matrix) {
    nmf_matrix_info info;
    nmf_matrix_get_info(matrix, &info);
    json_t *head = json_object();
    json_object_set_new(head, "version", report_text(nmf_version()));
    json_object_set_new(head, "input", report_text(settings->files[0]));
    json_object_set_new(head, "prepare", report_prepare(&settings->prepare));
    json_object_set_new(head, "hash", report_hash(nmf_matrix_hash(matrix)));
    json_object_set_new(head, "rows", json_integer(info.rows));
    json_object_set_new(head, "cols", json_integer(info.cols));
    json_object_set_new(head, "options", survey_options(settings));
    return head;
}

/* Into its place by rank. */
static void insert(survey *all, const nmf_rank_row *row) {
    nmf_rank_row *longer = room_for((size_t)all->count + 1, sizeof *longer);
    int64_t at = 0;
    while (at < all->count && all->rows[at].rank < row->rank) {
        at++;
    }
    for (int64_t i = 0; i < all->count; i++) {
        longer[i < at ? i : i + 1] = all->rows[i];
    }
    longer[at] = *row;
    free(all->rows);
    all->rows = longer;
    all->count++;
}

static nmf_status refuse_broken(const survey *all) {
    return complain(NMF_ERROR_INPUT,
                    "%s/" SURVEY_JSON " is not what nmf rank wrote: remove it, or name another folder with -o",
                    all->path);
}

static nmf_status take_rows(survey *all, const json_t *list) {
    for (size_t i = 0; i < json_array_size(list); i++) {
        nmf_rank_row row;
        if (!rank_row_read(json_array_get(list, i), &row) || survey_row(all, row.rank)) {
            return refuse_broken(all);
        }
        insert(all, &row);
    }
    return NMF_OK;
}

/* Is what is there of the same matrix, with the same options? With another dtype even the same file is another matrix.
 */
static nmf_status compare(const survey *all, const json_t *there) {
    const json_t *before = json_object_get(there, "options"), *now = json_object_get(all->head, "options");
    bool same_type = json_equal(json_object_get(before, "dtype"), json_object_get(now, "dtype"));
    if (same_type && !json_equal(json_object_get(there, "hash"), json_object_get(all->head, "hash"))) {
        return complain(NMF_ERROR_USAGE,
                        "%s holds a survey of another matrix, %s, or of this one prepared otherwise: name another "
                        "folder with -o, or remove %s/" SURVEY_JSON " to begin anew",
                        all->path, json_string_value(json_object_get(there, "input")), all->path);
    }
    char *differ = survey_options_differ(before, now);
    if (!differ) {
        return NMF_OK;
    }
    complain(NMF_ERROR_USAGE,
             "%s holds a survey with another %s: name another folder with -o, or remove %s/" SURVEY_JSON
             " to begin anew",
             all->path, differ, all->path);
    free(differ);
    return NMF_ERROR_USAGE;
}

static nmf_status go_on(survey *all) {
    json_t *there = NULL;
    nmf_status status = report_read(all->path, SURVEY_JSON, "rank", &there);
    if (status == NMF_OK &&
        !(json_is_string(json_object_get(there, "hash")) && json_is_string(json_object_get(there, "input")) &&
          json_is_object(json_object_get(there, "options")) && json_is_array(json_object_get(there, "ranks")))) {
        status = refuse_broken(all);
    }
    if (status == NMF_OK) {
        status = compare(all, there);
    }
    if (status == NMF_OK) {
        status = take_rows(all, json_object_get(there, "ranks"));
    }
    json_decref(there);
    return status;
}

/* What the process that writes has found before is so in all. */
static void share_rows(nmf_context *context, survey *all) {
    int64_t count = all->count;
    nmf_context_share(context, &count, sizeof count);
    if (!nmf_context_leads(context)) {
        free(all->rows);
        all->rows = room_for((size_t)count + 1, sizeof *all->rows);
        all->count = count;
    }
    nmf_context_share(context, all->rows, count * (int64_t)sizeof *all->rows);
}

nmf_status survey_open(nmf_context *context, const cli_settings *settings, const nmf_matrix *matrix, const char *path,
                       survey *all) {
    *all = (survey){.path = path, .head = head_of(settings, matrix)};
    bool before = nmf_context_leads(context) && folder_has(path, SURVEY_JSON);
    nmf_status status = nmf_context_agree(context, before ? go_on(all) : NMF_OK);
    if (status == NMF_OK) {
        share_rows(context, all);
    }
    return status;
}

const nmf_rank_row *survey_row(const survey *all, int64_t rank) {
    for (int64_t i = 0; i < all->count; i++) {
        if (all->rows[i].rank == rank) {
            return &all->rows[i];
        }
    }
    return NULL;
}

static json_t *suggestion_json(const survey *all) {
    nmf_suggestion suggestion;
    nmf_suggest(all->rows, all->count, &suggestion);
    json_t *report = json_object();
    bool any = suggestion.rank > 0;
    json_object_set_new(report, "rank", any ? json_integer(suggestion.rank) : json_null());
    json_object_set_new(report, "low", any ? json_integer(suggestion.low) : json_null());
    json_object_set_new(report, "high", any ? json_integer(suggestion.high) : json_null());
    json_object_set_new(report, "reason", report_text(suggestion.reason));
    json_object_set_new(report, "doubt", report_text(suggestion.doubt));
    return report;
}

json_t *survey_json(const survey *all) {
    json_t *report = json_copy(all->head), *rows = json_array();
    for (int64_t i = 0; i < all->count; i++) {
        json_array_append_new(rows, rank_row_json(&all->rows[i]));
    }
    json_object_set_new(report, "ranks", rows);
    json_object_set_new(report, "suggestion", suggestion_json(all));
    return report;
}

nmf_status survey_add(nmf_context *context, survey *all, const nmf_rank_row *row) {
    insert(all, row);
    if (!nmf_context_leads(context)) {
        return NMF_OK;
    }
    json_t *report = survey_json(all);
    nmf_status status = report_write(context, all->path, SURVEY_JSON, report);
    json_decref(report);
    return status;
}

static nmf_status write_csv(nmf_context *context, const survey *all) {
    char *file = text_of("%s/survey.csv", all->path);
    outlet out;
    outlet_open(&out, file);
    rank_row_csv(NULL, out.to);
    for (int64_t i = 0; i < all->count; i++) {
        rank_row_csv(&all->rows[i], out.to);
    }
    nmf_status status = outlet_close(context, &out, NMF_OK);
    free(file);
    return status;
}

nmf_status survey_draw(nmf_context *context, const survey *all) {
    const char *input = json_string_value(json_object_get(all->head, "input")), *slash = strrchr(input, '/');
    nmf_suggestion suggestion;
    nmf_suggest(all->rows, all->count, &suggestion);
    nmf_status status = write_csv(context, all);
    if (status == NMF_OK) {
        char *title = text_of("How many components? %s", slash && slash[1] ? slash + 1 : input);
        char *path = text_of("%s/ranks", all->path);
        status = rank_picture(context, title, all->rows, all->count, &suggestion, path);
        free(path);
        free(title);
    }
    return status;
}

void survey_close(survey *all) {
    json_decref(all->head);
    free(all->rows);
}
