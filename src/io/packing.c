#include "io/packing.h"

#include <string.h>
#include <strings.h>

const packing *const packings[] = {&packing_gzip, &packing_zstd, NULL};

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
