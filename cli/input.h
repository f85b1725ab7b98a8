/* The matrix a subcommand works on: the options that say how it is read and prepared, and the reading of it. */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include "options.h"

extern const own_option option_row_names, option_col_names, option_delimiter, option_layer, option_select_rows,
    option_select_cols, option_normalize, option_log1p, option_tfidf, option_transpose, option_memory;

/* For the list of a subcommand's own options. */
#define INPUT_OPTIONS                                                                                                  \
    &option_row_names, &option_col_names, &option_delimiter, &option_layer, &option_transpose, &option_select_rows,    \
        &option_select_cols, &option_normalize, &option_log1p, &option_tfidf

/* How the matrix is to be read, and whether anything is to be done to it then. */
nmf_read_options input_reading(const cli_settings *settings);
bool input_prepares(const cli_settings *settings);

/* Read the matrix in the file `path` and do to it what the options ask for. Complains; *matrix is then NULL. */
nmf_status input_read(nmf_context *context, const cli_settings *settings, const char *path, nmf_matrix **matrix);

/* The same of a matrix that may stay in its file, where nothing is to be done to it: for nmf_matrix_place. */
nmf_status input_open(nmf_context *context, const cli_settings *settings, const char *path, nmf_matrix **matrix);

/* Say what settings->files[0] was found to be. */
void input_note(const cli_settings *settings, const nmf_matrix *matrix);

/* Every file that input_read takes something from, a path or NULL each. */
enum { INPUT_FILES = 5 };
void input_files(const cli_settings *settings, const char *path, const char *files[INPUT_FILES]);

#endif
