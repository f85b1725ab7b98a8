/*
 * The extension module nmf._native: what nmf.h offers, for NumPy arrays and SciPy's compressed matrices. Everything is
 * called as nmf.h says it (A has a feature a row, a sample a column); the package turns what users have into that.
 */
#ifndef NMF_PYTHON_NATIVE_H
#define NMF_PYTHON_NATIVE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#define NPY_NO_DEPRECATED_API NPY_1_22_API_VERSION
#define PY_ARRAY_UNIQUE_SYMBOL nmf_native_array_api
#ifndef NATIVE_IMPORTS_ARRAYS
#define NO_IMPORT_ARRAY
#endif
#include <numpy/arrayobject.h>

#include <nmf/nmf.h>

/* Matrices that one call may be given: A, those among the options, and factors. */
enum { SESSION_MATRICES = 12 };

/*
 * One call of the library: its context, the matrices made for it with the arrays they stand on, and what Python has to
 * hear of. The library is called without the interpreter's lock; observers take it for as long as they speak.
 */
typedef struct session {
    nmf_context *context;
    nmf_matrix *matrices[SESSION_MATRICES];
    int count;
    PyObject *held;     /* list of what the matrices stand on */
    PyObject *warnings; /* list of sentences */
    PyObject *callback; /* borrowed; NULL: none */
    bool stopped;       /* by the callback */
    bool raised;        /* an exception in an observer, to be raised when the library has returned */
    PyObject *error_type, *error_value, *error_trace;
} session;

/* A negative return of these, and of what follows, means that a Python exception is set. */
int session_begin(session *all, PyObject *callback);
void session_end(session *all);

/* The observer of fits: lets signals in, and the callback speak. `user` is the session. */
int session_observe(void *user, const nmf_progress *progress);

/*
 * What a call came to: warnings are issued, and a failure raised: ValueError, InputError where it is the matrix's,
 * MemoryError, or what an observer raised. 0 where there is a result, also of a fit that the callback stopped.
 */
int session_settle(session *all, nmf_status status);

/* nmf.InputError, a ValueError: the matrix cannot be used. */
extern PyObject *native_input_error;

/*
 * The matrix over an array (float32 or float64 with a stride of one number; anything else is copied), or copied from
 * the compressed lines of an object with SciPy's format, shape, data, indices and indptr. Owned by the session.
 */
int session_matrix(session *all, PyObject *object, const char *what, unsigned allowed, nmf_matrix **out);

/* Options from a dict: texts and numbers by the names of the table, matrices by those of nmf_options. */
int session_options(session *all, PyObject *given, nmf_options *options);

/* Both: what nearly every function is asked. */
int session_question(session *all, PyObject *a, PyObject *given, unsigned allowed, nmf_matrix **matrix,
                     nmf_options *options);

/* What a fit found, as a dict: w, h, history, and the fields of nmf_summary and nmf_start by their names. */
PyObject *outcome_of_fit(const nmf_result *result);
PyObject *outcome_of_summary(const nmf_summary *summary);
PyObject *outcome_of_row(const nmf_rank_row *row);
PyObject *outcome_of_consensus(const nmf_consensus *consensus);

/* A row as outcome_of_row made it. */
int row_from(PyObject *given, nmf_rank_row *row);

/* A new array of rows × cols numbers. */
PyObject *new_matrix(int64_t rows, int64_t cols, nmf_dtype dtype);

/* The functions of the module. */
PyObject *native_fit(PyObject *module, PyObject *args);
PyObject *native_start(PyObject *module, PyObject *args);
PyObject *native_transform(PyObject *module, PyObject *args);
PyObject *native_evaluate(PyObject *module, PyObject *args);
PyObject *native_learn(PyObject *module, PyObject *args);
PyObject *native_survey(PyObject *module, PyObject *args);
PyObject *native_suggest(PyObject *module, PyObject *args);
PyObject *native_consensus(PyObject *module, PyObject *args);
PyObject *native_hash(PyObject *module, PyObject *args);
PyObject *native_on_warning(PyObject *module, PyObject *wanted);
PyObject *native_options(PyObject *module, PyObject *args);

#endif
