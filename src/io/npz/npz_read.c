#include "io/npz/npz.h"

#include <stdio.h>
#include <string.h>

enum { LIST_ROOM = 400, NAME_SHOWN = 60 };

/* The arrays of two dimensions in an archive. */
typedef struct survey {
    npz *archive;
    int64_t count;
    int64_t first;        /* the member that the first of them is */
    char list[LIST_ROOM]; /* their names */
} survey;

static bool recognises(const unsigned char *head, size_t bytes) {
    return bytes >= 4 && (memcmp(head, "PK\3\4", 4) == 0 || memcmp(head, "PK\5\6", 4) == 0);
}

/* As many as there is room for, and dots. */
static void add_to_list(survey *s, const char *name) {
    static const char more[] = ", …";
    size_t used = strlen(s->list);
    size_t stem = strlen(name) - strlen(NPZ_ENDING);
    int shown = stem < NAME_SHOWN ? (int)stem : NAME_SHOWN;
    if (used + (size_t)shown + 2 * sizeof more < LIST_ROOM) {
        snprintf(s->list + used, LIST_ROOM - used, "%s%.*s", used > 0 ? ", " : "", shown, name);
    } else if (used < sizeof more || strcmp(s->list + used - (sizeof more - 1), more) != 0) {
        snprintf(s->list + used, LIST_ROOM - used, "%s", more);
    }
}

static nmf_status look_at(survey *s, int64_t index, const char *name) {
    npy_header header;
    stream *in;
    nmf_status status = npz_array_open(s->archive, index, &in);
    if (status == NMF_OK) {
        status = npy_header_any(in, &header);
    }
    stream_close(in);
    if (status == NMF_OK && header.dimensions == 2 && !header.text) {
        s->first = s->count++ == 0 ? index : s->first;
        add_to_list(s, name);
    }
    return status;
}

static nmf_status look_at_all(survey *s) {
    zip_int64_t count = zip_get_num_entries(s->archive->zip, 0);
    nmf_status status = NMF_OK;
    for (zip_int64_t i = 0; i < count && status == NMF_OK; i++) {
        const char *name = zip_get_name(s->archive->zip, (zip_uint64_t)i, ZIP_FL_ENC_RAW);
        size_t length = name ? strlen(name) : 0, ending = strlen(NPZ_ENDING);
        if (length > ending && strcmp(name + length - ending, NPZ_ENDING) == 0) {
            status = look_at(s, i, name);
        }
    }
    return status;
}

static nmf_status fail_layer(const survey *s, const char *layer) {
    return fail(s->archive->context, NMF_ERROR_INPUT, "%s holds no array \"%.*s\"; %s%s", stream_path(s->archive->in),
                NAME_SHOWN, layer, s->count > 0 ? "those of two dimensions are " : "there is none of two dimensions",
                s->list);
}

static nmf_status fail_choice(const survey *s) {
    const char *path = stream_path(s->archive->in);
    zip_t *zip = s->archive->zip;
    if (s->count == 0 && zip_name_locate(zip, "xl/workbook.xml", 0) >= 0) {
        return fail(s->archive->context, NMF_ERROR_INPUT, "%s is a workbook of Excel; it must be saved as CSV", path);
    }
    if (s->count == 0) {
        return fail(s->archive->context, NMF_ERROR_INPUT,
                    "%s holds no matrix: no array of two dimensions, and not what scipy.sparse.save_npz writes", path);
    }
    return fail(s->archive->context, NMF_ERROR_INPUT,
                "%s holds %lld arrays of two dimensions: %s; one must be named as the layer (--layer %.*s)", path,
                (long long)s->count, s->list, (int)strcspn(s->list, ","), s->list);
}

/* The one there is; two of one name are two. */
static nmf_status choose_only(npz *archive, int64_t *index) {
    survey s = {.archive = archive};
    nmf_status status = look_at_all(&s);
    *index = s.first;
    return status == NMF_OK && s.count != 1 ? fail_choice(&s) : status;
}

static nmf_status choose_layer(npz *archive, const char *layer, int64_t *index) {
    nmf_status status = npz_find(archive, layer, NPZ_ENDING, index);
    if (status == NMF_OK && *index < 0) {
        status = npz_find(archive, layer, "", index);
    }
    if (status != NMF_OK || *index >= 0) {
        return status;
    }
    survey s = {.archive = archive};
    status = look_at_all(&s);
    return status == NMF_OK ? fail_layer(&s, layer) : status;
}

static nmf_status read_array(npz *archive, int64_t index, const nmf_read_options *how, nmf_matrix **matrix) {
    stream *in;
    const npy_type *type;
    nmf_status status = npz_array_open(archive, index, &in);
    if (status == NMF_OK) {
        status = npy_matrix(in, how, &type, matrix);
    }
    if (status == NMF_OK) {
        (*matrix)->info.source = type->archived;
    }
    stream_close(in);
    return status;
}

static nmf_status read_dense(npz *archive, const nmf_read_options *how, nmf_matrix **matrix) {
    int64_t index;
    nmf_status status = how->layer ? choose_layer(archive, how->layer, &index) : choose_only(archive, &index);
    return status == NMF_OK ? read_array(archive, index, how, matrix) : status;
}

static nmf_status read_sparse(npz *archive, const nmf_read_options *how, nmf_matrix **matrix) {
    if (how->layer) {
        return fail(
            archive->context, NMF_ERROR_INPUT,
            "%s holds one sparse matrix, as scipy.sparse.save_npz writes it, and no layers: \"%.*s\" is not there",
            stream_path(archive->in), NAME_SHOWN, how->layer);
    }
    return npz_sparse(archive, how, matrix);
}

static nmf_status npz_read(stream *in, const nmf_read_options *how, nmf_matrix **matrix) {
    npz archive;
    bool sparse = false;
    *matrix = NULL;
    nmf_status status = npz_open(in, &archive);
    if (status != NMF_OK) {
        return status;
    }
    status = npz_is_sparse(&archive, &sparse);
    if (status == NMF_OK) {
        status = sparse ? read_sparse(&archive, how, matrix) : read_dense(&archive, how, matrix);
    }
    if (status == NMF_OK) {
        status = npz_names(&archive, *matrix);
        if (status != NMF_OK) {
            nmf_matrix_free(*matrix);
            *matrix = NULL;
        }
    }
    npz_close(&archive);
    return status;
}

const format format_npz = {.name = "npz",
                           .has_names = true,
                           .has_layers = true,
                           .recognises = recognises,
                           .read = npz_read,
                           .write = npz_write};
