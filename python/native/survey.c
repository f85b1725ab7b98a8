/* How many components, and how sure. */
#include "native.h"

/* What many starts of one matrix are asked for. */
typedef struct question {
    PyObject *a, *given, *callback;
    unsigned allowed;
} question;

static PyObject *run_survey(session *all, const question *asked, const nmf_survey_options *how) {
    nmf_matrix *matrix;
    nmf_options options;
    if (session_question(all, asked->a, asked->given, asked->allowed, &matrix, &options) < 0) {
        return NULL;
    }
    nmf_rank_row row;
    nmf_status status;
    Py_BEGIN_ALLOW_THREADS;
    status = nmf_survey(all->context, matrix, &options, how, &row);
    Py_END_ALLOW_THREADS;
    if (session_settle(all, status) < 0) {
        return NULL;
    }
    return status == NMF_OK ? outcome_of_row(&row) : Py_NewRef(Py_None);
}

PyObject *native_survey(PyObject *module, PyObject *args) {
    (void)module;
    question asked;
    nmf_survey_options how;
    long long restarts, masks, samples;
    PyObject *found = NULL;
    if (!PyArg_ParseTuple(args, "OO!OILLdL:survey", &asked.a, &PyDict_Type, &asked.given, &asked.callback,
                          &asked.allowed, &restarts, &masks, &how.held_out, &samples)) {
        return NULL;
    }
    how.restarts = restarts;
    how.masks = masks;
    how.most_samples = samples;
    session all;
    if (session_begin(&all, asked.callback) == 0) {
        found = run_survey(&all, &asked, &how);
    }
    session_end(&all);
    return found;
}

PyObject *native_suggest(PyObject *module, PyObject *args) {
    (void)module;
    PyObject *list;
    if (!PyArg_ParseTuple(args, "O!:suggest", &PyList_Type, &list)) {
        return NULL;
    }
    Py_ssize_t count = PyList_GET_SIZE(list);
    nmf_rank_row *rows = PyMem_Calloc((size_t)(count > 0 ? count : 1), sizeof *rows);
    if (!rows) {
        return PyErr_NoMemory();
    }
    int status = 0;
    for (Py_ssize_t i = 0; i < count && status == 0; i++) {
        status = row_from(PyList_GET_ITEM(list, i), &rows[i]);
    }
    nmf_suggestion found = {0};
    if (status == 0) {
        nmf_suggest(rows, count, &found);
    }
    PyMem_Free(rows);
    return status < 0
               ? NULL
               : Py_BuildValue("{s:L,s:L,s:L,s:s,s:s}", "rank", (long long)found.rank, "low", (long long)found.low,
                               "high", (long long)found.high, "reason", found.reason, "doubt", found.doubt);
}

static PyObject *run_consensus(session *all, const question *asked, const nmf_consensus_options *how) {
    nmf_matrix *matrix;
    nmf_options options;
    if (session_question(all, asked->a, asked->given, asked->allowed, &matrix, &options) < 0) {
        return NULL;
    }
    nmf_consensus *consensus;
    nmf_status status;
    Py_BEGIN_ALLOW_THREADS;
    status = nmf_consensus_new(all->context, matrix, &options, how, &consensus);
    Py_END_ALLOW_THREADS;
    if (session_settle(all, status) < 0) {
        return NULL;
    }
    PyObject *found = status == NMF_OK ? outcome_of_consensus(consensus) : Py_NewRef(Py_None);
    nmf_consensus_free(consensus);
    return found;
}

PyObject *native_consensus(PyObject *module, PyObject *args) {
    (void)module;
    question asked;
    nmf_consensus_options how;
    long long restarts, samples;
    PyObject *found = NULL;
    if (!PyArg_ParseTuple(args, "OO!OILdddL:consensus", &asked.a, &PyDict_Type, &asked.given, &asked.callback,
                          &asked.allowed, &restarts, &how.density, &how.nearest, &how.level, &samples)) {
        return NULL;
    }
    how.restarts = restarts;
    how.most_samples = samples;
    session all;
    if (session_begin(&all, asked.callback) == 0) {
        found = run_consensus(&all, &asked, &how);
    }
    session_end(&all);
    return found;
}
