/* Fits, and what is made of fitted factors. */
#include "native.h"

/* A result, or the failure to make one; frees it. */
static PyObject *hand_over(session *all, nmf_status status, nmf_result *result) {
    PyObject *found = session_settle(all, status) == 0 ? outcome_of_fit(result) : NULL;
    nmf_result_free(result);
    return found;
}

typedef nmf_status maker(nmf_context *context, const nmf_matrix *matrix, const nmf_options *options,
                         nmf_result **result);

static PyObject *run_maker(session *all, PyObject *a, PyObject *given, unsigned allowed, maker *make) {
    nmf_matrix *matrix;
    nmf_options options;
    if (session_question(all, a, given, allowed, &matrix, &options) < 0) {
        return NULL;
    }
    nmf_result *result;
    nmf_status status;
    Py_BEGIN_ALLOW_THREADS;
    status = make(all->context, matrix, &options, &result);
    Py_END_ALLOW_THREADS;
    return hand_over(all, status, result);
}

static PyObject *make_result(PyObject *args, const char *format, maker *make) {
    PyObject *a, *given, *callback, *found = NULL;
    unsigned allowed;
    if (!PyArg_ParseTuple(args, format, &a, &PyDict_Type, &given, &callback, &allowed)) {
        return NULL;
    }
    session all;
    if (session_begin(&all, callback) == 0) {
        found = run_maker(&all, a, given, allowed, make);
    }
    session_end(&all);
    return found;
}

PyObject *native_fit(PyObject *module, PyObject *args) {
    (void)module;
    return make_result(args, "OO!OI:fit", nmf_fit);
}

PyObject *native_start(PyObject *module, PyObject *args) {
    (void)module;
    return make_result(args, "OO!OI:start", nmf_initialize);
}

static PyObject *run_transform(session *all, PyObject *a, PyObject *w, PyObject *given, unsigned allowed) {
    nmf_matrix *matrix, *factor;
    nmf_options options;
    if (session_question(all, a, given, allowed, &matrix, &options) < 0 ||
        session_matrix(all, w, "W", 0, &factor) < 0) {
        return NULL;
    }
    nmf_result *result;
    nmf_status status;
    Py_BEGIN_ALLOW_THREADS;
    status = nmf_transform(all->context, matrix, factor, &options, &result);
    Py_END_ALLOW_THREADS;
    return hand_over(all, status, result);
}

PyObject *native_transform(PyObject *module, PyObject *args) {
    (void)module;
    PyObject *a, *w, *given, *callback, *found = NULL;
    unsigned allowed;
    if (!PyArg_ParseTuple(args, "OOO!OI:transform", &a, &w, &PyDict_Type, &given, &callback, &allowed)) {
        return NULL;
    }
    session all;
    if (session_begin(&all, callback) == 0) {
        found = run_transform(&all, a, w, given, allowed);
    }
    session_end(&all);
    return found;
}

static PyObject *run_evaluate(session *all, PyObject *a, PyObject *w, PyObject *h, PyObject *given, unsigned allowed) {
    nmf_matrix *matrix, *of_w, *of_h;
    nmf_options options;
    if (session_question(all, a, given, allowed, &matrix, &options) < 0 || session_matrix(all, w, "W", 0, &of_w) < 0 ||
        session_matrix(all, h, "H", 0, &of_h) < 0) {
        return NULL;
    }
    nmf_summary summary;
    nmf_status status;
    Py_BEGIN_ALLOW_THREADS;
    status = nmf_evaluate(all->context, matrix, of_w, of_h, &options, &summary);
    Py_END_ALLOW_THREADS;
    return session_settle(all, status) == 0 ? outcome_of_summary(&summary) : NULL;
}

PyObject *native_evaluate(PyObject *module, PyObject *args) {
    (void)module;
    PyObject *a, *w, *h, *given, *found = NULL;
    unsigned allowed;
    if (!PyArg_ParseTuple(args, "OOOO!I:evaluate", &a, &w, &h, &PyDict_Type, &given, &allowed)) {
        return NULL;
    }
    session all;
    if (session_begin(&all, NULL) == 0) {
        found = run_evaluate(&all, a, w, h, given, allowed);
    }
    session_end(&all);
    return found;
}

static PyObject *run_hash(session *all, PyObject *a, unsigned allowed) {
    nmf_matrix *matrix;
    if (session_matrix(all, a, "the matrix", allowed, &matrix) < 0) {
        return NULL;
    }
    uint64_t hash;
    Py_BEGIN_ALLOW_THREADS;
    hash = nmf_matrix_hash(matrix);
    Py_END_ALLOW_THREADS;
    return PyLong_FromUnsignedLongLong(hash);
}

PyObject *native_hash(PyObject *module, PyObject *args) {
    (void)module;
    PyObject *a, *found = NULL;
    unsigned allowed;
    if (!PyArg_ParseTuple(args, "OI:hash", &a, &allowed)) {
        return NULL;
    }
    session all;
    if (session_begin(&all, NULL) == 0) {
        found = run_hash(&all, a, allowed);
    }
    session_end(&all);
    return found;
}
