#include "matrix/scan.h"

#include <float.h>

#define SCAN_RUN(NAME, REAL, LARGEST)                                                                                  \
    static int64_t NAME(const REAL *values, const uint32_t *index, int64_t count, double scale, scan *out,             \
                        unsigned char *any, unsigned char *each) {                                                     \
        double squares = 0;                                                                                            \
        REAL min = LARGEST, max = 0;                                                                                   \
        int64_t nonzero = 0, bad = 0;                                                                                  \
        for (int64_t t = 0; t < count; t++) {                                                                          \
            REAL v = values[t];                                                                                        \
            double scaled = (double)v * scale;                                                                         \
            bad += !(v >= 0 && v <= LARGEST);                                                                          \
            nonzero += v != 0;                                                                                         \
            min = v < min ? v : min;                                                                                   \
            max = v > max ? v : max;                                                                                   \
            squares += scaled * scaled;                                                                                \
        }                                                                                                              \
        for (int64_t t = 0; each && nonzero && t < count; t++) {                                                       \
            each[index ? (int64_t)index[t] : t] |= values[t] != 0;                                                     \
        }                                                                                                              \
        *any |= nonzero > 0;                                                                                           \
        out->nnz += nonzero;                                                                                           \
        out->squares += squares;                                                                                       \
        out->min = (double)min < out->min ? (double)min : out->min;                                                    \
        out->max = (double)max > out->max ? (double)max : out->max;                                                    \
        for (int64_t t = 0; bad && t < count; t++) {                                                                   \
            if (!(values[t] >= 0 && values[t] <= LARGEST)) {                                                           \
                return t;                                                                                              \
            }                                                                                                          \
        }                                                                                                              \
        return -1;                                                                                                     \
    }

SCAN_RUN(scan_f64, double, DBL_MAX)
SCAN_RUN(scan_f32, float, FLT_MAX)

int64_t scan_run(nmf_dtype dtype, const void *values, const uint32_t *index, int64_t count, double scale, scan *out,
                 unsigned char *any, unsigned char *each) {
    return dtype == NMF_F64 ? scan_f64(values, index, count, scale, out, any, each)
                            : scan_f32(values, index, count, scale, out, any, each);
}
