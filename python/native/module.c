#define NATIVE_IMPORTS_ARRAYS
#include "native.h"

#include <omp.h>
#include <pthread.h>

/*
 * Threads that OpenMP started do not exist in a process that was forked from here, and it would wait for them for ever:
 * there, a call works on the thread it comes from.
 */
static bool forked;

static void after_fork(void) {
    forked = true;
}

/* threads(n): how many a call may take that asks for n; None: as many as OpenMP is told (threadpoolctl,
 * OMP_NUM_THREADS). */
static PyObject *native_threads(PyObject *module, PyObject *asked) {
    (void)module;
    long long threads = asked == Py_None ? omp_get_max_threads() : PyLong_AsLongLong(asked);
    return threads == -1 && PyErr_Occurred() ? NULL : PyLong_FromLongLong(forked ? 1 : threads);
}

static PyMethodDef functions[] = {
    {"fit", native_fit, METH_VARARGS, "fit(a, options, callback, allowed) -> dict"},
    {"start", native_start, METH_VARARGS, "start(a, options, callback, allowed) -> dict"},
    {"transform", native_transform, METH_VARARGS, "transform(a, w, options, callback, allowed) -> dict"},
    {"evaluate", native_evaluate, METH_VARARGS, "evaluate(a, w, h, options, allowed) -> dict"},
    {"learn", native_learn, METH_VARARGS,
     "learn(batch, options, w, pull, push, h, forget, solve_h, allowed) -> (objective, moved)"},
    {"survey", native_survey, METH_VARARGS,
     "survey(a, options, callback, allowed, restarts, masks, held_out, most_samples) -> dict or None"},
    {"suggest", native_suggest, METH_VARARGS, "suggest(rows) -> dict"},
    {"consensus", native_consensus, METH_VARARGS,
     "consensus(a, options, callback, allowed, restarts, density, nearest, level, most_samples) -> dict or None"},
    {"hash", native_hash, METH_VARARGS, "hash(a, allowed) -> int"},
    {"on_warning", native_on_warning, METH_O, "on_warning(f): f is called with every warning of the library's"},
    {"options", native_options, METH_NOARGS, "options() -> the table of options"},
    {"threads", native_threads, METH_O, "threads(n) -> how many threads a call takes that asks for n, or None"},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "nmf._native",
    .m_doc = "The C library, for arrays as its header names them: A has a feature a row and a sample a column.",
    .m_size = -1,
    .m_methods = functions,
};

static int fill(PyObject *module) {
    native_input_error =
        PyErr_NewExceptionWithDoc("nmf._native.InputError", "The matrix cannot be used.", PyExc_ValueError, NULL);
    return native_input_error && PyModule_AddObjectRef(module, "InputError", native_input_error) == 0 &&
                   PyModule_AddStringConstant(module, "version", nmf_version()) == 0 &&
                   PyModule_AddIntConstant(module, "ALLOW_MISSING", NMF_ALLOW_MISSING) == 0
               ? 0
               : -1;
}

PyMODINIT_FUNC PyInit__native(void);

PyMODINIT_FUNC PyInit__native(void) {
    import_array();
    PyObject *module = PyModule_Create(&definition);
    if (module && (fill(module) < 0 || pthread_atfork(NULL, NULL, after_fork) != 0)) {
        Py_CLEAR(module);
    }
    return module;
}
