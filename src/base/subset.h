/* A random subset, each equally likely. */
#ifndef NMF_BASE_SUBSET_H
#define NMF_BASE_SUBSET_H

#include <stdint.h>

/* `drawn` of 0 … all − 1, ascending: algorithm S (Knuth, vol. 2, 3.4.2). */
void subset_draw(uint64_t seed, uint32_t stream, int64_t all, int64_t drawn, int64_t *list);

#endif
