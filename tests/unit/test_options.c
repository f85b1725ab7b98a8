/* The options table: what can be set, what is refused with which words, what the defaults are. */
#include "support/expect.h"
#include "support/problems.h"

#include "fit/plan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* As where a comma is the decimal point, the host's locale may have it. */
double strtod(const char *text, char **end) {
    return (double)strtol(text, end, 10);
}

static void expect_usage(folder *f, nmf_status status, const char *part) {
    if (status != NMF_ERROR_USAGE || !strstr(nmf_context_message(f->context), part)) {
        fail_msg("status %d, \"%s\"; expected \"%s\"", (int)status, nmf_context_message(f->context), part);
    }
}

static void expect_refused_value(folder *f, const char *name, const char *value, const char *part) {
    nmf_options options, before;
    nmf_options_init(&options);
    before = options;
    expect_usage(f, nmf_options_set(f->context, &options, name, value), part);
    assert_non_null(strstr(nmf_context_message(f->context), name));
    assert_memory_equal(&options, &before, sizeof options);
}

/* Call for every choice of a row, the number behind a colon being 0.5, or for one number where it takes numbers. */
static void each_value(const nmf_option_info *row, void (*visit)(folder *f, const char *name, const char *value),
                       folder *f) {
    char choices[sizeof row->choices], *rest;
    snprintf(choices, sizeof choices, "%s", row->choices[0] ? row->choices : "3");
    for (char *value = strtok_r(choices, "|", &rest); value; value = strtok_r(NULL, "|", &rest)) {
        char whole[sizeof row->choices];
        int length = (int)strcspn(value, ":");
        snprintf(whole, sizeof whole, "%.*s%s", length, value, value[length] ? ":0.5" : "");
        visit(f, row->name, whole);
    }
}

static void set_and_plan(folder *f, const char *name, const char *value) {
    nmf_options options, before;
    plan plan;
    nmf_options_init(&options);
    options.rank = 2;
    before = options;
    /* These are about what only other options bring. */
    bool alone = strcmp(name, "l1-ratio") == 0 || strcmp(name, "graph-weight") == 0 || strcmp(name, "keep-all") == 0 ||
                 strcmp(name, "batch") == 0;
    assert_int_equal(nmf_options_set(f->context, &options, name, value), NMF_OK);
    assert_true(memcmp(&options, &before, sizeof options) != 0 || strcmp(value, "f64") == 0);
    assert_int_equal(plan_make(f->context, &options, &plan), alone ? NMF_ERROR_USAGE : NMF_OK);
}

static void every_row_can_be_set(void **state) {
    folder *f = *state;
    nmf_option_info row;
    int64_t rows = 0;
    for (; nmf_option_at(rows, &row); rows++) {
        assert_true(row.name[0] && (!row.argument || row.argument[0]) && row.help[0]);
        each_value(&row, set_and_plan, f);
    }
    assert_int_equal(rows, 36);
    assert_false(nmf_option_at(-1, &row));
}

static void values_arrive(void **state) {
    folder *f = *state;
    static const char *const set[][2] = {
        {"rank", "7"},
        {"solver", "bpp"},
        {"loss", "frobenius"},
        {"init", "numpy"},
        {"seed", "18446744073709551615"},
        {"max-iter", "12"},
        {"tol", "2.5e-3"},
        {"stop", "kkt"},
        {"keep", "best"},
        {"dtype", "f32"},
        {"threads", "5"},
    };
    nmf_options options;
    plan plan;
    nmf_options_init(&options);
    for (size_t i = 0; i < sizeof set / sizeof *set; i++) {
        assert_int_equal(nmf_options_set(f->context, &options, set[i][0], set[i][1]), NMF_OK);
    }
    assert_int_equal(plan_make(f->context, &options, &plan), NMF_OK);
    assert_int_equal(plan.k, 7);
    assert_ptr_equal(plan.update, &update_bpp);
    assert_ptr_equal(plan.init, &init_numpy);
    assert_true(plan.seed == UINT64_MAX);
    assert_int_equal(plan.max_iter, 12);
    assert_true(plan.tol == 2.5e-3);
    assert_int_equal(plan.stop, STOP_KKT);
    assert_true(plan.keep_best);
    assert_int_equal(plan.dtype, NMF_F32);
    assert_int_equal(plan.threads, 5);
}

static void junk_is_refused_by_what_is_allowed(void **state) {
    folder *f = *state;
    static const char *const junk[] = {"", "x", "1x", "1.5", "-1", "nan", "99999999999999999999", "1e3", " "};
    for (size_t i = 0; i < sizeof junk / sizeof *junk; i++) {
        expect_refused_value(f, "rank", junk[i], "it must be a whole number, 1 or above");
        expect_refused_value(f, "max-iter", junk[i], "it must be a whole number, 1 or above");
        expect_refused_value(f, "threads", junk[i], "it must be a whole number, 0 or above");
        expect_refused_value(f, "seed", junk[i], "it must be a whole number, 0 or above");
    }
    static const char *const no_tol[] = {"", "x", "1x", "1,5", "-1", "0", "nan", "inf", "1e999", "1e", "0x1"};
    for (size_t i = 0; i < sizeof no_tol / sizeof *no_tol; i++) {
        expect_refused_value(f, "tol", no_tol[i], "it must be a number above 0");
    }
    expect_refused_value(f, "rank", "0", "1 or above");
    expect_refused_value(f, "max-iter", "0", "1 or above");
}

static void refuse_near(folder *f, const char *name, const char *value) {
    nmf_option_info row = {.name = ""};
    char near[160], hint[160];
    bool numbered = strchr(value, ':') != NULL;
    for (int64_t i = 0; strcmp(row.name, name) != 0; i++) {
        assert_true(nmf_option_at(i, &row));
    }
    snprintf(near, sizeof near, "%sx", value);
    snprintf(hint, sizeof hint, numbered ? "needs a finite number" : "Did you mean %s?", value);
    if (row.choices[0]) {
        expect_refused_value(f, name, near, hint);
        expect_refused_value(f, name, "quite different", numbered ? "beta:B" : value);
        assert_null(strstr(nmf_context_message(f->context), "Did you mean"));
    }
}

static void words_are_refused_with_the_nearest(void **state) {
    folder *f = *state;
    nmf_option_info row;
    for (int64_t i = 0; nmf_option_at(i, &row); i++) {
        each_value(&row, refuse_near, f);
    }
}

static void unknown_options_are_refused_with_the_nearest(void **state) {
    folder *f = *state;
    nmf_options options;
    nmf_options_init(&options);
    expect_usage(f, nmf_options_set(f->context, &options, "max-itre", "3"), "did you mean max-iter?");
    expect_usage(f, nmf_options_set(f->context, &options, "sovler", "mu"), "did you mean solver?");
    expect_usage(f, nmf_options_set(f->context, &options, "zzzzzzzz", "3"), "there is no option \"zzzzzzzz\"");
    assert_null(strstr(nmf_context_message(f->context), "did you mean"));
}

static void structs_are_checked_as_text_is(void **state) {
    folder *f = *state;
    plan plan;
    for (int which = 0; which < 14; which++) {
        static const char *const parts[] = {"rank",  "rank",   "max-iter", "tol",  "tol",  "threads", "threads",
                                            "dtype", "solver", "loss",     "init", "stop", "keep",    "tol"};
        nmf_options options;
        nmf_options_init(&options);
        options.rank = which == 0 ? 0 : which == 1 ? -5 : 3;
        options.max_iter = which == 2 ? -1 : 0;
        options.tol = which == 3 ? -1 : which == 4 ? NAN : which == 13 ? INFINITY : 0;
        options.threads = which == 5 ? -1 : which == 6 ? 100000 : 0;
        options.dtype = which == 7 ? (nmf_dtype)7 : NMF_F64;
        options.solver = which == 8 ? "junk" : NULL;
        options.loss = which == 9 ? "junk" : NULL;
        options.init = which == 10 ? "junk" : NULL;
        options.stop = which == 11 ? "junk" : NULL;
        options.keep = which == 12 ? "junk" : NULL;
        expect_usage(f, plan_make(f->context, &options, &plan), parts[which]);
    }
}

/* What the table prints as the default of a solver: VALUE, or VALUE of "NAME VALUE" among others. */
static const char *printed(const char *name, const char *solver) {
    static char value[sizeof((nmf_option_info *)0)->value];
    nmf_option_info row = {.name = ""};
    char wanted[32];
    for (int64_t i = 0; strcmp(row.name, name) != 0; i++) {
        assert_true(nmf_option_at(i, &row));
    }
    snprintf(wanted, sizeof wanted, "%s ", solver);
    const char *from = strncmp(row.value, wanted, strlen(wanted)) == 0 ? row.value : strstr(row.value, wanted);
    while (from && from > row.value && from[-1] != ' ') {
        from = strstr(from + 1, wanted);
    }
    snprintf(value, sizeof value, "%s", from ? from + strlen(wanted) : row.value);
    value[strcspn(value, ",")] = '\0';
    return value;
}

static void defaults_are_those_printed(void **state) {
    folder *f = *state;
    for (int i = 0; updates[i]; i++) {
        const char *solver = updates[i]->name;
        char tol[32];
        nmf_options options;
        plan plan;
        nmf_options_init(&options);
        options.rank = 1;
        options.solver = solver;
        assert_int_equal(plan_make(f->context, &options, &plan), NMF_OK);
        snprintf(tol, sizeof tol, "%g", plan.tol);
        assert_int_equal(plan.max_iter, atoll(printed("max-iter", solver)));
        assert_string_equal(tol, printed("tol", solver));
        assert_string_equal(stop_names[plan.stop], printed("stop", solver));
        assert_string_equal(plan.init->name, printed("init", solver));
        assert_string_equal(plan.loss->name, printed("loss", solver));
        assert_string_equal(keep_names[plan.keep_best], printed("keep", solver));
        assert_string_equal(dtype_names[plan.dtype], printed("dtype", solver));
        assert_true(plan.seed == strtoull(printed("seed", solver), NULL, 10));
        assert_true(plan.threads >= 1);
    }
}

static void auto_is_what_its_help_says(void **state) {
    folder *f = *state;
    nmf_option_info row = {.name = ""};
    nmf_options options;
    plan plan;
    char said[64];
    nmf_options_init(&options);
    options.rank = 1;
    for (int64_t i = 0; strcmp(row.name, "solver") != 0; i++) {
        assert_true(nmf_option_at(i, &row));
    }
    assert_string_equal(row.value, "auto");
    assert_int_equal(plan_make(f->context, &options, &plan), NMF_OK);
    snprintf(said, sizeof said, "auto: %s", plan.update->name);
    assert_non_null(strstr(row.help, said));
}

static void points_are_points_in_any_locale(void **state) {
    folder *f = *state;
    nmf_options options;
    nmf_options_init(&options);
    assert_int_equal(nmf_options_set(f->context, &options, "tol", "0.125"), NMF_OK);
    assert_true(options.tol == 0.125);
}

static void the_closest_name_is_close(void **state) {
    (void)state;
    static const char *const names[] = {"hals", "bpp", "mu", "als"};
    assert_string_equal(nmf_closest("hasl", names, 4), "hals");
    assert_string_equal(nmf_closest("um", names, 4), "mu");
    assert_string_equal(nmf_closest("als", names, 4), "als");
    assert_string_equal(nmf_closest("bp", names, 4), "bpp");
    assert_string_equal(nmf_closest("m", names, 4), "mu");
    assert_null(nmf_closest("multiplicative", names, 4));
    assert_null(nmf_closest("xyz", names, 4));
    assert_null(nmf_closest("hals", names, 0));
    char longer[200];
    memset(longer, 'h', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    assert_null(nmf_closest(longer, names, 4));
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        TEST(every_row_can_be_set),
        TEST(values_arrive),
        TEST(junk_is_refused_by_what_is_allowed),
        TEST(words_are_refused_with_the_nearest),
        TEST(unknown_options_are_refused_with_the_nearest),
        TEST(structs_are_checked_as_text_is),
        TEST(defaults_are_those_printed),
        TEST(auto_is_what_its_help_says),
        TEST(points_are_points_in_any_locale),
        TEST(the_closest_name_is_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
