#include "axis.h"

#include <math.h>
#include <stdio.h>

/* Steps between numbers smaller than this would not be normal numbers. */
#define TINY 1e-290

static double round_step(double step) {
    double power = pow(10, floor(log10(step)));
    double digit = step / power;
    return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
}

/* Widen what would need ticks of more than four digits; what is not negative does not become so. */
static void widen(double *low, double *high) {
    double size = fmax(fabs(*low), fabs(*high));
    double least = size < TINY ? 1 : 1e-3 * size;
    double lack = least - (*high - *low);
    if (lack > 0) {
        double middle = *low - lack / 2;
        *low = *low >= 0 && middle < 0 ? 0 : middle;
        *high = *low + least;
    }
}

axis axis_over(double low, double high, int ticks, double from, double to) {
    if (!(low <= high)) {
        low = 0;
        high = 1;
    }
    widen(&low, &high);
    return (axis){low, high, round_step((high - low) / ticks), from, to};
}

double axis_at(const axis *along, double value) {
    return along->from + (value - along->low) / (along->high - along->low) * (along->to - along->from);
}

/* The first and the last tick, in steps; an end that is a tick but for its last digits is one. */
static double first_tick(const axis *along) {
    return ceil(along->low / along->step - 1e-6);
}

static double last_tick(const axis *along) {
    return floor(along->high / along->step + 1e-6);
}

int axis_ticks(const axis *along) {
    return (int)(last_tick(along) - first_tick(along)) + 1;
}

double axis_tick(const axis *along, int number) {
    return (first_tick(along) + number) * along->step;
}

void axis_label(const axis *along, double value, char label[AXIS_LABEL]) {
    double size = fmax(fabs(along->low), fabs(along->high));
    int last = (int)floor(log10(along->step) + 1e-6);
    if (size >= 1e6 || size < 1e-3) {
        int digits = (int)floor(log10(size) + 1e-6) - last;
        snprintf(label, AXIS_LABEL, "%.*e", value == 0 ? 0 : digits, value);
    } else {
        snprintf(label, AXIS_LABEL, "%.*f", last < 0 ? -last : 0, value);
    }
}
