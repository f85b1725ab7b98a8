/* What losses are shown in tests: every loss, on entries and models of every size. */
#ifndef SUPPORT_SIGHTS_H
#define SUPPORT_SIGHTS_H

#include "loss/loss.h"
#include "support/numbers.h"

/* Every loss, and beta where its terms bend in another way. */
typedef struct kind {
    const loss *by;
    double parameter;
} kind;

enum { KINDS = 19 };
extern const kind kinds[KINDS];

/* Entries and models of them, and the form for their mean. */
enum { COUNT = 24 };
typedef struct sight {
    const kind *of;
    loss_form form;
    double value[COUNT], weight[COUNT], b[COUNT], e[COUNT];
    entry_list list;
} sight;

/* Numbers from a few hundredths to a few; zeros where the loss takes them; some count twice, some nothing. */
void sight_draw(sight *s, const kind *of, uint64_t seed);

/* Call for every loss and several draws. */
void each_sight(void (*check)(sight *s));

/* d(a, b) by its definition; the size is that of its terms. */
summed definition(const kind *of, const loss_form *form, long double a, long double b);

/* The loss at b + t·e, and what its slope says there. */
double value_at(const sight *s, double t);
double slope_at(const sight *s, double t);

/* What the terms of losses say, at b + t·e. */
typedef struct terms {
    double pull[COUNT], push[COUNT], curve[COUNT];
} terms;

terms terms_at(const sight *s, double t);

/* Σ e·(push − pull) */
summed slope_of(const sight *s, const terms *at);

/* The same to some digits less than there are. */
void expect_close(double got, double expected);

#endif
