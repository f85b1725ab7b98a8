#include "support.h"

#include "consensus_picture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLES_MOST = 1000, SPECTRA = 300 };

static const char *const odd_names[] = {"Z\u00fcrich \u6771\u4eac", "<&>\"'", "\x1b[31mred\r\n\x7f",
                                        "\xc3\x28\xf4\x90",         "",       NULL};

static const char *odd_name(const void *names, int64_t column) {
    return ((const char *const *)names)[column % 6];
}

static const char *long_name(const void *names, int64_t column) {
    (void)column;
    return names;
}

/* Made-up numbers of `samples` samples in `clusters` clusters, good until the next call. */
static nmf_consensus_summary summary_of(int64_t samples, int64_t clusters) {
    static int64_t sample[SAMPLES_MOST], cluster[SAMPLES_MOST];
    static double together[SAMPLES_MOST * SAMPLES_MOST], distance[SPECTRA];
    for (int64_t i = 0; i < samples; i++) {
        sample[i] = samples - 1 - i;
        cluster[i] = i * clusters / samples;
        for (int64_t j = 0; j < samples; j++) {
            together[i * samples + j] = cluster[i] == j * clusters / samples ? 0.9 : 0.01 * (double)((i + j) % 10);
        }
    }
    for (int64_t i = 0; i < SPECTRA; i++) {
        distance[i] = i % 30 ? 0.1 * (double)(i % 7) / 7 : 0.9;
    }
    return (nmf_consensus_summary){
        .row =
            {.rank = clusters, .restarts = 100, .samples = samples, .cophenetic = 0.98, .dispersion = 0.9, .pac = 0.05},
        .density = 0.5,
        .spectra = SPECTRA,
        .kept = SPECTRA - SPECTRA / 30,
        .distance = distance,
        .sample = sample,
        .cluster = cluster,
        .together = together};
}

static void draws(studio *in, const nmf_consensus_summary *summary,
                  const char *(*name)(const void *names, int64_t column), const void *names) {
    assert_int_equal(consensus_picture(in->context, "a consensus", summary, name, names, in->path), NMF_OK);
    expect_pictures(in);
}

static void draws_samples(void **state) {
    static const int64_t samples[] = {1, 2, 38, 60, 61, SAMPLES_MOST};
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        const nmf_consensus_summary summary = summary_of(samples[i], samples[i] < 9 ? 1 : 9);
        draws(*state, &summary, NULL, NULL);
    }
}

static void draws_a_cluster_a_sample(void **state) {
    const nmf_consensus_summary summary = summary_of(300, 300);
    draws(*state, &summary, NULL, NULL);
}

static void survives_any_name(void **state) {
    const nmf_consensus_summary summary = summary_of(12, 3);
    char *endless = test_malloc(100001);
    memset(endless, '\xe6', 100000);
    endless[100000] = '\0';
    draws(*state, &summary, odd_name, odd_names);
    draws(*state, &summary, long_name, endless);
    test_free(endless);
}

static void draws_what_was_not_measured(void **state) {
    nmf_consensus_summary summary = summary_of(0, 1);
    summary.row.cophenetic = summary.row.dispersion = summary.row.pac = NAN;
    summary.spectra = summary.kept = 0;
    summary.together = NULL;
    draws(*state, &summary, NULL, NULL);
}

static void survives_any_number(void **state) {
    static const double numbers[] = {NAN, INFINITY, -INFINITY, 0, 1e-320, 1e-290, 1e-200, 1e200, 1.7e308, -1};
    enum { COUNT = sizeof numbers / sizeof *numbers };
    static double together[COUNT * COUNT];
    nmf_consensus_summary summary = summary_of(COUNT, 2);
    for (int i = 0; i < COUNT * COUNT; i++) {
        together[i] = numbers[i % COUNT];
    }
    summary.together = together;
    for (int i = 0; i < COUNT; i++) {
        summary.density = numbers[i];
        draws(*state, &summary, NULL, NULL);
        summary.distance = numbers;
        summary.spectra = COUNT;
        draws(*state, &summary, NULL, NULL);
        summary.distance = &numbers[i];
        summary.spectra = 1;
        draws(*state, &summary, NULL, NULL);
    }
}

static nmf_status draw_small(const studio *in, const char *path) {
    const nmf_consensus_summary summary = summary_of(4, 2);
    return consensus_picture(in->context, "nowhere", &summary, NULL, NULL, path);
}

static void says_what_failed(void **state) {
    expect_no_pictures(*state, draw_small);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(draws_samples),       cmocka_unit_test(draws_a_cluster_a_sample),
        cmocka_unit_test(survives_any_name),   cmocka_unit_test(draws_what_was_not_measured),
        cmocka_unit_test(survives_any_number), cmocka_unit_test(says_what_failed),
        cmocka_unit_test(svgs_are_xml),
    };
    return cmocka_run_group_tests(tests, studio_setup, studio_teardown);
}
