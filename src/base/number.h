/* Numbers as text, whatever the locale of the host. */
#ifndef NMF_BASE_NUMBER_H
#define NMF_BASE_NUMBER_H

#include "nmf/nmf.h"

/*
 * Read the number at the start of `text`, a NUL-terminated string: decimal digits with a point and an exponent, nan,
 * inf or infinity in any case, each with a sign. The value is correctly rounded. Returns where it ends, or NULL where
 * there is none.
 */
const char *number_parse(const char *text, double *value);

/* Room for any number as text, its NUL included. */
enum { NUMBER_ROOM = 48 };

/*
 * Print so that it reads back as the same number of `dtype`: with 15 digits (6) where they do, else with 17 (9); NaN as
 * everyone reads it, R too. Returns the length.
 */
int number_print(double value, nmf_dtype dtype, char text[NUMBER_ROOM]);

#endif
