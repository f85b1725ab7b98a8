#include "io/npy/npy.h"

enum { NUMBER_AT_MOST = 8 };

static void swap_bytes(unsigned char *numbers, int64_t count, size_t size) {
    for (int64_t i = 0; i < count; i++) {
        unsigned char *number = numbers + i * (int64_t)size;
        for (size_t low = 0, high = size - 1; low < high; low++, high--) {
            unsigned char byte = number[low];
            number[low] = number[high];
            number[high] = byte;
        }
    }
}

nmf_status npy_numbers(stream *in, const npy_header *header, int64_t want, double wide[NPY_CHUNK], int64_t *got) {
    unsigned char raw[NPY_CHUNK * NUMBER_AT_MOST];
    size_t size = header->type->size;
    size_t bytes;
    nmf_status status = stream_read(in, raw, (size_t)(want < NPY_CHUNK ? want : NPY_CHUNK) * size, &bytes);
    *got = (int64_t)(bytes / size);
    if (status != NMF_OK) {
        return status;
    }
    if (header->swapped) {
        swap_bytes(raw, *got, size);
    }
    header->type->widen(raw, *got, wide);
    return NMF_OK;
}

nmf_status npy_fail_size(const stream *in, int64_t holds, size_t promised) {
    return fail(stream_context(in), NMF_ERROR_INPUT,
                "%s is damaged: it holds %lld bytes of numbers, its header promises %zu", stream_path(in),
                (long long)holds, promised);
}

nmf_status npy_end(stream *in, int64_t begin, size_t bytes) {
    unsigned char more;
    size_t got;
    nmf_status status = stream_read(in, &more, 1, &got);
    if (status == NMF_OK && got > 0) {
        return fail(stream_context(in), NMF_ERROR_INPUT,
                    "%s is damaged: it holds more than the %zu bytes of numbers that its header promises",
                    stream_path(in), bytes);
    }
    int64_t holds = stream_offset(in) - begin;
    return status == NMF_OK && holds < (int64_t)bytes ? npy_fail_size(in, holds, bytes) : status;
}
