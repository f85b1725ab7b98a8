/* The axes of pictures. */
#ifndef CLI_AXIS_H
#define CLI_AXIS_H

typedef struct axis {
    double low, high; /* the values at its ends */
    double step;      /* from tick to tick: 1, 2 or 5 times a power of ten */
    double from, to;  /* where the ends are on the canvas */
} axis;

/* An axis for the values from `low` to `high` with two to `ticks`+1 ticks; where low > high, from 0 to 1. */
axis axis_over(double low, double high, int ticks, double from, double to);

/* Where a value is on the canvas. */
double axis_at(const axis *along, double value);

/* Tick number 0, 1, … axis_ticks()-1. */
int axis_ticks(const axis *along);
double axis_tick(const axis *along, int number);

enum { AXIS_LABEL = 32 };
void axis_label(const axis *along, double value, char label[AXIS_LABEL]);

#endif
