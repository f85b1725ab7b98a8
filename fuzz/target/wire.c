/* What nmf-hdf5 hands over, as if it were an enemy's. */
#include "target.h"

const target fuzz_target = {.format = &format_wire};
