/* gzip, by zlib. */
#include "io/bytes/packing.h"

#include <limits.h>
#include <zlib.h>

static void *zlib_new(void *context, unsigned count, unsigned size) {
    void *memory = NULL;
    int64_t room = 0;
    return buffer_reserve(context, &memory, &room, count, size, "gzip") == NMF_OK ? memory : NULL;
}

static void zlib_free(void *context, void *memory) {
    buffer_free(context, memory);
}

enum { LARGEST_WINDOW = 15, AS_GZIP = 16, MEMORY_LEVEL = 8, PACKED_ROOM = 1 << 15 };

static nmf_status gzip_open(unpacking *u) {
    z_stream *z;
    int64_t room = 0;
    nmf_status status = buffer_reserve(u->context, &u->state, &room, 1, sizeof *z, "unpacking gzip");
    if (status != NMF_OK) {
        return status;
    }
    z = u->state;
    *z = (z_stream){.zalloc = zlib_new, .zfree = zlib_free, .opaque = u->context};
    if (inflateInit2(z, LARGEST_WINDOW + AS_GZIP) != Z_OK) {
        buffer_free(u->context, u->state);
        u->state = NULL;
        return NMF_ERROR_MEMORY;
    }
    return NMF_OK;
}

static void gzip_close(unpacking *u) {
    if (u->state) {
        inflateEnd(u->state);
        buffer_free(u->context, u->state);
    }
}

/* After a member there may be another one, or padding with zeros. */
static nmf_status next_member(unpacking *u) {
    while (u->left > 0 && *u->next == 0) {
        u->next++;
        u->left--;
    }
    if (u->left == 0) {
        return NMF_OK;
    }
    if (*u->next != packing_gzip.magic[0]) {
        return fail(u->context, NMF_ERROR_INPUT,
                    "%s has bytes after its gzip data, at byte %lld, that are not gzip themselves", u->path,
                    unpacking_at(u));
    }
    u->between = false;
    inflateReset(u->state);
    return NMF_OK;
}

static nmf_status judge(unpacking *u, int result, const char *reason) {
    if (result == Z_STREAM_END) {
        u->between = true;
    } else if (result == Z_MEM_ERROR) {
        return NMF_ERROR_MEMORY;
    } else if (result != Z_OK && result != Z_BUF_ERROR) {
        return fail(u->context, NMF_ERROR_INPUT, "%s is damaged: its gzip data cannot be unpacked near byte %lld (%s)",
                    u->path, unpacking_at(u), reason ? reason : "a dictionary is asked for");
    }
    return NMF_OK;
}

static nmf_status gzip_some(unpacking *u, void *bytes, size_t room, size_t *got) {
    *got = 0;
    if (u->between) {
        return next_member(u);
    }
    z_stream *z = u->state;
    unsigned given = u->left < UINT_MAX ? (unsigned)u->left : UINT_MAX;
    unsigned asked = room < UINT_MAX ? (unsigned)room : UINT_MAX;
    z->next_in = (unsigned char *)u->next;
    z->avail_in = given;
    z->next_out = bytes;
    z->avail_out = asked;
    int result = inflate(z, Z_NO_FLUSH);
    u->next += given - z->avail_in;
    u->left -= given - z->avail_in;
    *got = asked - z->avail_out;
    return judge(u, result, z->msg);
}

static nmf_status gzip_pack_open(packer *p) {
    int64_t room = 0;
    nmf_status status = buffer_reserve(p->context, &p->state, &room, 1, sizeof(z_stream), "packing by gzip");
    if (status != NMF_OK) {
        return status;
    }
    z_stream *z = p->state;
    *z = (z_stream){.zalloc = zlib_new, .zfree = zlib_free, .opaque = p->context};
    if (deflateInit2(z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, LARGEST_WINDOW + AS_GZIP, MEMORY_LEVEL,
                     Z_DEFAULT_STRATEGY) != Z_OK) {
        buffer_free(p->context, p->state);
        p->state = NULL;
        return NMF_ERROR_MEMORY;
    }
    return NMF_OK;
}

static nmf_status gzip_pack(packer *p, const void *bytes, size_t count, bool last) {
    unsigned char packed[PACKED_ROOM];
    z_stream *z = p->state;
    const unsigned char *next = bytes;
    nmf_status status = NMF_OK;
    int result = Z_OK;
    do {
        if (z->avail_in == 0) {
            z->avail_in = count < UINT_MAX ? (unsigned)count : UINT_MAX;
            z->next_in = (unsigned char *)next;
            next += z->avail_in;
            count -= z->avail_in;
        }
        z->next_out = packed;
        z->avail_out = sizeof packed;
        result = deflate(z, last && count == 0 ? Z_FINISH : Z_NO_FLUSH);
        status = p->put(p->user, packed, sizeof packed - z->avail_out);
    } while (status == NMF_OK && (last ? result != Z_STREAM_END : count > 0 || z->avail_in > 0 || z->avail_out == 0));
    return status;
}

static void gzip_pack_close(packer *p) {
    if (p->state) {
        deflateEnd(p->state);
        buffer_free(p->context, p->state);
    }
}

const packing packing_gzip = {
    .name = "gzip",
    .ending = "gz",
    .magic = {0x1f, 0x8b},
    .magic_bytes = 2,
    .open = gzip_open,
    .some = gzip_some,
    .close = gzip_close,
    .pack_open = gzip_pack_open,
    .pack = gzip_pack,
    .pack_close = gzip_pack_close,
};
