#include "init/init.h"

const init *const inits[] = {&init_nndsvd, &init_random, &init_sample, &init_numpy, NULL};
