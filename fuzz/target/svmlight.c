/* The text of svmlight and LIBSVM. */
#include "target.h"

const target fuzz_target = {.format = &format_svmlight};
