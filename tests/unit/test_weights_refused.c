/* Entries, masks and weights that cannot be fitted are refused with a sentence that says where or what. */
#include "support/expect.h"
#include "support/problems.h"

#include <math.h>
#include <string.h>

enum { ROWS = 17, COLS = 13, COUNT = ROWS * COLS, RANK = 3 };

static nmf_options options_of(const char *loss) {
    nmf_options options;
    nmf_options_init(&options);
    options.rank = RANK;
    options.loss = loss;
    options.init = "random";
    options.max_iter = 12;
    options.threads = 1;
    return options;
}

static void a_zero_that_is_cannot_take_is_named(void **state) {
    folder *in = *state;
    problem zero = problem_low_rank(ROWS, COLS, RANK, 0.3, 9), place = problem_random(ROWS, COLS, 0, 1);
    zero.values[3 * COLS + 7] = 0;
    problem_lay_out(&zero);
    place.values[3 * COLS + 7] = 1;
    problem_lay_out(&place);
    nmf_matrix *mask = problem_matrix(in->context, &place, SPARSE, NMF_F64);
    for (int as = BY_ROW; as < SHAPES; as++) {
        nmf_options options = options_of("is");
        nmf_matrix *matrix = problem_matrix(in->context, &zero, (shape)as, NMF_F64);
        expect_fit_refused(in->context, matrix, &options, NMF_ERROR_INPUT, "row 4, column 8 is 0");
        options.mask = mask;
        nmf_result_free(fitted(in->context, matrix, &options, NMF_OK));
        nmf_matrix_free(matrix);
    }
    nmf_matrix_free(mask);
    problem_free(&zero);
    problem_free(&place);
}

/* A mask, or weights, with one entry that cannot be, in the last place. */
static void refuse_entry(folder *in, const nmf_matrix *matrix, double entry, bool masks, const char *part) {
    problem p = problem_random(ROWS, COLS, 1, 10);
    nmf_options options = options_of("frobenius");
    nmf_matrix *odd;
    p.values[COUNT - 1] = entry;
    assert_int_equal(nmf_matrix_dense(in->context, ROWS, COLS, NMF_F64, p.values, COLS, 1,
                                      NMF_ALLOW_MISSING | NMF_ALLOW_NEGATIVE, &odd),
                     NMF_OK);
    *(masks ? &options.mask : &options.weights) = odd;
    expect_fit_refused(in->context, matrix, &options, NMF_ERROR_INPUT, part);
    nmf_matrix_free(odd);
    problem_free(&p);
}

static void masks_and_weights_that_do_not_fit_are_refused(void **state) {
    folder *in = *state;
    problem p = problem_random(ROWS, COLS, 1, 11), turned = problem_random(COLS, ROWS, 1, 12);
    nmf_matrix *matrix = problem_matrix(in->context, &p, BY_ROW, NMF_F64);
    nmf_matrix *other_shape = problem_matrix(in->context, &turned, SPARSE, NMF_F64);
    nmf_options options = options_of("kl");
    options.mask = other_shape;
    expect_fit_refused(in->context, matrix, &options, NMF_ERROR_INPUT,
                       "the mask has 13 rows and 17 columns; it must have 17 and 13");
    options.mask = NULL;
    options.weights = other_shape;
    expect_fit_refused(in->context, matrix, &options, NMF_ERROR_INPUT,
                       "the matrix of weights has 13 rows and 17 columns; it must have 17 and 13");
    refuse_entry(in, matrix, -1, false, "the matrix of weights has negative entries");
    refuse_entry(in, matrix, NAN, false, "the matrix of weights has missing entries");
    refuse_entry(in, matrix, NAN, true, "the mask has missing entries");
    nmf_matrix_free(matrix);
    nmf_matrix_free(other_shape);
    problem_free(&p);
    problem_free(&turned);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_zero_that_is_cannot_take_is_named, folder_setup, folder_teardown),
        cmocka_unit_test_setup_teardown(masks_and_weights_that_do_not_fit_are_refused, folder_setup, folder_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
