#include "support/prepared.h"
#include "support/expect.h"
#include "support/numbers.h"

#include "matrix/matrix.h"

#include <math.h>
#include <string.h>

const double prepared_counts[PREPARED_ROWS * PREPARED_COLS] = {
    1, 0, 2, 0, 4, /**/
    0, 0, 3, 0, 1, /**/
    5, 0, 0, 0, 0, /**/
    2, 0, 2, 0, 7, /**/
};

problem problem_of(int64_t rows, int64_t cols, const double *values) {
    problem p = problem_random(rows, cols, 1, 1);
    memcpy(p.values, values, (size_t)(rows * cols) * sizeof *values);
    for (int64_t e = 0; e < rows * cols; e++) {
        p.allowed |= isnan(values[e]) ? NMF_ALLOW_MISSING : values[e] < 0 ? NMF_ALLOW_NEGATIVE : 0;
    }
    problem_lay_out(&p);
    return p;
}

static void give_names(names *list, char letter, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        char name[] = {letter, (char)('1' + i), '\0'};
        assert_int_equal(names_add(list, name, 2), NMF_OK);
    }
}

nmf_matrix *named_matrix(nmf_context *context, const problem *p, shape as, nmf_dtype dtype) {
    nmf_matrix *matrix = problem_matrix(context, p, as, dtype);
    give_names(&matrix->row_names, 'g', p->rows);
    give_names(&matrix->col_names, 's', p->cols);
    return matrix;
}

/* Near the other, or missing as it is. */
static void expect_entry(double found, double value, nmf_dtype dtype) {
    if (isnan(value)) {
        assert_true(isnan(found));
    } else {
        expect_near(found, value, dtype, 1, fabs(value));
    }
}

static void expect_lines(const nmf_matrix *matrix, const problem *expected, bool columns) {
    int64_t cols = matrix->info.cols, lines = columns ? cols : matrix->info.rows;
    int64_t length = columns ? matrix->info.rows : cols;
    for (int64_t l = 0; l < lines; l++) {
        entry_line line = matrix->kind->line(matrix, columns, l);
        double found[64] = {0};
        for (int64_t e = 0; e < line.count; e++) {
            found[entry_place(&line, e)] = entry_value(matrix->info.dtype, &line, e);
        }
        for (int64_t e = 0; e < length; e++) {
            expect_entry(found[e], expected->values[columns ? e * cols + l : l * cols + e], matrix->info.dtype);
        }
    }
}

void expect_prepared(const nmf_matrix *matrix, const problem *expected, shape as) {
    nmf_dtype dtype = matrix->info.dtype;
    nmf_matrix *sound = problem_matrix(matrix->context, expected, as, dtype);
    nmf_matrix_info got = matrix->info, known = sound->info;
    assert_int_equal(got.rows, known.rows);
    assert_int_equal(got.cols, known.cols);
    assert_int_equal(got.nnz, known.nnz);
    assert_int_equal(got.missing, known.missing);
    assert_int_equal(got.stored, known.stored);
    assert_int_equal(got.zero_rows, known.zero_rows);
    assert_int_equal(got.zero_cols, known.zero_cols);
    assert_true(got.sparse == known.sparse);
    assert_string_equal(got.source, "memory");
    assert_true(!got.sparse || got.bytes == known.bytes);
    expect_near(got.norm, known.norm, dtype, 1, known.norm);
    expect_near(got.max, known.max, dtype, 1, known.max);
    expect_near(got.min, known.min, dtype, 1, fabs(known.min));
    expect_lines(matrix, expected, false);
    expect_lines(matrix, expected, true);
    nmf_matrix_free(sound);
}

void prepare_well(nmf_context *context, const nmf_prepare_options *how, nmf_matrix **matrix) {
    if (nmf_matrix_prepare(context, how, matrix) != NMF_OK) {
        fail_msg("%s", nmf_context_message(context));
    }
}

void expect_prepare_fails(nmf_context *context, nmf_matrix **matrix, const nmf_prepare_options *how,
                          nmf_status expected, const char *part) {
    nmf_matrix *same = *matrix;
    nmf_matrix_info before, after;
    nmf_matrix_get_info(*matrix, &before);
    assert_int_equal(nmf_matrix_prepare(context, how, matrix), expected);
    assert_ptr_equal(*matrix, same);
    nmf_matrix_get_info(*matrix, &after);
    assert_memory_equal(&before, &after, sizeof before);
    if (!strstr(nmf_context_message(context), part)) {
        fail_msg("expected \"%s\" in \"%s\"", part, nmf_context_message(context));
    }
}
