/* One call of the library, and what passes between it and Python while it runs. */
#include "native.h"

#include <string.h>

PyObject *native_input_error;

static void hear_warning(void *user, const char *sentence) {
    session *all = user;
    PyGILState_STATE lock = PyGILState_Ensure();
    PyObject *text = PyUnicode_DecodeUTF8(sentence, (Py_ssize_t)strlen(sentence), "replace");
    if (!text || PyList_Append(all->warnings, text) < 0) {
        PyErr_Clear();
    }
    Py_XDECREF(text);
    PyGILState_Release(lock);
}

int session_begin(session *all, PyObject *callback) {
    *all = (session){.callback = callback == Py_None ? NULL : callback};
    all->held = PyList_New(0);
    all->warnings = PyList_New(0);
    if (!all->held || !all->warnings) {
        return -1;
    }
    if (nmf_context_new(NULL, &all->context) != NMF_OK) {
        PyErr_NoMemory();
        return -1;
    }
    nmf_context_on_warning(all->context, hear_warning, all);
    return 0;
}

void session_end(session *all) {
    for (int i = 0; i < all->count; i++) {
        nmf_matrix_free(all->matrices[i]);
    }
    nmf_context_free(all->context);
    Py_CLEAR(all->held);
    Py_CLEAR(all->warnings);
    Py_CLEAR(all->error_type);
    Py_CLEAR(all->error_value);
    Py_CLEAR(all->error_trace);
}

static PyObject *progress_of(const nmf_progress *progress) {
    return Py_BuildValue("{s:L,s:L,s:d,s:d,s:d,s:L,s:L}", "iteration", (long long)progress->iteration, "max_iter",
                         (long long)progress->max_iter, "seconds", progress->seconds, "error", progress->error,
                         "relative_error", progress->relative_error, "start", (long long)progress->start, "starts",
                         (long long)progress->starts);
}

/* Does the callback wish to stop? -1: it raised. */
static int ask_callback(const session *all, const nmf_progress *progress) {
    PyObject *told = progress_of(progress);
    PyObject *answer = told ? PyObject_CallOneArg(all->callback, told) : NULL;
    int stop = answer ? PyObject_IsTrue(answer) : -1;
    Py_XDECREF(told);
    Py_XDECREF(answer);
    return stop;
}

int session_observe(void *user, const nmf_progress *progress) {
    session *all = user;
    /* A fit may look once more on its way out. */
    if (all->raised || all->stopped) {
        return 1;
    }
    PyGILState_STATE lock = PyGILState_Ensure();
    int stop = PyErr_CheckSignals() < 0 ? -1 : 0;
    if (stop == 0 && all->callback) {
        stop = ask_callback(all, progress);
    }
    if (stop < 0) {
        all->raised = true;
        PyErr_Fetch(&all->error_type, &all->error_value, &all->error_trace);
    }
    all->stopped = stop > 0;
    PyGILState_Release(lock);
    return stop != 0;
}

/* What the package does with a warning; NULL: nothing yet. */
static PyObject *warner;

PyObject *native_on_warning(PyObject *module, PyObject *wanted) {
    (void)module;
    Py_XSETREF(warner, Py_NewRef(wanted));
    Py_RETURN_NONE;
}

static int issue_warnings(const session *all) {
    while (warner && PyList_GET_SIZE(all->warnings) > 0) {
        PyObject *answer = PyObject_CallOneArg(warner, PyList_GET_ITEM(all->warnings, 0));
        Py_XDECREF(answer);
        if (!answer || PyList_SetSlice(all->warnings, 0, 1, NULL) < 0) {
            return -1;
        }
    }
    return 0;
}

static PyObject *exception_for(nmf_status status) {
    return status == NMF_ERROR_MEMORY  ? PyExc_MemoryError
           : status == NMF_ERROR_INPUT ? native_input_error
           : status == NMF_ERROR_USAGE ? PyExc_ValueError
                                       : PyExc_RuntimeError;
}

int session_settle(session *all, nmf_status status) {
    if (all->raised) {
        if (issue_warnings(all) < 0) {
            PyErr_Clear();
        }
        PyErr_Restore(all->error_type, all->error_value, all->error_trace);
        all->error_type = all->error_value = all->error_trace = NULL;
        return -1;
    }
    if (issue_warnings(all) < 0) {
        return -1;
    }
    if (status == NMF_OK || (status == NMF_INTERRUPTED && all->stopped)) {
        return 0;
    }
    PyErr_SetString(exception_for(status), nmf_context_message(all->context));
    return -1;
}
