/*
 * The two products of an iteration on a sparse A, one thread: P = A·H, N = Aᵀ·W.
 *
 * usage: bench_sparse FILE K f64|f32
 *
 * For every line on stdin both are made once, and their seconds printed: whoever writes the lines can run something
 * else in between.
 */
#include "bench.h"
#include "matrix/products.h"

#include <string.h>
#include <time.h>

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Items of random numbers. */
static items factor(nmf_context *context, nmf_dtype dtype, int64_t count, int64_t k) {
    items all;
    uint64_t state = 1;
    bench_check(context, items_new(context, dtype, count, k, "a factor", &all));
    for (int64_t i = 0; i < count; i++) {
        for (int64_t c = 0; c < k; c++) {
            items_set(&all, i, c, bench_random(&state));
        }
    }
    return all;
}

static void answer(const nmf_matrix *matrix, const items *h, const items *w, items *p, items *n) {
    while (getchar() != EOF) {
        double began = now();
        matrix_times(matrix, NULL, h, p, 1);
        double between = now();
        matrix_transposed_times(matrix, NULL, w, n, 1);
        printf("%.9f %.9f\n", between - began, now() - between);
        fflush(stdout);
    }
}

int main(int argc, char **argv) {
    nmf_context *context;
    nmf_matrix *matrix;
    if (argc != 4 || nmf_context_new(NULL, &context) != NMF_OK) {
        fputs("usage: bench_sparse FILE K f64|f32\n", stderr);
        return NMF_ERROR_USAGE;
    }
    nmf_read_options how = {.dtype = strcmp(argv[3], "f32") == 0 ? NMF_F32 : NMF_F64};
    bench_check(context, nmf_matrix_read(context, argv[1], &how, &matrix));
    int64_t k = strtoll(argv[2], NULL, 10), rows = matrix->info.rows, cols = matrix->info.cols;
    items h = factor(context, how.dtype, cols, k), n = factor(context, how.dtype, cols, k);
    items w = factor(context, how.dtype, rows, k), p = factor(context, how.dtype, rows, k);
    answer(matrix, &h, &w, &p, &n);
    items_free(context, &h);
    items_free(context, &n);
    items_free(context, &w);
    items_free(context, &p);
    nmf_matrix_free(matrix);
    nmf_context_free(context);
    return 0;
}
