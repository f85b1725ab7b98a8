#include "base/crowd.h"
#include "io/npy/npy.h"
#include "io/values.h"

#include <math.h>
#include <string.h>
#include <sys/mman.h>

enum { NUMBER_AT_MOST = 8 };

static bool recognises(const unsigned char *head, size_t bytes) {
    return bytes >= 6 && memcmp(head, "\x93NUMPY", 6) == 0;
}

/* Bytes of the numbers, held against the file's size where that is known. */
static nmf_status check_size(const stream *in, const npy_header *header, size_t *bytes) {
    nmf_context *context = stream_context(in);
    if (!checked_product(header->rows, header->cols, (int64_t)header->type->size, bytes) ||
        *bytes > PTRDIFF_MAX / NUMBER_AT_MOST) {
        return fail(context, NMF_ERROR_INPUT, "%s promises %lld × %lld numbers, more than can be addressed",
                    stream_path(in), (long long)header->rows, (long long)header->cols);
    }
    int64_t holds = stream_file_bytes(in) - stream_offset(in);
    if (stream_mappable(in) >= 0 && holds != (int64_t)*bytes) {
        return npy_fail_size(in, holds, *bytes);
    }
    return shape_check(in, header->rows, header->cols);
}

static void unmap(nmf_context *context, void *owned, size_t bytes) {
    (void)context;
    munmap(owned, bytes);
}

static bool can_map(const stream *in, const npy_header *header, nmf_dtype dtype, size_t bytes) {
    const npy_type *same = dtype == NMF_F64 ? npy_type_named("f8", 2) : npy_type_named("f4", 2);
    return stream_mappable(in) >= 0 && header->type == same && !header->swapped && bytes > 0 &&
           stream_offset(in) % (int64_t)dtype_size(dtype) == 0;
}

static dense_data dense_of(const npy_header *header, const void *numbers) {
    bool fortran = header->fortran;
    return (dense_data){
        .values = numbers, .row_stride = fortran ? 1 : header->cols, .col_stride = fortran ? header->rows : 1};
}

/* The file itself as the matrix's memory; *mapped is false where the system will not. */
static nmf_status map(const stream *in, const npy_header *header, const nmf_read_options *how, size_t bytes,
                      bool *mapped, nmf_matrix **matrix) {
    size_t length = (size_t)stream_offset(in) + bytes;
    void *base = mmap(NULL, length, PROT_READ, MAP_PRIVATE, stream_mappable(in), 0);
    *mapped = base != MAP_FAILED;
    if (!*mapped) {
        return NMF_OK;
    }
    dense_data data = dense_of(header, (const char *)base + stream_offset(in));
    data.release = unmap;
    data.owned = base;
    data.owned_bytes = length;
    nmf_status status =
        matrix_new_dense(stream_context(in), header->rows, header->cols, data, how->dtype, how->allowed, matrix);
    if (status == NMF_OK) {
        (*matrix)->mapped = true;
    }
    return status;
}

/* The next `want` numbers, at most NPY_CHUNK; the file may end before. */
static nmf_status read_chunk(stream *in, const npy_header *header, int64_t want, values *own, int64_t *got) {
    double wide[NPY_CHUNK];
    nmf_status status = npy_numbers(in, header, want, wide, got);
    if (status == NMF_OK) {
        status = values_reserve(own, own->count + *got);
    }
    for (int64_t i = 0; status == NMF_OK && i < *got; i++) {
        values_put(own, wide[i]);
    }
    return status;
}

static nmf_status read_numbers(stream *in, const npy_header *header, size_t bytes, values *own) {
    int64_t begin = stream_offset(in);
    int64_t total = header->rows * header->cols;
    /* Where the size is not known the header is not believed: room grows with what comes. */
    nmf_status status = stream_mappable(in) >= 0 ? values_expect(own, total) : values_reserve(own, 1);
    while (status == NMF_OK && own->count < total) {
        int64_t left = total - own->count;
        int64_t want = left < NPY_CHUNK ? left : NPY_CHUNK;
        int64_t got;
        status = read_chunk(in, header, want, own, &got);
        if (got < want) {
            break;
        }
    }
    return status == NMF_OK ? npy_end(in, begin, bytes) : status;
}

static nmf_status convert(stream *in, const npy_header *header, const nmf_read_options *how, size_t bytes,
                          nmf_matrix **matrix) {
    values own = values_empty(in, how->dtype, how->allowed);
    nmf_status status = read_numbers(in, header, bytes, &own);
    if (status == NMF_OK) {
        dense_data shape = dense_of(header, NULL);
        return values_to_matrix(&own, header->rows, header->cols, shape.row_stride, shape.col_stride, matrix);
    }
    values_free(&own);
    return status;
}

static nmf_status read_header(stream *in, npy_header *header, size_t *bytes) {
    nmf_status status = npy_header_read(in, header);
    return status == NMF_OK ? check_size(in, header, bytes) : status;
}

/* What follows the header. */
static nmf_status read_rest(stream *in, const npy_header *header, const nmf_read_options *how, size_t bytes,
                            nmf_matrix **matrix) {
    bool mapped = false;
    nmf_status status = NMF_OK;
    if (can_map(in, header, how->dtype, bytes)) {
        status = map(in, header, how, bytes, &mapped, matrix);
    }
    return status == NMF_OK && !mapped ? convert(in, header, how, bytes, matrix) : status;
}

nmf_status npy_matrix(stream *in, const nmf_read_options *how, const npy_type **type, nmf_matrix **matrix) {
    npy_header header;
    size_t bytes;
    *matrix = NULL;
    nmf_status status = read_header(in, &header, &bytes);
    if (status == NMF_OK) {
        status = read_rest(in, &header, how, bytes, matrix);
    }
    *type = header.type;
    return status;
}

static nmf_status npy_read(stream *in, const nmf_read_options *how, nmf_matrix **matrix) {
    const npy_type *type;
    nmf_status status = npy_matrix(in, how, &type, matrix);
    if (status == NMF_OK) {
        (*matrix)->info.source = type->source;
    }
    return status;
}

/* To look at all of it from block to block takes longer than where it is mapped: only what may not fit stays. */
static bool is_worth_staying(const stream *in, const npy_header *header, nmf_dtype dtype) {
    nmf_context *context = stream_context(in);
    double bytes = (double)header->rows * (double)header->cols * (double)dtype_size(dtype);
    return context_crowd(context) || isfinite(context_limit(context)) || bytes > context_memory(context) / 2;
}

/* Files whose rows do not lie side by side are read, or mapped, after all. */
static nmf_status npy_stay(stream *in, const nmf_read_options *how, nmf_matrix **matrix) {
    npy_header header;
    size_t bytes;
    *matrix = NULL;
    nmf_status status = read_header(in, &header, &bytes);
    if (status != NMF_OK) {
        return status;
    }
    if (!header.fortran && !header.swapped && bytes > 0 && is_worth_staying(in, &header, how->dtype)) {
        return npy_in_file(in, &header, how, matrix);
    }
    status = read_rest(in, &header, how, bytes, matrix);
    if (status == NMF_OK) {
        (*matrix)->info.source = header.type->source;
    }
    return status;
}

const format format_npy = {.name = "npy",
                           .takes_rows = true,
                           .begins_with_count = true,
                           .recognises = recognises,
                           .read = npy_read,
                           .stay = npy_stay,
                           .write = npy_write};
