#include "init/init.h"

const init *const inits[] = {&init_nndsvd, &init_nndsvda, &init_nndsvdar, &init_spa,   &init_kmeans,
                             &init_random, &init_sample,  &init_sketch,   &init_numpy, NULL};
