/* Numbers in bytes, the least significant one first. */
#ifndef NMF_IO_LITTLE_H
#define NMF_IO_LITTLE_H

#include <stdint.h>

static inline uint32_t little_get32(const unsigned char *from) {
    return (uint32_t)from[0] | (uint32_t)from[1] << 8 | (uint32_t)from[2] << 16 | (uint32_t)from[3] << 24;
}

static inline uint64_t little_get64(const unsigned char *from) {
    return (uint64_t)little_get32(from) | (uint64_t)little_get32(from + 4) << 32;
}

static inline void little_put32(unsigned char *to, uint32_t number) {
    for (int i = 0; i < 4; i++) {
        to[i] = (unsigned char)(number >> 8 * i);
    }
}

static inline void little_put64(unsigned char *to, uint64_t number) {
    little_put32(to, (uint32_t)number);
    little_put32(to + 4, (uint32_t)(number >> 32));
}

#endif
