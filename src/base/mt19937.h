/*
 * The Mersenne Twister MT19937 (Matsumoto & Nishimura 1998), seeded and read as NumPy's RandomState does: for starts
 * that agree with np.random.seed and np.random.rand digit for digit.
 */
#ifndef NMF_BASE_MT19937_H
#define NMF_BASE_MT19937_H

#include <stdint.h>

typedef struct mt19937 {
    uint32_t word[624];
    int next;
} mt19937;

/* np.random.seed(seed) */
void mt19937_seed(mt19937 *state, uint32_t seed);

/* The next of np.random.rand(): uniform on [0, 1), 53 bits. */
double mt19937_uniform(mt19937 *state);

#endif
