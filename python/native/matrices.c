/* Matrices over, or from, what Python has. */
#include "native.h"

static bool is_number(PyArrayObject *array) {
    int type = PyArray_TYPE(array);
    return (type == NPY_FLOAT || type == NPY_DOUBLE) && PyArray_ISBEHAVED_RO(array);
}

/* Can the array be looked at where it is? */
static bool fits_as_it_is(PyArrayObject *array) {
    if (!is_number(array)) {
        return false;
    }
    npy_intp size = PyArray_ITEMSIZE(array), rows = PyArray_STRIDE(array, 0), cols = PyArray_STRIDE(array, 1);
    bool whole = rows > 0 && cols > 0 && rows % size == 0 && cols % size == 0;
    return PyArray_IS_C_CONTIGUOUS(array) || PyArray_IS_F_CONTIGUOUS(array) ||
           (whole && (rows == size || cols == size));
}

static void strides_of(PyArrayObject *array, int64_t *row, int64_t *col) {
    npy_intp size = PyArray_ITEMSIZE(array);
    if (PyArray_IS_C_CONTIGUOUS(array)) {
        *row = PyArray_DIM(array, 1) > 0 ? PyArray_DIM(array, 1) : 1;
        *col = 1;
    } else if (PyArray_IS_F_CONTIGUOUS(array)) {
        *row = 1;
        *col = PyArray_DIM(array, 0) > 0 ? PyArray_DIM(array, 0) : 1;
    } else {
        *row = PyArray_STRIDE(array, 0) / size;
        *col = PyArray_STRIDE(array, 1) / size;
    }
}

static nmf_dtype dtype_of(PyArrayObject *array) {
    return PyArray_TYPE(array) == NPY_FLOAT ? NMF_F32 : NMF_F64;
}

/* A new reference to the array itself, or to a copy that can be looked at. */
static PyArrayObject *array_to_look_at(PyObject *object, const char *what) {
    if (!PyArray_Check(object) || PyArray_NDIM((PyArrayObject *)object) != 2) {
        PyErr_Format(PyExc_TypeError,
                     "%s must be a NumPy array of two dimensions, or a SciPy matrix in CSR or CSC form", what);
        return NULL;
    }
    PyArrayObject *array = (PyArrayObject *)object;
    if (fits_as_it_is(array)) {
        Py_INCREF(array);
        return array;
    }
    int type = PyArray_TYPE(array) == NPY_FLOAT ? NPY_FLOAT : NPY_DOUBLE;
    return (PyArrayObject *)PyArray_FROM_OTF(object, type, NPY_ARRAY_C_CONTIGUOUS | NPY_ARRAY_ALIGNED);
}

/* Keep an array alive for as long as the session lasts; takes the reference over. */
static int hold(session *all, PyArrayObject *array) {
    int status = array ? PyList_Append(all->held, (PyObject *)array) : -1;
    Py_XDECREF(array);
    return status;
}

/* The room for one more matrix. */
static nmf_matrix **next_place(session *all) {
    if (all->count == SESSION_MATRICES) {
        PyErr_SetString(PyExc_RuntimeError, "too many matrices for one call");
        return NULL;
    }
    return &all->matrices[all->count];
}

static int keep(session *all, nmf_status status, nmf_matrix **out) {
    *out = status == NMF_OK ? all->matrices[all->count++] : NULL;
    return status == NMF_OK ? 0 : session_settle(all, status);
}

static int dense_matrix(session *all, PyObject *object, const char *what, unsigned allowed, nmf_matrix **out) {
    int64_t row_stride, col_stride;
    PyArrayObject *array = array_to_look_at(object, what);
    nmf_matrix **place = next_place(all);
    if (!place) {
        Py_XDECREF(array);
        return -1;
    }
    if (hold(all, array) < 0) {
        return -1;
    }
    strides_of(array, &row_stride, &col_stride);
    nmf_status status;
    Py_BEGIN_ALLOW_THREADS;
    status = nmf_matrix_dense(all->context, PyArray_DIM(array, 0), PyArray_DIM(array, 1), dtype_of(array),
                              PyArray_DATA(array), row_stride, col_stride, allowed, place);
    Py_END_ALLOW_THREADS;
    return keep(all, status, out);
}

/* The attribute as a one-dimensional array of `type`, or of float32 or float64 where `type` is NPY_NOTYPE; held. */
static PyArrayObject *line_of(session *all, PyObject *object, const char *attribute, int type) {
    PyObject *given = PyObject_GetAttrString(object, attribute);
    if (!given) {
        return NULL;
    }
    if (type == NPY_NOTYPE) {
        bool narrow = PyArray_Check(given) && PyArray_TYPE((PyArrayObject *)given) == NPY_FLOAT;
        type = narrow ? NPY_FLOAT : NPY_DOUBLE;
    }
    PyArrayObject *line = (PyArrayObject *)PyArray_FROMANY(given, type, 1, 1, NPY_ARRAY_CARRAY_RO);
    Py_DECREF(given);
    return hold(all, line) < 0 ? NULL : line;
}

/* int32 where both are, so that nothing is copied; else int64. */
static int index_type(PyObject *object) {
    int type = NPY_INT32;
    const char *const names[] = {"indptr", "indices"};
    for (int i = 0; i < 2; i++) {
        PyObject *given = PyObject_GetAttrString(object, names[i]);
        if (!given) {
            return NPY_NOTYPE;
        }
        bool narrow = PyArray_Check(given) && PyArray_ITEMSIZE((PyArrayObject *)given) == 4 &&
                      PyArray_ISSIGNED((PyArrayObject *)given);
        type = narrow ? type : NPY_INT64;
        Py_DECREF(given);
    }
    return type;
}

static int read_shape(PyObject *object, nmf_compressed *lines) {
    long long rows, cols;
    PyObject *shape = PyObject_GetAttrString(object, "shape");
    bool pair = shape && PyTuple_Check(shape);
    if (shape && !pair) {
        PyErr_SetString(PyExc_TypeError, "the shape of a matrix must be a tuple of two numbers");
    }
    int status = pair && PyArg_ParseTuple(shape, "LL", &rows, &cols) ? 0 : -1;
    Py_XDECREF(shape);
    if (status == 0) {
        lines->rows = rows;
        lines->cols = cols;
    }
    return status;
}

static int64_t last_start(PyArrayObject *start) {
    npy_intp last = PyArray_DIM(start, 0) - 1;
    return PyArray_TYPE(start) == NPY_INT32 ? ((npy_int32 *)PyArray_DATA(start))[last]
                                            : ((npy_int64 *)PyArray_DATA(start))[last];
}

/* The library believes the lengths of the arrays. */
static int check_lengths(const nmf_compressed *lines, PyArrayObject *start, PyArrayObject *index, PyArrayObject *values,
                         const char *what) {
    int64_t count = lines->by_col ? lines->cols : lines->rows;
    if (PyArray_DIM(start, 0) != count + 1) {
        PyErr_Format(PyExc_ValueError, "%s has %lld %s and %lld numbers in indptr; it must have one more than those",
                     what, (long long)count, lines->by_col ? "columns" : "rows", (long long)PyArray_DIM(start, 0));
        return -1;
    }
    int64_t entries = last_start(start);
    if (entries > PyArray_DIM(index, 0) || entries > PyArray_DIM(values, 0)) {
        PyErr_Format(PyExc_ValueError, "%s has %lld entries by indptr, but %lld indices and %lld values", what,
                     (long long)entries, (long long)PyArray_DIM(index, 0), (long long)PyArray_DIM(values, 0));
        return -1;
    }
    return 0;
}

/* The arrays of the lines, all of them held. */
static int lines_of(session *all, PyObject *object, const char *what, nmf_compressed *lines) {
    int type = index_type(object);
    PyArrayObject *start = type == NPY_NOTYPE ? NULL : line_of(all, object, "indptr", type);
    PyArrayObject *index = start ? line_of(all, object, "indices", type) : NULL;
    PyArrayObject *values = index ? line_of(all, object, "data", NPY_NOTYPE) : NULL;
    if (!values || read_shape(object, lines) < 0 || check_lengths(lines, start, index, values, what) < 0) {
        return -1;
    }
    lines->index_bytes = type == NPY_INT32 ? 4 : 8;
    lines->dtype = dtype_of(values);
    lines->start = PyArray_DATA(start);
    lines->index = PyArray_DATA(index);
    lines->values = PyArray_DATA(values);
    return 0;
}

static int sparse_matrix(session *all, PyObject *object, const char *what, bool by_col, unsigned allowed,
                         nmf_matrix **out) {
    nmf_compressed lines = {.by_col = by_col};
    nmf_matrix **place = next_place(all);
    if (!place || lines_of(all, object, what, &lines) < 0) {
        return -1;
    }
    nmf_status status;
    Py_BEGIN_ALLOW_THREADS;
    status = nmf_matrix_sparse(all->context, &lines, allowed, place);
    Py_END_ALLOW_THREADS;
    return keep(all, status, out);
}

/* 'r' of CSR, 'c' of CSC, 0 of anything else. */
static char format_of(PyObject *object) {
    PyObject *format = PyObject_GetAttrString(object, "format");
    char found = 0;
    if (format && PyUnicode_Check(format)) {
        found = PyUnicode_CompareWithASCIIString(format, "csr") == 0   ? 'r'
                : PyUnicode_CompareWithASCIIString(format, "csc") == 0 ? 'c'
                                                                       : 0;
    }
    Py_XDECREF(format);
    PyErr_Clear();
    return found;
}

int session_matrix(session *all, PyObject *object, const char *what, unsigned allowed, nmf_matrix **out) {
    char format = PyArray_Check(object) ? 0 : format_of(object);
    return format ? sparse_matrix(all, object, what, format == 'c', allowed, out)
                  : dense_matrix(all, object, what, allowed, out);
}

PyObject *new_matrix(int64_t rows, int64_t cols, nmf_dtype dtype) {
    npy_intp shape[] = {rows, cols};
    return PyArray_SimpleNew(2, shape, dtype == NMF_F32 ? NPY_FLOAT : NPY_DOUBLE);
}
