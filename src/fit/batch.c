#include "fit/batch.h"
#include "matrix/prepare.h"

/* Those lines of one matrix, which may be NULL. */
static nmf_status take(const nmf_matrix *matrix, bool rows, const int64_t *lines, int64_t count, nmf_matrix **some) {
    *some = NULL;
    if (!matrix) {
        return NMF_OK;
    }
    nmf_status status = matrix->kind->pick(matrix, !rows, lines, count, some);
    if (status == NMF_OK) {
        status = matrix_check(*some, "a batch of the matrix");
    }
    if (status == NMF_OK && rows) {
        matrix_transpose(*some);
    }
    return status;
}

nmf_status batch_take(const nmf_matrix *matrix, const plan *plan, bool rows, int64_t first, int64_t count, batch *out) {
    int64_t *lines;
    *out = (batch){.first = first, .count = count};
    nmf_status status = array_new(matrix->context, count, sizeof *lines, "a batch of the matrix", (void **)&lines);
    for (int64_t t = 0; t < count && status == NMF_OK; t++) {
        lines[t] = first + t;
    }
    if (status == NMF_OK) {
        status = take(matrix, rows, lines, count, &out->a);
    }
    if (status == NMF_OK) {
        status = take(plan->mask, rows, lines, count, &out->mask);
    }
    if (status == NMF_OK) {
        status = take(plan->weights, rows, lines, count, &out->weights);
    }
    array_free(matrix->context, lines);
    return status;
}

void batch_free(batch *b) {
    nmf_matrix_free(b->a);
    nmf_matrix_free(b->mask);
    nmf_matrix_free(b->weights);
}
