/* The numbers of a dense matrix on their way in: a growing array that becomes the matrix's own without a copy. */
#ifndef NMF_IO_VALUES_H
#define NMF_IO_VALUES_H

#include "io/bytes/stream.h"
#include "matrix/matrix.h"

#include <math.h>

typedef struct values {
    const stream *in; /* where they come from */
    nmf_dtype dtype;
    unsigned allowed; /* what the matrix may hold, of nmf_allow */
    void *data;
    int64_t count, room;
    double beyond; /* the first that is finite but not as a float; 0: none */
    int64_t lost;  /* how many are zero as floats only */
} values;

/* Warn of entries of a file that are zero as floats only, where there are any. */
void caution_lost(nmf_context *context, const char *path, int64_t lost);

values values_empty(const stream *in, nmf_dtype dtype, unsigned allowed);

/* Make room for `total` numbers, as many as will come at all. Refused where they do not fit in memory (io/size.h). */
nmf_status values_expect(values *own, int64_t total);

/* Make room for `total` numbers, as many as have come so far. Refused likewise. */
nmf_status values_reserve(values *own, int64_t total);

/* Append a number; there must be room. */
static inline void values_put(values *own, double value) {
    if (own->dtype == NMF_F64) {
        ((double *)own->data)[own->count++] = value;
        return;
    }
    float narrow = (float)value;
    ((float *)own->data)[own->count++] = narrow;
    own->lost += narrow == 0 && value != 0;
    if (isinf(narrow) && !isinf(value) && own->beyond == 0) {
        own->beyond = value;
    }
}

/* Fails where a number was beyond the dtype, and warns of those too small for it. */
nmf_status values_check(const values *own);

/*
 * Hand the rows·cols numbers over to a new dense matrix; `own` is empty afterwards, on failure too; checks
 * them as values_check does.
 */
nmf_status values_to_matrix(values *own, int64_t rows, int64_t cols, int64_t row_stride, int64_t col_stride,
                            nmf_matrix **matrix);

void values_free(values *own);

/*
 * Refuse a shape whose rows and columns alone, at 9 bytes each (where its entries begin, and whether it has any), would
 * take more than 64 MB and 16 times the bytes that have come from the stream, or that the file `path` has: only a
 * damaged or hostile header asks for that.
 */
nmf_status shape_check(const stream *in, int64_t rows, int64_t cols);
nmf_status shape_check_bytes(nmf_context *context, const char *path, int64_t rows, int64_t cols, int64_t bytes);

#endif
