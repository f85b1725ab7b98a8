#include "input.h"

#include "say.h"

#include <inttypes.h>
#include <string.h>

const own_option option_row_names = {{.name = "row-names",
                                      .argument = "FILE",
                                      .help = "A file with the names of the rows, one a line; without it those in the "
                                              "matrix file or beside it."},
                                     OPTION_TEXT,
                                     offsetof(cli_settings, row_names),
                                     0};
const own_option option_col_names = {{.name = "col-names", .argument = "FILE", .help = "Likewise for the columns."},
                                     OPTION_TEXT,
                                     offsetof(cli_settings, col_names),
                                     0};
const own_option option_delimiter = {{.name = "delimiter",
                                      .argument = "C",
                                      .value = "found out",
                                      .help = "What separates the fields of a text table: a character, tab, or blanks "
                                              "for any run of them."},
                                     OPTION_TEXT,
                                     offsetof(cli_settings, delimiter),
                                     0};
const own_option option_layer = {{.name = "layer",
                                  .argument = "NAME",
                                  .value = "the main one",
                                  .help = "Which matrix of a file that holds several: an array of an .npz, a layer of "
                                          "an .h5ad."},
                                 OPTION_TEXT,
                                 offsetof(cli_settings, layer),
                                 0};
const own_option option_transpose = {
    {.name = "transpose",
     .help =
         "Turn rows into columns and columns into rows, their names too: for files with a sample a row. This and the "
         "options up to --tfidf apply in the order of this list."},
    OPTION_FLAG,
    offsetof(cli_settings, prepare.transpose),
    0};
const own_option option_select_rows = {{.name = "select-rows",
                                        .argument = "FILE",
                                        .help = "Take only the rows named in this file, one name a line, in the order "
                                                "of the matrix."},
                                       OPTION_TEXT,
                                       offsetof(cli_settings, prepare.select_rows),
                                       0};
const own_option option_select_cols = {{.name = "select-cols", .argument = "FILE", .help = "Likewise for the columns."},
                                       OPTION_TEXT,
                                       offsetof(cli_settings, prepare.select_cols),
                                       0};
const own_option option_normalize = {{.name = "normalize",
                                      .argument = "SUM",
                                      .help = "Scale every column to this sum, or to the median of their sums with the "
                                              "word median. Columns of zeros stay as they are."},
                                     OPTION_SUM,
                                     offsetof(cli_settings, prepare.normalize),
                                     0};
const own_option option_log1p = {{.name = "log1p", .help = "Replace every entry a by ln(1 + a)."},
                                 OPTION_FLAG,
                                 offsetof(cli_settings, prepare.log1p),
                                 0};
const own_option option_tfidf = {
    {.name = "tfidf",
     .help = "Weigh every entry by how few columns its row is found in, then scale every column to Euclidean norm 1: "
             "rows are terms, columns are documents."},
    OPTION_FLAG,
    offsetof(cli_settings, prepare.tfidf),
    0};

const own_option option_memory = {
    {.name = "memory",
     .argument = "SIZE",
     .value = "what is free",
     .help = "Memory that all of it may take, such as 500M or 4G. A matrix that does not fit is read block by block: "
             "an .nmfx (nmf convert) or .npy from its file, the entries of a sparse one of another format from a file "
             "in $TMPDIR or /tmp, where they are put in order first."},
    OPTION_SIZE,
    offsetof(cli_settings, memory),
    0};

nmf_read_options input_reading(const cli_settings *settings) {
    unsigned allowed = (settings->missing ? NMF_ALLOW_MISSING : 0U) |
                       (settings->fit.free && strcmp(settings->fit.free, "w") == 0 ? NMF_ALLOW_NEGATIVE : 0U) |
                       (settings->fit.observed && strcmp(settings->fit.observed, "stored") == 0 ? NMF_KEEP_ZEROS : 0U);
    return (nmf_read_options){.dtype = settings->fit.dtype,
                              .allowed = allowed,
                              .row_names = settings->row_names,
                              .col_names = settings->col_names,
                              .delimiter = settings->delimiter,
                              .layer = settings->layer};
}

bool input_prepares(const cli_settings *settings) {
    const nmf_prepare_options *how = &settings->prepare;
    return how->select_rows || how->select_cols || how->normalize != 0 || how->log1p || how->tfidf || how->transpose;
}

static nmf_status read_prepared(nmf_context *context, const cli_settings *settings, const char *path, bool in_file,
                                nmf_matrix **matrix) {
    nmf_read_options how = input_reading(settings);
    how.in_file = in_file;
    nmf_status status = nmf_matrix_read(context, path, &how, matrix);
    if (status == NMF_OK) {
        status = nmf_matrix_prepare(context, &settings->prepare, matrix);
    }
    if (status != NMF_OK) {
        complain_context(status, context);
        nmf_matrix_free(*matrix);
        *matrix = NULL;
    }
    return status;
}

nmf_status input_read(nmf_context *context, const cli_settings *settings, const char *path, nmf_matrix **matrix) {
    return read_prepared(context, settings, path, false, matrix);
}

nmf_status input_open(nmf_context *context, const cli_settings *settings, const char *path, nmf_matrix **matrix) {
    return read_prepared(context, settings, path, !input_prepares(settings), matrix);
}

void input_note(const cli_settings *settings, const nmf_matrix *matrix) {
    nmf_matrix_info info;
    nmf_matrix_get_info(matrix, &info);
    double entries = (double)info.rows * (double)info.cols;
    note("read     %s (%s): %" PRId64 " x %" PRId64 ", %s, %" PRId64 " non-zeros (%.3g %%)", settings->files[0],
         info.source, info.rows, info.cols, info.sparse ? "sparse" : "dense", info.nnz,
         entries > 0 ? 100 * (double)info.nnz / entries : 0);
}

void input_files(const cli_settings *settings, const char *path, const char *files[INPUT_FILES]) {
    files[0] = path;
    files[1] = settings->row_names;
    files[2] = settings->col_names;
    files[3] = settings->prepare.select_rows;
    files[4] = settings->prepare.select_cols;
}
