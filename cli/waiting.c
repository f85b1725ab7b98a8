#include "waiting.h"

#include <stdlib.h>
#include <unistd.h>

void waiting_set(char **argv) {
    if (getenv("GOMP_SPINCOUNT") || getenv("OMP_WAIT_POLICY") || setenv("GOMP_SPINCOUNT", "2000", 0) != 0) {
        return;
    }
    execv("/proc/self/exe", argv);
}
