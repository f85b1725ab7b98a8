#include "base/mt19937.h"

enum { WORDS = 624, SHIFT = 397 };

void mt19937_seed(mt19937 *state, uint32_t seed) {
    state->word[0] = seed;
    for (uint32_t i = 1; i < WORDS; i++) {
        uint32_t before = state->word[i - 1];
        state->word[i] = 1812433253u * (before ^ (before >> 30)) + i;
    }
    state->next = WORDS;
}

static void refill(uint32_t *word) {
    for (int i = 0; i < WORDS; i++) {
        uint32_t joined = (word[i] & 0x80000000u) | (word[(i + 1) % WORDS] & 0x7fffffffu);
        word[i] = word[(i + SHIFT) % WORDS] ^ (joined >> 1) ^ (joined & 1 ? 0x9908b0dfu : 0);
    }
}

static uint32_t next_word(mt19937 *state) {
    if (state->next == WORDS) {
        refill(state->word);
        state->next = 0;
    }
    uint32_t y = state->word[state->next++];
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c5680u;
    y ^= (y << 15) & 0xefc60000u;
    return y ^ (y >> 18);
}

double mt19937_uniform(mt19937 *state) {
    uint32_t high = next_word(state) >> 5, low = next_word(state) >> 6;
    return (high * 67108864.0 + low) / 9007199254740992.0;
}
