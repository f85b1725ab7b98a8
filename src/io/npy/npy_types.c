#include "io/npy/npy.h"

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

#define TYPE(name, words, size)                                                                                        \
    { #name, "npy, " words, "npz, " words, size, widen_##name }

static const npy_type types[] = {
    TYPE(b1, "bool", 1),   TYPE(i1, "int8", 1),    TYPE(i2, "int16", 2),   TYPE(i4, "int32", 4),
    TYPE(i8, "int64", 8),  TYPE(u1, "uint8", 1),   TYPE(u2, "uint16", 2),  TYPE(u4, "uint32", 4),
    TYPE(u8, "uint64", 8), TYPE(f2, "float16", 2), TYPE(f4, "float32", 4), TYPE(f8, "float64", 8),
};

const npy_type *npy_type_named(const char *name, size_t length) {
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (strlen(types[i].name) == length && memcmp(types[i].name, name, length) == 0) {
            return &types[i];
        }
    }
    return NULL;
}
