#include "support.h"

#include "rank_picture.h"

#include <math.h>

static const nmf_suggestion three = {3, 2, 4, "Every component comes back in nearly all starts.", "Few starts."};

static nmf_rank_row row_at(int64_t rank) {
    double r = (double)rank;
    return (nmf_rank_row){.rank = rank,
                          .restarts = 30,
                          .relative_error = 0.8 / r,
                          .median_error = 0.82 / r,
                          .explained = 1 - 0.64 / (r * r),
                          .cophenetic = 1 - 0.01 * r,
                          .dispersion = 1 - 0.05 * r,
                          .pac = 0.04 * r,
                          .silhouette_samples = 1 - 0.1 * r,
                          .silhouette_spectra = 1 - 0.08 * r,
                          .stability = 1 - 0.02 * r,
                          .stability_least = 1 - 0.09 * r,
                          .held_out = 0.5 + 0.01 * (r - 4) * (r - 4),
                          .held_out_error = 0.01,
                          .masks = 3,
                          .samples = 38};
}

static nmf_rank_row row_of(int64_t rank, double number) {
    return (nmf_rank_row){.rank = rank,
                          .relative_error = number,
                          .median_error = number,
                          .explained = number,
                          .cophenetic = number,
                          .dispersion = number,
                          .pac = number,
                          .silhouette_samples = number,
                          .silhouette_spectra = number,
                          .stability = number,
                          .stability_least = number,
                          .held_out = number,
                          .held_out_error = number};
}

static void draws(studio *in, const char *title, const nmf_rank_row *rows, int64_t count,
                  const nmf_suggestion *suggestion) {
    assert_int_equal(rank_picture(in->context, title, rows, count, suggestion, in->path), NMF_OK);
    expect_pictures(in);
}

static void draws_surveys(void **state) {
    nmf_rank_row rows[40];
    for (int i = 0; i < 40; i++) {
        rows[i] = row_at(40 - i);
    }
    draws(*state, "a survey", rows + 33, 7, &three);
    draws(*state, "every rank to 40", rows, 40, &three);
    for (int i = 0; i < 7; i++) {
        rows[i] = row_at(1LL << 9 * i);
    }
    draws(*state, "ranks that grow by factors", rows, 7, &three);
}

static void draws_one_rank(void **state) {
    const nmf_rank_row row = row_at(3), none = row_of(1, NAN);
    draws(*state, "one rank", &row, 1, &three);
    draws(*state, "one rank of which nothing is known", &none, 1, &three);
}

static void leaves_gaps(void **state) {
    nmf_rank_row rows[5];
    for (int i = 0; i < 5; i++) {
        rows[i] = i % 2 ? row_of(5 * i + 5, NAN) : row_at(5 * i + 5);
    }
    draws(*state, "gaps", rows, 5, &three);
    for (int i = 0; i < 5; i++) {
        rows[i] = row_of(i + 1, NAN);
    }
    draws(*state, "nothing at all", rows, 5, &(nmf_suggestion){0, 0, 0, "Nothing was measured.", ""});
}

static void survives_any_number(void **state) {
    static const double numbers[] = {0,        1e-320,    4e-310, 1e-290,  1e-200,    1e200, 1e300, 1.7e308,
                                     INFINITY, -INFINITY, -1e300, -1e-320, 1 + 1e-15, 1,     1e6,   -1};
    enum { COUNT = sizeof numbers / sizeof *numbers };
    nmf_rank_row rows[COUNT];
    for (int i = 0; i < COUNT; i++) {
        rows[i] = row_of(i + 1, numbers[i]);
        draws(*state, "one number", &rows[i], 1, &three);
    }
    draws(*state, "many numbers", rows, COUNT, &three);
    draws(*state, "tiny numbers", rows, 3, &three);
    draws(*state, "an interval beyond all ranks", rows, 3,
          &(nmf_suggestion){INT64_MAX, INT64_MIN, INT64_MAX, "Who knows.", ""});
}

static void survives_any_words(void **state) {
    nmf_rank_row rows[] = {row_at(2), row_at(3)};
    nmf_suggestion odd = {2, 2, 2, "", ""};
    for (size_t i = 0; i + 1 < sizeof odd.reason; i++) {
        odd.reason[i] = (char)(i % 255 + 1);
        odd.doubt[i] = i % 9 ? 'w' : ' ';
    }
    draws(*state, "Z\u00fcrich \u6771\u4eac <&> \"quoted\" \x1b[31m\r\n\t\x7f \xc3 \xed\xa0\x80 \xf4\x90\x80\x80", rows,
          2, &odd);
    for (size_t i = 0; i + 1 < sizeof odd.reason; i++) {
        odd.reason[i] = (char)0xbf;
    }
    draws(*state, "", rows, 2, &odd);
    draws(*state, odd.doubt, rows, 2, &odd);
}

static nmf_status draw_small(const studio *in, const char *path) {
    const nmf_rank_row row = row_at(3);
    return rank_picture(in->context, "nowhere", &row, 1, &three, path);
}

static void says_what_failed(void **state) {
    expect_no_pictures(*state, draw_small);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(draws_surveys),       cmocka_unit_test(draws_one_rank),     cmocka_unit_test(leaves_gaps),
        cmocka_unit_test(survives_any_number), cmocka_unit_test(survives_any_words), cmocka_unit_test(says_what_failed),
        cmocka_unit_test(svgs_are_xml),
    };
    return cmocka_run_group_tests(tests, studio_setup, studio_teardown);
}
