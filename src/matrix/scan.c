#include "matrix/scan.h"

#include <float.h>

/*
 * One loop for whatever is allowed: it leaves out the values that are not within bounds, and counts them. Only where
 * there are some are they told apart afterwards, so that a matrix without missing entries does not pay for those.
 */
#define SCAN_RUN(NAME, REAL, LARGEST)                                                                                  \
    static int64_t NAME##_odd(const REAL *values, int64_t count, REAL least, scan *out) {                              \
        for (int64_t t = 0; t < count; t++) {                                                                          \
            REAL v = values[t];                                                                                        \
            if (!(v >= least && v <= LARGEST)) {                                                                       \
                if (v == v || !(out->allowed & NMF_ALLOW_MISSING)) {                                                   \
                    return t;                                                                                          \
                }                                                                                                      \
                out->missing++;                                                                                        \
            }                                                                                                          \
        }                                                                                                              \
        return -1;                                                                                                     \
    }                                                                                                                  \
                                                                                                                       \
    static int64_t NAME(const REAL *values, const uint32_t *index, int64_t count, double scale, scan *out,             \
                        unsigned char *any, unsigned char *each) {                                                     \
        double squares = 0;                                                                                            \
        REAL min = LARGEST, max = -LARGEST, least = out->allowed & NMF_ALLOW_NEGATIVE ? -LARGEST : 0;                  \
        int64_t nonzero = 0, odd = 0;                                                                                  \
        for (int64_t t = 0; t < count; t++) {                                                                          \
            REAL v = values[t];                                                                                        \
            bool known = (v >= least) & (v <= LARGEST);                                                                \
            double scaled = known ? (double)v * scale : 0;                                                             \
            odd += !known;                                                                                             \
            nonzero += (v < 0) | (v > 0);                                                                              \
            min = v < min ? v : min;                                                                                   \
            max = v > max ? v : max;                                                                                   \
            squares += scaled * scaled;                                                                                \
        }                                                                                                              \
        for (int64_t t = 0; each && nonzero && t < count; t++) {                                                       \
            each[index ? (int64_t)index[t] : t] |= (values[t] < 0) | (values[t] > 0);                                  \
        }                                                                                                              \
        *any |= nonzero > 0;                                                                                           \
        out->stored += count;                                                                                          \
        out->nnz += nonzero;                                                                                           \
        out->squares += squares;                                                                                       \
        out->min = (double)min < out->min ? (double)min : out->min;                                                    \
        out->max = (double)max > out->max ? (double)max : out->max;                                                    \
        return odd > 0 ? NAME##_odd(values, count, least, out) : -1;                                                   \
    }

SCAN_RUN(scan_f64, double, DBL_MAX)
SCAN_RUN(scan_f32, float, FLT_MAX)

scan scan_begin(unsigned allowed) {
    return (scan){.allowed = allowed, .min = DBL_MAX, .max = -DBL_MAX, .bad_row = -1};
}

int64_t scan_run(nmf_dtype dtype, const void *values, const uint32_t *index, int64_t count, double scale, scan *out,
                 unsigned char *any, unsigned char *each) {
    return dtype == NMF_F64 ? scan_f64(values, index, count, scale, out, any, each)
                            : scan_f32(values, index, count, scale, out, any, each);
}

/* Zeros may be among those that were not seen. */
void scan_tell(const scan *found, double entries, nmf_matrix_info *info) {
    double known = entries - (double)found->missing;
    bool zeros = (double)found->nnz < known || known <= 0;
    info->nnz = found->nnz;
    info->missing = found->missing;
    info->stored = found->stored;
    info->min = zeros && !(found->min < 0) ? 0 : found->min;
    info->max = zeros && !(found->max > 0) ? 0 : found->max;
}
