/* Columns scaled to one sum. */
#include "matrix/prepare.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

typedef struct scaling {
    const double *sums; /* of the columns */
    double sum;         /* what they become */
} scaling;

/* Divided first: where an entry is tiny, sum / sums[col] could leave the range of doubles. */
static double scaled(const void *user, int64_t row, int64_t col, double value) {
    const scaling *to = user;
    (void)row;
    return value / to->sums[col] * to->sum;
}

static int ascending(const void *a, const void *b) {
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

/* The median of the sums that are not 0, or 0 where all are; `room` for as many numbers. */
static double median(const double *sums, int64_t count, double *room) {
    int64_t positive = 0;
    for (int64_t j = 0; j < count; j++) {
        if (sums[j] > 0) {
            room[positive++] = sums[j];
        }
    }
    qsort(room, (size_t)positive, sizeof *room, ascending);
    double low = positive > 0 ? room[(positive - 1) / 2] : 0, high = positive > 0 ? room[positive / 2] : 0;
    return low + (high - low) / 2;
}

static nmf_status column_sums(const nmf_matrix *matrix, double *sums) {
    const nmf_matrix_info *info = &matrix->info;
    for (int64_t i = 0; i < info->rows; i++) {
        entry_line line = matrix->kind->line(matrix, false, i);
        for (int64_t e = 0; e < line.count; e++) {
            double value = entry_value(info->dtype, &line, e);
            sums[entry_place(&line, e)] += isnan(value) ? 0 : value;
        }
    }
    for (int64_t j = 0; j < info->cols; j++) {
        if (!isfinite(sums[j])) {
            return fail(matrix->context, NMF_ERROR_INPUT,
                        "the entries of column %lld sum to more than a number can be, and cannot be scaled to a sum; "
                        "sums go up to %.3g",
                        (long long)j + 1, DBL_MAX);
        }
    }
    return NMF_OK;
}

static nmf_status scale(nmf_matrix *own, const scaling *to) {
    double most = own->info.dtype == NMF_F32 ? (double)FLT_MAX : DBL_MAX;
    /* An entry that is all of its column becomes the sum itself. */
    if (to->sum > most) {
        return fail(own->context, NMF_ERROR_INPUT,
                    "columns cannot be scaled to the sum %g: a number of %s goes up to %.3g", to->sum,
                    own->info.dtype == NMF_F32 ? "f32" : "f64", most);
    }
    matrix_warn_lost(own, own->kind->map(own, scaled, to));
    return NMF_OK;
}

nmf_status matrix_normalize(nmf_matrix *own, double sum) {
    int64_t cols = own->info.cols;
    double *sums;
    nmf_status status = matrix_expect_from(own, 0, false, "normalize");
    if (status != NMF_OK) {
        return status;
    }
    status = array_new(own->context, 2 * cols, sizeof *sums, "the sums of the columns", (void **)&sums);
    if (status == NMF_OK) {
        status = column_sums(own, sums);
    }
    if (status == NMF_OK) {
        double wanted = sum == NMF_NORMALIZE_MEDIAN ? median(sums, cols, sums + cols) : sum;
        status = scale(own, &(scaling){sums, wanted});
    }
    array_free(own->context, sums);
    return status;
}
