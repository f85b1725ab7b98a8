#include "io/bytes/packing.h"

#include <string.h>
#include <strings.h>

enum { UNPACKED_FREE = 64000000, UNPACKED_PER_BYTE = 256 };

const packing *const packings[] = {&packing_gzip, &packing_zstd, &packing_zstd_skipping, NULL};

const packing *packing_of(const char *path) {
    size_t length = strlen(path);
    for (int i = 0; packings[i]; i++) {
        size_t ending = strlen(packings[i]->ending);
        if (length > ending + 1 && path[length - ending - 1] == '.' &&
            strcasecmp(path + length - ending, packings[i]->ending) == 0) {
            return packings[i];
        }
    }
    return NULL;
}

size_t packing_stem(const char *path) {
    const packing *found = packing_of(path);
    return strlen(path) - (found ? strlen(found->ending) + 1 : 0);
}

nmf_status unpacked_check(nmf_context *context, const char *path, const char *how, int64_t packed, int64_t unpacked) {
    if (unpacked / UNPACKED_PER_BYTE <= packed + UNPACKED_FREE / UNPACKED_PER_BYTE) {
        return NMF_OK;
    }
    return fail(
        context, NMF_ERROR_INPUT,
        "%s: its first %lld bytes of %s unpack to %lld, as only a damaged or hostile file does; at most %d MB and "
        "%d times the packed bytes are taken (what is honest can be unpacked beforehand)",
        path, (long long)packed, how, (long long)unpacked, UNPACKED_FREE / 1000000, UNPACKED_PER_BYTE);
}
