/* nmf consensus FILE -k K: the components that many starts agree on, how sure each number is, and a folder as a fit's.
 */
#include "command.h"
#include "consensus_files.h"
#include "folder.h"
#include "input.h"
#include "progress.h"
#include "report.h"
#include "say.h"
#include "sides.h"
#include "signals.h"

#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

enum { RESTARTS = 100, COUNT_MOST = 1000000 };

static const own_option restarts = {{.name = "restarts",
                                     .argument = "R",
                                     .value = "100",
                                     .help = "Starts, from seeds S, S + 1, ..., every one fitted to its end."},
                                    OPTION_COUNT,
                                    offsetof(cli_settings, fit.restarts),
                                    COUNT_MOST};
static const own_option density = {
    {.name = "density",
     .argument = "X",
     .value = "0.5",
     .help = "Components of starts that are farther than this from their nearest ones, on average, are left out; they "
             "have norm 1, so that 2 leaves out none."},
    OPTION_AMOUNT,
    offsetof(cli_settings, density),
    0};
static const own_option nearest = {{.name = "nearest",
                                    .argument = "X",
                                    .value = "0.3",
                                    .help = "How many nearest ones count for --density, as a share of the starts."},
                                   OPTION_SHARE,
                                   offsetof(cli_settings, nearest),
                                   0};
static const own_option level = {{.name = "level",
                                  .argument = "X",
                                  .value = "0.9",
                                  .help = "The share of the starts that lies within the bounds of each number."},
                                 OPTION_SHARE,
                                 offsetof(cli_settings, level),
                                 0};
static const own_option output = {{.name = "output",
                                   .letter = 'o',
                                   .argument = "DIR",
                                   .value = "FILE.consensus",
                                   .help = "The folder for what is found; made where missing."},
                                  OPTION_TEXT,
                                  offsetof(cli_settings, output),
                                  0};
static const own_option *const own[] = {&restarts,       &density,       &nearest,        &level,       &option_samples,
                                        &output,         &option_format, &option_missing, &option_mask, &option_weights,
                                        &option_graph_h, INPUT_OPTIONS,  &option_quiet,   &option_json, NULL};
static const char *const taken[] = {"*",      "-restarts", "-keep-all", "-time", "-checkpoint-every",
                                    "-order", "-unit",     NULL};

static void note_result(const nmf_consensus_summary *found, const nmf_summary *fit, const char *path,
                        const char *format) {
    const nmf_rank_row *row = &found->row;
    note("kept     %" PRId64 " of %" PRId64 " components of %" PRId64 " starts", found->kept, found->spectra,
         row->restarts);
    if (fit->rank > 1) {
        note("starts   cophenetic %.4f, dispersion %.4f, PAC %.4f, silhouette %.4f, stability %.4f", row->cophenetic,
             row->dispersion, row->pac, row->silhouette_spectra, row->stability);
    }
    note("error    %.6g, relative %.6g; of the best start %.6g, relative %.6g", fit->error, fit->relative_error,
         row->error, row->relative_error);
    note("files    %s/W.%s, %s/H.%s, their bounds W_low, W_high, H_low, H_high, " FOLDER_FIT ", " FOLDER_CONSENSUS
         ", %sconsensus.svg and .png",
         path, format, path, format, consensus_has_table(found) ? "consensus.csv, " : "");
}

static nmf_status keep(nmf_context *context, const cli_settings *settings, const nmf_matrix *matrix,
                       const nmf_consensus *consensus, const char *path) {
    const nmf_consensus_summary *found = nmf_consensus_get_summary(consensus);
    const consensus_files files = {settings, matrix, consensus, path};
    json_t *report = consensus_report(&files);
    nmf_status status = consensus_write(context, &files, report);
    if (status == NMF_OK) {
        note_result(found, nmf_result_summary(nmf_consensus_result(consensus)), path, settings->format);
    }
    if (status == NMF_OK && settings->json) {
        report_print(report);
    }
    json_decref(report);
    return status;
}

/* The folder is made before: to learn after an hour that it cannot be is too late. */
static nmf_status find_into(nmf_context *context, const cli_settings *settings, const nmf_matrix *matrix,
                            const char *path) {
    bool made = false, leads = nmf_context_leads(context);
    nmf_status status = leads ? folder_make(path, &made) : NMF_OK;
    if (status != NMF_OK) {
        return status;
    }
    progress_line progress = {0};
    nmf_consensus *consensus = NULL;
    nmf_options options = settings->fit;
    const nmf_consensus_options how = {.restarts = options.restarts,
                                       .density = settings->density,
                                       .nearest = settings->nearest,
                                       .level = settings->level,
                                       .most_samples = settings->most_samples};
    options.observer = progress_observe;
    options.observer_user = &progress;
    signals_watch(say_live());
    status = nmf_consensus_new(context, matrix, &options, &how, &consensus);
    say_line_clear();
    if (status == NMF_OK) {
        status = leads ? keep(context, settings, matrix, consensus, path) : NMF_OK;
    } else if (status == NMF_INTERRUPTED) {
        note("interrupted: a consensus is of all starts, so nothing is written");
    } else {
        complain_context(status, context);
    }
    if (!consensus && made) {
        rmdir(path);
    }
    nmf_consensus_free(consensus);
    return status;
}

static nmf_status read_and_find(nmf_context *context, cli_settings *settings, const char *path) {
    nmf_matrix *matrix = NULL;
    sides given = {0};
    nmf_status status = sides_read(context, settings, &given);
    if (status == NMF_OK && nmf_options_check(context, &settings->fit) != NMF_OK) {
        status = complain_context(NMF_ERROR_USAGE, context);
    }
    if (status == NMF_OK) {
        status = input_read(context, settings, settings->files[0], &matrix);
    }
    if (status == NMF_OK) {
        input_note(settings, matrix);
        status = find_into(context, settings, matrix, path);
    }
    nmf_matrix_free(matrix);
    sides_free(&given);
    return status;
}

/* Files that are read, none of which the result may replace. */
static nmf_status spare_inputs(const cli_settings *settings, const char *path) {
    static const char *const factors[] = {"W", "H", FOLDER_BOUNDS, NULL};
    static const char *const files[] = {FOLDER_CONSENSUS, FOLDER_CONSENSUS_FILES, NULL};
    const char *inputs[INPUT_FILES + SIDE_FILES];
    input_files(settings, settings->files[0], inputs);
    sides_files(settings, inputs + INPUT_FILES);
    nmf_status status = folder_spare(path, factors, inputs, INPUT_FILES + SIDE_FILES);
    return status == NMF_OK ? folder_spare_files(path, files, inputs, INPUT_FILES + SIDE_FILES) : status;
}

static nmf_status run(nmf_context *context, cli_settings *settings) {
    if (!settings->rank_given) {
        return complain(NMF_ERROR_USAGE,
                        "consensus needs a rank, the number of components: nmf consensus %s -k 10 (nmf rank helps to "
                        "find one)",
                        settings->files[0]);
    }
    settings->fit.restarts = settings->fit.restarts ? settings->fit.restarts : RESTARTS;
    if (settings->fit.restarts < 2) {
        return complain(NMF_ERROR_USAGE, "--restarts is 1, but a consensus takes at least 2 starts");
    }
    char *path = NULL;
    nmf_status status = folder_choose(settings->output, settings->files[0], "consensus", &path);
    if (status == NMF_OK) {
        status = spare_inputs(settings, path);
    }
    if (status == NMF_OK) {
        status = read_and_find(context, settings, path);
    }
    free(path);
    return status;
}

const subcommand command_consensus = {
    .name = "consensus",
    .summary = "The components that many starts agree on, with bounds on every number.",
    .arguments = "FILE",
    .usage = "-k K [OPTIONS]",
    .more = "Fits FILE from many starts, leaves out components that few starts find, and clusters the others\n"
            "into K: W is the median of each cluster, its columns sum to 1, and H is fitted to it. The folder\n"
            "is as that of nmf fit for the other commands, and has besides\n\n"
            "  W_low, W_high   bounds between which most starts have each number (--level), and likewise\n"
            "  H_low, H_high\n"
            "  consensus.json  what was kept, how well starts agree, the cluster of each sample\n"
            "  consensus.csv   the share of the starts in which two samples belong together, up to 1000 samples\n"
            "  consensus.svg, consensus.png  a picture of it\n",
    .fit = taken,
    .own = own,
    .several = true,
    .run = run,
};
