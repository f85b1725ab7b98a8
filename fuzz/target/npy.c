/* NumPy's arrays. */
#include "target.h"

const target fuzz_target = {.format = &format_npy};
