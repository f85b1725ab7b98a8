/*
 * Numbers below the normal range (denormals) count as zero inside the kernels: processors take some hundred cycles for
 * an operation on one. The mode is the calling thread's, and is put back, flags included.
 */
#ifndef NMF_KERNEL_VARIANT_NORMAL_H
#define NMF_KERNEL_VARIANT_NORMAL_H

#if defined __x86_64__
typedef unsigned float_mode;

static inline float_mode normal_enter(void) {
    enum { INPUTS_ARE_ZERO = 0x40, RESULTS_ARE_ZERO = 0x8000 };
    float_mode before = __builtin_ia32_stmxcsr();
    __builtin_ia32_ldmxcsr(before | INPUTS_ARE_ZERO | RESULTS_ARE_ZERO);
    return before;
}

static inline void normal_leave(float_mode before) {
    __builtin_ia32_ldmxcsr(before);
}
#else
typedef int float_mode;

static inline float_mode normal_enter(void) {
    return 0;
}

static inline void normal_leave(float_mode before) {
    (void)before;
}
#endif

#endif
