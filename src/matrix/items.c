#include "matrix/items.h"

#include <string.h>

int64_t items_stride(nmf_dtype dtype, int64_t k) {
    int64_t lanes = ARRAY_ALIGNMENT / (int64_t)dtype_size(dtype);
    return (k + lanes - 1) / lanes * lanes;
}

nmf_status items_new(nmf_context *context, nmf_dtype dtype, int64_t count, int64_t k, const char *what, items *out) {
    *out = (items){.dtype = dtype, .count = count, .k = k, .stride = items_stride(dtype, k)};
    size_t bytes;
    if (!checked_product(count, out->stride, (int64_t)dtype_size(dtype), &bytes)) {
        return fail(context, NMF_ERROR_MEMORY, "%s of %lld × %lld numbers is more than can be addressed", what,
                    (long long)count, (long long)k);
    }
    return array_new(context, count * out->stride, dtype_size(dtype), what, &out->data);
}

items items_at(nmf_dtype dtype, int64_t count, int64_t k, void *memory) {
    return (items){.dtype = dtype, .count = count, .k = k, .stride = items_stride(dtype, k), .data = memory};
}

void items_free(nmf_context *context, items *own) {
    array_free(context, own->data);
    own->data = NULL;
}

double items_bytes(nmf_dtype dtype, int64_t count, int64_t k) {
    return (double)count * (double)items_stride(dtype, k) * (double)dtype_size(dtype);
}

items items_range(const items *all, int64_t first, int64_t count) {
    items view = *all;
    view.count = count;
    view.data = (char *)all->data + (size_t)(first * all->stride) * dtype_size(all->dtype);
    return view;
}

double items_get(const items *all, int64_t item, int64_t component) {
    return dtype_get(all->dtype, all->data, item * all->stride + component);
}

void items_set(items *all, int64_t item, int64_t component, double value) {
    dtype_set(all->dtype, all->data, item * all->stride + component, value);
}

void items_zero(const items *all) {
    memset(all->data, 0, (size_t)(all->count * all->stride) * dtype_size(all->dtype));
}

void items_copy(const items *from, items *to) {
    memcpy(to->data, from->data, (size_t)(from->count * from->stride) * dtype_size(from->dtype));
}

void items_from_square(const double *square, items *to) {
    int64_t k = to->k, stride = to->stride;
    for (int64_t c = 0; c < k && to->dtype == NMF_F64; c++) {
        for (int64_t d = 0; d < k; d++) {
            ((double *)to->data)[c * stride + d] = square[c * k + d];
        }
    }
    for (int64_t c = 0; c < k && to->dtype == NMF_F32; c++) {
        for (int64_t d = 0; d < k; d++) {
            ((float *)to->data)[c * stride + d] = (float)square[c * k + d];
        }
    }
}

bool items_dead(const items *all, int64_t component) {
    for (int64_t i = 0; i < all->count; i++) {
        if (items_get(all, i, component) != 0) {
            return false;
        }
    }
    return true;
}

void items_add(const items *from, items *to) {
    int64_t count = from->count * from->stride;
    if (from->dtype == NMF_F64) {
        const double *more = from->data;
        double *sum = to->data;
        for (int64_t e = 0; e < count; e++) {
            sum[e] += more[e];
        }
    } else {
        const float *more = from->data;
        float *sum = to->data;
        for (int64_t e = 0; e < count; e++) {
            sum[e] += more[e];
        }
    }
}
