/*
 * Losses that outliers do not rule, by weights that are made anew at every half-step: ½r² up to |r| = D and D·|r| − ½D²
 * beyond is bounded by ½·min(1, D/|r₀|)·r² + const., which touches it at r₀ (Huber 1964; Holland & Welsch 1977). The
 * sum of |r| is the same divided by a D so small that the rounded tip does not count.
 */
#include "loss/loss.h"

#include <math.h>

/* D of mae, in parts of the mean of A. */
static const double tip = 1e-6;

static double huber_weight(double parameter, double left) {
    double size = fabs(left);
    return size > parameter ? parameter / size : 1;
}

static void huber_terms(const loss_form *form, const entry_list *list, const double *b, double *pull, double *push,
                        double *curve) {
    for (int64_t e = 0; e < list->count; e++) {
        curve[e] = list->weight[e] * huber_weight(form->parameter, list->value[e] - b[e]);
        pull[e] = curve[e] * list->value[e];
        push[e] = curve[e] * b[e];
    }
}

static double huber_slope(const loss_form *form, const entry_list *list, const double *b, const double *e, double t) {
    double sum = 0;
    for (int64_t i = 0; i < list->count; i++) {
        double left = b[i] + t * e[i] - list->value[i];
        sum += list->weight[i] * e[i] * huber_weight(form->parameter, left) * left;
    }
    return sum;
}

static double huber_of(double parameter, double left) {
    double size = fabs(left);
    return size > parameter ? parameter * (size - parameter / 2) : size * size / 2;
}

static double huber_value(const loss_form *form, const entry_list *list, const double *b) {
    double sum = 0;
    for (int64_t e = 0; e < list->count; e++) {
        sum += list->weight[e] * huber_of(form->parameter, list->value[e] - b[e]);
    }
    return sum;
}

static double huber_size(const loss_form *form, const entry_list *list) {
    double sum = 0;
    for (int64_t e = 0; e < list->count; e++) {
        sum += list->weight[e] * huber_of(form->parameter, list->value[e]);
    }
    return sum;
}

static double huber_scaled(double parameter, int exponent, double mean) {
    (void)mean;
    return ldexp(parameter, exponent);
}

static double huber_degree(double parameter) {
    (void)parameter;
    return 2;
}

static void mae_terms(const loss_form *form, const entry_list *list, const double *b, double *pull, double *push,
                      double *curve) {
    huber_terms(form, list, b, pull, push, curve);
    for (int64_t e = 0; e < list->count; e++) {
        pull[e] /= form->parameter;
        push[e] /= form->parameter;
        curve[e] /= form->parameter;
    }
}

static double mae_slope(const loss_form *form, const entry_list *list, const double *b, const double *e, double t) {
    return huber_slope(form, list, b, e, t) / form->parameter;
}

static double mae_value(const loss_form *form, const entry_list *list, const double *b) {
    return huber_value(form, list, b) / form->parameter;
}

static double mae_size(const loss_form *form, const entry_list *list) {
    return huber_size(form, list) / form->parameter;
}

static double mae_scaled(double parameter, int exponent, double mean) {
    (void)parameter, (void)exponent;
    return mean > 0 ? tip * mean : 1;
}

static double mae_degree(double parameter) {
    (void)parameter;
    return 1;
}

const loss loss_huber = {
    .name = "huber",
    .summary = "squares up to a residual of D, and its size beyond: outliers count less",
    .parameter = "D",
    .bounded = true,
    .any_sign = true,
    .scaled = huber_scaled,
    .degree = huber_degree,
    .terms = huber_terms,
    .slope = huber_slope,
    .value = huber_value,
    .size = huber_size,
    .null = loss_null_zero,
    .power = loss_power_one,
    .error = loss_is_error,
};

const loss loss_mae = {
    .name = "mae",
    .summary = "the sum of |A - WH|",
    .bounded = true,
    .any_sign = true,
    .scaled = mae_scaled,
    .degree = mae_degree,
    .terms = mae_terms,
    .slope = mae_slope,
    .value = mae_value,
    .size = mae_size,
    .null = loss_null_zero,
    .power = loss_power_one,
    .error = loss_is_error,
};
