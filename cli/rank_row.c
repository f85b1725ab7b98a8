#include "rank_row.h"

#include "outlet.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

typedef struct field {
    const char *name;
    size_t offset;
    bool whole;
} field;

#define WHOLE(name)                                                                                                    \
    { #name, offsetof(nmf_rank_row, name), true }
#define REAL(name)                                                                                                     \
    { #name, offsetof(nmf_rank_row, name), false }

static const field fields[] = {
    WHOLE(rank),        WHOLE(restarts),
    REAL(error),        REAL(relative_error),
    REAL(median_error), REAL(explained),
    REAL(cophenetic),   REAL(dispersion),
    REAL(pac),          REAL(silhouette_samples),
    WHOLE(samples),     REAL(silhouette_spectra),
    REAL(stability),    REAL(stability_least),
    REAL(held_out),     REAL(held_out_error),
    WHOLE(masks),       REAL(seconds),
};
enum { FIELDS = sizeof fields / sizeof *fields };

/* A column of the table. */
typedef struct column {
    const char *heading;
    size_t offset;
    int width, digits;
} column;

static const column columns[] = {
    {"rel. error", offsetof(nmf_rank_row, relative_error), 10, 5},
    {"explained", offsetof(nmf_rank_row, explained), 9, 4},
    {"cophenetic", offsetof(nmf_rank_row, cophenetic), 10, 4},
    {"dispersion", offsetof(nmf_rank_row, dispersion), 10, 4},
    {"PAC", offsetof(nmf_rank_row, pac), 6, 4},
    {"silhouette", offsetof(nmf_rank_row, silhouette_spectra), 10, 4},
    {"stability", offsetof(nmf_rank_row, stability), 9, 4},
    {"held out", offsetof(nmf_rank_row, held_out), 8, 5},
    {"+-", offsetof(nmf_rank_row, held_out_error), 7, 5},
    {"seconds", offsetof(nmf_rank_row, seconds), 7, 2},
};
enum { COLUMNS = sizeof columns / sizeof *columns };

static double real_at(const nmf_rank_row *row, size_t offset) {
    return *(const double *)((const char *)row + offset);
}

static int64_t whole_at(const nmf_rank_row *row, size_t offset) {
    return *(const int64_t *)((const char *)row + offset);
}

json_t *rank_row_json(const nmf_rank_row *row) {
    json_t *report = json_object();
    for (int f = 0; f < FIELDS; f++) {
        json_object_set_new(report, fields[f].name,
                            fields[f].whole ? json_integer(whole_at(row, fields[f].offset))
                                            : report_number(real_at(row, fields[f].offset)));
    }
    return report;
}

bool rank_row_read(const json_t *from, nmf_rank_row *row) {
    bool good = true;
    for (int f = 0; f < FIELDS; f++) {
        const json_t *value = json_object_get(from, fields[f].name);
        char *place = (char *)row + fields[f].offset;
        if (fields[f].whole) {
            good = good && json_is_integer(value) && json_integer_value(value) >= 0;
            *(int64_t *)place = json_integer_value(value);
        } else {
            good = good && (json_is_null(value) || json_is_number(value));
            *(double *)place = json_is_number(value) ? json_number_value(value) : NAN;
        }
    }
    return good && row->rank > 0;
}

void rank_row_csv(const nmf_rank_row *row, FILE *to) {
    outlet out = {.to = to};
    for (int f = 0; f < FIELDS; f++) {
        fputs(f > 0 ? "," : "", to);
        if (!row) {
            fputs(fields[f].name, to);
        } else if (fields[f].whole) {
            fprintf(to, "%" PRId64, whole_at(row, fields[f].offset));
        } else if (!isnan(real_at(row, fields[f].offset))) {
            outlet_number(&out, real_at(row, fields[f].offset));
        }
    }
    fputc('\n', to);
}

void rank_row_print(const nmf_rank_row *row) {
    if (row) {
        printf("%4" PRId64, row->rank);
    } else {
        printf("rank");
    }
    for (int c = 0; c < COLUMNS; c++) {
        const column *at = &columns[c];
        double value = row ? real_at(row, at->offset) : NAN;
        if (row && !isnan(value)) {
            printf("  %*.*f", at->width, at->digits, value);
        } else {
            printf("  %*s", at->width, row ? "-" : at->heading);
        }
    }
    printf("\n");
    fflush(stdout);
}
