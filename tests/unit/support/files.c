#include "support/files.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

static void keep_warning(void *user, const char *sentence) {
    folder *in = user;
    in->warnings++;
    snprintf(in->warning, sizeof in->warning, "%s", sentence);
}

int folder_setup(void **state) {
    folder *in = calloc(1, sizeof *in);
    if (!in) {
        return -1;
    }
    snprintf(in->path, sizeof in->path, "/tmp/nmf-test-XXXXXX");
    *state = in;
    if (!mkdtemp(in->path) || nmf_context_new(NULL, &in->context) != NMF_OK) {
        return -1;
    }
    nmf_context_on_warning(in->context, keep_warning, in);
    return 0;
}

/* Call for every file, if `visit` is given; returns their number. */
static int each_file(const folder *in, int (*visit)(const char *path)) {
    int count = 0;
    DIR *dir = opendir(in->path);
    for (struct dirent *entry; dir && (entry = readdir(dir)) != NULL;) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            count++;
            if (visit) {
                visit(folder_path(in, entry->d_name));
            }
        }
    }
    if (dir) {
        closedir(dir);
    }
    return count;
}

int folder_teardown(void **state) {
    folder *in = *state;
    each_file(in, remove);
    int left = rmdir(in->path);
    nmf_context_free(in->context);
    free(in);
    return left;
}

int folder_count(const folder *in) {
    return each_file(in, NULL);
}

const char *folder_path(const folder *in, const char *name) {
    static char paths[16][400];
    static int next;
    char *path = paths[next++ % 16];
    snprintf(path, sizeof paths[0], "%s/%s", in->path, name);
    return path;
}

const char *folder_bytes(const folder *in, const char *name, const void *bytes, size_t count) {
    const char *path = folder_path(in, name);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(bytes, 1, count, file) != count || fclose(file) != 0) {
        abort();
    }
    return path;
}

const char *folder_text(const folder *in, const char *name, const char *text) {
    return folder_bytes(in, name, text, strlen(text));
}

bool format_flows(const char *format) {
    return strcmp(format, "npz") != 0 && strcmp(format, "nmfx") != 0;
}

size_t gzip_bytes(const void *bytes, size_t count, void *packed, size_t room) {
    z_stream z = {
        .next_in = (Bytef *)(uintptr_t)bytes, .avail_in = (uInt)count, .next_out = packed, .avail_out = (uInt)room};
    if (deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK ||
        deflate(&z, Z_FINISH) != Z_STREAM_END) {
        abort();
    }
    deflateEnd(&z);
    return room - z.avail_out;
}

size_t zstd_bytes(const void *bytes, size_t count, void *packed, size_t room) {
    ZSTD_CCtx *by = ZSTD_createCCtx();
    if (!by || ZSTD_isError(ZSTD_CCtx_setParameter(by, ZSTD_c_checksumFlag, 1))) {
        abort();
    }
    size_t made = ZSTD_compress2(by, packed, room, bytes, count);
    if (ZSTD_isError(made)) {
        abort();
    }
    ZSTD_freeCCtx(by);
    return made;
}

long slurp(const char *path, char *bytes, size_t room) {
    FILE *file = fopen(path, "rb");
    if (!file) {
        return -1;
    }
    size_t got = fread(bytes, 1, room - 1, file);
    bytes[got] = '\0';
    fclose(file);
    return (long)got;
}

size_t npy_bytes(const char *dict, const void *numbers, size_t count, unsigned char *file) {
    size_t length = strlen(dict) + 1;
    memcpy(file, "\x93NUMPY\x01\x00", 8);
    file[8] = (unsigned char)(length & 0xff);
    file[9] = (unsigned char)(length >> 8);
    memcpy(file + 10, dict, length - 1);
    file[10 + length - 1] = '\n';
    if (count > 0) {
        memcpy(file + 10 + length, numbers, count);
    }
    return 10 + length + count;
}
