#include "base/machine.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The number behind `key` in a file of such lines; NAN where there is none. */
static double number_in(const char *path, const char *key) {
    char line[128];
    double value = NAN;
    FILE *file = fopen(path, "re");
    if (!file) {
        return NAN;
    }
    size_t length = strlen(key);
    while (isnan(value) && fgets(line, sizeof line, file)) {
        unsigned long long number;
        if (strncmp(line, key, length) == 0 && sscanf(line + length, "%llu", &number) == 1) {
            value = (double)number;
        }
    }
    fclose(file);
    return value;
}

/* Pages of files that were not used lately are given back when memory is wanted. */
static double container_memory(void) {
    double most = number_in("/sys/fs/cgroup/memory.max", "");
    double used = number_in("/sys/fs/cgroup/memory.current", "");
    double spare = number_in("/sys/fs/cgroup/memory.stat", "inactive_file ");
    double left = most - used + (isnan(spare) ? 0 : spare);
    return isnan(left) ? INFINITY : left;
}

double machine_memory(void) {
    enum { KILO = 1024 };
    double available = number_in("/proc/meminfo", "MemAvailable:") * KILO;
    double left = container_memory();
    return isnan(available) || left < available ? left : available;
}
