/* The options of a subcommand: the library's table and a few of the command's own, parsed and explained in one place.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "nmf/nmf.h"

enum { FILES_MAX = 2 };

/* What a command line asked for. */
typedef struct cli_settings {
    const char *files[FILES_MAX]; /* the arguments that are no options, in order */
    nmf_options fit;
    bool rank_given;
    const char *output, *resume, *update, *format, *h5ad;
    const char *format_out; /* of a file whose name need not tell */
    const char *row_names, *col_names, *delimiter, *layer;
    const char *ranks;                          /* which to look at, or of processes how many */
    const char *network;                        /* between them */
    int64_t masks, most_samples;                /* of a survey, as in nmf_survey_options */
    double held_out, density, nearest, level;   /* likewise, and as in nmf_consensus_options */
    int64_t made_rows, made_cols, made_entries; /* of a matrix that is not there */
    double memory;                              /* bytes; 0: what is free */
    const char *missing, *mask, *weight_file, *graph, *fix_w, *fix_h, *start;
    nmf_prepare_options prepare;
    const char *shape, *order, *samples;
    int64_t count, scale, across;
    const char *column, *seen;
    bool quiet, json, columns, weights, all, help, version;
} cli_settings;

/*
 * A COUNT is a whole number from 1, a COUNT_OR_NONE from 0; a SUM a number above 0 or "median"; an AMOUNT a number
 * above 0; a SHARE one below 1, too; a SIZE bytes, "4G".
 */
typedef enum option_kind {
    OPTION_FLAG,
    OPTION_TEXT,
    OPTION_COUNT,
    OPTION_COUNT_OR_NONE,
    OPTION_SUM,
    OPTION_AMOUNT,
    OPTION_SHARE,
    OPTION_SIZE
} option_kind;

/* An option of the command alone; `offset` is where in settings its value goes. */
typedef struct own_option {
    nmf_option_info info;
    option_kind kind;
    size_t offset;
    int64_t most; /* the largest count */
} own_option;

/* Options that several subcommands take. */
extern const own_option option_format, option_format_out, option_quiet, option_json, option_samples;

struct subcommand;

/*
 * Read argv (argv[0] is the subcommand's name) into `settings`, whose strings point into argv. Complains and returns
 * NMF_ERROR_USAGE where something is outside what is allowed. Once --help or --version is met the rest is not looked
 * at.
 */
nmf_status options_parse(nmf_context *context, const struct subcommand *command, int argc, char **argv,
                         cli_settings *settings);

/* Are the options of the fit within their ranges? What needs no matrix is told before one is read. Complains. */
nmf_status options_check(nmf_context *context, const cli_settings *settings);

/* The long help of a subcommand, to stdout. */
void options_help(const struct subcommand *command);

/* "; did you mean PREFIX…?" for a word close to one of `names`, else "". To be freed. */
char *did_you_mean(const char *word, const char *prefix, const char *const *names, int64_t count);

#endif
