#include "base/number.h"

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

__extension__ typedef unsigned __int128 wide;

/* 19 digits always fit 64 bits; 5^27 is the last power of five that does. */
enum { DIGITS_AT_MOST = 19, FIVE_AT_MOST = 27, EXPONENT_AT_MOST = 100000 };

static const uint64_t powers_of_5[FIVE_AT_MOST + 1] = {UINT64_C(1),
                                                       UINT64_C(5),
                                                       UINT64_C(25),
                                                       UINT64_C(125),
                                                       UINT64_C(625),
                                                       UINT64_C(3125),
                                                       UINT64_C(15625),
                                                       UINT64_C(78125),
                                                       UINT64_C(390625),
                                                       UINT64_C(1953125),
                                                       UINT64_C(9765625),
                                                       UINT64_C(48828125),
                                                       UINT64_C(244140625),
                                                       UINT64_C(1220703125),
                                                       UINT64_C(6103515625),
                                                       UINT64_C(30517578125),
                                                       UINT64_C(152587890625),
                                                       UINT64_C(762939453125),
                                                       UINT64_C(3814697265625),
                                                       UINT64_C(19073486328125),
                                                       UINT64_C(95367431640625),
                                                       UINT64_C(476837158203125),
                                                       UINT64_C(2384185791015625),
                                                       UINT64_C(11920928955078125),
                                                       UINT64_C(59604644775390625),
                                                       UINT64_C(298023223876953125),
                                                       UINT64_C(1490116119384765625),
                                                       UINT64_C(7450580596923828125)};

static const double powers_of_10[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                      1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* What stands in the text: ±digits·10^exponent. */
typedef struct decimal {
    uint64_t digits;
    int64_t exponent;
    bool negative;
    bool exact; /* all digits are in `digits` */
} decimal;

/* 2^exponent, for exponents well within the normal numbers. */
static double power_of_2(int exponent) {
    uint64_t bits = (uint64_t)(1023 + exponent) << 52;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* value·2^exponent, rounded once: what falls off the end of 64 bits is kept as an odd last bit. */
static double wide_to_double(wide value, int exponent) {
    uint64_t high = (uint64_t)(value >> 64);
    uint64_t top = (uint64_t)value;
    if (high != 0) {
        int shift = 64 - __builtin_clzll(high);
        bool rest = (value & (((wide)1 << shift) - 1)) != 0;
        top = (uint64_t)(value >> shift) | rest;
        exponent += shift;
    }
    return (double)top * power_of_2(exponent);
}

/* digits·10^exponent = digits·5^exponent·2^exponent exactly in integers, for |exponent| ≤ FIVE_AT_MOST. */
static double scale(uint64_t digits, int exponent) {
    if (digits <= (UINT64_C(1) << 53) && exponent >= -22 && exponent <= 22) {
        /* Both numbers are exact, so one operation rounds once (Clinger 1990). */
        return exponent < 0 ? (double)digits / powers_of_10[-exponent] : (double)digits * powers_of_10[exponent];
    }
    if (exponent >= 0) {
        return wide_to_double((wide)digits * powers_of_5[exponent], exponent);
    }
    int shift = __builtin_clzll(digits);
    wide dividend = (wide)(digits << shift) << 64;
    wide quotient = dividend / powers_of_5[-exponent];
    bool rest = quotient * powers_of_5[-exponent] != dividend;
    return wide_to_double(quotient | rest, exponent - 64 - shift);
}

static inline bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* The digits before and after the point; NULL where there are none. */
static const char *scan_digits(const char *text, decimal *number) {
    const char *at = text;
    const char *point = NULL;
    int count = 0;
    bool any = false;
    for (;; at++) {
        if (is_digit(*at)) {
            any = true;
            if (count < DIGITS_AT_MOST) {
                number->digits = 10 * number->digits + (uint64_t)(*at - '0');
                count += number->digits != 0;
            } else {
                number->exact = number->exact && *at == '0';
                number->exponent++;
            }
        } else if (*at == '.' && !point) {
            point = at + 1;
        } else {
            break;
        }
    }
    if (point) {
        number->exponent -= at - point;
    }
    return any ? at : NULL;
}

static const char *scan_exponent(const char *text, decimal *number) {
    const char *at = text + 1;
    bool negative = *at == '-';
    at += *at == '-' || *at == '+';
    if (!is_digit(*at)) {
        return text;
    }
    int64_t exponent = 0;
    for (; is_digit(*at); at++) {
        if (exponent < EXPONENT_AT_MOST) {
            exponent = 10 * exponent + (*at - '0');
        }
    }
    number->exponent += negative ? -exponent : exponent;
    return at;
}

static const char *parse_word(const char *text, bool negative, double *value) {
    static const char *const words[] = {"nan", "infinity", "inf"};
    for (int i = 0; i < 3; i++) {
        size_t length = strlen(words[i]);
        if (strncasecmp(text, words[i], length) == 0) {
            *value = i == 0 ? NAN : negative ? -INFINITY : INFINITY;
            return text + length;
        }
    }
    return NULL;
}

/* Long numbers and extreme exponents. `text` is known to be a decimal number. */
static double parse_slowly(const char *text) {
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (plain == (locale_t)0) {
        return strtod(text, NULL);
    }
    double value = strtod_l(text, NULL, plain);
    freelocale(plain);
    return value;
}

/* A whole number of up to 18 digits and nothing after it, which most numbers of most files are; NULL for any other. */
static inline const char *parse_whole(const char *text, double *value) {
    enum { AT_MOST = 18 };
    int64_t whole = 0;
    const char *at = text;
    for (; is_digit(*at) && at - text < AT_MOST; at++) {
        whole = 10 * whole + (*at - '0');
    }
    *value = (double)whole;
    return at == text || is_digit(*at) || *at == '.' || *at == 'e' || *at == 'E' ? NULL : at;
}

const char *number_parse(const char *text, double *value) {
    const char *whole_end = parse_whole(text, value);
    if (whole_end) {
        return whole_end;
    }
    decimal number = {.exact = true, .negative = *text == '-'};
    const char *first = text + (*text == '-' || *text == '+');
    const char *end = scan_digits(first, &number);
    if (!end) {
        return parse_word(first, number.negative, value);
    }
    if (*end == 'e' || *end == 'E') {
        end = scan_exponent(end, &number);
    }
    if (number.digits == 0) {
        *value = number.negative ? -0.0 : 0.0;
    } else if (number.exact && number.exponent >= -FIVE_AT_MOST && number.exponent <= FIVE_AT_MOST) {
        double size = scale(number.digits, (int)number.exponent);
        *value = number.negative ? -size : size;
    } else {
        *value = parse_slowly(text);
    }
    return end;
}

/* The host's locale may print another decimal point, of one byte or several. */
static int plain_point(char *text) {
    int length = 0;
    bool in_point = false;
    for (const char *at = text; *at; at++) {
        bool plain = is_digit(*at) || strchr("+-einfaINFA", *at) != NULL;
        if (plain || !in_point) {
            text[length++] = plain ? *at : '.';
        }
        in_point = !plain;
    }
    text[length] = '\0';
    return length;
}

static int print_whole(uint64_t value, char *text) {
    char reversed[NUMBER_ROOM];
    int length = 0;
    do {
        reversed[length++] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    for (int i = 0; i < length; i++) {
        text[i] = reversed[length - 1 - i];
    }
    text[length] = '\0';
    return length;
}

static int print_digits(double value, int digits, char text[NUMBER_ROOM]) {
    snprintf(text, NUMBER_ROOM, "%.*g", digits, value);
    return plain_point(text);
}

int number_print(double value, nmf_dtype dtype, char text[NUMBER_ROOM]) {
    static const double WHOLE_AT_MOST = 1e9;
    static const int few[] = {15, 6}, enough[] = {17, 9};
    if (value >= 0 && value < WHOLE_AT_MOST && value == (double)(uint64_t)value && !signbit(value)) {
        return print_whole((uint64_t)value, text);
    }
    if (isnan(value)) {
        return snprintf(text, NUMBER_ROOM, "NaN");
    }
    double back;
    int length = print_digits(value, few[dtype], text);
    if (number_parse(text, &back) && (dtype == NMF_F64 ? back == value : (float)back == (float)value)) {
        return length;
    }
    return print_digits(value, enough[dtype], text);
}
