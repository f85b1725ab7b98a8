/* bench_large dense|sparse FILE ROWS COLS EACH: a matrix larger than memory, a row at a time. EACH: its rank, or the
 * mean number of entries of a row. */
#include "base/philox.h"
#include "io/format.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct maker {
    int64_t cols, each;
    float *factor, *values; /* each × cols, and a row */
    uint32_t *index;
} maker;

static double draw(int64_t row, int64_t at) {
    return philox_uniform(1, 0, (uint64_t)row, (uint32_t)at);
}

/* A product of rank `each`, and a tenth of noise. */
static nmf_status dense_line(const table *t, bool column, int64_t i, entry_line *line) {
    const maker *m = t->of;
    (void)column;
    for (int64_t j = 0; j < m->cols; j++) {
        m->values[j] = (float)(0.1 * (double)((uint32_t)(i * 2654435761U + j * 40503U) >> 8) / (1 << 24));
    }
    for (int64_t c = 0; c < m->each; c++) {
        float w = (float)draw(i, c);
        for (int64_t j = 0; j < m->cols; j++) {
            m->values[j] += w * m->factor[c * m->cols + j];
        }
    }
    *line = (entry_line){m->cols, NULL, m->values, 1};
    return NMF_OK;
}

/* Counts, at gaps of twice the mean at most. */
static nmf_status sparse_line(const table *t, bool column, int64_t i, entry_line *line) {
    const maker *m = t->of;
    double gap = 2 * (double)m->cols / (double)m->each - 1;
    int64_t count = 0, at = -1;
    (void)column;
    for (;;) {
        double u = draw(i, count);
        at += 1 + (int64_t)(u * gap);
        if (at >= m->cols) {
            break;
        }
        m->index[count] = (uint32_t)at;
        m->values[count++] = (float)(1 + floor(-2 * log(1 - fmod(u * 1000, 1))));
    }
    *line = (entry_line){count, m->index, m->values, 1};
    return NMF_OK;
}

static int make(const char *path, bool sparse, int64_t rows, maker *m) {
    nmf_context *context;
    table t = {.rows = rows, .cols = m->cols, .dtype = NMF_F32, .sparse = sparse, .source = "made", .of = m};
    t.line = sparse ? sparse_line : dense_line;
    const format *writer;
    if (nmf_context_new(NULL, &context) != NMF_OK) {
        return 1;
    }
    nmf_status status = format_find_writer(context, path, NULL, &writer);
    if (status == NMF_OK) {
        status = format_write_file(context, path, writer->write, &t);
    }
    if (status != NMF_OK) {
        fprintf(stderr, "%s\n", nmf_context_message(context));
    }
    nmf_context_free(context);
    return status != NMF_OK;
}

int main(int argc, char **argv) {
    if (argc != 6) {
        return 2;
    }
    bool sparse = strcmp(argv[1], "sparse") == 0;
    maker m = {.cols = atoll(argv[4]), .each = atoll(argv[5])};
    m.factor = calloc((size_t)(m.each * m.cols), sizeof *m.factor);
    m.values = calloc((size_t)m.cols, sizeof *m.values);
    m.index = calloc((size_t)m.cols, sizeof *m.index);
    if (!m.factor || !m.values || !m.index) {
        return 1;
    }
    for (int64_t e = 0; e < m.each * m.cols; e++) {
        m.factor[e] = (float)draw(-1, e);
    }
    int failed = make(argv[2], sparse, atoll(argv[3]), &m);
    free(m.factor);
    free(m.values);
    free(m.index);
    return failed;
}
