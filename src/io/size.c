#include "io/size.h"

static const double SMALL = 64e6;

nmf_status size_check(nmf_context *context, const char *path, double bytes) {
    double there = bytes > SMALL ? context_memory(context) : bytes;
    if (bytes <= there) {
        return NMF_OK;
    }
    return fail(
        context, NMF_ERROR_MEMORY,
        "%s takes about %.2f GB of memory, and %.2f GB may be used. Numbers of --dtype f32 take half as much, a sparse "
        "format only what is not zero, --select-rows keeps only the rows named, and an .nmfx, which nmf convert "
        "writes, is "
        "read block by block by nmf fit --memory",
        path, bytes / 1e9, there / 1e9);
}

nmf_status size_check_promised(const stream *in, int64_t count, size_t size) {
    return size_check(stream_context(in), stream_path(in), (double)count * (double)size);
}

double size_so_far(const stream *in, int64_t count, size_t size) {
    double bytes = (double)count * (double)size;
    return bytes > SMALL ? bytes / stream_fraction(in) : bytes;
}

nmf_status size_check_so_far(const stream *in, int64_t count, size_t size) {
    return size_check(stream_context(in), stream_path(in), size_so_far(in, count, size));
}
