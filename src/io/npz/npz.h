/*
 * NPZ: a zip archive of NPY arrays, as numpy.savez and scipy.sparse.save_npz write it. libzip does the zip. The memory
 * it takes comes from malloc, past the allocator of the context, but is small: the archive's directory, which is no
 * larger than the file, and a window for each member that is open.
 */
#ifndef NMF_IO_NPZ_H
#define NMF_IO_NPZ_H

#include "base/names.h"
#include "io/npy/npy.h"

#include <zip.h>

/* An archive being read. Nothing that its directory says of sizes is believed. */
typedef struct npz {
    stream *in;
    nmf_context *context;
    zip_t *zip;
    int64_t bytes;    /* of the archive */
    int64_t unpacked; /* that came of it so far, out of all its arrays */
} npz;

/* Fails without anything left to close. */
nmf_status npz_open(stream *in, npz *archive);
void npz_close(npz *archive);

/* What stands at the name of an array in an archive: "indptr.npy". */
#define NPZ_ENDING ".npy"

/* Where the member NAME and ENDING is, or -1 where there is none. Two of one name are refused. */
nmf_status npz_find(const npz *archive, const char *name, const char *ending, int64_t *index);

/* A stream over a member; messages call it "FILE.npz, indptr.npy". At most one stream of a member at a time. */
nmf_status npz_array_open(npz *archive, int64_t index, stream **out);

/* The failure that libzip says there was: of memory, or one of `otherwise`, "WHERE could not be DONE: …". */
nmf_status npz_fail(nmf_context *context, nmf_status otherwise, const char *where, const char *done,
                    zip_error_t *error);

/* An array of one dimension, its numbers handed out in order. */
typedef struct npz_vector {
    npz *archive;
    const char *name; /* "indptr" */
    stream *in;       /* NULL: not open */
    npy_header header;
    size_t bytes;  /* of its numbers */
    int64_t begin; /* where they begin in the stream */
    int64_t count;
    int64_t taken; /* handed out so far */
    int64_t held, next;
    double wide[NPY_CHUNK];
} npz_vector;

/* Open the array `name`, which must be there. `index`: of int32 or int64. To be closed even where this fails. */
nmf_status npz_vector_open(npz *archive, const char *name, bool index, npz_vector *v);
nmf_status npz_vector_fill(npz_vector *v);

/* The next number; the end of the stream before the `count`th is a failure. */
static inline nmf_status npz_vector_next(npz_vector *v, double *value) {
    nmf_status status = v->next < v->held ? NMF_OK : npz_vector_fill(v);
    if (status == NMF_OK) {
        *value = v->wide[v->next++];
        v->taken++;
    }
    return status;
}

/* After the last number: nothing may follow, and the checksum must fit. */
nmf_status npz_vector_end(npz_vector *v);
void npz_vector_close(npz_vector *v);

/* Add the texts of an array to a list, as UTF-8. `header` is what was read of the stream already. */
nmf_status npz_texts(stream *in, const npy_header *header, names *list);

/* Where the names of rows and columns are, by the side of the matrix. */
#define NPZ_ROW_NAMES "row_names"
#define NPZ_COL_NAMES "col_names"

/* Give a matrix the names that the archive has for it; what does not fit is left, with a warning. */
nmf_status npz_names(npz *archive, nmf_matrix *matrix);

/* What scipy.sparse.save_npz writes: a member for each part of one matrix. */
nmf_status npz_is_sparse(const npz *archive, bool *sparse);
nmf_status npz_sparse(npz *archive, const nmf_read_options *how, nmf_matrix **matrix);

nmf_status npz_write(sink *out, const table *t);

#endif
