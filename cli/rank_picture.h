/* What a rank survey found, as a picture. */
#ifndef CLI_RANK_PICTURE_H
#define CLI_RANK_PICTURE_H

#include "nmf/nmf.h"

/*
 * Draw the survey, `count` rows, at least 1, in any order, with what they suggest, as PATH.svg and PATH.png. Numbers
 * that are NaN leave gaps. Complains.
 */
nmf_status rank_picture(nmf_context *context, const char *title, const nmf_rank_row *rows, int64_t count,
                        const nmf_suggestion *suggestion, const char *path);

#endif
