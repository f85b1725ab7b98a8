/* What the programs of this room share. */
#ifndef NMF_BENCH_BENCH_H
#define NMF_BENCH_BENCH_H

#include "nmf/nmf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* The next of a fixed row of numbers from 0 to 1, 0 left out (Knuth's MMIX generator): the same on every machine. */
static inline double bench_random(uint64_t *state) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)((*state >> 11) + 1) * 0x1p-53;
}

/* End the program where a call of the library failed. */
static inline void bench_check(nmf_context *context, nmf_status status) {
    if (status != NMF_OK) {
        fprintf(stderr, "bench: %s\n", nmf_context_message(context));
        exit(status);
    }
}

#endif
