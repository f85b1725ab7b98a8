#include "matrix/prepare.h"

#include <math.h>

/* What a copy takes over from `from`; the names of a side that was picked come by its list. */
static nmf_status take_names(const nmf_matrix *from, const int64_t *rows, const int64_t *cols, nmf_matrix **copy) {
    (*copy)->info.source = from->info.source;
    nmf_status status = names_pick(&from->row_names, rows, (*copy)->info.rows, &(*copy)->row_names);
    if (status == NMF_OK) {
        status = names_pick(&from->col_names, cols, (*copy)->info.cols, &(*copy)->col_names);
    }
    if (status != NMF_OK) {
        nmf_matrix_free(*copy);
        *copy = NULL;
    }
    return status;
}

nmf_status matrix_duplicate(const nmf_matrix *matrix, nmf_matrix **copy) {
    nmf_status status = matrix->kind->convert(matrix, matrix->info.dtype, 1.0, copy);
    return status == NMF_OK ? take_names(matrix, NULL, NULL, copy) : status;
}

nmf_status matrix_pick(const nmf_matrix *matrix, bool columns, const int64_t *list, int64_t count, nmf_matrix **copy) {
    nmf_status status = matrix->kind->pick(matrix, columns, list, count, copy);
    return status == NMF_OK ? take_names(matrix, columns ? NULL : list, columns ? list : NULL, copy) : status;
}

static double log1p_of(const void *user, int64_t row, int64_t col, double value) {
    (void)user, (void)row, (void)col;
    return log1p(value);
}

void matrix_log1p(nmf_matrix *own) {
    own->kind->map(own, log1p_of, NULL);
}

static void swap_sizes(int64_t *a, int64_t *b) {
    int64_t held = *a;
    *a = *b;
    *b = held;
}

void matrix_transpose(nmf_matrix *matrix) {
    nmf_matrix_info *info = &matrix->info;
    names row_names = matrix->row_names;
    matrix->row_names = matrix->col_names;
    matrix->col_names = row_names;
    swap_sizes(&info->rows, &info->cols);
    swap_sizes(&info->zero_rows, &info->zero_cols);
    matrix->kind->transpose(matrix);
}

void matrix_warn_lost(const nmf_matrix *own, int64_t lost) {
    if (lost > 0) {
        caution(own->context, "%lld entries become so small that they are 0 in %s", (long long)lost,
                own->info.dtype == NMF_F32 ? "f32; f64 keeps more of them" : "f64");
    }
}
