/* nmf_matrix_prepare: every step on a copy, which takes the matrix's place once all of them held. */
#include "matrix/prepare.h"
#include "io/select.h"

#include <math.h>

static nmf_status check_how(nmf_context *context, const nmf_prepare_options *how) {
    bool fine = how->normalize == 0 || how->normalize == NMF_NORMALIZE_MEDIAN ||
                (how->normalize > 0 && isfinite(how->normalize));
    return fine
               ? NMF_OK
               : fail(context, NMF_ERROR_USAGE,
                      "normalize is %g; it must be a finite number above 0, NMF_NORMALIZE_MEDIAN or 0", how->normalize);
}

/* Put `next`, what a step made of it, in the place of the copy so far. */
static void replace(nmf_matrix **copy, nmf_matrix *next) {
    nmf_matrix_free(*copy);
    *copy = next;
}

static nmf_status select_one(const nmf_matrix *matrix, bool columns, const char *path, nmf_matrix **copy) {
    if (!path) {
        return NMF_OK;
    }
    nmf_matrix *picked;
    nmf_status status = select_by_file(*copy ? *copy : matrix, columns, path, &picked);
    if (status == NMF_OK) {
        replace(copy, picked);
    }
    return status;
}

static nmf_status select_both(const nmf_matrix *matrix, const nmf_prepare_options *how, nmf_matrix **copy) {
    nmf_status status = select_one(matrix, false, how->select_rows, copy);
    return status == NMF_OK ? select_one(matrix, true, how->select_cols, copy) : status;
}

static nmf_status change_entries(const nmf_matrix *matrix, const nmf_prepare_options *how, nmf_matrix **copy) {
    bool changes = how->normalize != 0 || how->log1p || how->tfidf;
    nmf_status status = changes && !*copy ? matrix_duplicate(matrix, copy) : NMF_OK;
    if (status == NMF_OK && how->normalize != 0) {
        status = matrix_normalize(*copy, how->normalize);
    }
    if (status == NMF_OK && how->log1p) {
        status = matrix_log1p(*copy);
    }
    return status == NMF_OK && how->tfidf ? matrix_tfidf(*copy) : status;
}

/* What follows the transposition; sets `copy` where any of it was asked for. */
static bool asks_for_any(const nmf_prepare_options *how) {
    return how->transpose || how->select_rows || how->select_cols || how->normalize != 0 || how->log1p || how->tfidf;
}

static nmf_status make_copy(const nmf_matrix *matrix, const nmf_prepare_options *how, nmf_matrix **copy) {
    *copy = NULL;
    nmf_status status = select_both(matrix, how, copy);
    if (status == NMF_OK) {
        status = change_entries(matrix, how, copy);
    }
    return status == NMF_OK && *copy ? matrix_check(*copy, "the prepared matrix") : status;
}

nmf_status nmf_matrix_prepare(nmf_context *context, const nmf_prepare_options *how, nmf_matrix **matrix) {
    nmf_matrix *copy;
    nmf_status status = check_how(context, how);
    if (status == NMF_OK && asks_for_any(how)) {
        status = matrix_need_whole(*matrix, "preparing a matrix");
    }
    if (status != NMF_OK) {
        return status;
    }
    if (how->transpose) {
        matrix_transpose(*matrix);
    }
    status = make_copy(*matrix, how, &copy);
    if (status != NMF_OK) {
        nmf_matrix_free(copy);
        if (how->transpose) {
            matrix_transpose(*matrix);
        }
    } else if (copy) {
        replace(matrix, copy);
    }
    return status;
}
