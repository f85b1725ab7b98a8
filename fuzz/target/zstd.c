/* Zstandard. */
#include "unpack.h"

static nmf_status read_zstd(const input *in, nmf_matrix **matrix) {
    (void)matrix;
    return unpack(in, &packing_zstd);
}

/* A line of all that was unpacked, in a window that doubles, and zstd's own window, of up to 2^27 bytes. */
const target fuzz_target = {.read = read_zstd, .packed = true, .most = 2 * 64e6 + (1 << 27), .per_byte = 2 * 256};
