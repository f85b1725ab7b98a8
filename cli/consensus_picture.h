/* What the starts of a consensus agree on, as a picture. */
#ifndef CLI_CONSENSUS_PICTURE_H
#define CLI_CONSENSUS_PICTURE_H

#include "nmf/nmf.h"

/*
 * Draw the co-membership of samples in the order of their tree, and how far spectra are from their nearest ones, as
 * PATH.svg and PATH.png. A column for which `name` returns NULL, or all where it is NULL, has its number, from 1.
 * Complains.
 */
nmf_status consensus_picture(nmf_context *context, const char *title, const nmf_consensus_summary *summary,
                             const char *(*name)(const void *names, int64_t column), const void *names,
                             const char *path);

#endif
