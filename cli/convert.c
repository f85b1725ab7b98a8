/* nmf convert IN OUT: the same matrix in another format. */
#include "command.h"
#include "folder.h"
#include "progress.h"
#include "say.h"
#include "signals.h"

#include <inttypes.h>
#include <string.h>

static const own_option *const own[] = {
    &option_format_out, &option_row_names, &option_col_names, &option_delimiter, &option_layer, &option_quiet, NULL};
static const char *const taken[] = {"dtype", NULL};

static nmf_status check(const cli_settings *settings) {
    const char *in = settings->files[0], *out = settings->files[1];
    const char *inputs[] = {in, settings->row_names, settings->col_names};
    for (int i = 0; i < 3; i++) {
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

static nmf_status run(nmf_context *context, cli_settings *settings) {
    nmf_matrix_info info;
    nmf_status status = check(settings);
    if (status != NMF_OK) {
        return status;
    }
    signals_watch(false);
    nmf_context_on_bytes(context, progress_bytes_or_stop, NULL);
    nmf_read_options how = options_reading(settings);
    status = nmf_convert(context, settings->files[0], &how, settings->files[1], settings->format_out, &info);
    if (status == NMF_ERROR_OUTPUT && strcmp(settings->files[1], "-") == 0 && signals_reader_left()) {
        signals_end_by_pipe();
    }
    if (status != NMF_OK) {
        return complain_context(status, context);
    }
    note("%" PRId64 " x %" PRId64 ", %" PRId64 " entries not zero, from %s", info.rows, info.cols, info.nnz,
         info.source);
    return NMF_OK;
}

const subcommand command_convert = {
    .name = "convert",
    .summary = "The same matrix in another format.",
    .arguments = "IN OUT",
    .usage = "[OPTIONS]",
    .more = "IN is any file that the other commands read. OUT's ending names the format, an ending .gz or\n"
            ".zst after it a packing: counts.npy, counts.mtx.gz. Names that a format has no room for go\n"
            "to files beside OUT, where they are found again: counts.rows.txt, counts.cols.txt.\n",
    .fit = taken,
    .own = own,
    .run = run,
};
