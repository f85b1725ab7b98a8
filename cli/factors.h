/* The factors of a result, written to a folder under the names that A's rows and columns have. */
#ifndef CLI_FACTORS_H
#define CLI_FACTORS_H

#include "nmf/nmf.h"

struct sides;

typedef struct factor_files {
    const nmf_matrix *matrix; /* A: where the names come from */
    const nmf_result *result;
    const char *path, *format;
    const struct sides *sides; /* where the names of given components come from; NULL: there are none */
} factor_files;

nmf_status factors_write_w(nmf_context *context, const factor_files *factors);
nmf_status factors_write_h(nmf_context *context, const factor_files *factors);

/* Both, as .npy, of a fit over several processes, which all come here: each writes what it has. */
nmf_status factors_write_parts(nmf_context *context, const factor_files *factors);

/* W_low, W_high, H_low and H_high: the intervals of a consensus whose result `factors` has. */
nmf_status factors_write_bounds(nmf_context *context, const factor_files *factors, const nmf_consensus *consensus);

#endif
