#include "matrix/prepare.h"

#include <math.h>
#include <stdio.h>

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

static nmf_status refuse_low(const nmf_matrix *own, int64_t row, int64_t col, double value, const char *wanted) {
    return matrix_refuse(own->context, "the matrix to prepare", row, names_at(&own->row_names, row), col,
                         names_at(&own->col_names, col), value, wanted);
}

nmf_status matrix_expect_from(const nmf_matrix *own, double least, bool above, const char *step) {
    char wanted[80];
    bool may_be_low = own->allowed & NMF_ALLOW_NEGATIVE;
    snprintf(wanted, sizeof wanted, "%s takes only entries %s %g%s", step, above ? "above" : "of", least,
             above ? "" : " and above");
    for (int64_t i = 0; may_be_low && i < own->info.rows; i++) {
        entry_line line = own->kind->line(own, false, i);
        for (int64_t e = 0; e < line.count; e++) {
            double value = entry_value(own->info.dtype, &line, e);
            if (value < least || (above && value == least)) {
                return refuse_low(own, i, entry_place(&line, e), value, wanted);
            }
        }
    }
    return NMF_OK;
}

static double log1p_of(const void *user, int64_t row, int64_t col, double value) {
    (void)user, (void)row, (void)col;
    return log1p(value);
}

nmf_status matrix_log1p(nmf_matrix *own) {
    nmf_status status = matrix_expect_from(own, -1, true, "log1p");
    if (status == NMF_OK) {
        own->kind->map(own, log1p_of, NULL);
    }
    return status;
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
