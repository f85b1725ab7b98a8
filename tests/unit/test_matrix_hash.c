/* The hash of a matrix: of what it holds, not of how. */
#include "support/expect.h"
#include "support/problems.h"

#include <math.h>
#include <string.h>

enum { ROWS = 3, COLS = 4 };

static const double entries[ROWS * COLS] = {0, 1.5, 0, 2, 0, 0, 0, 0, 7, 0, 0.25, 0};

static uint64_t hash_and_free(nmf_matrix *matrix) {
    uint64_t hash = nmf_matrix_hash(matrix);
    nmf_matrix_free(matrix);
    return hash;
}

static uint64_t hash_dense(nmf_context *context, int64_t rows, int64_t cols, const double *values) {
    nmf_matrix *matrix = NULL;
    assert_int_equal(nmf_matrix_dense(context, rows, cols, NMF_F64, values, cols, 1, NMF_ALLOW_MISSING, &matrix),
                     NMF_OK);
    return hash_and_free(matrix);
}

static uint64_t hash_sparse(nmf_context *context, const int64_t *start, const int64_t *index, const double *values,
                            unsigned allowed) {
    nmf_matrix *matrix = NULL;
    assert_int_equal(matrix_of_rows(context, ROWS, COLS, NMF_F64, start, index, values, allowed, &matrix), NMF_OK);
    return hash_and_free(matrix);
}

static void the_same_whatever_it_is_kept_as(void **state) {
    nmf_context *context = ((folder *)*state)->context;
    const uint64_t hash = hash_dense(context, ROWS, COLS, entries);
    const int64_t start[] = {0, 2, 2, 4}, up[] = {1, 3, 0, 2}, down[] = {3, 1, 2, 0};
    const double sorted[] = {1.5, 2, 7, 0.25}, turned[] = {2, 1.5, 0.25, 7};
    assert_true(hash == hash_sparse(context, start, up, sorted, 0));
    assert_true(hash == hash_sparse(context, start, down, turned, 0));

    const int64_t with_zero[] = {0, 3, 3, 5}, index[] = {0, 1, 3, 0, 2};
    const double zero[] = {0, 1.5, 2, 7, 0.25};
    assert_true(hash == hash_sparse(context, with_zero, index, zero, NMF_KEEP_ZEROS));

    double by_column[ROWS * COLS];
    float narrow[ROWS * COLS];
    for (int i = 0; i < ROWS * COLS; i++) {
        by_column[i % COLS * ROWS + i / COLS] = entries[i];
        narrow[i] = (float)entries[i];
    }
    nmf_matrix *matrix = NULL;
    assert_int_equal(nmf_matrix_dense(context, ROWS, COLS, NMF_F64, by_column, 1, ROWS, 0, &matrix), NMF_OK);
    assert_true(hash == hash_and_free(matrix));
    assert_int_equal(nmf_matrix_dense(context, ROWS, COLS, NMF_F32, narrow, COLS, 1, 0, &matrix), NMF_OK);
    assert_true(hash == hash_and_free(matrix));
}

static void another_where_an_entry_is(void **state) {
    nmf_context *context = ((folder *)*state)->context;
    const uint64_t hash = hash_dense(context, ROWS, COLS, entries);
    for (int i = 0; i < ROWS * COLS; i++) {
        double changed[ROWS * COLS];
        memcpy(changed, entries, sizeof changed);
        changed[i] = entries[i] + 1e-9;
        assert_true(hash != hash_dense(context, ROWS, COLS, changed));
        for (int j = 0; j < i; j++) {
            memcpy(changed, entries, sizeof changed);
            changed[i] = entries[j];
            changed[j] = entries[i];
            assert_true((hash != hash_dense(context, ROWS, COLS, changed)) == (entries[i] != entries[j]));
        }
    }
}

static void another_of_another_shape(void **state) {
    nmf_context *context = ((folder *)*state)->context;
    const double ones[4] = {1, 1, 1, 1}, above[4] = {1, 1, 0, 0}, across[4] = {1, 0, 0, 1}, zeros[4] = {0};
    assert_true(hash_dense(context, 1, 4, ones) != hash_dense(context, 4, 1, ones));
    assert_true(hash_dense(context, 1, 4, ones) != hash_dense(context, 2, 2, ones));
    assert_true(hash_dense(context, 2, 2, above) != hash_dense(context, 2, 2, across));
    assert_true(hash_dense(context, 2, 2, zeros) != hash_dense(context, 1, 4, zeros));
    assert_true(hash_dense(context, 1, 3, zeros) != hash_dense(context, 1, 4, zeros));

    nmf_matrix *matrix = NULL;
    assert_int_equal(nmf_matrix_dense(context, ROWS, COLS, NMF_F64, entries, COLS, 1, 0, &matrix), NMF_OK);
    assert_int_equal(nmf_matrix_prepare(context, &(nmf_prepare_options){.transpose = true}, &matrix), NMF_OK);
    assert_true(hash_and_free(matrix) != hash_dense(context, ROWS, COLS, entries));
}

static void zeros_and_missing_entries_have_no_kinds(void **state) {
    nmf_context *context = ((folder *)*state)->context;
    const double plain[2] = {0, NAN}, other[2] = {-0.0, -NAN}, zeros[2] = {0, 0};
    assert_true(hash_dense(context, 1, 2, plain) == hash_dense(context, 1, 2, other));
    assert_true(hash_dense(context, 1, 2, plain) != hash_dense(context, 1, 2, zeros));
}

/* A survey's file holds the hash: it may not change from one version to the next. */
static void known(void **state) {
    nmf_context *context = ((folder *)*state)->context;
    assert_true(hash_dense(context, ROWS, COLS, entries) == UINT64_C(0xb0606cb34a0f6c10));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(the_same_whatever_it_is_kept_as),
        TEST(another_where_an_entry_is),
        TEST(another_of_another_shape),
        TEST(zeros_and_missing_entries_have_no_kinds),
        TEST(known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
