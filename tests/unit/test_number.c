#include "support/expect.h"

#include "base/number.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void same_as_strtod(const char *text) {
    double value = -1;
    const char *end = number_parse(text, &value);
    char *expected_end;
    double expected = strtod(text, &expected_end);
    if (end != expected_end || memcmp(&value, &expected, sizeof value) != 0) {
        fail_msg("\"%s\": %.17g, expected %.17g", text, value, expected);
    }
}

static void parses_as_strtod_does(void **state) {
    (void)state;
    static const char *const texts[] = {"0",
                                        "-0",
                                        "1",
                                        "+1",
                                        "12.5",
                                        ".5",
                                        "5.",
                                        "1e5",
                                        "1E-5",
                                        "1e+5",
                                        "0.1",
                                        "1e22",
                                        "1e23",
                                        "1e-22",
                                        "1e-23",
                                        "9007199254740993",
                                        "9007199254740993e3",
                                        "18446744073709551615",
                                        "18446744073709551616",
                                        "0.00011437481734488664",
                                        "1.7976931348623157e308",
                                        "1.8e308",
                                        "4.9e-324",
                                        "2e-324",
                                        "1e-400",
                                        "1e99999999999",
                                        "123456789012345678901234567890",
                                        "0.000000000000000000000000000000000000001",
                                        "1000000000000000000000000000000",
                                        "2.2250738585072014e-308",
                                        "2.2250738585072011e-308",
                                        "1e5x",
                                        "1ex",
                                        "1e+",
                                        "3,4",
                                        "7 8",
                                        "-2.5e-3;",
                                        "0.500000000000000166533453693773481063544750213623046875",
                                        "9007199254740991.5",
                                        "1.00000000000000011102230246251565"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        same_as_strtod(texts[i]);
    }
}

static uint64_t next_random(uint64_t *seed) {
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *seed >> 1 ^ *seed >> 33;
}

static void parses_random_numbers_exactly(void **state) {
    (void)state;
    uint64_t seed = 1;
    for (int i = 0; i < 200000; i++) {
        char text[80];
        uint64_t digits = next_random(&seed) >> next_random(&seed) % 60;
        int exponent = (int)(next_random(&seed) % 64) - 32;
        snprintf(text, sizeof text, "%llue%d", (unsigned long long)digits, exponent);
        same_as_strtod(text);
        snprintf(text, sizeof text, "%.17g", (double)digits * pow(10, exponent));
        same_as_strtod(text);
    }
}

static void parses_words(void **state) {
    (void)state;
    double value;
    const char *text = "-Infinity,";
    assert_ptr_equal(number_parse(text, &value), text + 9);
    assert_true(isinf(value) && value < 0);
    assert_non_null(number_parse("inf", &value));
    assert_true(isinf(value) && value > 0);
    assert_non_null(number_parse("NaN", &value));
    assert_true(isnan(value));
}

static void refuses_what_is_no_number(void **state) {
    (void)state;
    static const char *const texts[] = {"", "-", "+", ".", "e5", "x", "--1", "- 1", ".e1", "NA", "i"};
    double value;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        assert_null(number_parse(texts[i], &value));
    }
    const char *hex = "0x10";
    assert_ptr_equal(number_parse(hex, &value), hex + 1);
}

static void prints_what_reads_back(void **state) {
    (void)state;
    static const double values[] = {0, 0.1, 1.0 / 3, DBL_MAX, DBL_MIN, 4.9e-324, 123456789.123456789, 1e22, -2.5};
    char text[NUMBER_ROOM];
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        double back;
        int length = number_print(values[i], NMF_F64, text);
        assert_int_equal(length, strlen(text));
        assert_non_null(number_parse(text, &back));
        assert_true(back == values[i]);
        float single = (float)(values[i] / 1e290);
        number_print(single, NMF_F32, text);
        assert_non_null(number_parse(text, &back));
        assert_true((float)back == single);
    }
    number_print(0.1, NMF_F64, text);
    assert_string_equal(text, "0.1");
    number_print((double)0.1F, NMF_F32, text);
    assert_string_equal(text, "0.1");
}

static void ignores_the_locale(void **state) {
    (void)state;
    static const char *const comma[] = {"de_DE.UTF-8", "de_DE", "fr_FR.UTF-8", "fa_IR", "ps_AF"};
    char text[NUMBER_ROOM];
    double value;
    bool found = false;
    for (size_t i = 0; i < sizeof comma / sizeof *comma; i++) {
        if (setlocale(LC_ALL, comma[i])) {
            found = true;
            number_print(-1.5e-10, NMF_F64, text);
            assert_string_equal(text, "-1.5e-10");
            assert_non_null(number_parse("0.1234567890123456789012345", &value));
            assert_true(value == 0.1234567890123456789012345);
            assert_non_null(number_parse("1.5e300", &value));
            assert_true(value == 1.5e300);
        }
    }
    setlocale(LC_ALL, "C");
    if (!found) {
        skip();
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parses_as_strtod_does),  cmocka_unit_test(parses_random_numbers_exactly),
        cmocka_unit_test(parses_words),           cmocka_unit_test(refuses_what_is_no_number),
        cmocka_unit_test(prints_what_reads_back), cmocka_unit_test(ignores_the_locale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
