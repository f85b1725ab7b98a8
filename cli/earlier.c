#include "earlier.h"

#include "folder.h"
#include "report.h"
#include "say.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

int64_t earlier_count(const json_t *object, const char *key) {
    return (int64_t)json_integer_value(json_object_get(object, key));
}

/* ‖WH‖², as Σ (WᵀW)∘(HHᵀ). */
static double squares_of_model(const component_set *c) {
    const double *w = c->w_values, *h = c->h_values;
    double sum = 0;
    for (int64_t a = 0; a < c->rank; a++) {
        for (int64_t b = 0; b < c->rank; b++) {
            double of_w = 0, of_h = 0;
            for (int64_t i = 0; i < c->rows; i++) {
                of_w += w[i * c->rank + a] * w[i * c->rank + b];
            }
            for (int64_t j = 0; j < c->cols; j++) {
                of_h += h[a * c->cols + j] * h[b * c->cols + j];
            }
            sum += of_w * of_h;
        }
    }
    return sum;
}

/* What fit.json says of the error; of an exact fit ‖A‖ is ‖WH‖. */
static nmf_status take_error(const char *path, earlier_fit *fit) {
    const json_t *error = json_object_get(fit->report, "error");
    const json_t *relative = json_object_get(fit->report, "relative_error");
    fit->error = json_number_value(error);
    double part = json_number_value(relative);
    if (!json_is_number(error) || !json_is_number(relative) || fit->error < 0 || part < 0) {
        return complain(NMF_ERROR_INPUT,
                        "%s/" FOLDER_FIT ": \"error\" and \"relative_error\" must be numbers, 0 or above", path);
    }
    fit->norm = part > 0 ? fit->error / part : sqrt(squares_of_model(&fit->factors));
    return NMF_OK;
}

static nmf_status check_shape(const char *path, const earlier_fit *fit) {
    int64_t rows = earlier_count(fit->report, "rows"), cols = earlier_count(fit->report, "cols");
    return rows == fit->factors.rows && cols == fit->factors.cols
               ? NMF_OK
               : complain(NMF_ERROR_INPUT,
                          "%s/" FOLDER_FIT " is of %" PRId64 " x %" PRId64 ", but W has %" PRId64 " rows and H %" PRId64
                          " columns: they are not of one fit",
                          path, rows, cols, fit->factors.rows, fit->factors.cols);
}

/* What of the things that a fit can be given leaves W and H what an update takes them for. */
static bool is_harmless(const char *name) {
    static const char *const names[] = {"start", "order", "unit", "keep_all"};
    bool found = false;
    for (size_t t = 0; t < sizeof names / sizeof *names; t++) {
        found = found || strcmp(names[t], name) == 0;
    }
    return found;
}

/* Were W and H fitted by plain least squares, and W last? */
static nmf_status check_kind(const char *path, const earlier_fit *fit) {
    const char *loss = json_string_value(json_object_get(fit->report, "loss"));
    const char *solver = json_string_value(json_object_get(fit->report, "solver")), *name;
    json_t *given = json_object_get(fit->report, "given"), *value;
    if (!loss || strcmp(loss, "frobenius") != 0) {
        return complain(
            NMF_ERROR_USAGE,
            "%s is a fit of loss %s, whose W and H do not say what the old columns ask of W: --update takes "
            "loss frobenius; nmf transform gives H for new columns",
            path, loss ? loss : "unknown");
    }
    if (!solver || strcmp(solver, "als") == 0) {
        return complain(NMF_ERROR_USAGE,
                        "%s is a fit by solver als, which need not end at its best W: fit by hals or bpp", path);
    }
    json_object_foreach(given, name, value) {
        if (!is_harmless(name)) {
            return complain(
                NMF_ERROR_USAGE,
                "%s is a fit with %s, which an update has no part in; nmf transform gives H for new columns", path,
                name);
        }
    }
    return NMF_OK;
}

nmf_status earlier_read(nmf_context *context, const char *path, earlier_fit *fit) {
    if (folder_is(path) && !folder_has(path, FOLDER_FIT)) {
        return complain(NMF_ERROR_INPUT,
                        "%s is no folder of a fit: " FOLDER_FIT ", which nmf fit writes last, is not in it", path);
    }
    if (folder_has(path, FOLDER_CONSENSUS)) {
        return complain(NMF_ERROR_USAGE, "%s is a consensus, whose W is of medians: --update goes on with a fit", path);
    }
    nmf_status status = components_read(context, path, true, &fit->factors);
    if (status == NMF_OK) {
        status = report_read(path, FOLDER_FIT, "fit", &fit->report);
    }
    if (status == NMF_OK) {
        status = check_shape(path, fit);
    }
    if (status == NMF_OK) {
        status = check_kind(path, fit);
    }
    if (status == NMF_OK) {
        status = take_error(path, fit);
    }
    fit->updates = earlier_count(json_object_get(fit->report, "update"), "updates");
    return status == NMF_OK ? components_weighted_h(context, &fit->factors, &fit->h) : status;
}

void earlier_free(earlier_fit *fit) {
    components_free(&fit->factors);
    nmf_matrix_free(fit->h);
    json_decref(fit->report);
}

static nmf_status check_row_names(const earlier_fit *fit, const char *path, const char *file,
                                  const nmf_matrix *matrix) {
    for (int64_t i = 0; i < fit->factors.rows; i++) {
        const char *known = nmf_matrix_row_name(fit->factors.w, i), *given = nmf_matrix_row_name(matrix, i);
        if (known && given && strcmp(known, given) != 0) {
            return complain(NMF_ERROR_INPUT,
                            "row %" PRId64
                            " is \"%s\" in %s but \"%s\" in %s: rows must be the same, in the same order",
                            i + 1, given, file, known, path);
        }
    }
    return NMF_OK;
}

nmf_status earlier_check(const earlier_fit *fit, const char *path, const char *file, const nmf_matrix *matrix) {
    nmf_matrix_info info;
    nmf_matrix_get_info(matrix, &info);
    bool named = nmf_matrix_col_name(fit->factors.h, 0), names = nmf_matrix_col_name(matrix, 0);
    if (info.rows != fit->factors.rows) {
        return complain(NMF_ERROR_INPUT,
                        "%s has %" PRId64 " rows, but the W in %s has %" PRId64 ": both must have the same", file,
                        info.rows, path, fit->factors.rows);
    }
    if (named != names) {
        return complain(NMF_ERROR_INPUT,
                        "the columns of %s have %s and those of %s %s: both must, or neither; --col-names "
                        "names those of a file",
                        path, named ? "names" : "no names", file, names ? "have" : "have none");
    }
    return check_row_names(fit, path, file, matrix);
}
