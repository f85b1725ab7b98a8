/* nmf fit FILE -k K: factorize, write the folder, say what came of it. */
#include "command.h"
#include "factors.h"
#include "folder.h"
#include "input.h"
#include "progress.h"
#include "report.h"
#include "say.h"
#include "sides.h"
#include "signals.h"
#include "update.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const own_option output = {{.name = "output",
                                   .letter = 'o',
                                   .argument = "DIR",
                                   .value = "FILE.nmf",
                                   .help = "The folder for W, H and fit.json; made where missing."},
                                  OPTION_TEXT,
                                  offsetof(cli_settings, output),
                                  0};
static const own_option h5ad = {{.name = "h5ad",
                                 .argument = "OUT",
                                 .help = "Besides, where FILE is AnnData: a copy of it with H in obsm[\"X_nmf\"], W in "
                                         "varm[\"NMF\"] and what fit.json says in uns[\"nmf\"]."},
                                OPTION_TEXT,
                                offsetof(cli_settings, h5ad),
                                0};
static const own_option resume = {
    {.name = "resume",
     .argument = "DIR",
     .help = "Go on from the checkpoint in DIR, which is the folder for the result, too; where there is none yet, "
             "begin. FILE and the options must be the same, but for those that say when to stop."},
    OPTION_TEXT,
    offsetof(cli_settings, resume),
    0};
static const own_option update_of = {
    {.name = "update",
     .argument = "DIR",
     .help =
         "Go on with the fit in DIR: FILE holds new columns of its matrix, which need not be there any more. W learns "
         "from them without forgetting the old ones, H gets theirs behind its own, all into DIR or the folder of "
         "-o."},
    OPTION_TEXT,
    offsetof(cli_settings, update),
    0};
static const own_option *const own[] = {&output,       &resume,        &update_of,   &option_memory,
                                        &h5ad,         &option_format, SIDE_OPTIONS, INPUT_OPTIONS,
                                        &option_quiet, &option_json,   NULL};
static const char *const every_option[] = {"*", NULL};
static const char *const factors_written[] = {"W", "H", NULL};

/* How much smaller, relatively, the best error must be than the last one to be mentioned. */
static const double WORTH_SAYING = 1e-6;

/* What can be known to fail is told before the fit. */
static nmf_status check_h5ad(const cli_settings *settings, const nmf_matrix *matrix) {
    const char *input = settings->files[0], *copy = settings->h5ad;
    nmf_matrix_info info;
    nmf_matrix_get_info(matrix, &info);
    if (!copy) {
        return NMF_OK;
    }
    if (!strstr(info.source, "AnnData") || strcmp(input, "-") == 0) {
        return complain(NMF_ERROR_USAGE, "--h5ad adds to a copy of an AnnData file, which %s (%s) is not",
                        strcmp(input, "-") == 0 ? "the standard input" : input, info.source);
    }
    if (settings->prepare.transpose || settings->prepare.select_rows || settings->prepare.select_cols) {
        return complain(NMF_ERROR_USAGE,
                        "--h5ad writes factors of all variables and observations as %s has them: not "
                        "with --transpose, --select-rows or --select-cols",
                        input);
    }
    return folder_same(input, copy)
               ? complain(NMF_ERROR_USAGE, "%s is read, and the copy would take its place: name another file", input)
               : NMF_OK;
}

static nmf_status write_h5ad(nmf_context *context, const cli_settings *settings, const nmf_result *result) {
    if (!settings->h5ad) {
        return NMF_OK;
    }
    nmf_status status = nmf_result_annotate(context, result, settings->files[0], settings->h5ad);
    if (status == NMF_OK) {
        note("copy     %s, with obsm[\"X_nmf\"], varm[\"NMF\"] (of raw, where W has its rows), uns[\"nmf\"]",
             settings->h5ad);
    }
    return status == NMF_OK ? NMF_OK : complain_context(status, context);
}

static void note_starts(const nmf_summary *summary) {
    int64_t dropped = 0;
    if (summary->restarts < 2) {
        return;
    }
    for (int64_t t = 0; t < summary->restarts; t++) {
        dropped += summary->starts[t].dropped;
    }
    note("starts   best of %" PRId64 " (seed %" PRIu64 "), %" PRId64 " dropped on the way", summary->restarts,
         summary->seed, dropped);
}

static void note_result(const nmf_summary *summary, const char *path, const char *format) {
    char *loss = report_loss(summary);
    note("fit      rank %" PRId64 ", loss %s, solver %s, start %s, %s, %" PRId64 " thread%s", summary->rank, loss,
         summary->solver, summary->init, summary->dtype == NMF_F32 ? "f32" : "f64", summary->threads,
         summary->threads == 1 ? "" : "s");
    note("error    %.6g, relative %.6g, KKT residual %.3g", summary->error, summary->relative_error,
         summary->kkt_residual);
    if (summary->penalized) {
        note("lowered  %.6g, the loss and the penalties", summary->objective);
    }
    if (isfinite(summary->deviance)) {
        note("poisson  deviance %.6g, log-likelihood %.6g", summary->deviance, summary->log_likelihood);
    }
    free(loss);
    note_starts(summary);
    note("stopped  by %s after %" PRId64 " iteration%s in %.3g s, %s", summary->stop_reason, summary->iterations,
         summary->iterations == 1 ? "" : "s", summary->seconds, summary->converged ? "converged" : "not converged");
    if (summary->best_error < summary->error * (1 - WORTH_SAYING)) {
        note("best     error %.6g at iteration %" PRId64 "; --keep best gives that one", summary->best_error,
             summary->best_iteration);
    }
    note("files    %s/W.%s, %s/H.%s, %s/" FOLDER_FIT, path, format, path, format, path);
}

static nmf_status write_whole(nmf_context *context, const factor_files *factors) {
    nmf_status status = factors_write_w(context, factors);
    return status == NMF_OK ? factors_write_h(context, factors) : status;
}

/* Of several processes all come here: each writes its part, or the leading one has them all and writes. */
static nmf_status write_factors(nmf_context *context, const cli_settings *settings, const factor_files *factors,
                                nmf_result *result) {
    bool alone = nmf_context_processes(context) == 1, leads = nmf_context_leads(context);
    bool parts = !alone && strcmp(factors->format, "npy") == 0 && !settings->h5ad;
    nmf_status status = leads ? folder_open(factors->path, factors_written, factors->format) : NMF_OK;
    status = nmf_context_agree(context, status);
    if (status == NMF_OK && parts) {
        return factors_write_parts(context, factors);
    }
    if (status == NMF_OK && nmf_result_gather(context, factors->matrix, result) != NMF_OK) {
        status = complain_context(NMF_ERROR_MEMORY, context);
    }
    return status == NMF_OK && leads ? write_whole(context, factors) : status;
}

static nmf_status keep_result(nmf_context *context, const cli_settings *settings, const factor_files *factors,
                              nmf_result *result) {
    const nmf_summary *summary = nmf_result_summary(factors->result);
    nmf_status status = write_factors(context, settings, factors, result);
    if (status != NMF_OK || !nmf_context_leads(context)) {
        return status;
    }
    json_t *report = report_fit(summary, settings);
    status = report_write(context, factors->path, FOLDER_FIT, report);
    if (status == NMF_OK) {
        note_result(summary, factors->path, factors->format);
        if (settings->json) {
            report_print(report);
        }
        status = write_h5ad(context, settings, factors->result);
    }
    json_decref(report);
    return status;
}

/* Say where the matrix will be, and what that takes, before the fit begins. */
static void note_placement(const nmf_placement *placement, bool several) {
    char *matrix = size_text(placement->matrix_bytes), *fit = size_text(placement->fit_bytes);
    int64_t each = placement->grid[0] * placement->grid[1];
    if (placement->groups > 1 && several) {
        note("plan     %" PRId64 " groups of %" PRId64 " process%s fit some of the starts each", placement->groups,
             each, each == 1 ? "" : "es");
    } else if (placement->groups > 1) {
        note("plan     each of %" PRId64 " processes makes all of this fit, which is not one that they could share",
             placement->groups);
    }
    if (strcmp(placement->place, "spread") == 0) {
        note("plan     spread over %lld x %lld processes: in this one the block of the matrix takes %s, the fit %s",
             (long long)placement->grid[0], (long long)placement->grid[1], matrix, fit);
    } else if (strcmp(placement->place, "streamed") == 0) {
        char *read = size_text(placement->read_bytes);
        note("plan     streamed: %s are read each iteration, through %s of memory; the fit takes %s", read, matrix,
             fit);
        free(read);
    } else {
        note("plan     %s: the matrix takes %s, the fit %s", placement->place, matrix, fit);
    }
    free(matrix);
    free(fit);
}

static nmf_status place(nmf_context *context, const cli_settings *settings, nmf_matrix **matrix) {
    nmf_placement placement;
    nmf_status status = nmf_matrix_place(context, &settings->fit, matrix, &placement);
    if (status != NMF_OK) {
        return complain_context(status, context);
    }
    input_note(settings, *matrix);
    note_placement(&placement, settings->fit.restarts > 1);
    return NMF_OK;
}

/* What an interrupted fit left there is not lost to another one. */
static nmf_status check_checkpoint(const cli_settings *settings, const char *path) {
    bool waits = folder_has(path, FOLDER_CHECKPOINT) || folder_has(path, FOLDER_CHECKPOINT_BEFORE);
    return waits && !settings->resume
               ? complain(
                     NMF_ERROR_USAGE,
                     "%s has the checkpoint of a fit that did not come to its end: go on from it with --resume %s, "
                     "remove %s/" FOLDER_CHECKPOINT " and %s/" FOLDER_CHECKPOINT_BEFORE
                     ", or name another folder by -o",
                     path, path, path, path)
               : NMF_OK;
}

/* Where the fit is kept: "PATH/checkpoint", to be freed, or NULL where that is not asked for. */
static char *checkpoint_path(const cli_settings *settings, const char *path) {
    bool asked = settings->resume || settings->fit.checkpoint_every > 0;
    return asked ? text_of("%s/" FOLDER_CHECKPOINT, path) : NULL;
}

/* A fit that came to its end, and whose result is in its place, needs none any more. */
static void drop_checkpoint(nmf_context *context, const char *checkpoint, const nmf_result *result) {
    if (checkpoint && strcmp(nmf_result_summary(result)->stop_reason, "time") != 0) {
        nmf_checkpoint_remove(context, checkpoint);
    }
}

static void note_interrupted(const char *path, bool kept) {
    if (kept && folder_has(path, FOLDER_CHECKPOINT)) {
        note("interrupted: the factors are those of the last iteration before; --resume %s goes on", path);
    } else {
        note("interrupted: the factors are those of the last iteration before");
    }
}

/* The folder is made before the fit: to learn after an hour that it cannot be is too late. */
static nmf_status fit_into(nmf_context *context, const cli_settings *settings, const nmf_matrix *matrix,
                           const sides *given, const char *path) {
    bool made = false;
    nmf_status status = check_checkpoint(settings, path);
    if (status == NMF_OK && nmf_context_leads(context)) {
        status = folder_make(path, &made);
    }
    if (status != NMF_OK) {
        return status;
    }
    char *checkpoint = checkpoint_path(settings, path);
    progress_line progress = {0};
    nmf_options options = settings->fit;
    options.observer = progress_observe;
    options.observer_user = &progress;
    options.checkpoint = checkpoint;
    options.resume = settings->resume != NULL;
    nmf_result *result = NULL;
    signals_watch(say_live());
    status = nmf_fit(context, matrix, &options, &result);
    say_line_clear();
    if (!result) {
        complain_context(status, context);
        if (made) {
            rmdir(path);
        }
        free(checkpoint);
        return status;
    }
    factor_files factors = {matrix, result, path, settings->format, given};
    nmf_status kept = keep_result(context, settings, &factors, result);
    if (kept == NMF_OK && status == NMF_INTERRUPTED) {
        note_interrupted(path, checkpoint != NULL);
    } else if (kept == NMF_OK && nmf_context_leads(context)) {
        drop_checkpoint(context, checkpoint, result);
    }
    nmf_result_free(result);
    free(checkpoint);
    return kept == NMF_OK ? status : kept;
}

static nmf_status read_and_fit(nmf_context *context, cli_settings *settings, const char *path) {
    nmf_matrix *matrix = NULL;
    sides given = {0};
    nmf_status status = sides_read(context, settings, &given);
    if (status == NMF_OK && nmf_options_check(context, &settings->fit) != NMF_OK) {
        status = complain_context(NMF_ERROR_USAGE, context);
    }
    if (status == NMF_OK) {
        nmf_context_limit_memory(context, settings->memory);
        status = input_open(context, settings, settings->files[0], &matrix);
    }
    if (status == NMF_OK) {
        status = check_h5ad(settings, matrix);
    }
    if (status == NMF_OK) {
        status = sides_align(context, settings, matrix, &given);
    }
    if (status == NMF_OK) {
        status = place(context, settings, &matrix);
    }
    if (status == NMF_OK) {
        status = fit_into(context, settings, matrix, &given, path);
    }
    nmf_matrix_free(matrix);
    sides_free(&given);
    return status;
}

/* Files that are read, none of which the result may replace. */
static nmf_status spare_inputs(const cli_settings *settings, const char *path) {
    const char *inputs[INPUT_FILES + SIDE_FILES];
    input_files(settings, settings->files[0], inputs);
    sides_files(settings, inputs + INPUT_FILES);
    return folder_spare(path, factors_written, inputs, INPUT_FILES + SIDE_FILES);
}

static nmf_status run(nmf_context *context, cli_settings *settings) {
    bool alone = nmf_context_processes(context) == 1;
    if (settings->update && !alone) {
        return complain(NMF_ERROR_USAGE, "--update is for one process: use nmf");
    }
    if (strcmp(settings->files[0], "-") == 0 && !alone) {
        return complain(NMF_ERROR_USAGE, "the standard input is that of one process: name a file that all of them see");
    }
    if (settings->update) {
        return update_run(context, settings);
    }
    if (!settings->rank_given && !settings->fix_w && !settings->fix_h && !settings->start) {
        return complain(NMF_ERROR_USAGE, "fit needs a rank, the number of components: nmf fit %s -k 10",
                        settings->files[0]);
    }
    if (settings->resume && settings->output && !folder_same(settings->resume, settings->output)) {
        return complain(NMF_ERROR_USAGE, "--resume %s is the folder for the result, too; leave -o %s out",
                        settings->resume, settings->output);
    }
    char *path = NULL;
    nmf_status status =
        folder_choose(settings->resume ? settings->resume : settings->output, settings->files[0], "nmf", &path);
    if (status == NMF_OK) {
        status = spare_inputs(settings, path);
    }
    if (status == NMF_OK) {
        status = read_and_fit(context, settings, path);
    }
    free(path);
    return status;
}

const subcommand command_fit = {
    .name = "fit",
    .summary = "Factorize the matrix in a file.",
    .arguments = "FILE",
    .usage = "-k K [OPTIONS]",
    .more = "Finds W and H, nothing in them below zero, with A close to W H, and writes them to a folder\n"
            "with fit.json, which says how good they are and why the fit stopped.\n\n"
            "FILE holds A: CSV or TSV (with or without a header and row names), NPY, NPZ, Matrix Market,\n"
            "svmlight or HDF5 (10x Genomics, AnnData), each also packed by gzip or zstd; - is the standard\n"
            "input. Rows are features (words, genes, pixels), columns samples.\n\n"
            "Ctrl-C ends the fit after the iteration under way and writes the factors so far; with\n"
            "--checkpoint-every or --resume also a checkpoint, from which --resume goes on to the same result.\n",
    .fit = every_option,
    .own = own,
    .several = true,
    .run = run,
};
