/* Text tables: commas, tabs, semicolons, blanks. */
#include "target.h"

const target fuzz_target = {.format = &format_csv};
