/* Block files of several small blocks. */
#ifndef SUPPORT_BLOCKS_H
#define SUPPORT_BLOCKS_H

#include "support/files.h"

/* Write a matrix as FOLDER/NAME in blocks of 48 rows, or a few times as many where those are narrow; its path. */
const char *blocks_write(const folder *in, const char *name, const nmf_matrix *matrix);

/* The file as a matrix that stays in it; reading must come to `status`. */
nmf_matrix *blocks_open(nmf_context *context, const char *path, nmf_dtype dtype, nmf_status status);

#endif
