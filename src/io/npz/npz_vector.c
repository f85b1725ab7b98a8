#include "io/npz/npz.h"

#include <string.h>

static nmf_status fail_kind(const npz_vector *v, const char *expected) {
    return fail(v->archive->context, NMF_ERROR_INPUT,
                "%s must be %s of one dimension, as scipy.sparse.save_npz writes it", stream_path(v->in), expected);
}

static nmf_status check_header(npz_vector *v, bool index) {
    const npy_header *header = &v->header;
    bool integers = header->type && (strcmp(header->type->name, "i4") == 0 || strcmp(header->type->name, "i8") == 0);
    if (header->dimensions != 1 || !header->type || (index && !integers)) {
        return fail_kind(v, index ? "an array of int32 or int64"
                                  : "an array of numbers (bool, int8 to int64, uint8 to uint64, float16 to float64)");
    }
    v->begin = stream_offset(v->in);
    v->count = header->rows;
    if (!checked_product(v->count, (int64_t)header->type->size, 1, &v->bytes)) {
        return fail(v->archive->context, NMF_ERROR_INPUT, "%s promises %lld numbers, more than can be addressed",
                    stream_path(v->in), (long long)v->count);
    }
    return NMF_OK;
}

nmf_status npz_vector_open(npz *archive, const char *name, bool index, npz_vector *v) {
    int64_t at;
    v->archive = archive;
    v->name = name;
    v->in = NULL;
    v->taken = v->held = v->next = 0;
    nmf_status status = npz_find(archive, name, NPZ_ENDING, &at);
    if (status == NMF_OK && at < 0) {
        return fail(archive->context, NMF_ERROR_INPUT,
                    "%s holds format.npy and shape.npy but no %s.npy, which scipy.sparse.save_npz writes with them",
                    stream_path(archive->in), name);
    }
    if (status == NMF_OK) {
        status = npz_array_open(archive, at, &v->in);
    }
    if (status == NMF_OK) {
        status = npy_header_any(v->in, &v->header);
    }
    return status == NMF_OK ? check_header(v, index) : status;
}

nmf_status npz_vector_fill(npz_vector *v) {
    int64_t left = v->count - v->taken;
    nmf_status status = npy_numbers(v->in, &v->header, left < NPY_CHUNK ? left : NPY_CHUNK, v->wide, &v->held);
    v->next = 0;
    return status == NMF_OK && v->held == 0 ? npy_fail_size(v->in, stream_offset(v->in) - v->begin, v->bytes) : status;
}

nmf_status npz_vector_end(npz_vector *v) {
    return npy_end(v->in, v->begin, v->bytes);
}

void npz_vector_close(npz_vector *v) {
    stream_close(v->in);
    v->in = NULL;
}
