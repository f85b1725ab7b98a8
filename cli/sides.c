#include "sides.h"

#include "folder.h"
#include "say.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

const own_option option_missing = {
    {.name = "missing",
     .argument = "WHAT",
     .choices = "nan",
     .help = "With nan, entries that are NaN, NA or empty are missing: the fit does not look at them."},
    OPTION_TEXT,
    offsetof(cli_settings, missing),
    0};
const own_option option_mask = {
    {.name = "mask",
     .argument = "FILE",
     .help = "A matrix of the same shape whose entries that are not 0 are hidden from the fit: held out."},
    OPTION_TEXT,
    offsetof(cli_settings, mask),
    0};
const own_option option_weights = {{.name = "weights",
                                    .argument = "FILE",
                                    .help =
                                        "A matrix of the same shape with the weight of every entry, 0 or above; what "
                                        "a sparse one does not store weighs 0."},
                                   OPTION_TEXT,
                                   offsetof(cli_settings, weight_file),
                                   0};
const own_option option_graph_h = {
    {.name = "graph-h",
     .argument = "FILE",
     .help = "A symmetric matrix over the columns: how alike those of H are to be (penalty 1/2 tr(H L H'), L its "
             "Laplacian, times --graph-weight)."},
    OPTION_TEXT,
    offsetof(cli_settings, graph),
    0};
const own_option option_fix_w = {
    {.name = "fix-w",
     .argument = "FILE",
     .help = "A matrix whose columns are the first components of W and stay as they are: known signatures. Without -k "
             "they are all; a higher -k finds new ones beside them. Rows are matched by name where both have names."},
    OPTION_TEXT,
    offsetof(cli_settings, fix_w),
    0};
const own_option option_fix_h = {
    {.name = "fix-h", .argument = "FILE", .help = "Likewise for the rows of H; columns are matched by name."},
    OPTION_TEXT,
    offsetof(cli_settings, fix_h),
    0};
const own_option option_start = {
    {.name = "start",
     .argument = "DIR",
     .help = "Begin from the W and H in the folder of another fit, of the same rank; --init DIR is the same."},
    OPTION_TEXT,
    offsetof(cli_settings, start),
    0};

static nmf_status read_one(nmf_context *context, const char *path, unsigned allowed, nmf_matrix **matrix) {
    nmf_read_options how = {.allowed = allowed};
    nmf_status status = path ? nmf_matrix_read(context, path, &how, matrix) : NMF_OK;
    return status == NMF_OK ? NMF_OK : complain_context(status, context);
}

/* A W may have numbers below 0. */
static nmf_status read_start(nmf_context *context, const char *path, sides *all) {
    if (!path) {
        return NMF_OK;
    }
    nmf_status status = folder_read(context, path, "W", &all->start_w);
    return status == NMF_OK ? folder_read(context, path, "H", &all->start_h) : status;
}

nmf_status sides_read(nmf_context *context, cli_settings *settings, sides *all) {
    nmf_status status = read_one(context, settings->mask, 0, &all->mask);
    if (status == NMF_OK) {
        status = read_one(context, settings->weight_file, 0, &all->weights);
    }
    if (status == NMF_OK) {
        status = read_one(context, settings->graph, 0, &all->graph);
    }
    if (status == NMF_OK) {
        status = read_one(context, settings->fix_w, 0, &all->fix_w);
    }
    if (status == NMF_OK) {
        status = read_one(context, settings->fix_h, 0, &all->fix_h);
    }
    if (status == NMF_OK) {
        status = read_start(context, settings->start, all);
    }
    settings->fit.mask = all->mask;
    settings->fit.weights = all->weights;
    settings->fit.graph_h = all->graph;
    settings->fit.fix_w = all->fix_w;
    settings->fit.fix_h = all->fix_h;
    settings->fit.start_w = all->start_w;
    settings->fit.start_h = all->start_h;
    return status;
}

/* One side of a matrix, rows or columns: how many there are and what they are called. */
typedef struct line_names {
    const nmf_matrix *matrix;
    bool columns;
    int64_t count;
} line_names;

static line_names lines_of(const nmf_matrix *matrix, bool columns) {
    nmf_matrix_info info;
    nmf_matrix_get_info(matrix, &info);
    return (line_names){matrix, columns, columns ? info.cols : info.rows};
}

static const char *name_at(const line_names *lines, int64_t i) {
    return lines->columns ? nmf_matrix_col_name(lines->matrix, i) : nmf_matrix_row_name(lines->matrix, i);
}

typedef struct named {
    const char *name;
    int64_t at;
} named;

static int by_name(const void *left, const void *right) {
    const named *a = left, *b = right;
    int order = strcmp(a->name, b->name);
    return order != 0 ? order : (a->at > b->at) - (a->at < b->at);
}

/* place[i]: which line of `given` has the name of line i of A. */
static nmf_status match(const line_names *of_a, const line_names *given, const char *path, int64_t *place) {
    named *sorted = room_for((size_t)given->count, sizeof *sorted);
    nmf_status status = NMF_OK;
    for (int64_t i = 0; i < given->count; i++) {
        sorted[i] = (named){name_at(given, i), i};
    }
    qsort(sorted, (size_t)given->count, sizeof *sorted, by_name);
    for (int64_t i = 0; i < of_a->count && status == NMF_OK; i++) {
        const char *name = name_at(of_a, i);
        int64_t low = 0, high = given->count;
        while (low < high) {
            int64_t middle = (low + high) / 2;
            bool below = strcmp(sorted[middle].name, name) < 0;
            low = below ? middle + 1 : low;
            high = below ? high : middle;
        }
        if (low == given->count || strcmp(sorted[low].name, name) != 0) {
            status = complain(NMF_ERROR_INPUT, "%s has no %s \"%s\", which the matrix has as number %" PRId64, path,
                              of_a->columns ? "column" : "row", name, i + 1);
        } else {
            place[i] = sorted[low].at;
        }
    }
    free(sorted);
    return status;
}

static bool same_order(const line_names *of_a, const line_names *given) {
    bool same = of_a->count == given->count;
    for (int64_t i = 0; i < of_a->count && same; i++) {
        same = strcmp(name_at(of_a, i), name_at(given, i)) == 0;
    }
    return same;
}

/* The lines of `given` at `place`, over values of our own. */
static nmf_status turn(nmf_context *context, const line_names *given, const int64_t *place, int64_t count,
                       double **values, nmf_matrix **turned) {
    nmf_matrix_info info;
    nmf_matrix_get_info(given->matrix, &info);
    double *from = folder_numbers(given->matrix);
    int64_t rows = given->columns ? info.rows : count, cols = given->columns ? count : info.cols;
    *values = room_for((size_t)rows, (size_t)cols * sizeof **values);
    for (int64_t i = 0; i < rows; i++) {
        for (int64_t j = 0; j < cols; j++) {
            int64_t row = given->columns ? i : place[i], col = given->columns ? place[j] : j;
            (*values)[i * cols + j] = from[row * info.cols + col];
        }
    }
    free(from);
    nmf_status status = nmf_matrix_dense(context, rows, cols, NMF_F64, *values, cols, 1, 0, turned);
    return status == NMF_OK ? NMF_OK : complain_context(status, context);
}

static nmf_status align(nmf_context *context, const nmf_matrix *matrix, const nmf_matrix *fixed, bool columns,
                        const char *path, double **values, nmf_matrix **turned) {
    line_names of_a = lines_of(matrix, columns), given = lines_of(fixed, columns);
    if (!name_at(&of_a, 0) || !name_at(&given, 0) || same_order(&of_a, &given)) {
        return NMF_OK;
    }
    int64_t *place = room_for((size_t)of_a.count, sizeof *place);
    nmf_status status = match(&of_a, &given, path, place);
    if (status == NMF_OK) {
        status = turn(context, &given, place, of_a.count, values, turned);
    }
    free(place);
    return status;
}

nmf_status sides_align(nmf_context *context, cli_settings *settings, const nmf_matrix *matrix, sides *all) {
    nmf_status status = all->fix_w
                            ? align(context, matrix, all->fix_w, false, settings->fix_w, &all->values_w, &all->turned_w)
                            : NMF_OK;
    if (status == NMF_OK && all->fix_h) {
        status = align(context, matrix, all->fix_h, true, settings->fix_h, &all->values_h, &all->turned_h);
    }
    settings->fit.fix_w = all->turned_w ? all->turned_w : all->fix_w;
    settings->fit.fix_h = all->turned_h ? all->turned_h : all->fix_h;
    return status;
}

const char *sides_component(const sides *all, int64_t c) {
    const char *name = all->fix_w ? nmf_matrix_col_name(all->fix_w, c) : NULL;
    return name || !all->fix_h ? name : nmf_matrix_row_name(all->fix_h, c);
}

void sides_files(const cli_settings *settings, const char *files[SIDE_FILES]) {
    files[0] = settings->mask;
    files[1] = settings->weight_file;
    files[2] = settings->graph;
    files[3] = settings->fix_w;
    files[4] = settings->fix_h;
}

void sides_free(sides *all) {
    enum { MATRICES = 9 };
    nmf_matrix *const matrices[MATRICES] = {all->mask,    all->weights, all->graph,    all->fix_w,   all->fix_h,
                                            all->start_w, all->start_h, all->turned_w, all->turned_h};
    for (int t = 0; t < MATRICES; t++) {
        nmf_matrix_free(matrices[t]);
    }
    free(all->values_w);
    free(all->values_h);
}
