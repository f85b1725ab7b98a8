#include "support/zips.h"

#include <stdlib.h>
#include <string.h>
#include <zip.h>

static void add(zip_t *zip, const zip_part *part, bool deflated) {
    size_t room = part->bytes + (part->dict ? strlen(part->dict) : 0) + 20;
    unsigned char *file = malloc(room);
    if (!file) {
        abort();
    }
    size_t size = part->bytes;
    if (part->dict) {
        size = npy_bytes(part->dict, part->numbers, part->bytes, file);
    } else if (size > 0) {
        memcpy(file, part->numbers, size);
    }
    zip_source_t *source = zip_source_buffer(zip, file, size, 1);
    zip_int64_t index = source ? zip_file_add(zip, part->name, source, 0) : -1;
    if (index < 0 ||
        zip_set_file_compression(zip, (zip_uint64_t)index, deflated ? ZIP_CM_DEFLATE : ZIP_CM_STORE, 0) != 0) {
        abort();
    }
}

const char *zip_write(const folder *in, const char *name, const zip_part *parts, size_t count, bool deflated) {
    const char *path = folder_path(in, name);
    int code;
    zip_t *zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code);
    if (!zip) {
        abort();
    }
    for (size_t i = 0; i < count; i++) {
        if (parts[i].name) {
            add(zip, &parts[i], deflated);
        }
    }
    if (zip_close(zip) != 0) {
        abort();
    }
    return path;
}
