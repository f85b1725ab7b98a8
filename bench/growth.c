/*
 * What an iteration costs on a random matrix of a given size, one thread: its seconds, and the entries, on stdout.
 *
 * usage: bench_growth ROWS COLS K [ENTRIES]      with ENTRIES, a sparse one
 */
#include "bench.h"

enum { ITERATIONS = 21 };

static void *room(int64_t count, size_t size) {
    void *memory = calloc((size_t)count, size);
    if (!memory) {
        fputs("bench: out of memory\n", stderr);
        exit(NMF_ERROR_MEMORY);
    }
    return memory;
}

static double *numbers(int64_t count) {
    uint64_t state = 1;
    double *values = room(count, sizeof *values);
    for (int64_t e = 0; e < count; e++) {
        values[e] = bench_random(&state);
    }
    return values;
}

/* `entries` of them spread evenly over the rows, their columns drawn; those drawn twice are one. */
static nmf_matrix *sparse(nmf_context *context, int64_t rows, int64_t cols, int64_t entries) {
    uint64_t state = 2;
    nmf_matrix *matrix;
    double *values = numbers(entries);
    int64_t *start = room(rows + 1, sizeof *start), *column = room(entries, sizeof *column);
    for (int64_t i = 0; i <= rows; i++) {
        start[i] = entries * i / rows;
    }
    for (int64_t e = 0; e < entries; e++) {
        column[e] = (int64_t)(bench_random(&state) * (double)cols) % cols;
    }
    const nmf_compressed lines = {rows, cols, false, sizeof *column, NMF_F64, start, column, values};
    bench_check(context, nmf_matrix_sparse(context, &lines, 0, &matrix));
    free(values);
    free(start);
    free(column);
    return matrix;
}

/* Without the first iteration, which finds the memory cold. */
static double seconds_an_iteration(nmf_context *context, const nmf_matrix *matrix, int64_t k) {
    nmf_options options;
    nmf_result *result;
    nmf_options_init(&options);
    options.rank = k;
    options.init = "random";
    options.threads = 1;
    options.max_iter = ITERATIONS;
    options.tol = 1e-300;
    bench_check(context, nmf_fit(context, matrix, &options, &result));
    const nmf_summary *summary = nmf_result_summary(result);
    const nmf_step *history = summary->history;
    int64_t last = summary->iterations - 1;
    double seconds = (history[last].seconds - history[0].seconds) / (double)last;
    nmf_result_free(result);
    return seconds;
}

int main(int argc, char **argv) {
    nmf_context *context;
    nmf_matrix *matrix;
    nmf_matrix_info info;
    if (argc < 4 || nmf_context_new(NULL, &context) != NMF_OK) {
        fputs("usage: bench_growth ROWS COLS K [ENTRIES]\n", stderr);
        return NMF_ERROR_USAGE;
    }
    int64_t rows = strtoll(argv[1], NULL, 10), cols = strtoll(argv[2], NULL, 10), k = strtoll(argv[3], NULL, 10);
    double *values = argc > 4 ? NULL : numbers(rows * cols);
    if (values) {
        bench_check(context, nmf_matrix_dense(context, rows, cols, NMF_F64, values, cols, 1, 0, &matrix));
    } else {
        matrix = sparse(context, rows, cols, strtoll(argv[4], NULL, 10));
    }
    nmf_matrix_get_info(matrix, &info);
    printf("%.9f %lld\n", seconds_an_iteration(context, matrix, k), (long long)info.nnz);
    nmf_matrix_free(matrix);
    free(values);
    nmf_context_free(context);
    return 0;
}
