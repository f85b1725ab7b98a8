#include "select/density.h"

#include <stdlib.h>

static int ascending(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

nmf_status density_measure(nmf_context *context, const double *distance, int64_t count, int64_t nearest,
                           double *apart) {
    double *others;
    int64_t taken = nearest < count - 1 ? nearest : count - 1;
    nmf_status status = array_new(context, count, sizeof *others, "distances of components", (void **)&others);
    for (int64_t i = 0; i < count && status == NMF_OK; i++) {
        int64_t used = 0;
        double sum = 0;
        for (int64_t j = 0; j < count; j++) {
            if (j != i) {
                others[used++] = distance[i * count + j];
            }
        }
        qsort(others, (size_t)used, sizeof *others, ascending);
        for (int64_t t = 0; t < taken; t++) {
            sum += others[t];
        }
        apart[i] = taken > 0 ? sum / (double)taken : 0;
    }
    array_free(context, others);
    return status;
}
