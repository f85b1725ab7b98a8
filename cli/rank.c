/* nmf rank FILE --ranks 2:12: how many components? A row of numbers for every rank, and what they suggest. */
#include "command.h"
#include "folder.h"
#include "input.h"
#include "progress.h"
#include "rank_row.h"
#include "ranks.h"
#include "report.h"
#include "say.h"
#include "sides.h"
#include "signals.h"
#include "survey.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

enum { RESTARTS = 30, COUNT_MOST = 1000000, MASKS_MOST = 1000 };

static const own_option option_ranks = {
    {.name = "ranks",
     .argument = "LIST",
     .help = "The ranks to look at: 2:12, 5,10,15 or, by threes, 2:20:3, and mixtures of these."},
    OPTION_TEXT,
    offsetof(cli_settings, ranks),
    0};
static const own_option restarts = {{.name = "restarts",
                                     .argument = "R",
                                     .value = "30",
                                     .help = "Starts at each rank, from seeds S, S + 1, ..., every one fitted to its "
                                             "end."},
                                    OPTION_COUNT,
                                    offsetof(cli_settings, fit.restarts),
                                    COUNT_MOST};
static const own_option masks = {{.name = "masks",
                                  .argument = "N",
                                  .value = "3",
                                  .help = "How many times entries, drawn at random, are held out of a fit, to see how "
                                          "well it tells them; 0: not at all."},
                                 OPTION_COUNT_OR_NONE,
                                 offsetof(cli_settings, masks),
                                 MASKS_MOST};
static const own_option held_out = {
    {.name = "held-out", .argument = "X", .value = "0.1", .help = "The share of the entries that are held out."},
    OPTION_SHARE,
    offsetof(cli_settings, held_out),
    0};
static const own_option output = {{.name = "output",
                                   .letter = 'o',
                                   .argument = "DIR",
                                   .value = "FILE.ranks",
                                   .help = "The folder for survey.json, survey.csv, ranks.svg and ranks.png; made "
                                           "where missing. Ranks that are in its survey.json are not computed again."},
                                  OPTION_TEXT,
                                  offsetof(cli_settings, output),
                                  0};
static const own_option *const own[] = {
    &option_ranks, &restarts,       &masks,          &held_out,     &option_samples, &output,      &option_missing,
    &option_mask,  &option_weights, &option_graph_h, INPUT_OPTIONS, &option_quiet,   &option_json, NULL};
static const char *const taken[] = {"*",      "-rank", "-restarts", "-keep-all", "-time", "-checkpoint-every",
                                    "-order", "-unit", NULL};

/* A survey under way. */
typedef struct work {
    nmf_context *context;
    const cli_settings *settings;
    const nmf_matrix *matrix;
    const rank_list *list;
    bool leads; /* this process writes; known before a failure has it leave the others */
    survey found;
} work;

static nmf_status survey_rank(work *w, int64_t t) {
    nmf_rank_row row;
    const cli_settings *settings = w->settings;
    nmf_options options = settings->fit;
    const nmf_survey_options how = {.restarts = options.restarts,
                                    .masks = settings->masks > 0 ? settings->masks : -1,
                                    .held_out = settings->held_out,
                                    .most_samples = settings->most_samples};
    char *where = text_of("rank %" PRId64 " (%" PRId64 " of %" PRId64 ")", w->list->ranks[t], t + 1, w->list->count);
    progress_line progress = {.where = where};
    options.rank = w->list->ranks[t];
    options.observer = progress_observe;
    options.observer_user = &progress;
    nmf_status status = nmf_survey(w->context, w->matrix, &options, &how, &row);
    say_line_clear();
    free(where);
    if (status == NMF_OK) {
        return survey_add(w->context, &w->found, &row);
    }
    return status == NMF_INTERRUPTED ? status : complain_context(status, w->context);
}

/* Headings come with the first row: where there is none, stdout stays empty. */
static void print_row(const work *w, int64_t t) {
    if (w->settings->json) {
        return;
    }
    if (t == 0) {
        rank_row_print(NULL);
    }
    rank_row_print(survey_row(&w->found, w->list->ranks[t]));
}

static nmf_status survey_all(work *w) {
    for (int64_t t = 0; t < w->list->count; t++) {
        nmf_status status = survey_row(&w->found, w->list->ranks[t]) ? NMF_OK : survey_rank(w, t);
        if (status != NMF_OK) {
            return status;
        }
        print_row(w, t);
    }
    return NMF_OK;
}

static int64_t count_known(const work *w) {
    int64_t known = 0;
    for (int64_t t = 0; t < w->list->count; t++) {
        known += survey_row(&w->found, w->list->ranks[t]) != NULL;
    }
    return known;
}

static void note_begin(const work *w) {
    const cli_settings *settings = w->settings;
    int64_t known = count_known(w);
    note("survey   %" PRId64 " rank%s, %" PRId64 " starts and %" PRId64 " mask%s each", w->list->count,
         w->list->count == 1 ? "" : "s", settings->fit.restarts, settings->masks, settings->masks == 1 ? "" : "s");
    if (known > 0) {
        note("found    %" PRId64 " of them in %s/" SURVEY_JSON "; these are not computed again", known, w->found.path);
    }
}

static void note_suggestion(const survey *found) {
    nmf_suggestion suggestion;
    nmf_suggest(found->rows, found->count, &suggestion);
    if (suggestion.rank < 1) {
        note("suggests no rank%s%s", *suggestion.reason ? ": " : "", suggestion.reason);
    } else if (suggestion.low == suggestion.high) {
        note("suggests %" PRId64 ": %s", suggestion.rank, suggestion.reason);
    } else {
        note("suggests %" PRId64 ", with %" PRId64 " to %" PRId64 " left open: %s", suggestion.rank, suggestion.low,
             suggestion.high, suggestion.reason);
    }
    if (*suggestion.doubt) {
        note("doubt    %s", suggestion.doubt);
    }
}

/* Of an interrupted survey, too, what is there is drawn. */
static nmf_status keep(work *w) {
    const survey *found = &w->found;
    nmf_status status = found->count > 0 ? survey_draw(w->context, found) : NMF_OK;
    if (status != NMF_OK || found->count == 0) {
        return status;
    }
    if (w->settings->json) {
        json_t *report = survey_json(found);
        report_print(report);
        json_decref(report);
    }
    note_suggestion(found);
    note("files    %s/" SURVEY_JSON ", %s/survey.csv, %s/ranks.svg, %s/ranks.png", found->path, found->path,
         found->path, found->path);
    return NMF_OK;
}

static nmf_status finish(work *w, nmf_status status) {
    nmf_status kept = w->leads ? keep(w) : NMF_OK;
    if (status == NMF_INTERRUPTED) {
        note("interrupted: %" PRId64 " of %" PRId64 " ranks are done; the same command goes on from there",
             count_known(w), w->list->count);
    }
    return status == NMF_OK ? kept : status;
}

static nmf_status survey_into(work *w, const char *path) {
    bool made = false;
    nmf_status status = w->leads ? folder_make(path, &made) : NMF_OK;
    if (status != NMF_OK) {
        return status;
    }
    status = survey_open(w->context, w->settings, w->matrix, path, &w->found);
    if (status == NMF_OK) {
        note_begin(w);
        signals_watch(say_live());
        status = finish(w, survey_all(w));
    }
    if (made && w->found.count == 0) {
        rmdir(path);
    }
    survey_close(&w->found);
    return status;
}

static nmf_status check_ranks(const work *w) {
    nmf_matrix_info info;
    nmf_matrix_get_info(w->matrix, &info);
    int64_t least = info.rows < info.cols ? info.rows : info.cols, last = w->list->ranks[w->list->count - 1];
    return last > least ? complain(NMF_ERROR_USAGE,
                                   "--ranks goes up to %" PRId64 ", but %s is %" PRId64 " x %" PRId64
                                   ": components can be told apart up to %" PRId64,
                                   last, w->settings->files[0], info.rows, info.cols, least)
                        : NMF_OK;
}

/* Do the options hold, of fits from which a mask hides entries too? What needs no matrix is told before one is read. */
static nmf_status check_options(nmf_context *context, const cli_settings *settings) {
    static const double nothing = 0;
    nmf_options masked = settings->fit;
    nmf_matrix *mask = NULL;
    if (nmf_options_check(context, &settings->fit) != NMF_OK) {
        return complain_context(NMF_ERROR_USAGE, context);
    }
    nmf_status status = nmf_matrix_dense(context, 1, 1, NMF_F64, &nothing, 1, 1, 0, &mask);
    if (status != NMF_OK) {
        return complain_context(status, context);
    }
    masked.mask = mask;
    if (settings->masks > 0 && nmf_options_check(context, &masked) != NMF_OK) {
        status = complain(NMF_ERROR_USAGE, "masks hold entries out: %s, and --masks 0 does without",
                          nmf_context_message(context));
    }
    nmf_matrix_free(mask);
    return status;
}

static nmf_status read_and_survey(nmf_context *context, cli_settings *settings, const rank_list *list,
                                  const char *path) {
    nmf_matrix *matrix = NULL;
    sides given = {0};
    nmf_status status = sides_read(context, settings, &given);
    if (status == NMF_OK) {
        status = check_options(context, settings);
    }
    if (status == NMF_OK) {
        status = input_read(context, settings, settings->files[0], &matrix);
    }
    work w = {context, settings, matrix, list, nmf_context_leads(context), {0}};
    if (status == NMF_OK) {
        input_note(settings, matrix);
        status = check_ranks(&w);
    }
    if (status == NMF_OK) {
        status = survey_into(&w, path);
    }
    nmf_matrix_free(matrix);
    sides_free(&given);
    return status;
}

/* Files that are read, none of which the result may replace. */
static nmf_status spare_inputs(const cli_settings *settings, const char *path) {
    static const char *const written[] = {SURVEY_FILES, NULL};
    const char *inputs[INPUT_FILES + SIDE_FILES];
    input_files(settings, settings->files[0], inputs);
    sides_files(settings, inputs + INPUT_FILES);
    return folder_spare_files(path, written, inputs, INPUT_FILES + SIDE_FILES);
}

static nmf_status run(nmf_context *context, cli_settings *settings) {
    rank_list list;
    if (!settings->ranks) {
        return complain(NMF_ERROR_USAGE, "rank needs the ranks to look at: nmf rank %s --ranks 2:12",
                        settings->files[0]);
    }
    settings->fit.restarts = settings->fit.restarts ? settings->fit.restarts : RESTARTS;
    if (settings->fit.restarts < 2) {
        return complain(NMF_ERROR_USAGE, "--restarts is 1, but to compare starts takes at least 2");
    }
    char *path = NULL;
    nmf_status status = ranks_parse(settings->ranks, &list);
    if (status == NMF_OK) {
        settings->fit.rank = list.ranks[0];
        status = folder_choose(settings->output, settings->files[0], "ranks", &path);
    }
    if (status == NMF_OK) {
        status = spare_inputs(settings, path);
    }
    if (status == NMF_OK) {
        status = read_and_survey(context, settings, &list, path);
    }
    free(path);
    return status;
}

const subcommand command_rank = {
    .name = "rank",
    .summary = "How many components? Numbers for every rank, and what they suggest.",
    .arguments = "FILE",
    .usage = "--ranks 2:12 [OPTIONS]",
    .more = "Fits FILE from many starts at every rank, and once more for every mask, without the entries that\n"
            "the mask hides. A table tells, of each rank,\n\n"
            "  rel. error  of the best start\n"
            "  explained   1 - |A - WH|^2 / |A|^2 of it\n"
            "  cophenetic  how well a tree tells which samples belong together, over all starts: 1 is best\n"
            "  dispersion  how sure starts are which do: 1 is best\n"
            "  PAC         the share of the pairs of samples on which starts differ: 0 is best\n"
            "  silhouette  how well the components of all starts fall into as many clusters: 1 is best\n"
            "  stability   mean cosine of the components of two starts: 1 is best\n"
            "  held out    relative error of entries that the fit did not see: the smaller, the better,\n"
            "              with its standard error over masks\n\n"
            "survey.csv and survey.json in DIR have more; ranks.svg and ranks.png are a picture of it.\n"
            "survey.json is kept up to date: after Ctrl-C, or with more ranks, the same command goes on.\n",
    .fit = taken,
    .own = own,
    .several = true,
    .run = run,
};
