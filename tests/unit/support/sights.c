#include "support/sights.h"
#include "support/expect.h"

#include <math.h>

const kind kinds[KINDS] = {{&loss_frobenius, 0}, {&loss_kl, 1},     {&loss_is, 0},     {&loss_beta, -1},
                           {&loss_beta, 0},      {&loss_beta, 0.5}, {&loss_beta, 1},   {&loss_beta, 1.5},
                           {&loss_beta, 2},      {&loss_beta, 3},   {&loss_beta, 0.2}, {&loss_beta, -2},
                           {&loss_huber, 0.3},   {&loss_huber, 10}, {&loss_mae, 0},    {&loss_beta, 2.5},
                           {&loss_beta, 0.1},    {&loss_beta, 1.9}, {&loss_beta, 1.1}};

/* The divergences that are finite at 0. */
static bool takes_zeros(const kind *of) {
    return of->by != &loss_is && (of->by != &loss_beta || of->parameter > 0);
}

void sight_draw(sight *s, const kind *of, uint64_t seed) {
    double mean = 0;
    *s = (sight){.of = of};
    for (int i = 0; i < COUNT; i++) {
        s->weight[i] = i % 5 == 3 ? 0 : i % 2 ? 1 : draw(&seed, 0, 3);
        double a = exp(draw(&seed, -3, 1.5));
        s->value[i] = s->weight[i] == 0 || (takes_zeros(of) && i % 4 == 2) ? 0 : a;
        s->b[i] = exp(draw(&seed, -3, 1.5));
        s->e[i] = exp(draw(&seed, -3, 1.5)) - s->b[i];
        mean += s->value[i] / COUNT;
    }
    s->form = (loss_form){of->by->scaled(of->parameter, 0, mean), 1e-12 * mean};
    s->list = (entry_list){.count = COUNT, .value = s->value, .weight = s->weight};
}

void each_sight(void (*check)(sight *s)) {
    for (int i = 0; i < KINDS; i++) {
        for (uint64_t seed = 1; seed <= 20; seed++) {
            sight s;
            sight_draw(&s, &kinds[i], seed);
            check(&s);
        }
    }
}

/* The β-divergences as they are written down. */
static summed divergence(long double a, long double b, long double beta) {
    summed sum = {0};
    if (beta == 0) {
        sum_term(&sum, a / b);
        sum_term(&sum, -logl(a / b));
        sum_term(&sum, -1);
    } else if (beta == 1) {
        sum_term(&sum, a > 0 ? a * logl(a / b) : 0);
        sum_term(&sum, -a);
        sum_term(&sum, b);
    } else {
        long double by = beta * (beta - 1);
        sum_term(&sum, a > 0 ? powl(a, beta) / by : 0);
        sum_term(&sum, powl(b, beta) / beta);
        sum_term(&sum, -a * powl(b, beta - 1) / (beta - 1));
    }
    return sum;
}

summed definition(const kind *of, const loss_form *form, long double a, long double b) {
    summed sum = {0};
    long double beta = of->by == &loss_kl ? 1 : of->by == &loss_is ? 0 : (long double)of->parameter;
    if (of->by == &loss_frobenius) {
        sum_term(&sum, (a - b) * (a - b) / 2);
    } else if (of->by == &loss_huber) {
        long double left = fabsl(a - b), tip = (long double)form->parameter;
        sum_term(&sum, left < tip ? left * left / 2 : tip * left - tip * tip / 2);
    } else if (of->by == &loss_mae) {
        sum_term(&sum, fabsl(a - b));
    } else {
        return divergence(a, b, beta);
    }
    return sum;
}

double value_at(const sight *s, double t) {
    double b[COUNT];
    for (int i = 0; i < COUNT; i++) {
        b[i] = s->b[i] + t * s->e[i];
    }
    return s->of->by->value(&s->form, &s->list, b);
}

double slope_at(const sight *s, double t) {
    return s->of->by->slope(&s->form, &s->list, s->b, s->e, t);
}

terms terms_at(const sight *s, double t) {
    terms of;
    double b[COUNT];
    for (int i = 0; i < COUNT; i++) {
        b[i] = s->b[i] + t * s->e[i];
    }
    s->of->by->terms(&s->form, &s->list, b, of.pull, of.push, of.curve);
    return of;
}

summed slope_of(const sight *s, const terms *at) {
    summed sum = {0};
    for (int i = 0; i < COUNT; i++) {
        sum_term(&sum, (long double)s->e[i] * (long double)at->push[i]);
        sum_term(&sum, -(long double)s->e[i] * (long double)at->pull[i]);
        sum.size += fabsl((long double)(s->e[i] * at->curve[i] * s->b[i]));
    }
    return sum;
}

void expect_close(double got, double expected) {
    if (!(fabs(got - expected) <= 1e-11 * (fabs(expected) + 1))) {
        fail_msg("%.17g, expected %.17g", got, expected);
    }
}
