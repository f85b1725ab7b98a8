/* Looking at a run of entries that lie side by side in memory: what the scans of all kinds of matrix share. */
#ifndef NMF_MATRIX_SCAN_H
#define NMF_MATRIX_SCAN_H

#include "matrix/matrix.h"

/*
 * Add `count` values to what `out` knows. Sets *any when one of them is not zero, and each[index ? index[t] : t] for
 * those that are not (each may be NULL). Returns the position of the first value that is NaN, infinite or negative, or
 * -1.
 */
int64_t scan_run(nmf_dtype dtype, const void *values, const uint32_t *index, int64_t count, double scale, scan *out,
                 unsigned char *any, unsigned char *each);

#endif
