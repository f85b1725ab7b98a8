/*
 * The β-divergences (Févotte & Idier 2011): d' = b^(β−2)·(b − a), so that pull = a·b^(β−2) and push = b^(β−1).
 *
 *     β = 0   Itakura–Saito         a/b − log(a/b) − 1
 *     β = 1   Kullback–Leibler      a·log(a/b) − a + b
 *     else    (a^β + (β−1)·b^β − β·a·b^(β−1)) / (β·(β−1))
 *
 * Convex in b are: all of it where 1 ≤ β ≤ 2; below, the term of a; above, the term without a.
 */
#include "loss/loss.h"

#include <math.h>

/* b^p, by what is cheap where it can be. */
static inline double power(double b, double p) {
    return p == 0 ? 1 : p == 1 ? b : p == -1 ? 1 / b : p == -2 ? 1 / (b * b) : p == -3 ? 1 / (b * b * b) : pow(b, p);
}

static inline double at_least(double b, double floor) {
    return b > floor ? b : floor;
}

static void beta_terms(const loss_form *form, const entry_list *list, const double *b, double *pull, double *push,
                       double *curve) {
    double beta = form->parameter;
    for (int64_t e = 0; e < list->count; e++) {
        double at = at_least(b[e], form->floor), a = list->value[e], weight = list->weight[e];
        double scale = weight * power(at, beta - 2);
        pull[e] = scale * a;
        push[e] = scale * at;
        double of_a = beta <= 2 ? (2 - beta) * pull[e] / at : 0, of_b = beta >= 1 ? (beta - 1) * scale : 0;
        curve[e] = of_a + of_b;
    }
}

static double beta_slope(const loss_form *form, const entry_list *list, const double *b, const double *e, double t) {
    double beta = form->parameter, sum = 0;
    for (int64_t i = 0; i < list->count; i++) {
        double from = at_least(b[i], form->floor), to = at_least(b[i] + t * e[i], form->floor);
        double push = power(beta < 1 ? from : to, beta - 1), pull = power(beta > 2 ? from : to, beta - 2);
        sum += list->weight[i] * e[i] * (push - pull * list->value[i]);
    }
    return sum;
}

/* (b^p − a^p)/p, and log(b/a) at p = 0; digits are kept on the way there. */
static double power_change(double a, double b, double p) {
    double by = p * log(b / a);
    if (p == 0) {
        return log(b / a);
    }
    return fabs(by) < 0.5 ? power(a, p) * expm1(by) / p : (power(b, p) - power(a, p)) / p;
}

/* (b^β − a^β)/β − a·(b^(β−1) − a^(β−1))/(β−1): all of the above, the limits at 0 and 1 too. */
static double divergence(double a, double b, double beta) {
    if (beta == 0) {
        return a / b - log(a / b) - 1;
    }
    return a == 0 ? power(b, beta) / beta : power_change(a, b, beta) - a * power_change(a, b, beta - 1);
}

static double beta_value(const loss_form *form, const entry_list *list, const double *b) {
    double sum = 0;
    for (int64_t e = 0; e < list->count; e++) {
        if (list->weight[e] > 0) {
            sum += list->weight[e] * divergence(list->value[e], at_least(b[e], form->floor), form->parameter);
        }
    }
    return sum;
}

static double beta_size(const loss_form *form, const entry_list *list) {
    double sum = 0;
    for (int64_t e = 0; e < list->count; e++) {
        sum += list->weight[e] > 0 ? list->weight[e] * pow(list->value[e], form->parameter) : 0;
    }
    return sum;
}

static double beta_degree(double parameter) {
    return parameter;
}

static double beta_power(double beta) {
    return beta < 1 ? 1 / (2 - beta) : beta > 2 ? 1 / (beta - 1) : 1;
}

/* For KL the zeros of A need not be listed: push is what they have, and it is 1. */
LOSS_LOOP static void kl_terms(const loss_form *form, const entry_list *list, const double *b, double *pull,
                               double *push, double *curve) {
    for (int64_t e = 0; e < list->count; e++) {
        double inverse = 1 / at_least(b[e], form->floor);
        pull[e] = list->weight[e] * list->value[e] * inverse;
        push[e] = list->weight[e];
        curve[e] = pull[e] * inverse;
    }
}

LOSS_LOOP static double kl_slope(const loss_form *form, const entry_list *list, const double *b, const double *e,
                                 double t) {
    double sum = 0;
    for (int64_t i = 0; i < list->count; i++) {
        double to = at_least(b[i] + t * e[i], form->floor);
        sum += list->weight[i] * e[i] * (1 - list->value[i] / to);
    }
    return sum;
}

static double kl_value(const loss_form *form, const entry_list *list, const double *b) {
    double sum = 0;
    for (int64_t e = 0; e < list->count; e++) {
        double a = list->value[e], to = at_least(b[e], form->floor);
        sum += list->weight[e] * (a > 0 ? a * log(a / to) - a + to : b[e]);
    }
    return sum;
}

static double kl_size(const loss_form *form, const entry_list *list) {
    (void)form;
    double sum = 0;
    for (int64_t e = 0; e < list->count; e++) {
        sum += list->weight[e] * list->value[e];
    }
    return sum;
}

const loss loss_kl = {
    .name = "kl",
    .summary = "the Kullback-Leibler divergence: counts with Poisson noise",
    .zeros = ZEROS_SUM,
    .positive = true,
    .fixed = 1,
    .scaled = loss_keeps_parameter,
    .degree = beta_degree,
    .terms = kl_terms,
    .slope = kl_slope,
    .value = kl_value,
    .size = kl_size,
    .null = loss_null_mean,
    .power = beta_power,
    .error = loss_is_error,
};

const loss loss_is = {
    .name = "is",
    .summary = "the Itakura-Saito divergence: power spectra",
    .positive = true,
    .fixed = 0,
    .scaled = loss_keeps_parameter,
    .degree = beta_degree,
    .terms = beta_terms,
    .slope = beta_slope,
    .value = beta_value,
    .size = beta_size,
    .null = loss_null_mean,
    .power = beta_power,
    .error = loss_is_error,
};

const loss loss_beta = {
    .name = "beta",
    .summary = "the beta-divergence of any B: between is (0), kl (1) and half of frobenius squared (2), and beyond",
    .parameter = "B",
    .positive = true,
    .scaled = loss_keeps_parameter,
    .degree = beta_degree,
    .terms = beta_terms,
    .slope = beta_slope,
    .value = beta_value,
    .size = beta_size,
    .null = loss_null_mean,
    .power = beta_power,
    .error = loss_is_error,
};
