#include "matrix/matrix.h"
#include "matrix/scan.h"
#include "matrix/scattered.h"
#include "matrix/spread.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

nmf_status matrix_new(nmf_context *context, const matrix_kind *kind, int64_t rows, int64_t cols, nmf_dtype dtype,
                      unsigned allowed, nmf_matrix **out) {
    nmf_status status = array_new(context, 1, sizeof **out, "a matrix", (void **)out);
    if (status != NMF_OK) {
        return status;
    }
    **out = (nmf_matrix){.kind = kind,
                         .context = context,
                         .simd = kernel_for(dtype),
                         .info = {.rows = rows, .cols = cols, .dtype = dtype, .source = "memory"},
                         .allowed = allowed,
                         .row_names = names_empty(context),
                         .col_names = names_empty(context),
                         .panel_rows = rows};
    return NMF_OK;
}

nmf_status matrix_need_whole(const nmf_matrix *matrix, const char *what) {
    if (!matrix->kind->next) {
        return NMF_OK;
    }
    return fail(matrix->context, NMF_ERROR_USAGE, "%s needs all of the matrix in memory, and this one %s", what,
                matrix_spread_of(matrix)      ? "is spread over several processes"
                : matrix_is_scattered(matrix) ? "stays in its file, for several processes to read a share each"
                                              : "stays in its file and is read block by block");
}

double matrix_bytes(const nmf_matrix_info *info, nmf_dtype dtype) {
    double entry = (double)dtype_size(dtype);
    return info->sparse ? (double)(info->rows + info->cols) * sizeof(int64_t) +
                              2 * (double)info->stored * (entry + sizeof(uint32_t))
                        : (double)info->rows * (double)info->cols * entry;
}

void nmf_matrix_free(nmf_matrix *matrix) {
    if (matrix) {
        nmf_context *context = matrix->context;
        matrix->kind->release(matrix);
        names_free(&matrix->row_names);
        names_free(&matrix->col_names);
        array_free(context, matrix);
    }
}

void nmf_matrix_get_info(const nmf_matrix *matrix, nmf_matrix_info *info) {
    *info = matrix->info;
    info->rows = matrix_all(matrix, false);
    info->cols = matrix_all(matrix, true);
}

const char *nmf_matrix_row_name(const nmf_matrix *matrix, int64_t i) {
    return names_at(&matrix->row_names, i);
}

const char *nmf_matrix_col_name(const nmf_matrix *matrix, int64_t j) {
    return names_at(&matrix->col_names, j);
}

void matrix_row(const nmf_matrix *matrix, int64_t i, double *row) {
    entry_line line = matrix->kind->line(matrix, false, i);
    memset(row, 0, (size_t)matrix->info.cols * sizeof *row);
    for (int64_t e = 0; e < line.count; e++) {
        row[entry_place(&line, e)] = entry_value(matrix->info.dtype, &line, e);
    }
}

void nmf_matrix_copy(const nmf_matrix *matrix, double *values) {
    for (block b = {0}; matrix_next(matrix, &b);) {
        for (int64_t i = 0; i < b.rows->info.rows; i++) {
            matrix_row(b.rows, i, values + (b.first + i) * matrix->info.cols);
        }
    }
}

/* " (\"NAME\")" for a row or column that has a name, else "". */
static const char *in_brackets(const char *name, char *text, size_t size) {
    text[0] = '\0';
    if (name) {
        snprintf(text, size, " (\"%.80s\")", name);
    }
    return text;
}

nmf_status matrix_check_allowed(nmf_context *context, unsigned allowed) {
    enum { KNOWN = NMF_ALLOW_MISSING | NMF_ALLOW_NEGATIVE | NMF_KEEP_ZEROS };
    return allowed <= KNOWN ? NMF_OK
                            : fail(context, NMF_ERROR_USAGE,
                                   "allowed is %u; it must be made of NMF_ALLOW_MISSING, NMF_ALLOW_NEGATIVE and "
                                   "NMF_KEEP_ZEROS",
                                   allowed);
}

const char *matrix_wanted(unsigned allowed, bool missing) {
    static const char *const of[][2] = {
        {"every entry must be a finite number, 0 or above", "every entry must be a finite number"},
        {"every entry must be a finite number, 0 or above, or missing",
         "every entry must be a finite number or missing"},
        {"every entry must be a finite number, 0 or above, unless missing ones are asked for (--missing nan)",
         "every entry must be a finite number, unless missing ones are asked for (--missing nan)"},
    };
    int which = allowed & NMF_ALLOW_MISSING ? 1 : missing ? 2 : 0;
    return of[which][(allowed & NMF_ALLOW_NEGATIVE) != 0];
}

nmf_status matrix_refuse(nmf_context *context, const char *where, int64_t i, const char *row_name, int64_t j,
                         const char *col_name, double value, const char *wanted) {
    char row[100], col[100], number[32];
    snprintf(number, sizeof number, "%g", value);
    return fail(context, NMF_ERROR_INPUT, "%s: row %lld%s, column %lld%s is %s; %s", where, (long long)i + 1,
                in_brackets(row_name, row, sizeof row), (long long)j + 1, in_brackets(col_name, col, sizeof col),
                isnan(value) ? "NaN" : number, wanted);
}

static nmf_status refuse(const nmf_matrix *matrix, const char *where, const scan *found) {
    return matrix_refuse(matrix->context, where, found->bad_row, names_at(&matrix->row_names, found->bad_row),
                         found->bad_col, names_at(&matrix->col_names, found->bad_col), found->bad_value,
                         matrix_wanted(matrix->allowed, isnan(found->bad_value)));
}

/* Of all of A. */
static int64_t count_zero(const nmf_matrix *matrix, const unsigned char *seen, int64_t count) {
    const nmf_crowd *crowd = matrix_crowd(matrix);
    double zeros = 0;
    for (int64_t i = 0; i < count; i++) {
        zeros += !seen[i];
    }
    if (crowd) {
        crowd->sum(crowd->user, &zeros, 1);
    }
    return (int64_t)zeros;
}

/* A power of two that brings the largest entries near 1 when squares would leave the range of doubles, else 1. */
static double scale_for_squares(double min, double max) {
    int exponent;
    double most = fmax(max, -min);
    frexp(most, &exponent);
    /* The inverse of the smallest numbers is past every number. */
    return most > 0 && (exponent > 300 || exponent < -300) ? ldexp(1.0, exponent < -1023 ? 1023 : -exponent) : 1.0;
}

bool matrix_squares_hold(double min, double max) {
    return scale_for_squares(min, max) == 1.0;
}

void matrix_take_findings(const nmf_matrix *from, nmf_matrix *to) {
    const nmf_matrix_info *found = &from->info;
    to->info.nnz = found->nnz;
    to->info.missing = found->missing;
    to->info.zero_rows = found->zero_rows;
    to->info.zero_cols = found->zero_cols;
    to->info.min = found->min;
    to->info.max = found->max;
    to->info.norm = found->norm;
    to->checked = true;
}

nmf_status matrix_check(nmf_matrix *matrix, const char *where) {
    nmf_matrix_info *info = &matrix->info;
    unsigned char *seen;
    if (matrix->checked) {
        return NMF_OK;
    }
    if (info->rows < 1 || info->cols < 1) {
        return fail(matrix->context, NMF_ERROR_INPUT,
                    "%s has %lld rows and %lld columns; at least one of each is needed", where, (long long)info->rows,
                    (long long)info->cols);
    }
    nmf_status status =
        array_new(matrix->context, info->rows + info->cols, 1, "the check of the entries", (void **)&seen);
    if (matrix_crowd(matrix)) {
        status = nmf_context_agree(matrix->context, status);
    }
    if (status != NMF_OK) {
        return status;
    }
    scan found = scan_begin(matrix->allowed);
    matrix->kind->scan(matrix, 1.0, &found, seen, seen + info->rows);
    double scale = scale_for_squares(found.min, found.max);
    if (found.bad_row >= 0) {
        status = refuse(matrix, where, &found);
    } else if (scale != 1.0) {
        found = scan_begin(matrix->allowed);
        matrix->kind->scan(matrix, scale, &found, seen, seen + info->rows);
    }
    scan_tell(&found, (double)matrix_all(matrix, false) * (double)matrix_all(matrix, true), info);
    info->norm = sqrt(found.squares) / scale;
    info->zero_rows = count_zero(matrix, seen, info->rows);
    info->zero_cols = count_zero(matrix, seen + info->rows, info->cols);
    array_free(matrix->context, seen);
    status = status == NMF_OK ? matrix_status(matrix) : status;
    /* What is in memory may be prepared, and is then looked at again. */
    matrix->checked = status == NMF_OK && matrix_is_streamed(matrix);
    return status;
}
