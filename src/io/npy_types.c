#include "io/npy.h"

#include <math.h>
#include <string.h>

#define DEFINE_WIDEN(name, type)                                                                                       \
    static void widen_##name(const unsigned char *from, int64_t count, double *to) {                                   \
        for (int64_t i = 0; i < count; i++) {                                                                          \
            type number;                                                                                               \
            memcpy(&number, from + i * (int64_t)sizeof number, sizeof number);                                         \
            to[i] = (double)number;                                                                                    \
        }                                                                                                              \
    }

DEFINE_WIDEN(i1, int8_t)
DEFINE_WIDEN(i2, int16_t)
DEFINE_WIDEN(i4, int32_t)
DEFINE_WIDEN(i8, int64_t)
DEFINE_WIDEN(u1, uint8_t)
DEFINE_WIDEN(u2, uint16_t)
DEFINE_WIDEN(u4, uint32_t)
DEFINE_WIDEN(u8, uint64_t)
DEFINE_WIDEN(f4, float)
DEFINE_WIDEN(f8, double)

static void widen_b1(const unsigned char *from, int64_t count, double *to) {
    for (int64_t i = 0; i < count; i++) {
        to[i] = from[i] != 0;
    }
}

/* IEEE 754 half precision: 1 bit of sign, 5 of exponent (bias 15), 10 of fraction. */
static double half(unsigned bits) {
    int exponent = (int)(bits >> 10 & 0x1f);
    double fraction = bits & 0x3ff;
    double size;
    if (exponent == 0x1f) {
        size = fraction != 0 ? NAN : INFINITY;
    } else if (exponent == 0) {
        size = ldexp(fraction, -24);
    } else {
        size = ldexp(1024 + fraction, exponent - 25);
    }
    return bits & 0x8000 ? -size : size;
}

static void widen_f2(const unsigned char *from, int64_t count, double *to) {
    for (int64_t i = 0; i < count; i++) {
        uint16_t bits;
        memcpy(&bits, from + 2 * i, sizeof bits);
        to[i] = half(bits);
    }
}

static const npy_type types[] = {
    {"b1", "npy, bool", 1, widen_b1},    {"i1", "npy, int8", 1, widen_i1},    {"i2", "npy, int16", 2, widen_i2},
    {"i4", "npy, int32", 4, widen_i4},   {"i8", "npy, int64", 8, widen_i8},   {"u1", "npy, uint8", 1, widen_u1},
    {"u2", "npy, uint16", 2, widen_u2},  {"u4", "npy, uint32", 4, widen_u4},  {"u8", "npy, uint64", 8, widen_u8},
    {"f2", "npy, float16", 2, widen_f2}, {"f4", "npy, float32", 4, widen_f4}, {"f8", "npy, float64", 8, widen_f8},
};

const npy_type *npy_type_named(const char *name, size_t length) {
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (strlen(types[i].name) == length && memcmp(types[i].name, name, length) == 0) {
            return &types[i];
        }
    }
    return NULL;
}
