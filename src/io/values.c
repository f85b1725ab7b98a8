#include "io/values.h"
#include "io/size.h"

values values_empty(const stream *in, nmf_dtype dtype, unsigned allowed) {
    return (values){.in = in, .dtype = dtype, .allowed = allowed};
}

static nmf_status grow(values *own, int64_t total) {
    return buffer_reserve(stream_context(own->in), &own->data, &own->room, total, dtype_size(own->dtype), "the matrix");
}

nmf_status values_expect(values *own, int64_t total) {
    nmf_status status = size_check_promised(own->in, total, dtype_size(own->dtype));
    return status == NMF_OK ? grow(own, total > 0 ? total : 1) : status;
}

nmf_status values_reserve(values *own, int64_t total) {
    if (total <= own->room) {
        return NMF_OK;
    }
    nmf_status status = size_check_so_far(own->in, total, dtype_size(own->dtype));
    return status == NMF_OK ? grow(own, total) : status;
}

static void release(nmf_context *context, void *owned, size_t bytes) {
    (void)bytes;
    buffer_free(context, owned);
}

void caution_lost(nmf_context *context, const char *path, int64_t lost) {
    if (lost > 0) {
        caution(context, "%s: %lld %s too small for float32 and became 0; --dtype f64 keeps what is that small", path,
                (long long)lost, lost == 1 ? "entry is" : "entries are");
    }
}

nmf_status values_check(const values *own) {
    nmf_context *context = stream_context(own->in);
    if (own->beyond != 0) {
        return fail(context, NMF_ERROR_INPUT, "%s: %g is beyond float32, which ends at 3.4e38: use --dtype f64",
                    stream_path(own->in), own->beyond);
    }
    caution_lost(context, stream_path(own->in), own->lost);
    return NMF_OK;
}

nmf_status values_to_matrix(values *own, int64_t rows, int64_t cols, int64_t row_stride, int64_t col_stride,
                            nmf_matrix **matrix) {
    nmf_context *context = stream_context(own->in);
    nmf_status status = values_check(own);
    if (status != NMF_OK) {
        values_free(own);
        return status;
    }
    dense_data data = {.values = own->data,
                       .row_stride = row_stride,
                       .col_stride = col_stride,
                       .release = release,
                       .owned = own->data,
                       .owned_bytes = (size_t)own->room * dtype_size(own->dtype)};
    *own = values_empty(own->in, own->dtype, own->allowed);
    return matrix_new_dense(context, rows, cols, data, own->dtype, own->allowed, matrix);
}

void values_free(values *own) {
    buffer_free(stream_context(own->in), own->data);
    *own = values_empty(own->in, own->dtype, own->allowed);
}

nmf_status shape_check_bytes(nmf_context *context, const char *path, int64_t rows, int64_t cols, int64_t bytes) {
    double most = 64e6 + 16.0 * (double)bytes;
    if (9.0 * ((double)rows + (double)cols) <= most) {
        return NMF_OK;
    }
    return fail(context, NMF_ERROR_INPUT,
                "%s promises %lld rows and %lld columns but holds only %lld bytes; rows and columns may take up to "
                "%.0f MB for that",
                path, (long long)rows, (long long)cols, (long long)bytes, most / 1e6);
}

nmf_status shape_check(const stream *in, int64_t rows, int64_t cols) {
    return shape_check_bytes(stream_context(in), stream_path(in), rows, cols, stream_offset(in));
}
