/* In the place of src/kernel: every matrix has a kernel, and no reader looks at it. */
#include "kernel/kernel.h"

const kernel *kernel_for(nmf_dtype dtype) {
    (void)dtype;
    return NULL;
}
