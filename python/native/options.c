/* Options from a dict, and the table of them for the package. */
#include "native.h"

#include <stddef.h>
#include <string.h>

/* The options that are matrices. */
typedef struct matrix_option {
    const char *name;
    size_t offset;
    unsigned allowed;
} matrix_option;

static const matrix_option matrix_options[] = {
    {"mask", offsetof(nmf_options, mask), 0},       {"weights", offsetof(nmf_options, weights), 0},
    {"graph_h", offsetof(nmf_options, graph_h), 0}, {"fix_w", offsetof(nmf_options, fix_w), 0},
    {"fix_h", offsetof(nmf_options, fix_h), 0},     {"start_w", offsetof(nmf_options, start_w), 0},
    {"start_h", offsetof(nmf_options, start_h), 0},
};

static int set_matrix(session *all, const matrix_option *option, PyObject *value, nmf_options *options) {
    nmf_matrix *matrix;
    if (session_matrix(all, value, option->name, option->allowed, &matrix) < 0) {
        return -1;
    }
    *(const nmf_matrix **)((char *)options + option->offset) = matrix;
    return 0;
}

/* Numbers as Python writes them read back the same. */
static int set_text(session *all, const char *name, PyObject *value, nmf_options *options) {
    PyObject *text = PyUnicode_Check(value) ? Py_NewRef(value) : PyObject_Repr(value);
    const char *words = text ? PyUnicode_AsUTF8(text) : NULL;
    int status = words ? session_settle(all, nmf_options_set(all->context, options, name, words)) : -1;
    Py_XDECREF(text);
    return status;
}

/* A path, which lives as long as the dict. */
static int set_checkpoint(PyObject *value, nmf_options *options) {
    options->checkpoint = PyUnicode_Check(value) ? PyUnicode_AsUTF8(value) : NULL;
    if (!options->checkpoint && !PyErr_Occurred()) {
        PyErr_SetString(PyExc_TypeError, "checkpoint must be a path, as text");
    }
    return options->checkpoint ? 0 : -1;
}

static int set_option(session *all, const char *name, PyObject *value, nmf_options *options) {
    if (strcmp(name, "checkpoint") == 0) {
        return set_checkpoint(value, options);
    }
    if (strcmp(name, "resume") == 0) {
        options->resume = true;
        return 0;
    }
    for (size_t i = 0; i < sizeof matrix_options / sizeof *matrix_options; i++) {
        if (strcmp(matrix_options[i].name, name) == 0) {
            return set_matrix(all, &matrix_options[i], value, options);
        }
    }
    return set_text(all, name, value, options);
}

int session_options(session *all, PyObject *given, nmf_options *options) {
    PyObject *key, *value;
    Py_ssize_t at = 0;
    nmf_options_init(options);
    options->observer = session_observe;
    options->observer_user = all;
    while (PyDict_Next(given, &at, &key, &value)) {
        const char *name = PyUnicode_AsUTF8(key);
        if (!name) {
            return -1;
        }
        if (value != Py_None && value != Py_False && set_option(all, name, value, options) < 0) {
            return -1;
        }
    }
    return 0;
}

int session_question(session *all, PyObject *a, PyObject *given, unsigned allowed, nmf_matrix **matrix,
                     nmf_options *options) {
    int status = session_matrix(all, a, "the matrix", allowed, matrix);
    return status < 0 ? status : session_options(all, given, options);
}

PyObject *native_options(PyObject *module, PyObject *args) {
    (void)module, (void)args;
    nmf_option_info info;
    PyObject *list = PyList_New(0);
    for (int64_t i = 0; list && nmf_option_at(i, &info); i++) {
        PyObject *row = Py_BuildValue("{s:s,s:s,s:s,s:s,s:s}", "name", info.name, "argument", info.argument, "help",
                                      info.help, "choices", info.choices, "value", info.value);
        if (!row || PyList_Append(list, row) < 0) {
            Py_CLEAR(list);
        }
        Py_XDECREF(row);
    }
    return list;
}
