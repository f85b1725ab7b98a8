#include "io/packing.h"

#include <string.h>
#include <strings.h>

const packing *const packings[] = {&packing_gzip, &packing_zstd, NULL};

size_t packing_stem(const char *path) {
    size_t length = strlen(path);
    for (int i = 0; packings[i]; i++) {
        size_t ending = strlen(packings[i]->ending);
        if (length > ending + 1 && path[length - ending - 1] == '.' &&
            strcasecmp(path + length - ending, packings[i]->ending) == 0) {
            return length - ending - 1;
        }
    }
    return length;
}
