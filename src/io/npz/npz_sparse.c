/* What scipy.sparse.save_npz writes. The parts of the matrix are read side by side: an entry takes a number of each. */
#include "io/entries.h"
#include "io/npz/npz.h"

#include <string.h>

/* Lines are the rows of csr and coo, the columns of csc. */
typedef struct layout {
    const char *name;
    const char *source;
    const char *place; /* where an entry stands in its line: "indices" */
    const char *line;  /* which line it is in; of csr and csc, where each line begins: "indptr" */
    bool starts, columns;
} layout;

static const layout layouts[] = {
    {"csr", "npz, csr", "indices", "indptr", true, false},
    {"csc", "npz, csc", "indices", "indptr", true, true},
    {"coo", "npz, coo", "col", "row", false, false},
};

typedef struct reader {
    npz *archive;
    const layout *how;
    int64_t rows, cols;
    int64_t lines, across; /* how many lines, and how long they are */
    int64_t at, end;       /* of csr and csc: the line under way, and where its entries end */
    npz_vector values, place, line;
    entries all;
} reader;

nmf_status npz_is_sparse(const npz *archive, bool *sparse) {
    int64_t form = -1, shape = -1;
    nmf_status status = npz_find(archive, "format", NPZ_ENDING, &form);
    if (status == NMF_OK) {
        status = npz_find(archive, "shape", NPZ_ENDING, &shape);
    }
    *sparse = form >= 0 && shape >= 0;
    return status;
}

static nmf_status find_layout(reader *r, const char *name) {
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++) {
        if (strcmp(layouts[i].name, name) == 0) {
            r->how = &layouts[i];
            return NMF_OK;
        }
    }
    return fail(r->archive->context, NMF_ERROR_INPUT,
                "%s holds a sparse matrix of the format \"%.20s\"; csr, csc and coo can be read, as "
                "scipy.sparse.save_npz writes them: convert it with .tocsr()",
                stream_path(r->archive->in), name);
}

static nmf_status read_format(reader *r, stream *in) {
    npy_header header;
    names texts = names_empty(r->archive->context);
    nmf_status status = npy_header_any(in, &header);
    if (status == NMF_OK && (header.dimensions != 0 || !header.text)) {
        return fail(r->archive->context, NMF_ERROR_INPUT, "%s must be one text, \"csr\", \"csc\" or \"coo\"",
                    stream_path(in));
    }
    if (status == NMF_OK) {
        status = npz_texts(in, &header, &texts);
    }
    if (status == NMF_OK) {
        status = find_layout(r, names_at(&texts, 0));
    }
    names_free(&texts);
    return status;
}

static nmf_status open_format(reader *r) {
    int64_t index;
    stream *in = NULL;
    nmf_status status = npz_find(r->archive, "format", NPZ_ENDING, &index);
    if (status == NMF_OK) {
        status = npz_array_open(r->archive, index, &in);
    }
    if (status == NMF_OK) {
        status = read_format(r, in);
    }
    stream_close(in);
    return status;
}

static nmf_status read_size(npz_vector *shape, int64_t *size) {
    double value = 0;
    nmf_status status = npz_vector_next(shape, &value);
    if (status == NMF_OK && !(value >= 0 && value <= UINT32_MAX)) {
        return fail(shape->archive->context, NMF_ERROR_INPUT,
                    "%s: shape[%lld] is %.0f; a sparse matrix has 1 to %u rows and columns", stream_path(shape->in),
                    (long long)shape->taken - 1, value, UINT32_MAX);
    }
    *size = (int64_t)value;
    return status;
}

static nmf_status read_sizes(reader *r, npz_vector *shape) {
    if (shape->count != 2) {
        return fail(r->archive->context, NMF_ERROR_INPUT, "%s holds %lld sizes; a matrix has 2, rows and columns",
                    stream_path(shape->in), (long long)shape->count);
    }
    nmf_status status = read_size(shape, &r->rows);
    if (status == NMF_OK) {
        status = read_size(shape, &r->cols);
    }
    r->lines = r->how->columns ? r->cols : r->rows;
    r->across = r->how->columns ? r->rows : r->cols;
    return status == NMF_OK ? npz_vector_end(shape) : status;
}

/* By way of a vector that is not in use yet: they are large. */
static nmf_status read_shape(reader *r) {
    nmf_status status = npz_vector_open(r->archive, "shape", true, &r->values);
    if (status == NMF_OK) {
        status = read_sizes(r, &r->values);
    }
    npz_vector_close(&r->values);
    return status;
}

static nmf_status fail_count(const npz_vector *v, int64_t expected, const char *why) {
    return fail(v->archive->context, NMF_ERROR_INPUT, "%s holds %lld numbers; %lld are needed, %s", stream_path(v->in),
                (long long)v->count, (long long)expected, why);
}

static nmf_status check_counts(const reader *r) {
    if (r->place.count != r->values.count) {
        return fail_count(&r->place, r->values.count, "as many as data.npy holds");
    }
    if (r->how->starts && r->line.count != r->lines + 1) {
        return fail_count(&r->line, r->lines + 1,
                          r->how->columns ? "one more than there are columns" : "one more than there are rows");
    }
    return r->how->starts || r->line.count == r->values.count
               ? NMF_OK
               : fail_count(&r->line, r->values.count, "as many as data.npy holds");
}

static nmf_status open_parts(reader *r) {
    nmf_status status = npz_vector_open(r->archive, "data", false, &r->values);
    if (status == NMF_OK) {
        status = npz_vector_open(r->archive, r->how->place, true, &r->place);
    }
    if (status == NMF_OK) {
        status = npz_vector_open(r->archive, r->how->line, true, &r->line);
    }
    return status == NMF_OK ? check_counts(r) : status;
}

static void close_parts(reader *r) {
    npz_vector_close(&r->values);
    npz_vector_close(&r->place);
    npz_vector_close(&r->line);
}

/* What is wrong with the last number taken of a vector. */
static nmf_status fail_number(const npz_vector *v, double value, int64_t low, int64_t high, const char *what) {
    return fail(v->archive->context, NMF_ERROR_INPUT, "%s: %s[%lld] is %.0f; %s must be from %lld to %lld",
                stream_path(v->in), v->name, (long long)v->taken - 1, value, what, (long long)low, (long long)high);
}

static nmf_status next_index(npz_vector *v, int64_t size, const char *what, int64_t *index) {
    double value = 0;
    nmf_status status = npz_vector_next(v, &value);
    if (status == NMF_OK && !(value >= 0 && value < (double)size)) {
        return fail_number(v, value, 0, size - 1, what);
    }
    *index = (int64_t)value;
    return status;
}

/* Where the entries of the line under way end, which is where the next one's begin; the first number begins line 0. */
static nmf_status next_start(reader *r) {
    double value = 0;
    bool first = r->line.taken == 0, last = r->line.taken == r->lines;
    nmf_status status = npz_vector_next(&r->line, &value);
    if (status != NMF_OK) {
        return status;
    }
    int64_t low = last ? r->values.count : r->end;
    int64_t high = first ? 0 : r->values.count;
    if (!(value >= (double)low && value <= (double)high)) {
        return fail_number(&r->line, value, low, high,
                           first  ? "the first"
                           : last ? "the last, which counts the entries,"
                                  : "none may be below the one before it or above the count of the entries: it");
    }
    r->end = (int64_t)value;
    r->at = r->line.taken - 2;
    return NMF_OK;
}

/* The line of the next entry, which is number `e`. */
static nmf_status next_line(reader *r, int64_t e, int64_t *line) {
    if (!r->how->starts) {
        return next_index(&r->line, r->lines, "a row", line);
    }
    nmf_status status = NMF_OK;
    while (status == NMF_OK && r->end <= e) {
        status = next_start(r);
    }
    *line = r->at;
    return status;
}

static nmf_status read_entry(reader *r, int64_t e) {
    double value = 0;
    int64_t line = 0, place = 0;
    nmf_status status = next_line(r, e, &line);
    if (status == NMF_OK) {
        status = next_index(&r->place, r->across, r->how->columns ? "a row" : "a column", &place);
    }
    if (status == NMF_OK) {
        status = npz_vector_next(&r->values, &value);
    }
    if (status != NMF_OK) {
        return status;
    }
    return r->how->columns ? entries_add(&r->all, place, line, value) : entries_add(&r->all, line, place, value);
}

/* The lines after the last entry, and that nothing follows in any part. */
static nmf_status read_ends(reader *r) {
    nmf_status status = NMF_OK;
    while (status == NMF_OK && r->how->starts && r->line.taken <= r->lines) {
        status = next_start(r);
    }
    if (status == NMF_OK) {
        status = npz_vector_end(&r->line);
    }
    if (status == NMF_OK) {
        status = npz_vector_end(&r->place);
    }
    return status == NMF_OK ? npz_vector_end(&r->values) : status;
}

static nmf_status read_entries(reader *r) {
    nmf_status status = open_parts(r);
    for (int64_t e = 0; status == NMF_OK && e < r->values.count; e++) {
        status = read_entry(r, e);
    }
    if (status == NMF_OK) {
        status = read_ends(r);
    }
    close_parts(r);
    return status;
}

nmf_status npz_sparse(npz *archive, const nmf_read_options *how, nmf_matrix **matrix) {
    reader r = {.archive = archive, .all = {.in = archive->in, .how = how}};
    nmf_status status = open_format(&r);
    if (status == NMF_OK) {
        status = read_shape(&r);
    }
    if (status == NMF_OK) {
        status = read_entries(&r);
    }
    if (status == NMF_OK) {
        return entries_to_matrix(&r.all, r.rows, r.cols, r.how->source, matrix);
    }
    entries_free(&r.all);
    return status;
}
