#include "init/init.h"

const init *const inits[] = {&init_nndsvd, &init_random, &init_numpy, NULL};
