/*
 * Contract of a packing: what a file's bytes are unpacked from on their way in, and packed to on their way out. On the
 * way in it is recognised by the first bytes, on the way out by the name; it is a row of pieces (gzip's members, zstd's
 * frames), each with an end of its own.
 */
#ifndef NMF_IO_PACKING_H
#define NMF_IO_PACKING_H

#include "base/context.h"

/* One file on its way through a packing. */
typedef struct unpacking {
    nmf_context *context;
    const char *path;          /* for messages */
    const unsigned char *next; /* packed bytes that are there */
    size_t left;               /* how many */
    int64_t read;              /* packed bytes that came from the file so far */
    bool between;              /* a piece has ended and the next one has not begun */
    void *state;               /* the packing's own */
} unpacking;

/* One file on its way into a packing. */
typedef struct packer {
    nmf_context *context;
    /* Where packed bytes go. */
    nmf_status (*put)(void *user, const void *bytes, size_t count);
    void *user;
    void *state; /* the packing's own */
} packer;

typedef struct packing {
    const char *name;   /* "gzip" */
    const char *ending; /* "gz", of a file's name */
    unsigned char magic[4];
    size_t magic_bytes;
    nmf_status (*open)(unpacking *u);
    /* Take some of the packed bytes, of which there is at least one, and give up to `room` unpacked ones. */
    nmf_status (*some)(unpacking *u, void *bytes, size_t room, size_t *got);
    void (*close)(unpacking *u);
    nmf_status (*pack_open)(packer *p);
    /* Pack `count` bytes more; `last` when none follow. */
    nmf_status (*pack)(packer *p, const void *bytes, size_t count, bool last);
    void (*pack_close)(packer *p);
} packing;

extern const packing packing_gzip, packing_zstd, packing_zstd_skipping;

/* All packings; ended by NULL. */
extern const packing *const packings[];

/* The packing that the name of a file ends in, or NULL. */
const packing *packing_of(const char *path);

/* Bytes of the name of a file without the ending of a packing, if it has one. */
size_t packing_stem(const char *path);

/*
 * Refuse what unpacks to more than 64 MB and 256 times its own bytes, as only a damaged or hostile file does; `how` is
 * what it is packed by.
 */
nmf_status unpacked_check(nmf_context *context, const char *path, const char *how, int64_t packed, int64_t unpacked);

/* Where in the file the next packed byte stands. */
static inline long long unpacking_at(const unpacking *u) {
    return (long long)u->read - (long long)u->left;
}

#endif
