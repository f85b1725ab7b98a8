/* Counter-based random numbers: a value is a function of (seed, stream, row, column), so any part can be drawn alone.
 */
#ifndef NMF_BASE_PHILOX_H
#define NMF_BASE_PHILOX_H

#include <stdint.h>

/* Uniform on [0, 1), 53 bits: Philox4x32-10 (Salmon et al. 2011). */
double philox_uniform(uint64_t seed, uint32_t stream, uint64_t row, uint32_t column);

/* Standard normal, by Box and Muller. */
double philox_normal(uint64_t seed, uint32_t stream, uint64_t row, uint32_t column);

#endif
