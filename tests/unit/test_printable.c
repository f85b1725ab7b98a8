#include "support/expect.h"

#include "base/printable.h"

#include <string.h>

static void expect_made(const char *text, const char *expected) {
    char made[100];
    strcpy(made, text);
    make_printable(made);
    assert_string_equal(made, expected);
}

static void leaves_what_is_printable(void **state) {
    (void)state;
    expect_made("", "");
    expect_made("row 3, \"a~z\"", "row 3, \"a~z\"");
    expect_made("Zürich × 東京 \U0001F600 \u00a0 \uffff \U0010ffff",
                "Zürich × 東京 \U0001F600 \u00a0 \uffff \U0010ffff");
}

static void replaces_what_a_terminal_would_obey(void **state) {
    (void)state;
    expect_made("\x1b[31mred\r\n\t\x7f", "?[31mred????");
    expect_made("\xc2\x80 \xc2\x9f", "?? ??");
}

static void replaces_broken_characters(void **state) {
    (void)state;
    expect_made("cut \xe6\x9d", "cut ??");
    expect_made("\xbc"
                "a\xff"
                "b\xf8\x88\x80\x80\x80",
                "?a?b?????");
    expect_made("long \xc0\xaf \xe0\x80\xaf \xf0\x80\x80\xaf", "long ?? ??? ????");
    expect_made("half \xed\xa0\x80, beyond \xf4\x90\x80\x80", "half ???, beyond ????");
}

static void sentences_quote_printably(void **state) {
    folder *f = *state;
    expect_refused(f, folder_text(f, "a.csv", "1,2\n3,\x7f[2J\xe6\n"), "\"?[2J?\" is not a number");
    expect_refused(f, folder_text(f, "a.mtx", "%%MatrixMarket matrix array \x9b real general\n"), "\"?\"");
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, folder_setup, folder_teardown)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaves_what_is_printable),
        cmocka_unit_test(replaces_what_a_terminal_would_obey),
        cmocka_unit_test(replaces_broken_characters),
        TEST(sentences_quote_printably),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
