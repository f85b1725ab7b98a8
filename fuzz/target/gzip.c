/* gzip. */
#include "unpack.h"

static nmf_status read_gzip(const input *in, nmf_matrix **matrix) {
    (void)matrix;
    return unpack(in, &packing_gzip);
}

/* A line of all that was unpacked, in a window that doubles. */
const target fuzz_target = {.read = read_gzip, .packed = true, .most = 2 * 64e6, .per_byte = 2 * 256};
