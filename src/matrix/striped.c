#include "matrix/striped.h"
#include "matrix/scan.h"

#include <string.h>

/* Stripes of a row should have some entries, and every thread some stripes; entries are sampled to cut them evenly. */
enum {
    LEAST_STRIPES = 4,
    MOST_STRIPES = 64,
    ENTRIES_EACH = 24,
    SAMPLE_EVERY = 61,
    GROUPS_MOST = 1024,
    PANEL_BYTES = 1 << 19
};

/* The most stripes that a block of this shape can have. */
static int64_t stripes_for(int64_t rows, int64_t cols, int64_t entries) {
    int64_t wanted = rows > 0 ? entries / rows / ENTRIES_EACH : 0, most = (cols + KERNEL_GRID - 1) / KERNEL_GRID;
    wanted = wanted < LEAST_STRIPES ? LEAST_STRIPES : wanted > MOST_STRIPES ? MOST_STRIPES : wanted;
    return wanted < most ? wanted : most;
}

static void striped_times(const nmf_matrix *matrix, int64_t first, const items *y, items *p) {
    const compressed *by_row = &matrix->as.striped.by_row;
    items_zero(p);
    matrix->simd->gather(by_row->start + first, by_row->index, by_row->value, p->count, y->data, p->data, p->k,
                         p->stride);
}

static int64_t striped_parts(const nmf_matrix *matrix) {
    return matrix->as.striped.stripes;
}

static void striped_part(const nmf_matrix *matrix, int64_t i, int64_t *from, int64_t *to) {
    *from = matrix->as.striped.edge[i];
    *to = matrix->as.striped.edge[i + 1];
}

/* The stripe that begins with a column. */
static int64_t stripe_at(const striped_data *own, int64_t column) {
    int64_t s = 0;
    while (own->edge[s] < column || own->edge[s + 1] == column) {
        s++;
    }
    return s;
}

static void striped_accumulate(const nmf_matrix *matrix, int64_t first, const items *x, int64_t column, items *n) {
    const striped_data *own = &matrix->as.striped;
    if (n->count == 0) {
        return;
    }
    const uint32_t *from = own->cut + stripe_at(own, column) * matrix->info.rows + first;
    scatter_lines at = {own->by_row.start + first, from, from + matrix->info.rows, own->by_row.index};
    char *all = (char *)n->data - (size_t)(column * n->stride) * dtype_size(n->dtype);
    matrix->simd->scatter(&at, own->by_row.value, x->count, x->data, all, n->k, n->stride);
}

static entry_line striped_line(const nmf_matrix *matrix, bool column, int64_t i) {
    const compressed *by_row = &matrix->as.striped.by_row;
    (void)column; /* blocks of a file are asked for rows alone */
    return compressed_line(by_row, matrix->info.dtype, i);
}

static void striped_scan(const nmf_matrix *matrix, double scale, scan *out, unsigned char *rows, unsigned char *cols) {
    compressed_scan(&matrix->as.striped.by_row, matrix->info.rows, matrix->info.dtype, scale, out, rows, cols);
}

static void striped_release(nmf_matrix *matrix) {
    striped_data *own = &matrix->as.striped;
    compressed_free(matrix->context, &own->by_row);
    array_free(matrix->context, own->edge);
    array_free(matrix->context, own->cut);
}

const matrix_kind matrix_striped = {
    .times = striped_times,
    .accumulate = striped_accumulate,
    .parts = striped_parts,
    .part = striped_part,
    .line = striped_line,
    .scan = striped_scan,
    .release = striped_release,
};

double striped_bytes(int64_t rows, int64_t cols, int64_t entries, nmf_dtype dtype) {
    return (double)compressed_bytes(rows, entries, dtype) +
           (double)(stripes_for(rows, cols, entries) + 1) * (double)rows * sizeof(uint32_t);
}

nmf_status matrix_new_striped(nmf_context *context, int64_t rows, int64_t cols, int64_t entries, nmf_dtype dtype,
                              unsigned allowed, nmf_matrix **out) {
    nmf_status status = matrix_new(context, &matrix_striped, rows, cols, dtype, allowed, out);
    if (status != NMF_OK) {
        return status;
    }
    striped_data *own = &(*out)->as.striped;
    own->stripes = stripes_for(rows, cols, entries);
    (*out)->info.sparse = true;
    status = compressed_new(context, rows, entries, dtype, &own->by_row);
    if (status == NMF_OK) {
        status = array_new(context, own->stripes + 1, sizeof *own->edge, "a sparse block", (void **)&own->edge);
    }
    if (status == NMF_OK) {
        status = array_new(context, (own->stripes + 1) * rows, sizeof *own->cut, "a sparse block", (void **)&own->cut);
    }
    if (status != NMF_OK) {
        nmf_matrix_free(*out);
        *out = NULL;
    }
    return status;
}

/* Edges between stripes of as many entries, as far as a sample of them tells, at multiples of KERNEL_GRID. */
static void find_edges(const nmf_matrix *matrix, int64_t entries) {
    const striped_data *own = &matrix->as.striped;
    int64_t cols = matrix->info.cols, grids = (cols + KERNEL_GRID - 1) / KERNEL_GRID;
    int64_t width = (grids + GROUPS_MOST - 1) / GROUPS_MOST * KERNEL_GRID, groups = (cols + width - 1) / width;
    int64_t count[GROUPS_MOST] = {0}, sampled = 0, passed = 0, s = 1;
    for (int64_t e = 0; e < entries; e += SAMPLE_EVERY, sampled++) {
        count[own->by_row.index[e] / width]++;
    }
    own->edge[0] = 0;
    for (int64_t g = 0; g < groups && s < own->stripes; g++) {
        passed += count[g];
        for (; s < own->stripes && passed * own->stripes >= s * sampled; s++) {
            own->edge[s] = (g + 1) * width < cols ? (g + 1) * width : cols;
        }
    }
    for (; s <= own->stripes; s++) {
        own->edge[s] = cols;
    }
}

/* Rows whose entries a core's own cache holds between the two products. */
static int64_t panel_rows_of(const nmf_matrix *matrix) {
    double row_bytes = (double)matrix->info.stored / (double)matrix->info.rows *
                       (double)(sizeof(uint32_t) + dtype_size(matrix->info.dtype));
    double grids = PANEL_BYTES / (row_bytes + 1) / KERNEL_GRID;
    return grids * KERNEL_GRID < (double)matrix->info.rows ? ((int64_t)grids + 1) * KERNEL_GRID : matrix->info.rows;
}

void striped_cut(nmf_matrix *matrix, int64_t rows) {
    striped_data *own = &matrix->as.striped;
    const compressed *by_row = &own->by_row;
    matrix->info.rows = rows;
    matrix->info.stored = by_row->start[rows];
    matrix->panel_rows = panel_rows_of(matrix);
    find_edges(matrix, matrix->info.stored);
    for (int64_t i = 0; i < rows; i++) {
        const uint32_t *index = by_row->index + by_row->start[i];
        uint32_t length = (uint32_t)(by_row->start[i + 1] - by_row->start[i]), e = 0;
        for (int64_t s = 0; s < own->stripes; s++) {
            own->cut[s * rows + i] = e;
            while (e < length && index[e] < own->edge[s + 1]) {
                e++;
            }
        }
        own->cut[own->stripes * rows + i] = length;
    }
}
