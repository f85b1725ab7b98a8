#include "kernel/kernel.h"

#include <stdlib.h>
#include <string.h>

extern const kernel kernel_baseline_double, kernel_baseline_float;
#if defined __x86_64__
extern const kernel kernel_avx2_double, kernel_avx2_float, kernel_avx512_double, kernel_avx512_float;

static bool has_avx512(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vl");
}

static bool has_avx2(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}
#endif

static bool has_baseline(void) {
    return true;
}

/* Best first. */
static const struct {
    bool (*runs)(void);
    const kernel *real64, *real32;
} tables[] = {
#if defined __x86_64__
    {has_avx512, &kernel_avx512_double, &kernel_avx512_float},
    {has_avx2, &kernel_avx2_double, &kernel_avx2_float},
#endif
    {has_baseline, &kernel_baseline_double, &kernel_baseline_float},
};

const kernel *kernel_at(nmf_dtype dtype, int64_t index) {
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++) {
        if (tables[t].runs() && index-- == 0) {
            return dtype == NMF_F64 ? tables[t].real64 : tables[t].real32;
        }
    }
    return NULL;
}

const kernel *kernel_for(nmf_dtype dtype) {
    const char *wanted = getenv("NMF_ISA");
    for (int64_t t = 0; wanted && kernel_at(dtype, t); t++) {
        if (strcmp(kernel_at(dtype, t)->isa, wanted) == 0) {
            return kernel_at(dtype, t);
        }
    }
    return kernel_at(dtype, 0);
}
