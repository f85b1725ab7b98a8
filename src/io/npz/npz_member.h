/* An array on its way into an archive: a header and pieces, made when libzip asks for them. */
#ifndef NMF_IO_NPZ_MEMBER_H
#define NMF_IO_NPZ_MEMBER_H

#include "io/npz/npz.h"

typedef struct npz_member npz_member;
struct npz_member {
    nmf_context *context;
    const char *path; /* of the archive */
    const char *name; /* "indptr.npy" */
    char header[NPY_HEADER];
    size_t bytes; /* of all pieces together */

    /* Make piece i of `pieces`, at npz_member_room or elsewhere; set `piece` and `left`. */
    nmf_status (*make)(npz_member *m, int64_t i);
    int64_t pieces;
    const table *t;
    bool column; /* names: of the columns */
    bool wide;   /* indices: as int64 */
    char text;   /* names: 'U' or 'S' */
    int64_t length;

    int64_t done;      /* pieces made so far */
    const char *piece; /* what is left of the last one */
    size_t left;
    int64_t given; /* bytes handed to libzip */
    int64_t count; /* indptr: entries so far */
    void *block;
    int64_t room;
    nmf_status status; /* of the last piece: its sentence is the context's */
};

/* Memory for the piece being made, which becomes the piece. */
nmf_status npz_member_room(npz_member *m, size_t bytes, void **room);

/* Libzip's view of it; the member must outlast the archive. NULL where there is no memory. */
zip_source_t *npz_member_source(npz_member *m, zip_t *zip);

void npz_member_free(npz_member *m);

#endif
