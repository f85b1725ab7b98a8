/* Zstandard, by libzstd. */
#include "io/bytes/zstd.h"
#include "io/bytes/packing.h"

#include <zstd_errors.h>

/* Frames that ask for a longer window than this are refused: 128 MB, as by the zstd command. */
enum { LONGEST_WINDOW = 27, PACKED_ROOM = 1 << 15 };

static void *zstd_new(void *context, size_t bytes) {
    void *memory = NULL;
    int64_t room = 0;
    return bytes <= INT64_MAX && buffer_reserve(context, &memory, &room, (int64_t)bytes, 1, "zstd") == NMF_OK ? memory
                                                                                                              : NULL;
}

static void zstd_free(void *context, void *memory) {
    if (memory) {
        buffer_free(context, memory);
    }
}

ZSTD_customMem zstd_memory(nmf_context *context) {
    return (ZSTD_customMem){zstd_new, zstd_free, context};
}

static nmf_status zstd_open(unpacking *u) {
    u->state = ZSTD_createDCtx_advanced(zstd_memory(u->context));
    if (!u->state) {
        return NMF_ERROR_MEMORY;
    }
    (void)ZSTD_DCtx_setParameter(u->state, ZSTD_d_windowLogMax, LONGEST_WINDOW);
    return NMF_OK;
}

static void zstd_close(unpacking *u) {
    (void)ZSTD_freeDCtx(u->state);
}

static nmf_status zstd_some(unpacking *u, void *bytes, size_t room, size_t *got) {
    ZSTD_inBuffer from = {u->next, u->left, 0};
    ZSTD_outBuffer to = {bytes, room, 0};
    u->between = false;
    size_t wanted = ZSTD_decompressStream(u->state, &to, &from);
    u->next += from.pos;
    u->left -= from.pos;
    *got = to.pos;
    if (!ZSTD_isError(wanted)) {
        u->between = wanted == 0;
        return NMF_OK;
    }
    if (ZSTD_getErrorCode(wanted) == ZSTD_error_memory_allocation) {
        return NMF_ERROR_MEMORY;
    }
    if (ZSTD_getErrorCode(wanted) == ZSTD_error_frameParameter_windowTooLarge) {
        return fail(
            u->context, NMF_ERROR_INPUT,
            "%s was packed with a window of more than 128 MB, which zstd --long does: it must be unpacked beforehand",
            u->path);
    }
    return fail(u->context, NMF_ERROR_INPUT, "%s is damaged: its zstd data cannot be unpacked near byte %lld (%s)",
                u->path, unpacking_at(u), ZSTD_getErrorName(wanted));
}

static nmf_status zstd_pack_open(packer *p) {
    p->state = ZSTD_createCCtx_advanced(zstd_memory(p->context));
    if (!p->state) {
        return NMF_ERROR_MEMORY;
    }
    (void)ZSTD_CCtx_setParameter(p->state, ZSTD_c_checksumFlag, 1);
    return NMF_OK;
}

static nmf_status zstd_pack(packer *p, const void *bytes, size_t count, bool last) {
    unsigned char packed[PACKED_ROOM];
    ZSTD_inBuffer from = {bytes, count, 0};
    for (;;) {
        ZSTD_outBuffer to = {packed, sizeof packed, 0};
        size_t left = ZSTD_compressStream2(p->state, &to, &from, last ? ZSTD_e_end : ZSTD_e_continue);
        if (ZSTD_isError(left)) {
            return fail_memory(p->context, "packing by zstd", count);
        }
        nmf_status status = p->put(p->user, packed, to.pos);
        if (status != NMF_OK || (last ? left == 0 : from.pos == from.size)) {
            return status;
        }
    }
}

static void zstd_pack_close(packer *p) {
    (void)ZSTD_freeCCtx(p->state);
}

#define ZSTD_PACKING(first_bytes)                                                                                      \
    {                                                                                                                  \
        .name = "zstd", .ending = "zst", .magic = first_bytes, .magic_bytes = 4, .open = zstd_open, .some = zstd_some, \
        .close = zstd_close, .pack_open = zstd_pack_open, .pack = zstd_pack, .pack_close = zstd_pack_close             \
    }
#define FRAME                                                                                                          \
    { 0x28, 0xb5, 0x2f, 0xfd }
#define SKIPPED_FRAME                                                                                                  \
    { 0x50, 0x2a, 0x4d, 0x18 }

const packing packing_zstd = ZSTD_PACKING(FRAME);
/* Programs that pack on several threads, pzstd for one, begin with a frame of their own to be skipped. */
const packing packing_zstd_skipping = ZSTD_PACKING(SKIPPED_FRAME);
