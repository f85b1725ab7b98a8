#include "components.h"

#include "folder.h"
#include "report.h"
#include "say.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

static double largest(const double *values, int64_t count) {
    double most = 0;
    for (int64_t i = 0; i < count; i++) {
        most = values[i] > most ? values[i] : most;
    }
    return most > 0 ? most : 1;
}

/* In parts of the largest entry, so that no sum overflows. */
static double row_sum(const component_set *c, int64_t component, double most) {
    double sum = 0;
    for (int64_t j = 0; j < c->cols; j++) {
        sum += c->h_values[component * c->cols + j] / most;
    }
    return sum;
}

static void find_shares(component_set *c) {
    c->share = room_for((size_t)c->rank, sizeof *c->share);
    double most_w = largest(c->w_values, c->rows * c->rank);
    double most_h = c->h ? largest(c->h_values, c->rank * c->cols) : 1;
    for (int64_t i = 0; i < c->rows; i++) {
        for (int64_t j = 0; j < c->rank; j++) {
            c->share[j] += c->w_values[i * c->rank + j] / most_w;
        }
    }
    double total = 0;
    for (int64_t j = 0; j < c->rank; j++) {
        c->share[j] *= c->h ? row_sum(c, j, most_h) : c->d ? c->d[j] : 1;
        total += c->share[j];
    }
    for (int64_t j = 0; j < c->rank && total > 0; j++) {
        c->share[j] /= total;
    }
}

static bool is_weight(const json_t *number) {
    return json_is_number(number) && isfinite(json_number_value(number)) && json_number_value(number) >= 0;
}

static nmf_status take_d(const char *path, const json_t *list, component_set *c) {
    bool good = json_array_size(list) == (size_t)c->rank;
    for (size_t j = 0; j < (size_t)c->rank && good; j++) {
        good = is_weight(json_array_get(list, j));
    }
    if (!good) {
        return complain(NMF_ERROR_INPUT,
                        "%s/" FOLDER_FIT ": \"d\" must be a list of %" PRId64 " numbers, 0 or above, one a column of W",
                        path, c->rank);
    }
    c->d = room_for((size_t)c->rank, sizeof *c->d);
    for (size_t j = 0; j < (size_t)c->rank; j++) {
        c->d[j] = json_number_value(json_array_get(list, j));
    }
    return NMF_OK;
}

/* Only of a fit: H of nmf transform is made for W alone. */
static nmf_status read_d(const char *path, component_set *c) {
    json_t *report = NULL;
    if (!folder_has(path, FOLDER_FIT)) {
        return NMF_OK;
    }
    nmf_status status = report_read(path, FOLDER_FIT, "fit", &report);
    const json_t *list = json_object_get(report, "d");
    if (status == NMF_OK && list) {
        status = take_d(path, list, c);
    }
    json_decref(report);
    return status;
}

static void weigh_h(component_set *c) {
    for (int64_t j = 0; j < c->rank && c->d; j++) {
        for (int64_t i = 0; i < c->cols; i++) {
            c->h_values[j * c->cols + i] *= c->d[j];
        }
    }
}

static nmf_status read_h(nmf_context *context, const char *path, component_set *c) {
    nmf_status status = folder_read(context, path, "H", &c->h);
    if (status != NMF_OK) {
        return status;
    }
    nmf_matrix_info info;
    nmf_matrix_get_info(c->h, &info);
    if (info.rows != c->rank) {
        return complain(NMF_ERROR_INPUT,
                        "in %s W has %" PRId64 " columns but H %" PRId64 " rows: they are not of one result", path,
                        c->rank, info.rows);
    }
    c->cols = info.cols;
    c->h_values = folder_numbers(c->h);
    weigh_h(c);
    return NMF_OK;
}

nmf_status components_read(nmf_context *context, const char *path, bool need_h, component_set *components) {
    nmf_status status = folder_read(context, path, "W", &components->w);
    if (status != NMF_OK) {
        return status;
    }
    nmf_matrix_info info;
    nmf_matrix_get_info(components->w, &info);
    components->rows = info.rows;
    components->rank = info.cols;
    components->w_values = folder_numbers(components->w);
    status = read_d(path, components);
    if (status == NMF_OK && (need_h || folder_has_factor(path, "H"))) {
        status = read_h(context, path, components);
    }
    if (status == NMF_OK) {
        find_shares(components);
    }
    return status;
}

nmf_status components_weighted_h(nmf_context *context, const component_set *components, nmf_matrix **h) {
    nmf_status status = nmf_matrix_dense(context, components->rank, components->cols, NMF_F64, components->h_values,
                                         components->cols, 1, 0, h);
    return status == NMF_OK ? NMF_OK : complain_context(status, context);
}

void components_free(component_set *components) {
    nmf_matrix_free(components->w);
    nmf_matrix_free(components->h);
    free(components->w_values);
    free(components->d);
    free(components->h_values);
    free(components->share);
}

static int heavier_first(const void *left, const void *right) {
    const weighted *a = left, *b = right;
    if (a->weight != b->weight) {
        return a->weight > b->weight ? -1 : 1;
    }
    return (a->index > b->index) - (a->index < b->index);
}

void weighted_sort(weighted *list, int64_t count) {
    qsort(list, (size_t)count, sizeof *list, heavier_first);
}
