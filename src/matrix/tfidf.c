/* Term frequency times inverse document frequency: words that every document has count for little. */
#include "matrix/prepare.h"

#include <math.h>

/* Entries are divided by the largest of their column before they are squared, so that no scale of A is too large or
 * too small. */
typedef struct weights {
    double *idf;     /* of the rows */
    double *largest; /* entry of each column */
    double *norm;    /* of each column once weighted */
} weights;

static double relative_weight(const weights *w, int64_t row, int64_t col, double value) {
    return value / w->largest[col] * w->idf[row];
}

static double weighted(const void *user, int64_t row, int64_t col, double value) {
    const weights *w = user;
    return relative_weight(w, row, col, value) / w->norm[col];
}

/* One pass for what a row says alone, and the largest entries. */
static void weigh_rows(const nmf_matrix *matrix, weights *w) {
    for (int64_t i = 0; i < matrix->info.rows; i++) {
        entry_line line = matrix->kind->line(matrix, false, i);
        int64_t documents = 0;
        for (int64_t e = 0; e < line.count; e++) {
            double value = entry_value(matrix->info.dtype, &line, e), *largest = &w->largest[entry_place(&line, e)];
            documents += value > 0;
            *largest = value > *largest ? value : *largest;
        }
        w->idf[i] = log((1 + (double)matrix->info.cols) / (1 + (double)documents)) + 1;
    }
}

static void measure_columns(const nmf_matrix *matrix, weights *w) {
    for (int64_t i = 0; i < matrix->info.rows; i++) {
        entry_line line = matrix->kind->line(matrix, false, i);
        for (int64_t e = 0; e < line.count; e++) {
            int64_t col = entry_place(&line, e);
            double value = entry_value(matrix->info.dtype, &line, e);
            double relative = value > 0 ? relative_weight(w, i, col, value) : 0;
            w->norm[col] += relative * relative;
        }
    }
    for (int64_t j = 0; j < matrix->info.cols; j++) {
        w->norm[j] = sqrt(w->norm[j]);
    }
}

nmf_status matrix_tfidf(nmf_matrix *own) {
    int64_t rows = own->info.rows, cols = own->info.cols;
    double *room;
    nmf_status status = matrix_expect_from(own, 0, false, "tfidf");
    if (status != NMF_OK) {
        return status;
    }
    status = array_new(own->context, rows + 2 * cols, sizeof *room, "the weights of terms", (void **)&room);
    if (status != NMF_OK) {
        return status;
    }
    weights w = {.idf = room, .largest = room + rows, .norm = room + rows + cols};
    weigh_rows(own, &w);
    measure_columns(own, &w);
    matrix_warn_lost(own, own->kind->map(own, weighted, &w));
    array_free(own->context, room);
    return NMF_OK;
}
