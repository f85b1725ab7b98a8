/* What an iteration over several processes is told to take, against what the formulas of the model give by hand. */
#include "support/expect.h"

#include <math.h>
#include <string.h>

static const nmf_network network = {.latency = 1e-3, .bandwidth = 1e9};

static nmf_options options_for(int64_t rank, const char *loss) {
    nmf_options options;
    nmf_options_init(&options);
    options.rank = rank;
    options.loss = loss;
    options.threads = 1;
    return options;
}

static nmf_matrix_info sizes(int64_t rows, int64_t cols, int64_t stored) {
    return (nmf_matrix_info){.rows = rows, .cols = cols, .stored = stored, .nnz = stored, .sparse = stored > 0};
}

/* Of a fit of rank 20 that takes one process a second. */
static nmf_crowd_forecast told(folder *f, const char *loss, const nmf_matrix_info *info, int64_t processes) {
    nmf_options options = options_for(20, loss);
    nmf_crowd_forecast found;
    if (nmf_forecast_crowd(f->context, &options, info, 1, &network, processes, &found) != NMF_OK) {
        fail_msg("%s", nmf_context_message(f->context));
    }
    return found;
}

static void expect_number(double got, double expected, const char *what) {
    if (!(fabs(got - expected) <= 1e-12 * fabs(expected))) {
        fail_msg("%s: %.17g, expected %.17g", what, got, expected);
    }
}

static void one_process_hears_of_nobody(void **state) {
    folder *f = *state;
    nmf_matrix_info info = sizes(5000, 2000, 0);
    nmf_options options = options_for(20, NULL);
    nmf_placement place;
    nmf_crowd_forecast found = told(f, NULL, &info, 1);
    assert_int_equal(nmf_place_sizes(f->context, &options, &info, &place), NMF_OK);
    assert_true(found.grid[0] == 1 && found.grid[1] == 1);
    assert_true(found.words == 0 && found.network_seconds == 0);
    assert_true(found.work_seconds == 1 && found.iteration_seconds == 1);
    assert_true(found.matrix_bytes == place.matrix_bytes && found.fit_bytes == place.fit_bytes);
}

static void expect_grid(folder *f, const nmf_matrix_info *info, int64_t processes, int64_t down, int64_t across) {
    nmf_crowd_forecast found = told(f, NULL, info, processes);
    double m = (double)info->rows, n = (double)info->cols, pr = (double)down, pc = (double)across;
    if (found.grid[0] != down || found.grid[1] != across) {
        fail_msg("%d processes stand in a grid of %d x %d", (int)processes, (int)found.grid[0], (int)found.grid[1]);
    }
    expect_number(found.words, 2 * ((pr - 1) * n * 20 + (pc - 1) * m * 20) / (pr * pc), "words");
}

static void words_are_those_of_the_grid(void **state) {
    folder *f = *state;
    nmf_matrix_info dense = sizes(5000, 2000, 0), wide = sizes(60, 900, 0);
    nmf_matrix_info huge = sizes(1000000000, 10000000, 1000000000000);
    expect_grid(f, &dense, 2, 2, 1);
    expect_grid(f, &dense, 4, 4, 1);
    expect_grid(f, &dense, 8, 4, 2);
    expect_grid(f, &wide, 3, 1, 3);
    expect_grid(f, &huge, 1024, 256, 4);
    assert_true(told(f, NULL, &dense, 8).words == 55000);
}

static void seconds_are_those_of_the_collectives(void **state) {
    folder *f = *state;
    nmf_matrix_info info = sizes(4800, 960, 0);
    nmf_crowd_forecast two = told(f, NULL, &info, 2), ten = told(f, NULL, &info, 10);
    /* Grids of 2 × 1 and 10 × 1: H is gathered and AᵀW shared out; three Gram matrices and a number are added up. */
    double of_two = 2 * (1e-3 + .5 * 960 * 160 / 1e9) + 6 * (1e-3 + .5 * 400 * 8 / 1e9) + 2 * (1e-3 + .5 * 8 / 1e9);
    double of_ten = 2 * (4e-3 + .9 * 960 * 160 / 1e9) + 6 * (4e-3 + .9 * 400 * 8 / 1e9) + 2 * (4e-3 + .9 * 8 / 1e9);
    expect_number(two.network_seconds, of_two, "the network of two");
    expect_number(ten.network_seconds, of_ten, "the network of ten");
    expect_number(two.work_seconds, 0.5, "the work of one of two");
    expect_number(ten.work_seconds, 0.1, "the work of one of ten");
    expect_number(ten.iteration_seconds, 0.1 + of_ten, "an iteration of ten");
}

/* Both factors come whole, for two half-steps; each has sums, and all agree. */
static void lines_gather_whole_factors(void **state) {
    folder *f = *state;
    nmf_matrix_info info = sizes(4800, 960, 100000);
    nmf_crowd_forecast four = told(f, "kl", &info, 4), one = told(f, "kl", &info, 1);
    assert_true(four.grid[0] == 4 && four.grid[1] == 1);
    expect_number(four.words, .75 * 5760 * 20, "words");
    expect_number(four.network_seconds,
                  2 * 2e-3 + .75 * 5760 * 160 / 1e9 + 4 * (2e-3 + .75 * 160 / 1e9) + 6 * (2e-3 + .75 * 8 / 1e9),
                  "the network of lines");
    expect_number(four.work_seconds, 0.25, "the work of one of four");
    assert_true(four.fit_bytes < one.fit_bytes);
}

static void expect_falling(folder *f, const nmf_matrix_info *info) {
    nmf_crowd_forecast last = told(f, NULL, info, 1);
    double whole = last.matrix_bytes;
    for (int64_t p = 2; p <= 1024; p *= 2) {
        nmf_crowd_forecast found = told(f, NULL, info, p);
        assert_true(found.matrix_bytes < last.matrix_bytes && found.fit_bytes < last.fit_bytes);
        assert_true(found.work_seconds < last.work_seconds);
        assert_true(found.matrix_bytes >= whole / (double)p / (1 + 1e-12));
        last = found;
    }
}

static void more_processes_have_less_each(void **state) {
    nmf_matrix_info dense = sizes(4000000, 200000, 0), sparse = sizes(1000000000, 10000000, 1000000000000);
    expect_falling(*state, &dense);
    expect_falling(*state, &sparse);
}

static void expect_refused_crowd(folder *f, const nmf_options *options, const nmf_matrix_info *info, double work,
                                 nmf_network over, int64_t processes, const char *part) {
    nmf_crowd_forecast found;
    nmf_status status = nmf_forecast_crowd(f->context, options, info, work, &over, processes, &found);
    if (status != NMF_ERROR_USAGE || !strstr(nmf_context_message(f->context), part)) {
        fail_msg("status %d, \"%s\"; expected \"%s\"", (int)status, nmf_context_message(f->context), part);
    }
    assert_true(found.words == 0 && found.iteration_seconds == 0 && found.grid[0] == 0);
}

static void what_cannot_be_is_refused(void **state) {
    folder *f = *state;
    nmf_matrix_info few = sizes(3, 50, 0), many = sizes(300, 200, 0), none = sizes(0, 4, 0);
    nmf_options plain = options_for(2, NULL), batches = plain, started = plain, wrong = plain;
    batches.solver = "online";
    started.init = "spa";
    wrong.rank = -1;
    expect_refused_crowd(f, &plain, &few, 1, network, 4, "there are 4 processes for a matrix of 3 × 50");
    expect_refused_crowd(f, &plain, &none, 1, network, 4, "there is at least one of each");
    expect_refused_crowd(f, &plain, &many, 1, network, 0, "0 processes");
    expect_refused_crowd(f, &batches, &many, 1, network, 4, "spread over several processes");
    expect_refused_crowd(f, &started, &many, 1, network, 4, "spread over several processes");
    expect_refused_crowd(f, &wrong, &many, 1, network, 4, "rank");
    expect_refused_crowd(f, &plain, &many, NAN, network, 4, "seconds are 0 or above");
    expect_refused_crowd(f, &plain, &many, 1, (nmf_network){-1, 1}, 4, "seconds are 0 or above");
    expect_refused_crowd(f, &plain, &many, 1, (nmf_network){0, 0}, 4, "the bandwidth is above 0");
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(one_process_hears_of_nobody),          TEST(words_are_those_of_the_grid),
        TEST(seconds_are_those_of_the_collectives), TEST(lines_gather_whole_factors),
        TEST(more_processes_have_less_each),        TEST(what_cannot_be_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
