/* ½·ω·(a − b)²: the sum of squares. Reported as its root without the half, ‖A − W·H‖F. */
#include "loss/loss.h"

#include <math.h>

static double frobenius_degree(double parameter) {
    (void)parameter;
    return 2;
}

static void frobenius_terms(const loss_form *form, const entry_list *list, const double *b, double *pull, double *push,
                            double *curve) {
    (void)form;
    for (int64_t e = 0; e < list->count; e++) {
        pull[e] = list->weight[e] * list->value[e];
        push[e] = list->weight[e] * b[e];
        curve[e] = list->weight[e];
    }
}

static double frobenius_slope(const loss_form *form, const entry_list *list, const double *b, const double *e,
                              double t) {
    (void)form;
    double sum = 0;
    for (int64_t i = 0; i < list->count; i++) {
        sum += list->weight[i] * e[i] * (b[i] + t * e[i] - list->value[i]);
    }
    return sum;
}

static double frobenius_value(const loss_form *form, const entry_list *list, const double *b) {
    (void)form;
    double sum = 0;
    for (int64_t e = 0; e < list->count; e++) {
        double left = list->value[e] - b[e];
        sum += list->weight[e] * left * left;
    }
    return sum / 2;
}

static double frobenius_size(const loss_form *form, const entry_list *list) {
    (void)form;
    double sum = 0;
    for (int64_t e = 0; e < list->count; e++) {
        sum += list->weight[e] * list->value[e] * list->value[e];
    }
    return sum;
}

static double frobenius_error(double value) {
    return sqrt(2 * fmax(value, 0));
}

const loss loss_frobenius = {
    .name = "frobenius",
    .summary = "the sum of squares of A - WH",
    .zeros = ZEROS_SQUARES,
    .quadratic = true,
    .bounded = true,
    .any_sign = true,
    .scaled = loss_keeps_parameter,
    .degree = frobenius_degree,
    .terms = frobenius_terms,
    .slope = frobenius_slope,
    .value = frobenius_value,
    .size = frobenius_size,
    .null = loss_null_zero,
    .power = loss_power_one,
    .error = frobenius_error,
};
