/* Numbers of a type that is known only at run time, in arrays. */
#ifndef NMF_BASE_DTYPE_H
#define NMF_BASE_DTYPE_H

#include "nmf/nmf.h"

static inline bool dtype_known(nmf_dtype dtype) {
    return dtype == NMF_F64 || dtype == NMF_F32;
}

static inline size_t dtype_size(nmf_dtype dtype) {
    return dtype == NMF_F64 ? sizeof(double) : sizeof(float);
}

/* values[at] */
static inline double dtype_get(nmf_dtype dtype, const void *values, int64_t at) {
    return dtype == NMF_F64 ? ((const double *)values)[at] : (double)((const float *)values)[at];
}

/* values[at] = value */
static inline void dtype_set(nmf_dtype dtype, void *values, int64_t at, double value) {
    if (dtype == NMF_F64) {
        ((double *)values)[at] = value;
    } else {
        ((float *)values)[at] = (float)value;
    }
}

#endif
