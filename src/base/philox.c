#include "base/philox.h"

#include <Random123/philox.h>
#include <math.h>

static const double two_pi = 6.28318530717958647692;

static philox4x32_ctr_t draw(uint64_t seed, uint32_t stream, uint64_t row, uint32_t column) {
    philox4x32_ctr_t counter = {{(uint32_t)row, (uint32_t)(row >> 32), column, stream}};
    philox4x32_key_t key = {{(uint32_t)seed, (uint32_t)(seed >> 32)}};
    return philox4x32(counter, key);
}

/* 53 bits of two words, as a number of [0, 1). */
static double uniform(uint32_t high, uint32_t low) {
    return ((high >> 5) * 67108864.0 + (low >> 6)) / 9007199254740992.0;
}

double philox_uniform(uint64_t seed, uint32_t stream, uint64_t row, uint32_t column) {
    philox4x32_ctr_t word = draw(seed, stream, row, column);
    return uniform(word.v[0], word.v[1]);
}

double philox_normal(uint64_t seed, uint32_t stream, uint64_t row, uint32_t column) {
    philox4x32_ctr_t word = draw(seed, stream, row, column);
    double radius = sqrt(-2 * log(1 - uniform(word.v[0], word.v[1])));
    return radius * cos(two_pi * uniform(word.v[2], word.v[3]));
}
