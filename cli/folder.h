/*
 * The folder a result lives in: W.EXT, H.EXT and fit.json. Names are in the files where the format carries them (csv),
 * else in W.rows.txt and H.cols.txt. A JSON file is there only when all that it speaks of is.
 */
#ifndef CLI_FOLDER_H
#define CLI_FOLDER_H

#include "nmf/nmf.h"

#define FOLDER_FIT "fit.json"
#define FOLDER_TRANSFORM "transform.json"
#define FOLDER_CONSENSUS "consensus.json" /* beside fit.json, of a consensus */

/* What a fit is kept in until its result is there, and the one before. */
#define FOLDER_CHECKPOINT "checkpoint"
#define FOLDER_CHECKPOINT_BEFORE "checkpoint.1"

/* What a consensus writes besides: intervals, as factors are written, and other files. */
#define FOLDER_BOUNDS "W_low", "W_high", "H_low", "H_high"
#define FOLDER_CONSENSUS_FILES "consensus.csv", "consensus.svg", "consensus.png"

/* The folder for the result of `input`, to be freed: `given` where there is one, else INPUT.ENDING. Complains. */
nmf_status folder_choose(const char *given, const char *input, const char *ending, char **path);

/* Make the folder, and those above it, where missing; `made` says whether it is new. Complains. */
nmf_status folder_make(const char *path, bool *made);

/* True where the path leads to a folder. */
bool folder_is(const char *path);

/* True where both paths lead to the same folder. */
bool folder_same(const char *a, const char *b);

/* True where the folder holds a file `name`. */
bool folder_has(const char *path, const char *name);

/*
 * Refuse a folder in which one of `inputs`, a path or NULL each, is a file that a run with these factors (NULL-ended)
 * would replace or take away: nothing that the user gave is lost. Complains.
 */
nmf_status folder_spare(const char *path, const char *const *factors, const char *const *inputs, int count);

/* Likewise where a run writes `files` (NULL-ended). Complains. */
nmf_status folder_spare_files(const char *path, const char *const *files, const char *const *inputs, int count);

/*
 * Before anything in it is replaced: without its JSON files the folder no longer claims to be a result. Where it did,
 * what the earlier run left of these factors (NULL-ended) in formats other than `format` goes too; and where it was a
 * consensus, all that only those have. Complains.
 */
nmf_status folder_open(const char *path, const char *const *factors, const char *format);

/*
 * Write one factor, `name` "W" or "H", or bounds of it, "W_low" and the like. The names that matter are the rows' of W
 * and the columns' of H. Complains.
 */
nmf_status folder_write(nmf_context *context, const char *path, const char *name, const char *format,
                        const nmf_table *table);

/* Of one whose numbers are written by other means the names alone, where `format` has no room for them. Complains. */
nmf_status folder_write_names(nmf_context *context, const char *path, const char *name, const char *format,
                              const nmf_table *table);

/*
 * Move what folder_write and report_write put into folder `from`, these factors (NULL-ended) and fit.json, which goes
 * last, to the same names in `to`; `from` is gone then. What cannot be moved stays there. Complains.
 */
nmf_status folder_move(const char *from, const char *to, const char *const *factors, const char *format);

/* Take such a folder away, and what was written into it; what is not there is no failure. */
void folder_remove(const char *path, const char *const *factors, const char *format);

/* Read factor "W" or "H" back, in whatever format it is. Complains. */
nmf_status folder_read(nmf_context *context, const char *path, const char *name, nmf_matrix **matrix);

/* True where there is one, in any format. */
bool folder_has_factor(const char *path, const char *name);

/* The numbers of a matrix, row by row, to be freed. */
double *folder_numbers(const nmf_matrix *matrix);

#endif
