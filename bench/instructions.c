/*
 * One call of one kernel at a fixed size, inside bench_measured, for a counter of instructions to look at.
 *
 * usage: bench_instructions KERNEL f64|f32 K      without arguments, prints the kernels
 */
#include "bench.h"
#include "matrix/products.h"

#include <string.h>

enum { ROWS = 480, COLS = 240, ENTRIES_A_ROW = 24, SWEEPS = 3 };

typedef struct problem {
    nmf_context *context;
    const kernel *simd;
    nmf_matrix *dense, *sparse;
    items w, h, gram; /* A is ROWS×COLS */
    items p, n;       /* A·H and Aᵀ·W */
    double *square;   /* k×k */
    void *scratch;
} problem;

static void dense_times(problem *b) {
    matrix_times(b->dense, NULL, &b->h, &b->p, 1);
}

static void dense_accumulate(problem *b) {
    matrix_transposed_times(b->dense, NULL, &b->w, &b->n, 1);
}

static void sparse_times(problem *b) {
    matrix_times(b->sparse, NULL, &b->h, &b->p, 1);
}

static void sparse_accumulate(problem *b) {
    matrix_transposed_times(b->sparse, NULL, &b->w, &b->n, 1);
}

static void gram(problem *b) {
    b->simd->gram(b->w.data, b->w.count, b->w.k, b->w.stride, b->square, b->scratch);
}

static void sweep(problem *b) {
    b->simd->sweep(b->gram.data, b->p.data, b->w.data, b->w.count, b->w.k, b->w.stride, &KERNEL_PLAIN, SWEEPS, 0,
                   b->scratch);
}

static const struct {
    const char *name;
    void (*run)(problem *b);
} kernels[] = {
    {"dense times", dense_times},
    {"dense accumulate", dense_accumulate},
    {"sparse times", sparse_times},
    {"sparse accumulate", sparse_accumulate},
    {"gram", gram},
    {"sweep", sweep},
};
enum { KERNELS = sizeof kernels / sizeof *kernels };

/* What is counted. It does not end in a call, so that the counter sees it return. */
void bench_measured(void (*run)(problem *b), problem *b);

__attribute__((noinline)) void bench_measured(void (*run)(problem *b), problem *b) {
    run(b);
    __asm__ volatile("" ::: "memory");
}

static items factor(problem *b, int64_t count, int64_t k) {
    items all;
    uint64_t state = 1;
    bench_check(b->context, items_new(b->context, b->simd->dtype, count, k, "a factor", &all));
    for (int64_t i = 0; i < count; i++) {
        for (int64_t c = 0; c < k; c++) {
            items_set(&all, i, c, bench_random(&state));
        }
    }
    return all;
}

/* `bytes` bytes that end with the program. */
static void *room(problem *b, size_t bytes) {
    void *memory;
    bench_check(b->context, array_new(b->context, (int64_t)bytes, 1, "the bench", &memory));
    return memory;
}

/* A whole number for every entry, and columns a prime apart. */
static void make_matrices(problem *b) {
    static int64_t start[ROWS + 1], column[ROWS * ENTRIES_A_ROW];
    items numbers = {.dtype = b->simd->dtype, .count = ROWS, .k = COLS, .stride = COLS};
    numbers.data = room(b, ROWS * COLS * dtype_size(numbers.dtype));
    for (int64_t i = 0; i < ROWS; i++) {
        start[i + 1] = (i + 1) * ENTRIES_A_ROW;
        for (int64_t e = 0; e < ENTRIES_A_ROW; e++) {
            column[i * ENTRIES_A_ROW + e] = (i + 7 * e) % COLS;
        }
        for (int64_t j = 0; j < COLS; j++) {
            items_set(&numbers, i, j, (double)(1 + (i + j) % 5));
        }
    }
    bench_check(b->context,
                nmf_matrix_dense(b->context, ROWS, COLS, numbers.dtype, numbers.data, COLS, 1, 0, &b->dense));
    const nmf_compressed lines = {ROWS, COLS, false, sizeof *column, numbers.dtype, start, column, numbers.data};
    bench_check(b->context, nmf_matrix_sparse(b->context, &lines, 0, &b->sparse));
}

static void make_factors(problem *b, int64_t k) {
    size_t for_sweep = b->simd->sweep_scratch(k), for_gram = (size_t)items_bytes(b->simd->dtype, k, k);
    b->w = factor(b, ROWS, k);
    b->h = factor(b, COLS, k);
    b->p = factor(b, ROWS, k);
    b->n = factor(b, COLS, k);
    b->gram = factor(b, k, k);
    for (int64_t c = 0; c < k; c++) {
        items_set(&b->gram, c, c, (double)k);
    }
    b->square = room(b, (size_t)(k * k) * sizeof *b->square);
    b->scratch = room(b, for_sweep > for_gram ? for_sweep : for_gram);
}

int main(int argc, char **argv) {
    problem b = {0};
    int which = 0;
    while (argc == 4 && which < KERNELS && strcmp(kernels[which].name, argv[1]) != 0) {
        which++;
    }
    if (argc != 4 || which == KERNELS || nmf_context_new(NULL, &b.context) != NMF_OK) {
        for (int i = 0; i < KERNELS; i++) {
            puts(kernels[i].name);
        }
        return argc == 1 ? 0 : NMF_ERROR_USAGE;
    }
    b.simd = kernel_for(strcmp(argv[2], "f32") == 0 ? NMF_F32 : NMF_F64);
    make_matrices(&b);
    make_factors(&b, strtoll(argv[3], NULL, 10));
    kernels[which].run(&b); /* symbols are looked up, threads made */
    bench_measured(kernels[which].run, &b);
    return 0;
}
