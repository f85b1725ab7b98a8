/* What a fit of a matrix that is not there would take, from fits of made-up ones. */
#ifndef CLI_MADE_H
#define CLI_MADE_H

#include "nmf/nmf.h"

/* Of `info` count rows, cols, stored, sparse and dtype. */
nmf_status made_forecast(nmf_context *context, const nmf_matrix_info *info, const nmf_options *options, double seconds,
                         nmf_forecast *forecast);

#endif
