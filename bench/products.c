/*
 * One thread's speed at the two products of an iteration on a dense A, P = A·H and N = Aᵀ·P, against OpenBLAS doing the
 * same two and against what the core can do at most, all measured in this run. Prints one JSON object a line.
 */
#include "kernel/kernel.h"

#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROWS = 5000, COLS = 2000, PANEL = 48, RUNS = 7, LONGEST = 64 };

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void *room(size_t bytes) {
    void *memory = aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
    if (!memory) {
        fputs("bench: out of memory\n", stderr);
        exit(5);
    }
    memset(memory, 0, bytes);
    return memory;
}

/* Multiply-adds on registers alone: GF/s. */
#define FMA_PEAK(NAME, REAL)                                                                                           \
    static double NAME(void) {                                                                                         \
        typedef REAL vec __attribute__((vector_size(64)));                                                             \
        vec sum[16], by = (vec){0} + (REAL)0.999, plus = (vec){0} + (REAL)0.001;                                       \
        double best = 1e9;                                                                                             \
        for (int run = 0; run < RUNS; run++) {                                                                         \
            for (int i = 0; i < 16; i++) {                                                                             \
                sum[i] = (vec){0} + (REAL)i;                                                                           \
            }                                                                                                          \
            double began = now();                                                                                      \
            for (int t = 0; t < 2000000; t++) {                                                                        \
                _Pragma("GCC unroll 16") for (int i = 0; i < 16; i++) {                                                \
                    sum[i] = sum[i] * by + plus;                                                                       \
                }                                                                                                      \
            }                                                                                                          \
            double spent = now() - began;                                                                              \
            best = spent < best ? spent : best;                                                                        \
            for (int i = 0; i < 16; i++) {                                                                             \
                __asm__ volatile("" ::"m"(sum[i]));                                                                    \
            }                                                                                                          \
        }                                                                                                              \
        return 2e6 * 16 * 2 * (64 / sizeof(REAL)) / best / 1e9;                                                        \
    }

FMA_PEAK(peak_f64, double)
FMA_PEAK(peak_f32, float)

/* GB/s of reading an array that no cache holds. */
static double read_bandwidth(void) {
    typedef double vec __attribute__((vector_size(64)));
    size_t count = (size_t)1 << 22;
    vec *a = room(count * sizeof *a);
    double best = 1e9;
    for (int run = 0; run < RUNS; run++) {
        vec sum[8] = {{0}};
        double began = now();
        for (size_t i = 0; i < count; i += 8) {
#pragma GCC unroll 8
            for (int t = 0; t < 8; t++) {
                sum[t] += a[i + (size_t)t];
            }
        }
        double spent = now() - began;
        best = spent < best ? spent : best;
        __asm__ volatile("" ::"m"(sum));
    }
    free(a);
    return (double)(count * sizeof *a) / best / 1e9;
}

/* What two threads at a time do, in all: less than twice as much where they share a core, or its power. */
static double on_two_threads(double (*measured)(void)) {
    double both = 0;
#pragma omp parallel num_threads(2) reduction(+ : both)
    both += measured();
    return both;
}

typedef struct problem {
    const kernel *simd;
    size_t size; /* of a number */
    int64_t k, stride;
    void *a, *h, *p, *n;
} problem;

static void ours(const problem *b) {
    for (int64_t first = 0; first < ROWS; first += PANEL) {
        int64_t rows = ROWS - first < PANEL ? ROWS - first : PANEL;
        const char *a = (char *)b->a + (size_t)(first * COLS) * b->size;
        char *p = (char *)b->p + (size_t)(first * b->stride) * b->size;
        b->simd->times(a, rows, COLS, COLS, 1, b->h, p, b->k, b->stride);
        b->simd->panel(a, COLS, 1, rows, COLS, p, b->n, b->k, b->stride);
    }
}

static void openblas(const problem *b) {
    int k = (int)b->k;
    if (b->size == sizeof(double)) {
        cblas_dgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, ROWS, k, COLS, 1, b->a, COLS, b->h, k, 0, b->p, k);
        cblas_dgemm(CblasRowMajor, CblasTrans, CblasNoTrans, COLS, k, ROWS, 1, b->a, COLS, b->p, k, 0, b->n, k);
    } else {
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, ROWS, k, COLS, 1, b->a, COLS, b->h, k, 0, b->p, k);
        cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, COLS, k, ROWS, 1, b->a, COLS, b->p, k, 0, b->n, k);
    }
}

static int ascending(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static double median(double *values) {
    qsort(values, RUNS, sizeof *values, ascending);
    return values[RUNS / 2];
}

static void compare(nmf_dtype dtype, int64_t k, void *a, double peak, double bandwidth) {
    problem b = {.simd = kernel_for(dtype), .size = dtype == NMF_F64 ? 8 : 4, .k = k, .a = a};
    int64_t lanes = 64 / (int64_t)b.size;
    double own[RUNS], other[RUNS], flops = 4.0 * ROWS * COLS * (double)k;
    b.stride = (k + lanes - 1) / lanes * lanes;
    b.h = room((size_t)(COLS * b.stride) * b.size);
    b.p = room((size_t)(ROWS * b.stride) * b.size);
    b.n = room((size_t)(COLS * b.stride) * b.size);
    ours(&b);
    openblas(&b);
    for (int run = 0; run < RUNS; run++) {
        double began = now();
        ours(&b);
        own[run] = now() - began;
        began = now();
        openblas(&b);
        other[run] = now() - began;
    }
    double one = median(own), two = median(other), bytes = (double)ROWS * COLS * (double)b.size;
    printf("{\"dtype\": \"%s\", \"isa\": \"%s\", \"k\": %lld, \"gflops\": %.1f, \"openblas_gflops\": %.1f, \"ratio\": "
           "%.2f, "
           "\"of_peak\": %.2f, \"of_bandwidth\": %.2f}\n",
           dtype == NMF_F64 ? "f64" : "f32", b.simd->isa, (long long)k, flops / one / 1e9, flops / two / 1e9, two / one,
           flops / one / 1e9 / peak, bytes / one / 1e9 / bandwidth);
    free(b.h);
    free(b.p);
    free(b.n);
}

int main(void) {
    static const int64_t ranks[] = {8, 10, 16, 20, 24, 32, 50, LONGEST};
    double peak[] = {peak_f64(), peak_f32()}, bandwidth = read_bandwidth();
    printf(
        "{\"fma_peak_f64\": %.0f, \"fma_peak_f32\": %.0f, \"read_gb_per_s\": %.1f, \"two_threads_fma_peak_f64\": %.0f, "
        "\"two_threads_read_gb_per_s\": %.1f}\n",
        peak[0], peak[1], bandwidth, on_two_threads(peak_f64), on_two_threads(read_bandwidth));
    void *a = room((size_t)ROWS * COLS * sizeof(double));
    for (int dtype = 0; dtype < 2; dtype++) {
        for (int64_t i = 0; i < (int64_t)ROWS * COLS; i++) {
            double value = (double)(i * 2654435761u % 1000) / 1000;
            if (dtype == NMF_F64) {
                ((double *)a)[i] = value;
            } else {
                ((float *)a)[i] = (float)value;
            }
        }
        for (size_t r = 0; r < sizeof ranks / sizeof *ranks; r++) {
            compare((nmf_dtype)dtype, ranks[r], a, peak[dtype], bandwidth);
        }
    }
    free(a);
    return 0;
}
