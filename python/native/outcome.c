/* What the library found, as dicts of arrays and numbers by the names of nmf.h. */
#include "native.h"

PyObject *outcome_of_summary(const nmf_summary *summary) {
    return Py_BuildValue(
        "{s:s,s:s,s:s,s:d,s:L,s:L,s:L,s:L,s:K,s:L,s:s,s:O,s:d,s:d,s:d,s:d,s:d,s:d,s:d,s:L,s:d}", "solver",
        summary->solver, "loss", summary->loss, "init", summary->init, "loss_parameter", summary->loss_parameter,
        "rank", (long long)summary->rank, "observed", (long long)summary->observed, "threads",
        (long long)summary->threads, "iterations", (long long)summary->iterations, "seed",
        (unsigned long long)summary->seed, "restarts", (long long)summary->restarts, "stop_reason",
        summary->stop_reason, "converged", summary->converged ? Py_True : Py_False, "error", summary->error,
        "relative_error", summary->relative_error, "objective", summary->objective, "deviance", summary->deviance,
        "log_likelihood", summary->log_likelihood, "kkt_residual", summary->kkt_residual, "seconds", summary->seconds,
        "best_iteration", (long long)summary->best_iteration, "best_error", summary->best_error);
}

/* A column of the history. */
static PyObject *column_of(const nmf_summary *summary, size_t offset) {
    npy_intp count = summary->history ? summary->iterations : 0;
    PyObject *column = PyArray_SimpleNew(1, &count, NPY_DOUBLE);
    for (npy_intp t = 0; column && t < count; t++) {
        const char *step = (const char *)&summary->history[t];
        ((double *)PyArray_DATA((PyArrayObject *)column))[t] = *(const double *)(step + offset);
    }
    return column;
}

static PyObject *history_of(const nmf_summary *summary) {
    return Py_BuildValue("{s:N,s:N,s:N,s:N}", "seconds", column_of(summary, offsetof(nmf_step, seconds)), "error",
                         column_of(summary, offsetof(nmf_step, error)), "relative_error",
                         column_of(summary, offsetof(nmf_step, relative_error)), "objective",
                         column_of(summary, offsetof(nmf_step, objective)));
}

static PyObject *starts_of(const nmf_summary *summary) {
    PyObject *list = PyList_New(0);
    for (int64_t i = 0; list && summary->starts && i < summary->restarts; i++) {
        const nmf_start *start = &summary->starts[i];
        PyObject *one =
            Py_BuildValue("{s:K,s:L,s:d,s:d,s:d,s:O}", "seed", (unsigned long long)start->seed, "iterations",
                          (long long)start->iterations, "error", start->error, "relative_error", start->relative_error,
                          "objective", start->objective, "dropped", start->dropped ? Py_True : Py_False);
        if (!one || PyList_Append(list, one) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(one);
    }
    return list;
}

/* Put a new reference, or the failure to make one, into a dict. */
static int put(PyObject *dict, const char *name, PyObject *value) {
    int status = value ? PyDict_SetItemString(dict, name, value) : -1;
    Py_XDECREF(value);
    return status;
}

static PyObject *w_of(const nmf_result *result) {
    const nmf_summary *summary = nmf_result_summary(result);
    PyObject *w = new_matrix(summary->rows, summary->rank, summary->dtype);
    if (w) {
        nmf_result_w(result, summary->dtype, PyArray_DATA((PyArrayObject *)w));
    }
    return w;
}

static PyObject *h_of(const nmf_result *result) {
    const nmf_summary *summary = nmf_result_summary(result);
    PyObject *h = new_matrix(summary->rank, summary->cols, summary->dtype);
    if (h) {
        nmf_result_h(result, summary->dtype, PyArray_DATA((PyArrayObject *)h));
    }
    return h;
}

PyObject *outcome_of_fit(const nmf_result *result) {
    const nmf_summary *summary = nmf_result_summary(result);
    PyObject *all = outcome_of_summary(summary);
    if (all && (put(all, "w", w_of(result)) < 0 || put(all, "h", h_of(result)) < 0 ||
                put(all, "history", history_of(summary)) < 0 || put(all, "starts", starts_of(summary)) < 0)) {
        Py_CLEAR(all);
    }
    return all;
}

/* The numbers of a row, which goes to Python and comes back. */
typedef struct row_field {
    const char *name;
    size_t offset;
    bool whole;
} row_field;

#define AT(field) offsetof(nmf_rank_row, field)

static const row_field row_fields[] = {
    {"rank", AT(rank), true},
    {"restarts", AT(restarts), true},
    {"error", AT(error), false},
    {"relative_error", AT(relative_error), false},
    {"median_error", AT(median_error), false},
    {"explained", AT(explained), false},
    {"cophenetic", AT(cophenetic), false},
    {"dispersion", AT(dispersion), false},
    {"pac", AT(pac), false},
    {"silhouette_samples", AT(silhouette_samples), false},
    {"silhouette_spectra", AT(silhouette_spectra), false},
    {"stability", AT(stability), false},
    {"stability_least", AT(stability_least), false},
    {"held_out", AT(held_out), false},
    {"held_out_error", AT(held_out_error), false},
    {"masks", AT(masks), true},
    {"samples", AT(samples), true},
    {"seconds", AT(seconds), false},
};

enum { ROW_FIELDS = sizeof row_fields / sizeof *row_fields };

PyObject *outcome_of_row(const nmf_rank_row *row) {
    PyObject *all = PyDict_New();
    for (int i = 0; all && i < ROW_FIELDS; i++) {
        const void *field = (const char *)row + row_fields[i].offset;
        PyObject *value = row_fields[i].whole ? PyLong_FromLongLong(*(const int64_t *)field)
                                              : PyFloat_FromDouble(*(const double *)field);
        if (put(all, row_fields[i].name, value) < 0) {
            Py_CLEAR(all);
        }
    }
    return all;
}

int row_from(PyObject *given, nmf_rank_row *row) {
    if (!PyDict_Check(given)) {
        PyErr_SetString(PyExc_TypeError, "a row of a rank survey must be a dict");
        return -1;
    }
    for (int i = 0; i < ROW_FIELDS; i++) {
        void *field = (char *)row + row_fields[i].offset;
        PyObject *value = PyDict_GetItemString(given, row_fields[i].name);
        if (!value) {
            PyErr_Format(PyExc_ValueError, "a row of a rank survey needs \"%s\"", row_fields[i].name);
            return -1;
        }
        if (row_fields[i].whole) {
            *(int64_t *)field = PyLong_AsLongLong(value);
        } else {
            *(double *)field = PyFloat_AsDouble(value);
        }
        if (PyErr_Occurred()) {
            return -1;
        }
    }
    return 0;
}

static PyObject *whole_numbers(const int64_t *from, int64_t count) {
    npy_intp size = count;
    PyObject *to = PyArray_SimpleNew(1, &size, NPY_INT64);
    for (npy_intp i = 0; to && i < size; i++) {
        ((npy_int64 *)PyArray_DATA((PyArrayObject *)to))[i] = from[i];
    }
    return to;
}

/* A line of numbers, or as many lines of as many. */
static PyObject *numbers(const double *from, int64_t count, int dimensions) {
    npy_intp shape[] = {count, count}, all = dimensions == 2 ? count * count : count;
    PyObject *to = PyArray_SimpleNew(dimensions, shape, NPY_DOUBLE);
    for (npy_intp i = 0; to && i < all; i++) {
        ((double *)PyArray_DATA((PyArrayObject *)to))[i] = from[i];
    }
    return to;
}

typedef void bounds_copy(const nmf_consensus *consensus, bool upper, nmf_dtype dtype, void *values);

static PyObject *bounds_of(const nmf_consensus *consensus, bounds_copy *copy, bool upper, int64_t rows, int64_t cols) {
    nmf_dtype dtype = nmf_result_summary(nmf_consensus_result(consensus))->dtype;
    PyObject *to = new_matrix(rows, cols, dtype);
    if (to) {
        copy(consensus, upper, dtype, PyArray_DATA((PyArrayObject *)to));
    }
    return to;
}

static int put_bounds(PyObject *all, const nmf_consensus *consensus) {
    const nmf_summary *fit = nmf_result_summary(nmf_consensus_result(consensus));
    int64_t m = fit->rows, n = fit->cols, k = fit->rank;
    bool fine = put(all, "w_low", bounds_of(consensus, nmf_consensus_w_bounds, false, m, k)) == 0 &&
                put(all, "w_high", bounds_of(consensus, nmf_consensus_w_bounds, true, m, k)) == 0 &&
                put(all, "h_low", bounds_of(consensus, nmf_consensus_h_bounds, false, k, n)) == 0 &&
                put(all, "h_high", bounds_of(consensus, nmf_consensus_h_bounds, true, k, n)) == 0;
    return fine ? 0 : -1;
}

PyObject *outcome_of_consensus(const nmf_consensus *consensus) {
    const nmf_consensus_summary *found = nmf_consensus_get_summary(consensus);
    int64_t samples = found->row.samples;
    PyObject *all = outcome_of_fit(nmf_consensus_result(consensus));
    if (!all) {
        return NULL;
    }
    bool fine = put(all, "row", outcome_of_row(&found->row)) == 0 &&
                put(all, "level", PyFloat_FromDouble(found->level)) == 0 &&
                put(all, "density", PyFloat_FromDouble(found->density)) == 0 &&
                put(all, "spectra", PyLong_FromLongLong(found->spectra)) == 0 &&
                put(all, "kept", PyLong_FromLongLong(found->kept)) == 0 &&
                put(all, "distance", numbers(found->distance, found->spectra, 1)) == 0 &&
                put(all, "sample", whole_numbers(found->sample, samples)) == 0 &&
                put(all, "cluster", whole_numbers(found->cluster, samples)) == 0 &&
                put(all, "together", numbers(found->together, samples, 2)) == 0 && put_bounds(all, consensus) == 0;
    if (!fine) {
        Py_CLEAR(all);
    }
    return all;
}
