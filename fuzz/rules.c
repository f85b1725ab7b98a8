#include "rules.h"
#include "target.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Matrices beyond this many rows, columns and entries are not walked through: it would take most of the time. */
enum { SENTENCE_AT_LEAST = 10, SENTENCE_AT_MOST = 1023, WALKED = 1 << 16 };

void broken(const char *rule) {
    fprintf(stderr, "BROKEN RULE: %s\n", rule);
    abort();
}

static void expect(bool holds, const char *rule) {
    if (!holds) {
        broken(rule);
    }
}

/* Bytes of the character at `text`, which is none to be obeyed; 0 where it is. */
static size_t character(const unsigned char *text) {
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t count = *text < 0x80 ? 1 : *text >= 0xf0 ? 4 : *text >= 0xe0 ? 3 : *text >= 0xc0 ? 2 : 0;
    uint32_t code = count < 2 ? *text : *text & (0x7fU >> count);
    for (size_t i = 1; i < count; i++) {
        if ((text[i] & 0xc0) != 0x80) {
            return 0;
        }
        code = code << 6 | (text[i] & 0x3f);
    }
    bool control = code < 0x20 || (code >= 0x7f && code < 0xa0);
    bool outside = code > 0x10ffff || (code >= 0xd800 && code < 0xe000);
    return count == 0 || code < least[count] || control || outside ? 0 : count;
}

void expect_sentence(const char *text) {
    size_t length = strlen(text);
    expect(length > SENTENCE_AT_LEAST, "a failure has a sentence");
    expect(length <= SENTENCE_AT_MOST, "a sentence has an end");
    for (size_t i = 0, count = 0; i < length; i += count) {
        count = character((const unsigned char *)text + i);
        if (count == 0) {
            fprintf(stderr, "byte %zu of \"%s\"\n", i, text);
            broken("a sentence is printable UTF-8");
        }
    }
}

static void expect_allowed(const nmf_matrix *matrix, double value) {
    bool missing = isnan(value) && matrix->allowed & NMF_ALLOW_MISSING;
    bool low = value < 0 && matrix->allowed & NMF_ALLOW_NEGATIVE;
    expect(missing || (isfinite(value) && (value >= 0 || low)), "every entry is what is allowed");
}

/* All that is stored, line by line, is as many entries as `info` says, of each sort. */
static void count_entries(const nmf_matrix *matrix, bool columns) {
    int64_t nonzero = 0, missing = 0, stored = 0, lines = columns ? matrix->info.cols : matrix->info.rows;
    int64_t length = columns ? matrix->info.rows : matrix->info.cols;
    for (int64_t i = 0; i < lines; i++) {
        entry_line line = matrix->kind->line(matrix, columns, i);
        int64_t before = -1;
        for (int64_t e = 0; e < line.count; e++) {
            double value = entry_value(matrix->info.dtype, &line, e);
            expect_allowed(matrix, value);
            expect(entry_place(&line, e) > before, "entries of a line stand in order, each at a place of its own");
            before = entry_place(&line, e);
            missing += isnan(value);
            nonzero += value != 0 && !isnan(value);
        }
        stored += line.count;
        expect(before < length, "entries stand within the matrix");
    }
    expect(nonzero == matrix->info.nnz, "lines hold nnz entries");
    expect(missing == matrix->info.missing, "lines hold the missing entries");
    expect(stored == matrix->info.stored, "lines hold all that is stored");
}

static void expect_names(const names *list, int64_t lines) {
    expect(list->count == 0 || list->count == lines, "every row has a name or none has");
    for (int64_t i = 0; i < list->count; i++) {
        const char *end = names_at(list, i) + strlen(names_at(list, i)) + 1;
        expect(end <= list->text + list->text_size, "names end within their list");
    }
}

void expect_matrix(const nmf_matrix *matrix) {
    const nmf_matrix_info *info = &matrix->info;
    expect(info->rows > 0 && info->cols > 0, "there is a row and a column");
    double all = (double)info->rows * (double)info->cols, largest = fmax(info->max, -info->min);
    expect(info->nnz >= 0 && info->missing >= 0 && (double)info->nnz + (double)info->missing <= all, "nnz is possible");
    expect(info->stored >= info->nnz + info->missing && (double)info->stored <= all, "what is stored is possible");
    expect(isfinite(info->min) && info->min <= info->max && isfinite(info->max), "the range is one");
    expect(info->min >= 0 || matrix->allowed & NMF_ALLOW_NEGATIVE, "the range is what is allowed");
    expect(info->norm >= largest * (1 - 1e-6), "the norm is above the largest entry");
    expect(info->source != NULL, "the source is named");
    expect_names(&matrix->row_names, info->rows);
    expect_names(&matrix->col_names, info->cols);
    if (info->rows + info->cols + info->stored <= WALKED) {
        count_entries(matrix, false);
        count_entries(matrix, true);
    }
}
