/* The table of this build: the kernels, each run with denormals as zeros. */
#include "kernel/variant/normal.h"
#include "kernel/variant/variant.h"

#define TEXT(word) #word
#define EXPANDED_TEXT(word) TEXT(word)

static void panel(const void *a, int64_t outer, int64_t outer_stride, int64_t inner, int64_t inner_stride,
                  const void *b, void *c, int64_t k, int64_t stride) {
    float_mode before = normal_enter();
    NAME(panel)(a, outer, outer_stride, inner, inner_stride, b, c, k, stride);
    normal_leave(before);
}

static void times(const void *a, int64_t outer, int64_t outer_stride, int64_t inner, int64_t inner_stride,
                  const void *b, void *c, int64_t k, int64_t stride) {
    float_mode before = normal_enter();
    NAME(times)(a, outer, outer_stride, inner, inner_stride, b, c, k, stride);
    normal_leave(before);
}

static void gather(const int64_t *start, const uint32_t *index, const void *value, int64_t outer, const void *b,
                   void *c, int64_t k, int64_t stride) {
    float_mode before = normal_enter();
    NAME(gather)(start, index, value, outer, b, c, k, stride);
    normal_leave(before);
}

static void scatter(const scatter_lines *at, const void *value, int64_t outer, const void *b, void *c, int64_t k,
                    int64_t stride) {
    float_mode before = normal_enter();
    NAME(scatter)(at, value, outer, b, c, k, stride);
    normal_leave(before);
}

static void gram(const void *x, int64_t count, int64_t k, int64_t stride, double *g, void *scratch) {
    float_mode before = normal_enter();
    NAME(gram)(x, count, k, stride, g, scratch);
    normal_leave(before);
}

static double dot(const void *x, const void *y, int64_t count, int64_t stride) {
    float_mode before = normal_enter();
    double sum = NAME(dot)(x, y, count, stride);
    normal_leave(before);
    return sum;
}

static void extrapolate(const void *x, const void *z, double beta, const kernel_rules *rules, void *y, int64_t count,
                        int64_t stride) {
    float_mode before = normal_enter();
    NAME(extrapolate)(x, z, beta, rules, y, count, stride);
    normal_leave(before);
}

static void sweep(const void *g, const void *p, void *x, int64_t count, int64_t k, int64_t stride,
                  const kernel_rules *rules, int64_t sweeps, double enough, void *scratch) {
    float_mode before = normal_enter();
    NAME(sweep)(g, p, x, count, k, stride, rules, sweeps, enough, scratch);
    normal_leave(before);
}

static void sweep_one(const void *g, const void *p, void *x, int64_t k, int64_t stride, const kernel_rules *rules,
                      int64_t sweeps, double enough, void *scratch) {
    float_mode before = normal_enter();
    NAME(sweep_one)(g, p, x, k, stride, rules, sweeps, enough, scratch);
    normal_leave(before);
}

static void sweep_apart(const void *g, const void *p, void *x, int64_t count, int64_t k, int64_t stride,
                        const kernel_rules *rules, int64_t sweeps, double enough, void *scratch) {
    float_mode before = normal_enter();
    NAME(sweep_apart)(g, p, x, count, k, stride, rules, sweeps, enough, scratch);
    normal_leave(before);
}

static double stationarity(const void *g, const void *p, const void *x, int64_t count, int64_t k, int64_t stride,
                           const kernel_rules *rules, void *scratch) {
    float_mode before = normal_enter();
    double sum = NAME(stationarity)(g, p, x, count, k, stride, rules, scratch);
    normal_leave(before);
    return sum;
}

static void project(const void *m, const void *p, void *x, int64_t count, int64_t k, int64_t stride,
                    const kernel_rules *rules) {
    float_mode before = normal_enter();
    NAME(project)(m, p, x, count, k, stride, rules);
    normal_leave(before);
}

static void multiply(const void *g, const void *p, void *x, int64_t count, int64_t k, int64_t stride,
                     const kernel_rules *rules, void *scratch) {
    float_mode before = normal_enter();
    NAME(multiply)(g, p, x, count, k, stride, rules, scratch);
    normal_leave(before);
}

static void dots(const void *y, const uint32_t *index, int64_t count, const void *x, int64_t k, int64_t stride,
                 double *b) {
    float_mode before = normal_enter();
    NAME(dots)(y, index, count, x, k, stride, b);
    normal_leave(before);
}

static void blend(const void *y, const uint32_t *index, int64_t count, const double *coefficient, int64_t k,
                  int64_t stride, double *sum) {
    float_mode before = normal_enter();
    NAME(blend)(y, index, count, coefficient, k, stride, sum);
    normal_leave(before);
}

static void outer(const void *y, const uint32_t *index, int64_t count, const double *coefficient, int64_t k,
                  int64_t stride, double *g, void *scratch) {
    float_mode before = normal_enter();
    NAME(outer)(y, index, count, coefficient, k, stride, g, scratch);
    normal_leave(before);
}

extern const kernel NAME(kernel);

const kernel NAME(kernel) = {
    .isa = EXPANDED_TEXT(KERNEL_ISA),
    .dtype = sizeof(real) == sizeof(double) ? NMF_F64 : NMF_F32,
    .panel = panel,
    .times = times,
    .gather = gather,
    .scatter = scatter,
    .gram = gram,
    .dot = dot,
    .extrapolate = extrapolate,
    .sweep = sweep,
    .sweep_one = sweep_one,
    .sweep_apart = sweep_apart,
    .apart_items = NAME(apart_items),
    .apart_scratch = NAME(apart_scratch),
    .sweep_scratch = NAME(sweep_scratch),
    .stationarity = stationarity,
    .project = project,
    .multiply = multiply,
    .dots = dots,
    .blend = blend,
    .outer = outer,
    .outer_scratch = NAME(outer_scratch),
};
