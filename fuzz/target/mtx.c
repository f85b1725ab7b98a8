/* Matrix Market. */
#include "target.h"

const target fuzz_target = {.format = &format_mtx};
