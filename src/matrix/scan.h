/* Looking at a run of entries that lie side by side in memory: what the scans of all kinds of matrix share. */
#ifndef NMF_MATRIX_SCAN_H
#define NMF_MATRIX_SCAN_H

#include "matrix/matrix.h"

/* A scan that has seen nothing yet, of entries that may be what `allowed` says. */
scan scan_begin(unsigned allowed);

/*
 * Add `count` values to what `out` knows. Sets *any when one of them is neither zero nor missing, and
 * each[index ? index[t] : t] for those that are neither (each may be NULL). Returns the position of the first value
 * that is not allowed, or -1.
 */
int64_t scan_run(nmf_dtype dtype, const void *values, const uint32_t *index, int64_t count, double scale, scan *out,
                 unsigned char *any, unsigned char *each);

/* Put what was found of so many entries into `info`: counts and range. Those that are not stored are zeros. */
void scan_tell(const scan *found, double entries, nmf_matrix_info *info);

#endif
