/* Batches of columns, learned from in place. */
#include "native.h"

/* The numbers of an array that is worked on where it is: float64, row by row, rows × cols. */
static double *in_place(PyObject *object, const char *what, int64_t rows, int64_t cols) {
    PyArrayObject *array = (PyArrayObject *)object;
    if (!PyArray_Check(object) || PyArray_TYPE(array) != NPY_DOUBLE || PyArray_NDIM(array) != 2 ||
        !PyArray_ISCARRAY(array) || PyArray_DIM(array, 0) != rows || PyArray_DIM(array, 1) != cols) {
        PyErr_Format(PyExc_ValueError, "%s must be an array of %lld x %lld float64, row by row, that can be written to",
                     what, (long long)rows, (long long)cols);
        return NULL;
    }
    return PyArray_DATA(array);
}

static int state_of(PyObject *w, PyObject *pull, PyObject *push, nmf_online *state) {
    if (!PyArray_Check(w) || PyArray_NDIM((PyArrayObject *)w) != 2) {
        PyErr_SetString(PyExc_TypeError, "W must be an array of two dimensions");
        return -1;
    }
    state->rows = PyArray_DIM((PyArrayObject *)w, 0);
    state->rank = PyArray_DIM((PyArrayObject *)w, 1);
    state->w = in_place(w, "W", state->rows, state->rank);
    state->pull = state->w ? in_place(pull, "pull", state->rows, state->rank) : NULL;
    state->push = state->pull ? in_place(push, "push", state->rows, state->rank) : NULL;
    return state->push ? 0 : -1;
}

typedef struct lesson {
    PyObject *batch, *h, *given;
    nmf_online state;
    nmf_online_options how;
    unsigned allowed;
} lesson;

static PyObject *run_learn(session *all, lesson *one) {
    nmf_matrix *matrix;
    nmf_options options;
    if (session_matrix(all, one->batch, "the batch", one->allowed, &matrix) < 0 ||
        session_options(all, one->given, &options) < 0) {
        return NULL;
    }
    nmf_matrix_info info;
    nmf_matrix_get_info(matrix, &info);
    double *h = in_place(one->h, "H", one->state.rank, info.cols);
    if (!h) {
        return NULL;
    }
    nmf_online_report report;
    nmf_status status;
    Py_BEGIN_ALLOW_THREADS;
    status = nmf_online_learn(all->context, matrix, &options, &one->how, &one->state, h, &report);
    Py_END_ALLOW_THREADS;
    return session_settle(all, status) == 0 ? Py_BuildValue("dd", report.objective, report.moved) : NULL;
}

PyObject *native_learn(PyObject *module, PyObject *args) {
    (void)module;
    PyObject *w, *pull, *push, *found = NULL;
    lesson one;
    int solve_h;
    if (!PyArg_ParseTuple(args, "OO!OOOOdpI:learn", &one.batch, &PyDict_Type, &one.given, &w, &pull, &push, &one.h,
                          &one.how.forget, &solve_h, &one.allowed) ||
        state_of(w, pull, push, &one.state) < 0) {
        return NULL;
    }
    one.how.solve_h = solve_h != 0;
    session all;
    if (session_begin(&all, NULL) == 0) {
        found = run_learn(&all, &one);
    }
    session_end(&all);
    return found;
}
