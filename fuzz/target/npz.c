/*
 * NumPy's archives. libzip holds memory of its own, which the rule does not see; what a member unpacks to counts as its
 * bytes, of which there may be 256 for each of the file's.
 */
#include "target.h"

const target fuzz_target = {.format = &format_npz, .most = 2 * 64e6, .per_byte = 16 * 256};
