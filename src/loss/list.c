#include "loss/loss.h"

const loss *const losses[] = {&loss_frobenius, &loss_kl, &loss_is, &loss_beta, &loss_huber, &loss_mae, NULL};

double loss_keeps_parameter(double parameter, int exponent, double mean) {
    (void)exponent, (void)mean;
    return parameter;
}

double loss_is_error(double value) {
    return value;
}

double loss_null_mean(double mean) {
    return mean;
}

double loss_null_zero(double mean) {
    (void)mean;
    return 0;
}

double loss_power_one(double parameter) {
    (void)parameter;
    return 1;
}
