/* nmf convert IN OUT: the same matrix in another format. */
#include "command.h"
#include "folder.h"
#include "input.h"
#include "progress.h"
#include "say.h"
#include "sides.h"
#include "signals.h"

#include <inttypes.h>
#include <string.h>

static const own_option *const own[] = {&option_format_out, &option_missing, &option_memory,
                                        INPUT_OPTIONS,      &option_quiet,   NULL};
static const char *const taken[] = {"dtype", NULL};

static nmf_status check(const cli_settings *settings) {
    const char *out = settings->files[1], *inputs[INPUT_FILES];
    input_files(settings, settings->files[0], inputs);
    for (int i = 0; i < INPUT_FILES; i++) {
        if (inputs[i] && folder_same(inputs[i], out)) {
            return complain(NMF_ERROR_USAGE, "%s is read, and the result would take its place: name another file", out);
        }
    }
    if (strcmp(out, "-") == 0 && !settings->format_out) {
        return complain(NMF_ERROR_USAGE,
                        "the standard output has no ending to tell a format by: name one with --format");
    }
    return NMF_OK;
}

/* Complains of a failure, unless nobody reads the standard output any more. */
static nmf_status end_writing(nmf_context *context, const cli_settings *settings, nmf_status status) {
    if (status == NMF_ERROR_OUTPUT && strcmp(settings->files[1], "-") == 0 && signals_reader_left()) {
        signals_end_by_pipe();
    }
    return status == NMF_OK ? NMF_OK : complain_context(status, context);
}

static nmf_status convert_prepared(nmf_context *context, const cli_settings *settings, nmf_matrix_info *info) {
    nmf_matrix *matrix = NULL;
    nmf_status status = input_read(context, settings, settings->files[0], &matrix);
    if (status == NMF_OK) {
        nmf_matrix_get_info(matrix, info);
        status = nmf_matrix_write(context, settings->files[1], settings->format_out, matrix);
        status = end_writing(context, settings, status);
    }
    nmf_matrix_free(matrix);
    return status;
}

static nmf_status convert_as_is(nmf_context *context, const cli_settings *settings, nmf_matrix_info *info) {
    nmf_read_options how = input_reading(settings);
    nmf_status status = nmf_convert(context, settings->files[0], &how, settings->files[1], settings->format_out, info);
    return end_writing(context, settings, status);
}

static nmf_status run(nmf_context *context, cli_settings *settings) {
    nmf_matrix_info info;
    nmf_status status = check(settings);
    if (status != NMF_OK) {
        return status;
    }
    signals_watch(false);
    nmf_context_limit_memory(context, settings->memory);
    nmf_context_on_bytes(context, progress_bytes_or_stop, NULL);
    status =
        input_prepares(settings) ? convert_prepared(context, settings, &info) : convert_as_is(context, settings, &info);
    if (status == NMF_OK) {
        note("%" PRId64 " x %" PRId64 ", %" PRId64 " entries not zero, from %s", info.rows, info.cols, info.nnz,
             info.source);
    }
    return status;
}

const subcommand command_convert = {
    .name = "convert",
    .summary = "The same matrix in another format.",
    .arguments = "IN OUT",
    .usage = "[OPTIONS]",
    .more = "IN is any file that the other commands read. OUT's ending names the format, an ending .gz or\n"
            ".zst after it a packing: counts.npy, counts.mtx.gz. Names that a format has no room for go\n"
            "to files beside OUT, where they are found again: counts.rows.txt, counts.cols.txt.\n"
            "Where asked to, the matrix is prepared on the way, as it would be for a fit.\n",
    .fit = taken,
    .own = own,
    .run = run,
};
